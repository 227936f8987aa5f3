"""`twoway serve` as a whole: everything in one, whatever is killed, and nothing left behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from tests.ops.processes import TWOWAY, Running, clean_environment, wait_for
from twoway.ops.postgres import Cluster, postmaster

Start = Callable[..., Running]


class Served:
    """A `twoway serve` on a free port, with all it says collected."""

    def __init__(self, start: Start, data_dir: Path, log: Path, **environment: str) -> None:
        self.process = start("sh", "-c", f'exec "$@" 2>{log}', "sh", *TWOWAY, *_words(data_dir), **environment)
        self.log = log
        assert self.process.stdout
        self.said = json.loads(self.process.stdout.readline() or log.read_text())
        wait_for(lambda: "part=worker" in "".join(re.findall(r"part_ready.*", log.read_text())))

    def pids(self, name: str) -> list[int]:
        """The process ids a part has had."""
        return [int(pid) for pid in re.findall(rf"part_started.*part={name} pid=(\d+)", self.log.read_text())]

    def answers(self) -> bool:
        """Whether a request gets an answer that is not a failure of ours."""
        line = HTTPConnection(urlsplit(self.said["url"]).netloc, timeout=30)
        try:
            line.request("GET", "/healthz")
            return line.getresponse().status < 500
        except (OSError, HTTPException):
            return False
        finally:
            line.close()


def _words(data_dir: Path) -> list[str]:
    return ["serve", "--json", "--port", "0", "--data", str(data_dir)]


def beside(data_dir: Path) -> list[str]:
    """What a command that is run beside it says."""
    done = subprocess.run(
        [*TWOWAY, "migrate", "--json", "--data", data_dir],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(),
    )
    applied: list[str] = json.loads(done.stdout)["applied"]
    return applied


def test_it_survives_what_is_killed_and_leaves_nothing(
    running: Start, installation: Path, bin_dir: Path, tmp_path: Path
) -> None:
    served = Served(running, installation, tmp_path / "log")
    assert served.said["data"] == str(installation)
    assert served.answers()
    server = Cluster(installation, bin_dir)

    for name in ("web", "worker"):
        os.kill(served.pids(name)[0], signal.SIGKILL)
        wait_for(lambda name=name: len(served.pids(name)) == 2)  # type: ignore[misc]
    wait_for(served.answers)

    before = postmaster.find(server.folder.pgdata)
    assert before
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: postmaster.find(server.folder.pgdata) not in (before, None) and server.is_ready())
    with psycopg.connect(server.dsn) as db:
        assert db.execute("SELECT count(*) FROM django_migrations").fetchone() != (0,)
    assert beside(installation) == []
    assert server.is_ready()
    wait_for(served.answers)

    served.process.terminate()
    assert served.process.wait(timeout=30) == 0
    children = [*served.pids("web"), *served.pids("worker")]
    assert not any(postmaster.is_alive(pid) for pid in children)
    assert not server.is_running()
    last_shutdown = server.folder.log.read_text().rpartition("fast shutdown request")[2]
    assert "terminating connection" not in last_shutdown, "the children were still connected"


def test_when_it_is_killed_its_children_end_and_the_next_command_tidies_up(
    running: Start, installation: Path, bin_dir: Path, tmp_path: Path
) -> None:
    served = Served(running, installation, tmp_path / "log", TWOWAY_WEB_PROCESSES="2")
    server = Cluster(installation, bin_dir)
    orphan = postmaster.find(server.folder.pgdata)
    children = [*served.pids("web-1"), *served.pids("web-2"), *served.pids("worker")]
    assert len(children) == 3
    served.process.kill()
    wait_for(lambda: not any(postmaster.is_alive(pid) for pid in children))
    assert postmaster.find(server.folder.pgdata) == orphan
    assert beside(installation) == []
    assert not server.is_running()


def test_with_demo_one_process_makes_the_tables_and_the_workspace_and_finds_them_again(installation: Path) -> None:
    words = [*TWOWAY, "migrate", "--then-demo", "--data", str(installation)]
    for _ in range(2):
        done = subprocess.run(words, capture_output=True, text=True, check=True, env=clean_environment())
        tables, signing_in = done.stdout.splitlines()
        assert tables == "The database is up to date."
        assert signing_in.startswith("Sign in as ana@cascade.example with the password ")
