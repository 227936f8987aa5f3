"""PostgreSQL refuses root; whoever runs the command, the server finds a user, or says what to do."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ops.processes import Holder, release, said
from tests.ops.test_cluster import ask
from twoway.ops.postgres import Cluster, PostgresError, identity

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")


@pytest.fixture(scope="module")
def anyones_python() -> Iterator[str]:
    """A Python that an ordinary user can run: root's own may lie where nobody else can go."""
    for program in (sys.executable, "/usr/bin/python3"):
        command = [program, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            if subprocess.run(command, user="nobody", group="nogroup", cwd="/", check=False).returncode == 0:
                yield program
                return
        except OSError:
            continue
    pytest.skip("no Python 3.11 that an ordinary user can run")


def own(folder: Path, name: str) -> Path:
    """A new folder that belongs to that user."""
    made = folder / "home"
    made.mkdir()
    os.chown(made, pwd.getpwnam(name).pw_uid, -1)
    return made


def test_root_hands_the_server_to_an_ordinary_user(cluster: Cluster) -> None:
    owner = cluster.folder.pgdata.stat().st_uid
    assert owner != 0
    assert pwd.getpwuid(owner).pw_name in {"postgres", "nobody"}


def test_root_keeps_its_files_where_no_one_else_may_enter(folder: Path, bin_dir: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "data", bin_dir)
    cluster.start()
    assert ask(cluster, "SELECT 1") == 1
    assert cluster.folder.pgdata.stat().st_uid == 0
    assert closed.stat().st_mode & 0o777 == 0o700
    cluster.stop()
    cluster.start()
    assert cluster.is_ready()
    cluster.stop()


def test_files_moved_to_where_their_user_may_not_enter_become_roots(folder: Path, bin_dir: Path) -> None:
    cluster = Cluster(folder / "data", bin_dir)
    cluster.start()
    cluster.stop()
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    (folder / "data").rename(closed / "data")
    moved = Cluster(closed / "data", bin_dir)
    moved.start()
    assert moved.is_ready()
    assert moved.folder.pgdata.stat().st_uid == 0
    moved.stop()


def test_where_nobody_can_run_it_the_message_says_what_to_do(
    folder: Path, bin_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(identity, "_in_user_namespace", lambda needs: None)
    with pytest.raises(PostgresError, match=r"does not run as root.*--data.*DATABASE_URL"):
        Cluster(closed / "data", bin_dir).start()


def test_an_ordinary_user_runs_it_as_himself(folder: Path, holders: Callable[..., Holder], anyones_python: str) -> None:
    home = own(folder, "nobody")
    holder = holders(home / "data", user="nobody", python=anyones_python)
    said(holder)
    assert (home / "data/postgres/data").stat().st_uid == pwd.getpwnam("nobody").pw_uid
    assert (home / "data").stat().st_mode & 0o077 == 0
    release(holder)


def test_root_joins_an_ordinary_users_server_and_leaves_nothing_he_cannot_use(
    folder: Path, bin_dir: Path, holders: Callable[..., Holder], anyones_python: str
) -> None:
    home = own(folder, "nobody")
    with_sudo = Cluster(home, bin_dir)
    with_sudo.start()
    with_sudo.stop()
    holder = holders(home, user="nobody", python=anyones_python)
    assert said(holder) == with_sudo.start()
    with_sudo.stop()
    release(holder)


def test_an_ordinary_user_is_told_whose_files_they_are(
    cluster: Cluster, holders: Callable[..., Holder], anyones_python: str
) -> None:
    stranger = holders(cluster.folder.data_dir, user="nobody", python=anyones_python)
    _, complaint = stranger.communicate(timeout=30)
    assert stranger.returncode == 1
    assert "is not yours to write" in complaint or "belongs to" in complaint
    assert "Traceback" not in complaint
