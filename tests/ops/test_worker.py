"""The worker keeps its loops running, shows that it lives, runs jobs, and ends in order."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.ops.processes import Running, wait_for
from twoway.ops import actions, queries
from twoway.ops.loops import HOT_LOOPS, LANES, loops_for
from twoway.ops.postgres import Cluster

NOW = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)


@pytest.fixture
def server(installation: Path, bin_dir: Path) -> Iterator[Cluster]:
    """The embedded server of the installation, running."""
    cluster = Cluster(installation, bin_dir)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture
def work(running: Callable[..., Running], server: Cluster, tmp_path: Path) -> Callable[..., Running]:
    """Starts a worker with these loops (see loops.py)."""

    def start(*loops: str, drain_seconds: int = 20) -> Running:
        return running(
            *(sys.executable, "-m", "tests.ops.working", server.folder.data_dir, *loops),
            TEST_NOTES=str(tmp_path / "notes"),
            TWOWAY_DRAIN_SECONDS=str(drain_seconds),
        )

    return start


def notes(folder: Path) -> list[str]:
    path = folder / "notes"
    return path.read_text().splitlines() if path.exists() else []


def select(server: Cluster, sql: str) -> list[object]:
    """The first column of every row."""
    with psycopg.connect(server.dsn) as db:
        return [row[0] for row in db.execute(sql)]


def test_a_loop_that_fails_is_run_again_beside_the_others(work: Callable[..., Running], tmp_path: Path) -> None:
    worker = work("steady", "failing")
    wait_for(lambda: notes(tmp_path).count("failing started") == 2)
    worker.terminate()
    _, messages = worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert notes(tmp_path).count("steady started") == 1
    assert notes(tmp_path)[-1] == "steady ended"
    assert "on purpose" in messages


def test_a_loop_that_does_not_end_is_cancelled(work: Callable[..., Running], tmp_path: Path) -> None:
    worker = work("hanging", "steady", drain_seconds=1)
    wait_for(lambda: len(notes(tmp_path)) == 2)
    worker.send_signal(signal.SIGINT)
    worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert notes(tmp_path)[2:] == ["steady ended", "hanging cancelled"]


def test_a_worker_shows_in_the_database_while_it_lives(work: Callable[..., Running], server: Cluster) -> None:
    worker = work("steady")
    wait_for(lambda: select(server, "SELECT pid FROM worker_beat") == [worker.pid])
    assert select(server, "SELECT lanes FROM worker_beat") == ["hot,default,slow"]
    worker.terminate()
    worker.communicate(timeout=30)
    assert select(server, "SELECT pid FROM worker_beat") == []


def test_a_job_whose_worker_was_killed_is_run_again(
    work: Callable[..., Running], server: Cluster, tmp_path: Path
) -> None:
    killed = work("housekeeping", "defers")
    wait_for(lambda: "job began" in notes(tmp_path))
    killed.kill()
    killed.communicate()
    with psycopg.connect(server.dsn) as db:
        db.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
        db.execute("UPDATE worker_beat SET beat_at = now() - interval '2 hours'")
    heir = work("housekeeping", "cleans")
    wait_for(lambda: "job done" in notes(tmp_path))
    wait_for(lambda: select(server, "SELECT pid FROM worker_beat") == [heir.pid])
    left = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tests.ends_the_second_time'"
    wait_for(lambda: select(server, left) == [0])
    heir.terminate()
    heir.communicate(timeout=30)
    assert heir.returncode == 0


def test_a_worker_outlives_its_database(work: Callable[..., Running], server: Cluster, tmp_path: Path) -> None:
    worker = work("housekeeping", "steady")
    beats = "SELECT count(*) FROM procrastinate_workers"
    wait_for(lambda: select(server, beats) == [1])
    wait_for(lambda: server.dsn and notes(tmp_path) == ["steady started"])
    with psycopg.connect(server.dsn, autocommit=True) as db:
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        db.execute("DELETE FROM procrastinate_workers")
    wait_for(lambda: select(server, beats) == [1])
    worker.terminate()
    worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert notes(tmp_path) == ["steady started", "steady ended"]


@pytest.mark.django_db
def test_only_workers_with_a_fresh_beat_count_as_alive() -> None:
    beat = {"host": "a", "pid": 1, "lanes": "hot", "started_at": NOW}
    actions.beat(name="here", at=NOW, **beat)  # type: ignore[arg-type]
    actions.beat(name="gone", at=NOW - timedelta(seconds=21), **beat)  # type: ignore[arg-type]
    assert queries.workers_alive(NOW) == 1
    assert queries.workers_alive(NOW + timedelta(seconds=21)) == 0
    actions.beat(name="gone", at=NOW + timedelta(seconds=1), **beat)  # type: ignore[arg-type]
    assert queries.workers_alive(NOW + timedelta(seconds=1)) == 2
    actions.end_beat(name="here")
    assert queries.workers_alive(NOW + timedelta(seconds=1)) == 1
    assert actions.forget_dead_workers(at=NOW + timedelta(hours=2)) == 1


def test_the_loops_where_texts_flow_belong_to_the_hot_lane() -> None:
    assert set(HOT_LOOPS) < set(loops_for(LANES))
    assert set(loops_for(("default", "slow"))) == {"housekeeping"}
