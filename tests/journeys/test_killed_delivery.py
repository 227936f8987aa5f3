"""What is accepted for sending leaves at most once and in order, or is visibly not sent, whatever is killed."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

import pytest

from tests.fakes.running import Fake, running_twilio
from tests.journeys.installation import PATIENCE, Installation, kill
from tests.messaging import hands
from tests.ops.processes import wait_for

ALONE, THREADS, PER_THREAD = 240, 12, 5
TEXTS = ALONE + THREADS * PER_THREAD
SEED = 20260310
DESK = "+14155550199"


def recipient(number: int) -> str:
    return f"+1415555{1000 + number}"


def queue_all(installation: Installation) -> dict[int, dict[str, Any]]:
    """Replies to many people, and some of them in a row to the same."""
    wanted = [(recipient(n), f"reply to {n}") for n in range(ALONE)]
    wanted += [(recipient(ALONE + n), f"part {part}") for part in range(PER_THREAD) for n in range(THREADS)]
    made = {}
    for number, (to, body) in enumerate(wanted):
        message = installation.send({"from": DESK, "to": to, "body": body}, key=f"reply-{number}")
        made[message["id"]] = message
    return made


def kill_workers(installation: Installation, fake: Fake, thresholds: Sequence[int]) -> int:
    """Kill the worker whenever so many texts were accepted, while others are on their way; how often."""
    killed = 0
    give_up_at = time.monotonic() + PATIENCE
    for threshold in thresholds:
        while len(fake.accepted()) < threshold:
            assert time.monotonic() < give_up_at, f"{len(fake.accepted())} of {TEXTS} accepted"
            time.sleep(0.01)
        for pid in installation.pids("worker"):
            killed += kill(pid)
    return killed


UNSETTLED = """
    SELECT id, status, is_uncertain, attempts FROM message WHERE direction = 'out'
    AND (status IN ('queued', 'scheduled') OR (status = 'sending' AND provider_id = ''))
"""


@pytest.mark.long
def test_three_hundred_replies_over_a_bad_line_with_the_worker_killed(installation: Installation) -> None:
    """Receipts of the first half come at once, some before the answer they belong to; of the second half none comes."""
    installation.serve()
    with running_twilio(drop=0.10, error=0.05, throttle=0.10, no_receipts=False, seed=SEED) as fake:
        installation.command(
            *("channel", "add", "twilio", "--address", DESK, "--set", "rate=500"),
            *("--set", f"account_sid={hands.ACCOUNT}", "--set", f"auth_token={hands.AUTH_TOKEN}"),
            *("--set", f"api_base={fake.url}"),
        )
        (worker,) = installation.pids("worker")
        os.kill(worker, signal.SIGSTOP)  # it hangs while everything is queued, and is then the first to be killed
        queued = queue_all(installation)
        kill(worker)
        assert kill_workers(installation, fake, [30, 90, 150])
        fake.change(no_receipts=True)
        assert kill_workers(installation, fake, [200, 250])
        wait_for(lambda: not installation.rows(UNSETTLED), 2 * PATIENCE)
        assert_sent_once(installation, fake, queued)


def assert_sent_once(installation: Installation, fake: Fake, queued: dict[int, dict[str, Any]]) -> None:
    accepted = fake.accepted()
    assert {ref: count for ref, count in Counter(one["ref"] for one in accepted).items() if count > 1} == {}
    at_twilio = {int(one["ref"]): one["sid"] for one in accepted}
    rows = installation.rows("SELECT id, status, provider_id FROM message WHERE direction = 'out'")
    assert {row["id"] for row in rows} == set(queued)
    for row in rows:
        if row["provider_id"]:
            assert at_twilio.get(row["id"]) == row["provider_id"]
        else:
            assert row["status"] in {"failed", "canceled"}
            assert row["id"] not in at_twilio
    assert len(at_twilio) == TEXTS, "all could be sent in the end"
    in_order = defaultdict(list)
    for one in accepted:
        in_order[one["to"]].append(one["body"])
    for number in range(THREADS):
        assert in_order[recipient(ALONE + number)] == [f"part {part}" for part in range(PER_THREAD)]
