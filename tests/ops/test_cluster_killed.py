"""Whatever is killed, and whatever it leaves behind, the next start works and nothing committed is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from tests.ops.processes import Holder, said, wait_for
from tests.ops.test_cluster import ask, keep_a_row, pid_of
from twoway.ops.postgres import Cluster, postmaster, wire
from twoway.ops.postgres import cluster as cluster_module


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: not postmaster.is_alive(pid))


def test_a_killed_server_is_started_again_at_the_same_address(cluster: Cluster) -> None:
    keep_a_row(cluster)
    before = cluster.dsn
    kill(pid_of(cluster))
    assert not cluster.is_running()
    assert cluster.start() == before
    assert ask(cluster, "SELECT word FROM kept") == "safe"


def test_the_short_address_too_outlives_a_crash(folder: Path, bin_dir: Path) -> None:
    cluster = Cluster(folder / ("long" * 30), bin_dir)
    before = cluster.start()
    kill(pid_of(cluster))
    assert cluster.start() == before
    cluster.stop()


def test_the_server_of_a_killed_holder_is_taken_over_as_it_is(
    folder: Path, bin_dir: Path, holders: Callable[..., Holder]
) -> None:
    holder = holders(folder / "data")
    said(holder)
    heir = Cluster(folder / "data", bin_dir)
    running = pid_of(heir)
    kill(holder.pid)
    heir.start()
    assert pid_of(heir) == running
    heir.stop()
    assert not heir.is_running()


def test_a_killed_connection_makes_the_server_recover_by_itself(cluster: Cluster) -> None:
    keep_a_row(cluster)
    with psycopg.connect(cluster.dsn) as db:
        kill(db.info.backend_pid)
        with pytest.raises(psycopg.OperationalError):
            db.execute("SELECT 1")
    cluster.start()
    assert ask(cluster, "SELECT word FROM kept") == "safe"


def test_a_connection_that_survives_its_server_is_ended(cluster: Cluster) -> None:
    def keep_busy() -> None:
        with suppress(psycopg.OperationalError), psycopg.connect(cluster.dsn, application_name="busy") as db:
            db.execute("SELECT count(*) FROM generate_series(1, 10000000000) AS n WHERE n % 7 = 0")

    busy = threading.Thread(target=keep_busy)
    busy.start()
    wait_for(lambda: ask(cluster, "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'busy'"))
    kill(pid_of(cluster))
    cluster.start()
    assert cluster.is_ready()
    busy.join(timeout=20)
    assert not busy.is_alive()


@pytest.mark.parametrize("whose", ["the server's user's", "our own"])
def test_a_stale_pid_that_another_program_has_by_now_is_no_obstacle(cluster: Cluster, whose: str) -> None:
    running = pid_of(cluster)
    kill(running)
    stranger = subprocess.Popen(
        ["sleep", "60"], user=cluster.folder.pgdata.stat().st_uid if whose != "our own" else None
    )
    pid_file = cluster.folder.pgdata / "postmaster.pid"
    socket_lock = cluster.folder.socket_dir() / ".s.PGSQL.5432.lock"
    for path in (pid_file, socket_lock):
        path.write_text(path.read_text().replace(str(running), str(stranger.pid), 1))
    cluster.start()
    assert cluster.is_ready()
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_pid_that_no_one_has_reaped_counts_as_dead(cluster: Cluster) -> None:
    running = pid_of(cluster)
    kill(running)
    unreaped = subprocess.Popen(["true"])
    os.waitid(os.P_PID, unreaped.pid, os.WEXITED | os.WNOWAIT)
    pid_file = cluster.folder.pgdata / "postmaster.pid"
    pid_file.write_text(pid_file.read_text().replace(str(running), str(unreaped.pid), 1))
    cluster.start()
    assert cluster.is_ready()
    unreaped.wait()


@pytest.mark.parametrize("content", ["", "not a number\n", "999999999\n"])
def test_a_damaged_pid_file_is_no_obstacle(cluster: Cluster, content: str) -> None:
    kill(pid_of(cluster))
    (cluster.folder.pgdata / "postmaster.pid").write_text(content)
    cluster.start()
    assert cluster.is_ready()


def test_files_half_made_by_a_killed_command_are_made_anew(
    folder: Path, bin_dir: Path, holders: Callable[..., Holder]
) -> None:
    holder = holders(folder / "data")
    wait_for(lambda: list((folder / "data/postgres").glob("new-*/base")))
    holder.kill()
    holder.wait()
    cluster = Cluster(folder / "data", bin_dir)
    assert not cluster.folder.pgdata.exists()
    cluster.start()
    assert cluster.is_ready()
    cluster.stop()


def test_a_server_whose_socket_was_deleted_is_replaced(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "_UNREACHABLE_SECONDS", 0.2)
    before = pid_of(cluster)
    wire.socket_path(cluster.folder.socket_dir()).unlink()
    cluster.start()
    assert cluster.is_ready()
    assert pid_of(cluster) != before


def test_a_server_that_is_shutting_down_is_waited_for_and_started_again(cluster: Cluster, bin_dir: Path) -> None:
    before = pid_of(cluster)
    with psycopg.connect(cluster.dsn):
        os.kill(before, signal.SIGTERM)  # a "smart" shutdown: refuses new connections, waits for the old
        other = Cluster(cluster.folder.data_dir, bin_dir)
        wait_for(lambda: not other.is_ready())
        starter = threading.Thread(target=other.start)
        starter.start()
    starter.join(timeout=30)
    assert other.is_ready()
    assert pid_of(other) != before
    other.stop()
