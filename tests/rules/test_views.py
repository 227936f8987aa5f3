"""Views of the inbox, cursors, snooze times and unread counts."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.conversations.rules import Cursor, View, decode, snooze_problem, unread, view_of
from twoway.lib.refusal import Invalid, NotFound

AT = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("slug", "status", "expected"),
    [
        ("mine", "open", View(box="mine")),
        ("open", "waiting", View(box="open", status="waiting")),
        ("channel-12", "done", View(box="channel", key=12, status="done")),
        ("team-7", "nonsense", View(box="team", key=7)),
        ("snoozed", "", View(box="snoozed")),
    ],
)
def test_views_by_slug(slug: str, status: str, expected: View) -> None:
    assert view_of(slug, status) == expected
    assert view_of(slug, status).slug == slug


@pytest.mark.parametrize(
    "slug",
    ["", "yours", "channel", "channel-", "channel-0", "channel-x", "team--1", "team-\u0663", "mine-3", "team-1-2"],
)
def test_unknown_views(slug: str) -> None:
    with pytest.raises(NotFound):
        view_of(slug)


def test_a_huge_key_is_no_view() -> None:
    with pytest.raises(NotFound):
        view_of("team-" + "9" * 30)


@pytest.mark.parametrize(
    ("view", "groups"),
    [
        (View(box="open"), ("reply", "customer")),
        (View(box="mine", status="waiting"), ("reply",)),
        (View(box="team", key=1, status="done"), ("all",)),
        (View(box="snoozed"), ("all",)),
        (View(box="done", status="waiting"), ("all",)),
    ],
)
def test_groups(view: View, groups: tuple[str, ...]) -> None:
    assert view.groups == groups


@given(
    st.sampled_from(["reply", "customer", "all"]),
    st.none() | st.timedeltas(min_value=timedelta(), max_value=timedelta(days=80_000)).map(lambda since: EPOCH + since),
    st.integers(min_value=1, max_value=2**63 - 1),
)
def test_cursors_come_back_exactly(group: str, at: datetime | None, key: int) -> None:
    cursor = Cursor(group=group, at=at, id=key)  # type: ignore[arg-type]
    assert decode(cursor.encode()) == cursor


@given(st.text(min_size=1, max_size=60))
def test_any_other_text_is_no_cursor(text: str) -> None:
    """It is refused, and never breaks; the few texts that are one mean what they say."""
    with suppress(Invalid):
        found = decode(text)
        assert found is not None
        assert decode(found.encode()) == found


@pytest.mark.parametrize("text", ["x", "====", "cmVwbHk", "cmVwbHkuMS4", "b3BlbjEuMS4x", "é", "A" * 4000])
def test_broken_cursors_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        decode(text)
    assert refused.value.field == "cursor"


@pytest.mark.parametrize(
    ("until", "is_fine"),
    [
        (None, True),
        (AT + timedelta(seconds=1), True),
        (AT + timedelta(days=366), True),
        (AT, False),
        (AT - timedelta(days=1), False),
        (AT + timedelta(days=367), False),
    ],
)
def test_snooze_times(until: datetime | None, is_fine: bool) -> None:
    assert (snooze_problem(until=until, at=AT) == "") is is_fine


@pytest.mark.parametrize(
    ("state", "unanswered", "last", "read", "expected"),
    [
        ("open", 3, 10, 0, 3),
        ("open", 3, 10, 9, 3),
        ("open", 3, 10, 10, 0),
        ("open", 0, 10, 4, 1),
        ("open", 0, None, 0, 0),
        ("snoozed", 1, 10, 4, 1),
        ("done", 2, 10, 0, 0),
    ],
)
def test_unread(state: str, unanswered: int, last: int | None, read: int, expected: int) -> None:
    assert unread(state=state, unanswered=unanswered, last_inbound_id=last, read_id=read) == expected
