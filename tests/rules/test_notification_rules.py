"""Who is told what, and when it is quiet, as tables."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from twoway.notifications import rules
from twoway.notifications.rules import Happening, Person, Talk, Wishes

ANA, BEN, DEE = 1, 2, 3
NEAR = 7
PEOPLE = {
    ANA: Person(id=ANA),
    BEN: Person(id=BEN, team_ids=frozenset({NEAR})),
    DEE: Person(id=DEE, sees_own_teams_only=True, team_ids=frozenset({NEAR})),
}
SET = frozenset


def talk(**fields: Any) -> Talk:
    return Talk(id=1, **fields)


@pytest.mark.parametrize(
    ("happening", "about", "expected"),
    [
        # A text: whoever has it, and those who follow it; nobody else.
        ({"type": "message_received"}, {}, {}),
        ({"type": "message_received"}, {"assignee_id": BEN}, {BEN: "message"}),
        (
            {"type": "message_received"},
            {"assignee_id": BEN, "follower_ids": SET({ANA, BEN})},
            {BEN: "message", ANA: "followed"},
        ),
        ({"type": "message_received"}, {"assignee_id": BEN, "muted_ids": SET({BEN})}, {}),
        ({"type": "message_received"}, {"assignee_id": BEN, "is_blocked": True}, {}),
        ({"type": "message_received"}, {"follower_ids": SET({DEE})}, {}),
        ({"type": "message_received"}, {"follower_ids": SET({DEE}), "team_id": NEAR}, {DEE: "followed"}),
        ({"type": "message_received"}, {"assignee_id": 99}, {}),
        # Given to a member: only they, never for their own act, and also when they muted it.
        (
            {"type": "conversation_assigned", "given_to": BEN, "by_id": ANA},
            {"assignee_id": BEN, "muted_ids": SET({BEN})},
            {BEN: "assigned"},
        ),
        ({"type": "conversation_assigned", "given_to": BEN, "by_id": BEN}, {"assignee_id": BEN}, {}),
        (
            {"type": "conversation_assigned", "given_to": BEN, "given_team": NEAR, "by_id": ANA},
            {"assignee_id": BEN, "team_id": NEAR},
            {BEN: "assigned"},
        ),
        # Given to a team: its members, unless somebody has it.
        (
            {"type": "conversation_assigned", "given_team": NEAR, "by_id": ANA},
            {"team_id": NEAR},
            {BEN: "team", DEE: "team"},
        ),
        (
            {"type": "conversation_assigned", "given_team": NEAR, "by_id": BEN},
            {"team_id": NEAR, "muted_ids": SET({DEE})},
            {},
        ),
        (
            {"type": "conversation_assigned", "given_team": NEAR, "by_id": ANA},
            {"team_id": NEAR, "assignee_id": ANA},
            {},
        ),
        # Named in a note: who may see it, muted or not, never its writer.
        (
            {"type": "member_mentioned", "named_ids": SET({ANA, BEN, DEE}), "by_id": ANA},
            {"muted_ids": SET({BEN})},
            {BEN: "mentioned"},
        ),
        # A text of theirs.
        ({"type": "message_failed", "writer_id": BEN}, {"muted_ids": SET({BEN})}, {BEN: "failed"}),
        ({"type": "message_failed"}, {}, {}),
        ({"type": "conversation_escalated", "named_ids": frozenset({BEN})}, {}, {BEN: "escalated"}),
        ({"type": "later_stopped", "writer_id": BEN}, {}, {BEN: "later_stopped"}),
    ],
)
def test_who_is_told(happening: dict[str, Any], about: dict[str, Any], expected: dict[int, str]) -> None:
    assert rules.told(Happening(**happening), talk(**about), PEOPLE) == expected


def test_every_kind_can_come_of_something_and_has_words() -> None:
    assert all(kind.label and kind.icon and kind.ways <= set(rules.WAYS) for kind in rules.KINDS)
    assert len(rules.BY_ID) == len(rules.KINDS)


LOS_ANGELES = "America/Los_Angeles"
TUESDAY = datetime(2026, 3, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "begins", "ends", "hour", "expected"),
    [
        # Hours after midnight UTC on Tuesday 2026-03-10; Los Angeles is seven hours behind (daylight time).
        ({1}, 12, 13, 19, True),
        ({1}, 12, 13, 18.9, False),
        ({1}, 12, 13, 20, False),
        ({2}, 12, 13, 19, False),
        (set(), 12, 13, 19, False),
        ({1}, 20, 8, 24 + 3, True),  # Tuesday 8 PM
        ({1}, 20, 8, 24 + 14.9, True),  # Wednesday 7:54 AM is still Tuesday's night
        ({1}, 20, 8, 24 + 15, False),
        ({2}, 20, 8, 24 + 14.9, False),
        ({0}, 20, 8, 14.9, True),  # Tuesday 7:54 AM is Monday's night
        ({0, 1, 2, 3, 4, 5, 6}, 0, 0, 5, True),  # all day
    ],
)
def test_quiet_times(days: set[int], begins: int, ends: int, hour: float, expected: bool) -> None:
    wishes = Wishes(zone=LOS_ANGELES, quiet_days=SET(days), quiet_from=time(begins), quiet_to=time(ends))
    assert rules.is_quiet(wishes, at=TUESDAY + timedelta(hours=hour)) is expected


def test_what_comes_through() -> None:
    quiet: dict[str, Any] = {"zone": "UTC", "quiet_days": SET(range(7)), "quiet_from": time(0), "quiet_to": time(0)}
    through, closed = Wishes(**quiet), Wishes(**quiet, direct_through=False)
    assert rules.ways_now("mentioned", through, at=TUESDAY) == SET(rules.WAYS)
    assert rules.ways_now("mentioned", closed, at=TUESDAY) == {"app", "email"}
    assert rules.ways_now("message", through, at=TUESDAY) == {"app", "email"}
    paused = Wishes(paused_until=TUESDAY)
    assert rules.ways_now("mentioned", paused, at=TUESDAY - timedelta(seconds=1)) == {"app", "email"}
    assert rules.ways_now("mentioned", paused, at=TUESDAY) == SET(rules.WAYS)


def test_own_ways() -> None:
    stored = {"message": ["app", "fax"], "gone": ["app"], "team": "app", "followed": []}
    own = rules.own_ways(stored)
    assert own == {"message": {"app"}, "followed": SET()}
    assert rules.ways_of("message", Wishes(own=own)) == {"app"}
    assert rules.ways_of("team", Wishes(own=own)) == rules.BY_ID["team"].ways


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("", None),
        ("30", datetime(2026, 3, 10, 17, 30, tzinfo=UTC)),
        ("60", datetime(2026, 3, 10, 18, 0, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 3, 11, 15, 0, tzinfo=UTC)),
    ],
)
def test_pauses(choice: str, expected: datetime | None) -> None:
    assert rules.pause_until(choice, zone=LOS_ANGELES, at=TUESDAY + timedelta(hours=17)) == expected


def test_a_pause_nobody_offers() -> None:
    with pytest.raises(KeyError):
        rules.pause_until("7", zone="UTC", at=TUESDAY)


def seconds(number: int | None) -> datetime | None:
    return None if number is None else TUESDAY + timedelta(seconds=number)


@pytest.mark.parametrize(
    ("active", "pushed", "expected"),
    [(None, None, 3), (-200, None, 3), (-10, None, 45), (None, -10, 50), (None, -100, 3), (-10, -10, 50)],
)
def test_when_a_device_is_told(active: int | None, pushed: int | None, expected: int) -> None:
    due = rules.push_due(at=TUESDAY, active_at=seconds(active), pushed_at=seconds(pushed))
    assert due == seconds(expected)


def test_pushes_that_fail_wait_longer() -> None:
    waits = [rules.push_again_after(tries).total_seconds() for tries in (1, 2, 3, 8, 20)]
    assert waits == [30, 60, 120, 3600, 3600]
    assert rules.push_again_after(1, said=7.0).total_seconds() == 7
    assert rules.push_again_after(1, said=1e9).total_seconds() == 86_400


@pytest.mark.parametrize(
    ("every", "sent", "active", "oldest", "expected"),
    [
        (0, None, None, -9999, False),
        (60, None, None, -3601, True),
        (60, None, None, -3599, False),
        (60, -60, None, -7200, False),
        (60, -3600, None, -7200, True),
        (60, None, -60, -7200, False),
        (60, None, -301, -7200, True),
    ],
)
def test_when_a_digest_is_due(every: int, sent: int | None, active: int | None, oldest: int, expected: bool) -> None:
    is_due = rules.is_digest_due(
        Wishes(),
        every=every,
        sent_at=seconds(sent),
        active_at=seconds(active),
        oldest=TUESDAY + timedelta(seconds=oldest),
        at=TUESDAY,
    )
    assert is_due is expected


def test_no_digest_in_a_quiet_time_or_a_pause() -> None:
    quiet = Wishes(quiet_days=SET(range(7)), quiet_from=time(0), quiet_to=time(0))
    for wishes in (quiet, Wishes(paused_until=TUESDAY + timedelta(hours=1))):
        assert not rules.is_digest_due(
            wishes, every=15, sent_at=None, active_at=None, oldest=TUESDAY - timedelta(days=1), at=TUESDAY
        )
