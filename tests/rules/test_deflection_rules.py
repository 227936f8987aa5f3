"""When a phone queue offers a text, and what counts as solved: tables."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.cast import NOW
from twoway.messaging.deflection import rules, speaking
from twoway.messaging.deflection.rules import Caller, Course, Limits, Told, Why
from twoway.sms import segments

LIMITS = Limits(waiting=5, seconds=180)
PHONE = Caller(is_phone=True)
OVER: list[tuple[dict[str, Any], bool]] = [
    ({"waiting": 4}, False),
    ({"waiting": 5}, True),
    ({"longest": 179}, False),
    ({"longest": 180}, True),
    ({"waited": 180}, True),
    ({"waiting": 1, "longest": 500}, True),
    ({}, False),
]


@pytest.mark.parametrize(("told", "is_over"), OVER)
def test_a_queue_is_long_by_calls_or_by_waiting(told: dict[str, Any], is_over: bool) -> None:
    assert rules.is_over(Told(**told), LIMITS) == is_over


def test_a_limit_of_nought_never_counts() -> None:
    assert not rules.is_over(Told(waiting=50, longest=9), Limits(waiting=0, seconds=10))
    assert not rules.is_over(Told(waiting=2, longest=9000), Limits(waiting=3, seconds=0))


DECISIONS = [
    ("offered", PHONE, "", True, Why.OFFER),
    ("off", PHONE, "", False, Why.OFF),
    ("no number", Caller(is_phone=False), "", True, Why.NO_CALLER),
    ("told to be a landline", PHONE, "LANDLINE", True, Why.LANDLINE),
    ("known as a landline", Caller(is_phone=True, reach="landline"), "", True, Why.LANDLINE),
    ("a mobile", PHONE, "mobile", True, Why.OFFER),
    ("opted out", Caller(is_phone=True, is_opted_out=True), "", True, Why.OPTED_OUT),
    ("blocked", Caller(is_phone=True, is_blocked=True), "", True, Why.BLOCKED),
    ("just asked", Caller(is_phone=True, offered_at=NOW - timedelta(minutes=119)), "", True, Why.ASKED),
    ("asked before", Caller(is_phone=True, offered_at=NOW - timedelta(minutes=121)), "", True, Why.OFFER),
]


@pytest.mark.parametrize(("name", "caller", "line", "is_on", "why"), DECISIONS, ids=[row[0] for row in DECISIONS])
def test_who_is_offered_a_text(name: str, caller: Caller, line: str, is_on: bool, why: Why) -> None:
    assert rules.decide(Told(waiting=9, line_type=line), LIMITS, caller, is_on=is_on, at=NOW) == why
    assert rules.WORDS[why]


CALLERS = [
    ("+15035550142", "+15035550142"),
    ("15035550142", "+15035550142"),
    ("(503) 555-0142", "+15035550142"),
    ("sip:+15035550142@pbx.example.com", "+15035550142"),
    ("anonymous", None),
    ("Restricted", None),
    ("+266696687", None),
    ("22395", None),
    ("", None),
    ("client:desk", None),
]


@pytest.mark.parametrize(("text", "value"), CALLERS)
def test_who_calls(text: str, value: str | None) -> None:
    found = rules.caller_of(text, region="US")
    assert (found.value if found else None) == value


def hours(n: float) -> timedelta:
    return timedelta(hours=n)


COURSES = [
    ("done and quiet", {"done_at": hours(2)}, 80, True),
    ("done, too early to say", {"done_at": hours(2)}, 20, None),
    ("never done", {}, 80, False),
    ("not done yet", {}, 20, None),
    ("wrote again after it", {"done_at": hours(2), "wrote_at": hours(5)}, 80, False),
    ("done too late", {"done_at": hours(73)}, 80, False),
    ("wrote again, but much later", {"done_at": hours(2), "wrote_at": hours(73)}, 80, True),
    ("called again", {"done_at": hours(2), "called_at": hours(50)}, 80, False),
    ("called again at once", {"called_at": hours(1)}, 2, False),
    ("called again much later", {"done_at": hours(2), "called_at": hours(75)}, 80, True),
]


@pytest.mark.parametrize(("name", "when", "asked", "solved"), COURSES, ids=[row[0] for row in COURSES])
def test_what_counts_as_solved(name: str, when: dict[str, timedelta], asked: float, solved: bool | None) -> None:
    course = Course(accepted_at=NOW, **{key: NOW + value for key, value in when.items()})
    assert rules.is_solved(course, at=NOW + hours(asked)) is solved


def test_saved_waiting_is_what_the_longest_waits_beyond_this_one() -> None:
    assert rules.saved_seconds([(600, 240), (100, 300), (None, 5), (60, None)]) == 360


@pytest.mark.parametrize(
    ("asked", "accept", "kind"),
    [
        ("", "", "json"),
        ("twiml", "", "twiml"),
        ("NCCO", "text/xml", "ncco"),
        ("", "text/xml, */*", "twiml"),
        ("", "application/xml", "twiml"),
        ("", "application/json", "json"),
        ("yaml", "*/*", "json"),
    ],
)
def test_the_format_is_by_parameter_then_by_accept(asked: str, accept: str, kind: str) -> None:
    assert speaking.format_of(asked, accept) == kind


@pytest.mark.parametrize("language", speaking.LANGUAGES)
def test_the_text_fits_one_segment_and_names_stop(language: str) -> None:
    text = speaking.text_of("", business="The Northern Lakes Carshare and Cycle Company of Ridgeway", language=language)
    counted = segments.count(text)
    assert (counted.encoding, counted.segments) == ("GSM-7", 1), text
    assert "STOP" in text
