"""What an SMSC delivers again is known as the same; what a customer writes twice is not."""

from __future__ import annotations

from twoway.messaging.sessions.naming import EXPECTED_FOR, IN_DOUBT, Names


def answered(names: Names, octets: bytes, *, now: float) -> str:
    delivery = names.name(octets, now=now)
    delivery.answered_at = now
    return delivery.name


def test_the_same_words_twice_in_one_session_are_two_texts() -> None:
    names = Names()
    assert answered(names, b"ok", now=0) != answered(names, b"ok", now=1)


def test_what_had_no_answer_keeps_its_name_in_the_next_session_once() -> None:
    names = Names()
    first = names.name(b"ok", now=0).name
    names.broken(now=100)
    again = answered(names, b"ok", now=101)
    assert again == first
    assert answered(names, b"ok", now=102) != first


def test_an_answer_just_before_the_end_may_not_have_arrived() -> None:
    names = Names()
    early, late = answered(names, b"early", now=0), answered(names, b"late", now=100)
    names.broken(now=100 + IN_DOUBT / 2)
    assert names.name(b"late", now=103).name == late
    assert names.name(b"early", now=103).name != early


def test_two_equal_texts_without_answers_are_both_expected() -> None:
    names = Names()
    both = {names.name(b"ok", now=0).name, names.name(b"ok", now=0).name}
    names.broken(now=1)
    assert {names.name(b"ok", now=2).name, names.name(b"ok", now=2).name} == both


def test_after_a_while_it_is_a_new_text() -> None:
    names = Names()
    first = names.name(b"ok", now=0).name
    names.broken(now=1)
    assert names.name(b"ok", now=1 + EXPECTED_FOR).name != first


def test_names_of_a_worker_that_died_are_known() -> None:
    dead, alive = Names(), Names()
    first = answered(dead, b"ok", now=0)
    alive.expect([first, "SM0123"], now=50)
    assert alive.name(b"ok", now=51).name == first
    assert alive.name(b"ok", now=52).name != first
