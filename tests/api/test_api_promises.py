"""What was said about waits, and how often it was kept, for programs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.messaging.greeting.models import Promise


@pytest.fixture
def manager(ana: Player, program_of: Callable[..., Program]) -> Program:
    return program_of(ana, role="manager")


@pytest.fixture
def promises(channel: Channel) -> list[Promise]:
    """Four kept and one broken, a day apart, and one that runs."""
    now = timezone.now()
    thread = make.make_conversation(channel, at=now)
    return [
        Promise.objects.create(
            workspace_id=channel.workspace_id, conversation=thread, channel=channel, episode=n, percentile=80,
            said_minutes=20, estimate_seconds=1000, basis={"cases": 46}, made_at=now - timedelta(days=6 - n),
            due_at=now, waited_seconds=600 if n < 5 else None,
            outcome="kept" if n < 4 else "broken" if n == 4 else "",
        )
        for n in range(6)
    ]  # fmt: skip


def test_promises_are_listed_newest_first(manager: Program, promises: list[Promise], channel: Channel) -> None:
    first = manager.get("/promises?limit=4").json
    assert [one["id"] for one in first["items"]] == [row.pk for row in reversed(promises[2:])]
    assert first["items"][0]["outcome"] == "running"
    assert (first["items"][1]["outcome"], first["items"][1]["cases"]) == ("broken", 46)
    rest = manager.get(f"/promises?limit=4&cursor={first['next']}").json
    assert [one["id"] for one in rest["items"]] == [promises[1].pk, promises[0].pk]
    assert rest["next"] is None
    assert manager.get(f"/promises?channel={channel.pk + 1}").json["items"] == []


@pytest.mark.parametrize("by", ["number", "queue", "week"])
def test_the_report_adds_up(manager: Program, promises: list[Promise], channel: Channel, by: str) -> None:
    found = manager.get(f"/promises/report?by={by}").json
    assert (found["percentile"], found["running"], found["open_ended"]) == (80, 1, 0)
    total = found["total"]
    assert (total["kept"], total["broken"], total["share"]) == (4, 1, 0.8)
    assert total["low"] == pytest.approx(0.3755, abs=1e-4)
    assert (total["said_minutes"], total["waited_minutes"]) == (20.0, 10.0)
    assert sum(row["kept"] for row in found["items"]) == 4
    assert by != "number" or found["items"][0]["key"] == channel.pk
    assert by != "queue" or found["items"][0]["key"] is None


def test_only_who_sees_how_work_goes_and_only_their_own(
    program: Program, stranger: Program, manager: Program, promises: list[Promise]
) -> None:
    assert len(promises) == len(manager.get("/promises").json["items"])
    for path in ("/promises", "/promises/report"):
        assert program.get(path).status == 403
    assert stranger.get("/promises").json["items"] == []
    assert stranger.get("/promises/report").json["items"] == []


def test_spans_without_an_end_or_beyond_the_calendar(manager: Program) -> None:
    for query in ("until=0001-01-02T00:00:00Z", "since=9999-12-31T23:59:59Z", "by=week&since=2020-01-01T00:00:00Z"):
        assert manager.get(f"/promises/report?{query}").json["items"] == []
    assert manager.get("/promises/report?by=colour").status == 422
