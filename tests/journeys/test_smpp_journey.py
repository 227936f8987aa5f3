"""SMPP on a whole installation: nothing is lost and nobody is texted twice, whatever is killed, whenever."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from tests.fakes.smsc_running import FakeSmsc, running_smsc
from tests.journeys.installation import PATIENCE, Installation, kill
from tests.ops.processes import wait_for

DESK = "+14155550199"
TEXTS = 100


@pytest.fixture
def smsc() -> Iterator[FakeSmsc]:
    with running_smsc() as fake:
        yield fake


def connect(installation: Installation, smsc: FakeSmsc, **more: str) -> None:
    given = {
        "host": "127.0.0.1",
        "port": str(smsc.port),
        "system_id": "ridgeway",
        "password": "s3cret",
        "rate": "500",
        **more,
    }
    words = [word for key, value in given.items() for word in ("--set", f"{key}={value}")]
    installation.command("channel", "add", "smpp", "--address", DESK, *words)
    wait_for(lambda: smsc.state()["bound"], PATIENCE)


def settled(installation: Installation) -> bool:
    """Whether every text is taken, or known to be in doubt."""
    rows = installation.rows(
        "SELECT count(*) AS left FROM message WHERE direction = 'out' AND (status IN ('queued', 'scheduled')"
        " OR (status = 'sending' AND provider_id = '' AND NOT is_uncertain))"
    )
    return bool(rows[0]["left"] == 0)


def wait_until_taken(installation: Installation, smsc: FakeSmsc, count: int) -> None:
    wait_for(lambda: len(smsc.accepted()) >= count or settled(installation), PATIENCE)


def kill_worker(installation: Installation) -> int:
    return sum(kill(pid) for pid in installation.pids("worker"))


def test_a_channel_is_added_checked_and_used(installation: Installation, smsc: FakeSmsc) -> None:
    installation.serve()
    smsc.change(receipts="after")
    connect(installation, smsc)
    (channel,) = installation.command("channel", "list")["items"]
    wait_for(lambda: installation.command("channel", "check", str(channel["channel_id"]))["ok"], PATIENCE)
    smsc.text("Where is my car? 🚗", sender="+14155550101", recipient=DESK)
    wait_for(lambda: installation.messages(direction="in"), PATIENCE)
    sent = installation.send({"from": DESK, "to": "+14155550101", "body": "Bay 4. " * 40}, key="one")
    wait_for(lambda: installation.api("GET", f"/messages/{sent['id']}")[1]["status"] == "delivered", PATIENCE)
    assert smsc.texts() == ["Bay 4. " * 40]
    installation.stop()
    assert smsc.state()["bound"] == []


@pytest.mark.long
def test_a_hundred_texts_with_the_worker_killed_leave_at_most_once(installation: Installation, smsc: FakeSmsc) -> None:
    installation.serve()
    smsc.change(slow=0.05, throttle=0.1, drop=0.02)
    connect(installation, smsc)
    (worker,) = installation.pids("worker")
    os.kill(worker, signal.SIGSTOP)
    ids = {
        installation.send({"from": DESK, "to": f"+1415555{1000 + n}", "body": f"reply to {n}"}, key=f"r{n}")["id"]
        for n in range(TEXTS)
    }
    os.kill(worker, signal.SIGCONT)
    for threshold in (20, 50, 80):
        wait_until_taken(installation, smsc, threshold)
        kill_worker(installation)
    wait_for(lambda: settled(installation), 2 * PATIENCE)
    taken = smsc.accepted()
    assert {text: count for text, count in Counter(one["text"] for one in taken).items() if count > 1} == {}
    rows = installation.rows("SELECT id, status, provider_id, is_uncertain FROM message WHERE direction = 'out'")
    assert {row["id"] for row in rows} == ids
    at_smsc = {one["id"] for one in taken}
    assert {row["provider_id"] for row in rows if row["provider_id"]} <= at_smsc
    in_doubt = [row for row in rows if not row["provider_id"]]
    assert all(row["is_uncertain"] for row in in_doubt)
    assert len(taken) - (len(rows) - len(in_doubt)) <= len(in_doubt)
    for one in taken:  # the receipts say of each what became of it, also of those in doubt
        words = f"id:{one['id']} stat:DELIVRD err:000"
        smsc.deliver(source=one["destination"], destination=DESK, octets=words.encode().hex(), esm_class=4)
    delivered = "SELECT count(*) AS done FROM message WHERE status = 'delivered'"
    wait_for(lambda: installation.rows(delivered)[0]["done"] == len(taken), PATIENCE)


@pytest.mark.long
def test_texts_that_come_while_workers_are_killed_are_kept_once(installation: Installation, smsc: FakeSmsc) -> None:
    installation.serve()
    connect(installation, smsc)
    for n in range(300):
        smsc.text(f"text {n}", sender=f"+1415555{2000 + n % 40}", recipient=DESK)
        if n % 75 == 50:
            kill_worker(installation)
        time.sleep(0.005)
    wait_for(lambda: smsc.state()["waiting"] == 0, 2 * PATIENCE)
    bodies = [row["body"] for row in installation.rows("SELECT body FROM message WHERE direction = 'in'")]
    assert {body: count for body, count in Counter(bodies).items() if count > 1} == {}
    assert set(bodies) == {f"text {n}" for n in range(300)}


@pytest.mark.long
def test_while_the_database_is_away_nothing_is_acknowledged_and_then_everything_is_kept(
    installation: Installation, smsc: FakeSmsc
) -> None:
    installation.serve()
    connect(installation, smsc)
    postgres = installation.postgres_pids()
    for pid in postgres:
        os.kill(pid, signal.SIGSTOP)
    for n in range(20):
        smsc.text(f"text {n}", sender=f"+1415555{2000 + n}", recipient=DESK)
    time.sleep(2)
    assert smsc.state()["answers"] == []
    for pid in postgres:
        os.kill(pid, signal.SIGCONT)
    wait_for(lambda: smsc.state()["waiting"] == 0, PATIENCE)
    bodies = [row["body"] for row in installation.rows("SELECT body FROM message WHERE direction = 'in'")]
    assert sorted(bodies) == sorted(f"text {n}" for n in range(20))
    assert smsc.state()["binds"] == 1
