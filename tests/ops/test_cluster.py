"""The embedded server: started, shared, stopped."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.ops.processes import DEBIAN_15, Holder, release, said
from twoway.ops.postgres import Cluster, PostgresError, binaries, find_bin_dir, major_version, postmaster

needs_debian_15 = pytest.mark.skipif(not DEBIAN_15.exists(), reason="Debian's PostgreSQL 15 is not installed")


def ask(cluster: Cluster, sql: str) -> object:
    """The first column of the first row."""
    with psycopg.connect(cluster.dsn) as db:
        row = db.execute(sql).fetchone()
    assert row
    return row[0]


def keep_a_row(cluster: Cluster) -> None:
    with psycopg.connect(cluster.dsn) as db:
        db.execute("CREATE TABLE kept (word text)")
        db.execute("INSERT INTO kept VALUES ('safe')")


def pid_of(cluster: Cluster) -> int:
    pid = postmaster.find(cluster.folder.pgdata)
    assert pid
    return pid


@pytest.mark.parametrize("source", ["wheel", pytest.param("debian", marks=needs_debian_15)])
def test_starts_durable_private_and_in_utf8(folder: Path, source: str) -> None:
    programs = find_bin_dir() if source == "wheel" else DEBIAN_15
    cluster = Cluster(folder / "data", programs)
    assert not cluster.is_ready()
    address = cluster.start()
    assert address == cluster.dsn
    assert cluster.is_ready()
    for name, value in {
        "listen_addresses": "",
        "fsync": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
        "lc_ctype" if major_version(programs) < 16 else "jit": "C.UTF-8" if major_version(programs) < 16 else "off",
        "shared_buffers": "64MB",
        "max_connections": "100",
    }.items():
        assert ask(cluster, f"SHOW {name}") == value, name
    assert ask(cluster, "SELECT lower('ÄÉ') || ('Z' < 'a')") == "äétrue"
    assert ask(cluster, "SELECT inet_server_addr() IS NULL")
    assert (folder / "data/postgres").stat().st_mode & 0o077 == 0
    cluster.stop()
    assert not cluster.is_ready()


def test_the_second_start_finds_what_the_first_one_wrote(cluster: Cluster, bin_dir: Path) -> None:
    keep_a_row(cluster)
    cluster.stop()
    again = Cluster(cluster.folder.data_dir, bin_dir)
    again.start()
    assert ask(again, "SELECT word FROM kept") == "safe"
    again.stop()


def test_six_at_once_share_one_server_and_the_last_one_stops_it(folder: Path, holders: Callable[..., Holder]) -> None:
    data = folder / "data"
    six = [holders(data) for _ in range(6)]
    addresses = {said(holder) for holder in six}
    assert len(addresses) == 1
    running = postmaster.find(data / "postgres/data")
    assert running
    for holder in six[:5]:
        release(holder)
    assert postmaster.find(data / "postgres/data") == running
    release(six[5])
    assert postmaster.find(data / "postgres/data") is None
    assert not postmaster.is_alive(running)


def test_a_short_command_leaves_a_running_server_alone(cluster: Cluster, holders: Callable[..., Holder]) -> None:
    running = pid_of(cluster)
    visitor = holders(cluster.folder.data_dir)
    assert said(visitor) == cluster.dsn
    release(visitor)
    assert cluster.is_ready()
    assert pid_of(cluster) == running


def test_whoever_stays_longest_stops_it(cluster: Cluster, holders: Callable[..., Holder]) -> None:
    visitor = holders(cluster.folder.data_dir)
    said(visitor)
    cluster.stop()
    assert cluster.is_ready()
    release(visitor)
    assert not cluster.is_ready()


def test_the_server_is_out_of_reach_of_ctrl_c(cluster: Cluster) -> None:
    running = pid_of(cluster)
    assert os.getsid(running) != os.getsid(0)
    assert os.getpgid(running) != os.getpgrp()


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(folder: Path, bin_dir: Path) -> None:
    cluster = Cluster(folder / ("long" * 30) / "data, with a comma", bin_dir)
    cluster.start()
    keep_a_row(cluster)
    socket_dir = cluster.folder.socket_dir()
    assert len(str(socket_dir)) < 60
    assert socket_dir.stat().st_mode & 0o077 == 0
    assert Cluster(cluster.folder.data_dir, bin_dir).dsn == cluster.dsn
    cluster.stop()
    assert not socket_dir.exists()


def test_files_of_another_major_version_are_refused_with_both_named(cluster: Cluster, bin_dir: Path) -> None:
    cluster.stop()
    (cluster.folder.pgdata / "PG_VERSION").write_text("13\n")
    with pytest.raises(PostgresError, match=rf"are of PostgreSQL 13, .* are PostgreSQL {major_version(bin_dir)}"):
        Cluster(cluster.folder.data_dir, bin_dir).start()


def test_a_server_that_cannot_start_says_why(cluster: Cluster, bin_dir: Path) -> None:
    cluster.stop()
    (cluster.folder.pgdata / "postgresql.auto.conf").write_text("shared_buffers = 'plenty'\n")
    with pytest.raises(PostgresError, match=r"does not start.*shared_buffers"):
        Cluster(cluster.folder.data_dir, bin_dir).start()


def test_the_log_is_kept_within_its_size(cluster: Cluster) -> None:
    with cluster.folder.open_log() as log:
        log.write(b"x" * 10_000_001)
    cluster.tidy_log()
    assert cluster.folder.log.stat().st_size == 0
    assert (cluster.folder.data_dir / "postgres.log.1").stat().st_size == 10_000_000
    ask(cluster, "SELECT pg_reload_conf()")
    cluster.stop()
    assert "shut down" in cluster.folder.last_words()


def test_programs_that_are_named_must_be_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOWAY_POSTGRES_BIN", str(folder))
    with pytest.raises(PostgresError, match=r"TWOWAY_POSTGRES_BIN is .* postgres is not there"):
        find_bin_dir()


@needs_debian_15
def test_without_the_wheel_the_systems_programs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TWOWAY_POSTGRES_BIN", raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert major_version(find_bin_dir()) >= binaries.OLDEST_MAJOR
