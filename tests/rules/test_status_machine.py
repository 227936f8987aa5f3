"""The ranked machine of a message's states: a table, and what must hold in whatever order receipts come."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.messaging.rules import FINAL, RANKS, advance
from twoway.providers.base import Status

ALL = sorted(RANKS)
POSITIVE = {"delivered", "read"}
NEGATIVE = {"undelivered", "failed"}
HEARD = sorted(status.value for status in Status)


def after(start: str, receipts: Sequence[str]) -> str:
    return reduce(advance, receipts, start)


@pytest.mark.parametrize(
    ("current", "heard", "becomes"),
    [
        # the usual road
        ("scheduled", "queued", "queued"),
        ("queued", "sending", "sending"),
        ("sending", "sent", "sent"),
        ("sent", "delivered", "delivered"),
        ("delivered", "read", "read"),
        # steps may be left out
        ("queued", "delivered", "delivered"),
        ("sending", "read", "read"),
        ("sent", "undelivered", "undelivered"),
        ("queued", "failed", "failed"),
        ("scheduled", "canceled", "canceled"),
        # the same again, and what comes late
        ("sent", "sent", "sent"),
        ("sent", "queued", "sent"),
        ("delivered", "sent", "delivered"),
        ("read", "delivered", "read"),
        ("failed", "sending", "failed"),
        # a later positive receipt wins over a failure, and nothing else does
        ("undelivered", "delivered", "delivered"),
        ("failed", "delivered", "delivered"),
        ("undelivered", "read", "read"),
        ("failed", "read", "read"),
        ("failed", "undelivered", "failed"),
        ("undelivered", "failed", "undelivered"),
        ("delivered", "failed", "delivered"),
        ("delivered", "undelivered", "delivered"),
        ("read", "failed", "read"),
        # what was withdrawn stays so
        ("canceled", "delivered", "canceled"),
        ("canceled", "sent", "canceled"),
        # a word we do not know says nothing
        ("sent", "unknown", "sent"),
        ("queued", "", "queued"),
    ],
)
def test_one_step(current: str, heard: str, becomes: str) -> None:
    assert advance(current, heard) == becomes


def test_every_state_a_provider_may_name_has_a_rank() -> None:
    assert set(HEARD) - {"unknown"} == set(RANKS)


def test_a_final_state_is_left_only_for_a_positive_one() -> None:
    for current, heard in product(FINAL, HEARD):
        becomes = advance(current, heard)
        assert becomes == current or (becomes in POSITIVE and current in NEGATIVE | {"delivered"})


def test_hearing_a_state_twice_is_hearing_it_once() -> None:
    for current, heard in product(ALL, HEARD):
        once = advance(current, heard)
        assert advance(once, heard) == once


SETS = [
    ({"queued", "sending", "sent", "delivered"}, "delivered"),
    ({"sending", "sent", "delivered", "read"}, "read"),
    ({"sending", "sent", "undelivered"}, "undelivered"),
    ({"queued", "sending", "failed"}, "failed"),
    ({"sent", "undelivered", "delivered"}, "delivered"),
    ({"sent", "failed", "undelivered", "read"}, "read"),
    ({"queued", "canceled"}, "canceled"),
    ({"sent", "unknown"}, "sent"),
]


@pytest.mark.parametrize(("receipts", "end"), SETS)
def test_every_order_ends_in_the_same_state(receipts: set[str], end: str) -> None:
    for order in permutations(receipts):
        assert after("sending", order) == end, order
        assert after("sending", order + order) == end, order


@st.composite
def told(draw: st.DrawFn) -> list[str]:
    """Receipts that a carrier could send about one message: any words, often repeated, at most one kind of failure."""
    words = draw(st.sets(st.sampled_from(["queued", "sending", "sent", "delivered", "read", "unknown"])))
    failure = draw(st.sampled_from(["", "undelivered", "failed"]))
    words |= {failure} - {""}
    return draw(st.lists(st.sampled_from(sorted(words)), min_size=len(words), max_size=12)) if words else []


@given(receipts=told(), start=st.sampled_from(["queued", "sending"]), data=st.data())
def test_order_and_repetition_do_not_matter(receipts: list[str], start: str, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(receipts + receipts[:3]))
    best = max([start, *(word for word in receipts if word in RANKS)], key=RANKS.__getitem__)
    assert after(start, receipts) == after(start, shuffled) == best


@given(receipts=st.lists(st.sampled_from(HEARD), max_size=12), start=st.sampled_from(ALL))
def test_whatever_is_heard_delivered_stays_delivered_or_is_read(receipts: list[str], start: str) -> None:
    states = [after(start, receipts[:count]) for count in range(len(receipts) + 1)]
    for number, state in enumerate(states):
        if state in POSITIVE:
            assert set(states[number:]) <= ({"delivered", "read"} if state == "delivered" else {"read"})


@given(receipts=st.lists(st.sampled_from(HEARD), max_size=12), start=st.sampled_from(sorted(set(ALL) - {"canceled"})))
def test_a_positive_receipt_wins_whenever_it_comes(receipts: list[str], start: str) -> None:
    heard = [word for word in receipts if word != "canceled"]
    assert after(start, [*heard, "delivered"]) in POSITIVE
    assert after(start, ["delivered", *heard]) in POSITIVE
    assert after(start, [*heard, "read"]) == "read"


@given(receipts=st.lists(st.sampled_from(HEARD), max_size=12), start=st.sampled_from(ALL))
def test_a_message_never_goes_down_in_rank(receipts: list[str], start: str) -> None:
    ranks = [RANKS[after(start, receipts[:count])] for count in range(len(receipts) + 1)]
    assert ranks == sorted(ranks)
