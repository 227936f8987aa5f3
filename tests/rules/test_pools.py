"""Which number a text leaves from, and when a provider counts as down."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cast import NOW
from twoway.channels.pools import rules
from twoway.channels.pools.rules import Breaker, Marks, Member

PERSON = "+15035550178"
PORTLAND, DENVER, BOSTON = "+15035550101", "+13035550101", "+16175550101"


def member(number: int, address: str = DENVER, **more: Any) -> Member:
    return Member(channel_id=number, address=address, kind="sms", **more)


def chosen(*members: Member, **asked: Any) -> int | None:
    choice = rules.choose(members, recipient=asked.pop("recipient", PERSON), **asked)
    return None if choice is None else choice.channel_id


def test_a_person_keeps_the_number_of_their_conversation() -> None:
    assert chosen(member(1, load=900.0), member(2, PORTLAND), sticky_id=1, last_id=2) == 1


def test_the_number_last_used_comes_before_a_local_one() -> None:
    assert chosen(member(1), member(2, PORTLAND), last_id=1) == 1


def test_a_stranger_gets_a_number_with_their_area_code() -> None:
    assert chosen(member(1), member(2, PORTLAND, load=50.0), member(3, BOSTON)) == 2


def test_local_presence_can_be_switched_off() -> None:
    assert chosen(member(1), member(2, PORTLAND, load=50.0), prefers_local=False) == 1


def test_the_number_that_was_named_comes_after_a_local_one() -> None:
    assert chosen(member(1), member(2, BOSTON, load=9.0), named_id=2) == 2
    assert chosen(member(1, PORTLAND), member(2, BOSTON), named_id=2) == 1


def test_otherwise_the_least_loaded_is_taken() -> None:
    assert chosen(member(1, load=3.0), member(2, BOSTON, load=2.0)) == 2


@pytest.mark.parametrize("stand", ["paused", "down", "retired", "off"])
def test_another_number_is_used_and_the_reason_named(stand: rules.Stand) -> None:
    choice = rules.choose([member(1, stand=stand), member(2, BOSTON)], recipient=PERSON, sticky_id=1)
    assert choice is not None
    assert (choice.channel_id, choice.why) == (2, stand)


def test_a_retiring_number_still_answers_but_begins_nothing() -> None:
    retiring = member(1, stand="retiring")
    assert chosen(retiring, member(2, BOSTON), sticky_id=1) == 1
    assert chosen(retiring, member(2, BOSTON, load=99.0), is_first=True) == 2
    assert chosen(retiring, is_first=True) is None


def test_nothing_is_chosen_when_no_number_can_send() -> None:
    assert chosen(member(1, stand="paused"), member(2, is_held=True), member(3, stand="down"), sticky_id=1) is None


def test_a_text_never_moves_to_another_kind_of_channel() -> None:
    whatsapp = Member(channel_id=2, address=BOSTON, kind="whatsapp")
    assert chosen(member(1, stand="down"), whatsapp, sticky_id=1) is None


@pytest.mark.parametrize(
    ("address", "recipient", "does"),
    [
        ("+18005550101", PERSON, True),
        ("+18005550101", "+447911123456", False),
        ("24273", PERSON, True),
        ("24273", "+447911123456", False),
        (DENVER, "+447911123456", True),
    ],
)
def test_short_codes_and_toll_free_numbers_stay_at_home(address: str, recipient: str, *, does: bool) -> None:
    assert rules.reaches(address, recipient) is does


MEMBERS = st.lists(
    st.builds(
        Member,
        channel_id=st.integers(1, 6),
        address=st.sampled_from([PORTLAND, DENVER, BOSTON, "+18005550101", "24273"]),
        kind=st.sampled_from(["sms", "whatsapp"]),
        stand=st.sampled_from(["up", "paused", "down", "retiring", "retired", "off"]),
        load=st.floats(0, 100),
        is_held=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda one: one.channel_id,
)
IDS = st.one_of(st.none(), st.integers(1, 6))


@given(members=MEMBERS, sticky=IDS, last=IDS, named=IDS, first=st.booleans(), order=st.randoms())
def test_whatever_is_asked_the_chosen_number_can_send_and_the_answer_is_the_same(
    members: list[Member], sticky: int | None, last: int | None, named: int | None, *, first: bool, order: Any
) -> None:
    asked: dict[str, Any] = {"recipient": PERSON, "sticky_id": sticky, "last_id": last, "named_id": named}
    choice = rules.choose(members, is_first=first, **asked)
    by_id = {one.channel_id: one for one in members}
    home = by_id.get(sticky or 0)
    able = [one for one in members if rules.can_send(one, PERSON, is_first=first)]
    able = [one for one in able if home is None or one.kind == home.kind]
    assert (choice is None) == (not able)
    if choice is not None:
        assert by_id[choice.channel_id] in able
        if home in able:
            assert choice == rules.Choice(channel_id=home.channel_id)
    shuffled = list(members)
    order.shuffle(shuffled)
    assert rules.choose(shuffled, is_first=first, **asked) == choice


@pytest.mark.parametrize(
    ("marks", "stands"),
    [
        ({}, "up"),
        ({"is_active": False, "paused_at": NOW}, "off"),
        ({"paused_at": NOW}, "paused"),
        ({"paused_at": NOW, "paused_until": NOW + timedelta(seconds=1)}, "paused"),
        ({"paused_at": NOW, "paused_until": NOW}, "up"),
        ({"down_since": NOW, "probe_at": NOW}, "down"),
        ({"down_since": NOW}, "up"),
        ({"retiring_at": NOW, "retires_at": NOW + timedelta(days=1)}, "retiring"),
        ({"retiring_at": NOW, "retires_at": NOW}, "retired"),
        ({"retiring_at": NOW, "retires_at": NOW, "paused_at": NOW}, "paused"),
    ],
)
def test_how_a_number_stands(marks: dict[str, Any], stands: str) -> None:
    assert rules.stand(Marks(**marks), at=NOW) == stands


def failing(breaker: Breaker, times: int) -> Breaker:
    for _ in range(times):
        breaker = breaker.failed(at=NOW)
    return breaker


def test_the_breaker_opens_after_several_failures_in_a_row() -> None:
    almost = failing(Breaker(), rules.TRIPS_AT - 1)
    assert almost.state == "closed"
    assert failing(almost.worked(), rules.TRIPS_AT - 1).state == "closed"
    opened = almost.failed(at=NOW)
    assert (opened.state, opened.since, opened.probe_at) == ("open", NOW, NOW + rules.FIRST_PROBE)


def test_an_open_breaker_waits_longer_after_each_try_in_vain() -> None:
    breaker = failing(Breaker(), rules.TRIPS_AT)
    waits = []
    for _ in range(7):
        assert breaker.probe_at is not None
        waits.append((breaker.probe_at - NOW).total_seconds())
        breaker = breaker.unanswered(at=NOW)
    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_a_half_open_breaker_closes_or_opens_by_one_text() -> None:
    half = failing(Breaker(), rules.TRIPS_AT).answered()
    assert half.state == "half"
    assert half.worked() == Breaker()
    again = half.failed(at=NOW)
    assert (again.state, again.since) == ("open", NOW)
    assert again.probe_at == NOW + 2 * rules.FIRST_PROBE


STEPS = st.lists(st.sampled_from(["worked", "failed", "answered", "unanswered"]), max_size=60)


@given(steps=STEPS)
def test_whatever_happens_a_breaker_knows_when_to_ask_again(steps: list[str]) -> None:
    breaker, in_a_row = Breaker(), 0
    for second, step in enumerate(steps):
        at = NOW + timedelta(seconds=second)
        was = breaker
        if step == "worked":
            breaker, in_a_row = breaker.worked(), 0
        elif step == "answered":
            breaker = breaker.answered()
        else:
            breaker = breaker.failed(at=at) if step == "failed" else breaker.unanswered(at=at)
            in_a_row += 1
        assert (breaker.state == "open") == (breaker.probe_at is not None)
        assert (breaker.since is None) == (breaker.state == "closed")
        if was.state == "closed" and breaker.state == "open":
            assert in_a_row >= rules.TRIPS_AT
        if breaker.probe_at is not None:
            assert breaker.probe_at <= at + rules.LONGEST_PROBE
        assert not replace(breaker, state="closed").is_due(at=at)
