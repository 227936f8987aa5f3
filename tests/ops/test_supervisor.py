"""The supervisor restarts what dies, drains when told to stop, and is missed when it is killed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ops.processes import REPOSITORY, wait_for
from twoway.ops.postgres import postmaster

Supervised = subprocess.Popen[str]
Start = Callable[..., Supervised]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Start]:
    """Starts a supervisor whose children write into `tmp_path`; its messages come from `stderr`."""
    started: list[Supervised] = []

    def start(*children: str, drain: float = 20.0, healthy: float = 30.0) -> Supervised:
        words = [str(tmp_path), str(drain), str(healthy), *children]
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.ops.supervised", *words],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def pids(folder: Path, name: str, word: str) -> list[int]:
    """The process ids noted beside that word, in order."""
    path = folder / name
    lines = path.read_text().splitlines() if path.exists() else []
    return [int(line.split()[1]) for line in lines if line.split()[0] == word and len(line.split()) == 2]


def started(folder: Path, name: str, times: int = 1) -> int:
    """Wait until the child was started that often; its last process id."""
    return wait_for(lambda: pids(folder, name, "started")[times - 1 : times] or None)[0]  # type: ignore[index]


def test_a_killed_child_is_started_again_and_the_others_are_left_alone(tmp_path: Path, supervise: Start) -> None:
    supervise("web:good", "worker:good")
    first, worker = started(tmp_path, "web"), started(tmp_path, "worker")
    os.kill(first, signal.SIGKILL)
    second = started(tmp_path, "web", times=2)
    assert second != first
    assert postmaster.is_alive(second)
    assert pids(tmp_path, "worker", "started") == [worker]


def test_a_child_that_keeps_ending_is_started_ever_later(tmp_path: Path, supervise: Start) -> None:
    process = supervise("web:short")
    started(tmp_path, "web", times=4)
    process.terminate()
    _, messages = process.communicate(timeout=20)
    delays = [float(word) for word in re.findall(r"starts_again_in=([\d.]+)", messages)]
    assert delays[:3] == [0.2, 0.4, 0.8]


def test_a_child_that_was_well_for_a_while_is_started_at_once(tmp_path: Path, supervise: Start) -> None:
    process = supervise("web:short", healthy=0.05)
    started(tmp_path, "web", times=5)
    process.terminate()
    _, messages = process.communicate(timeout=20)
    assert set(re.findall(r"starts_again_in=([\d.]+)", messages)) == {"0.2"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_told_to_stop_it_lets_its_children_end(tmp_path: Path, supervise: Start, number: signal.Signals) -> None:
    process = supervise("web:good", "worker:good")
    both = [started(tmp_path, "web"), started(tmp_path, "worker")]
    process.send_signal(number)
    _, messages = process.communicate(timeout=20)
    assert process.returncode == 0
    assert [pids(tmp_path, name, "ended")[0] for name in ("web", "worker")] == both
    assert "part_killed" not in messages


def test_a_child_that_does_not_end_in_its_time_is_ended_by_force(tmp_path: Path, supervise: Start) -> None:
    process = supervise("web:good", "worker:stubborn", drain=0.3)
    started(tmp_path, "web")
    stubborn = started(tmp_path, "worker")
    process.terminate()
    _, messages = process.communicate(timeout=20)
    assert process.returncode == 0
    assert pids(tmp_path, "worker", "told") == [stubborn]
    assert not postmaster.is_alive(stubborn)
    assert re.findall(r"part_killed.*part=(\w+)", messages) == ["worker"]


def test_told_twice_it_does_not_wait(tmp_path: Path, supervise: Start) -> None:
    process = supervise("worker:stubborn", drain=600)
    stubborn = started(tmp_path, "worker")
    process.terminate()
    wait_for(lambda: pids(tmp_path, "worker", "told"))
    process.terminate()
    process.communicate(timeout=20)
    assert not postmaster.is_alive(stubborn)


def test_when_it_is_killed_its_children_end_in_order(tmp_path: Path, supervise: Start) -> None:
    process = supervise("web:good", "worker:good")
    both = [started(tmp_path, "web"), started(tmp_path, "worker")]
    process.kill()
    wait_for(lambda: pids(tmp_path, "web", "ended") and pids(tmp_path, "worker", "ended"))
    wait_for(lambda: not any(postmaster.is_alive(pid) for pid in both))


def test_a_child_says_when_it_is_at_work(tmp_path: Path, supervise: Start) -> None:
    process = supervise("web:good")
    assert process.stderr
    wait_for(lambda: "part_ready" in (process.stderr.readline() if process.stderr else ""))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process stand in for the first one")
def test_processes_that_nobody_waits_for_are_reaped(tmp_path: Path, supervise: Start) -> None:
    supervise("web:orphans")
    noted = tmp_path / "orphan"
    orphan = int(wait_for(lambda: noted.exists() and noted.read_text()) or "0")
    wait_for(lambda: not Path(f"/proc/{orphan}").exists())
    assert started(tmp_path, "web")
