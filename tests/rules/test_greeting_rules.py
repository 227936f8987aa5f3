"""Which automatic text goes, and what it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.messaging.greeting.rules import (
    BETWEEN,
    MOST_AUTOMATIC,
    MOST_TEXTS,
    STALE,
    WORDS,
    Choice,
    Facts,
    choose,
    is_machine,
)
from twoway.messaging.greeting.wording import rules as wording
from twoway.messaging.greeting.wording.rules import Filling, fill, language_of, objection, wait_words
from twoway.sms import segments

ALL = frozenset(wording.KINDS)
FIRST = Facts(body="Where is my car?", is_first=True, is_on=ALL, is_wait_known=True)
LATER = replace(FIRST, is_first=False)
CLOSED = replace(FIRST, is_open=False)
SOON = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("facts", "kind", "dropped"),
    [
        (FIRST, "welcome", ""),
        (replace(FIRST, is_wait_known=False), "welcome", ""),
        (LATER, "wait", ""),
        (replace(LATER, is_wait_known=False), None, "wait_unknown"),
        (CLOSED, "after_hours", ""),
        (replace(CLOSED, is_first=False), "after_hours", ""),
        (replace(CLOSED, is_on=ALL - {"after_hours"}), "welcome", ""),
        (replace(CLOSED, is_first=False, is_on=ALL - {"after_hours"}), None, "nothing_on"),
        (replace(FIRST, is_on=ALL - {"welcome"}), "wait", ""),
        (replace(FIRST, is_on=frozenset({"welcome"})), "welcome", ""),
        (replace(LATER, is_on=frozenset({"welcome"})), None, "nothing_on"),
        (replace(FIRST, is_on=frozenset()), None, "nothing_on"),
        (replace(FIRST, had=frozenset({"welcome"})), None, "had_one"),
        (replace(LATER, had=frozenset({"wait"})), None, "had_one"),
        (replace(CLOSED, had=frozenset({"after_hours"})), None, "had_one"),
        (replace(LATER, had=frozenset({"after_hours"})), "wait", ""),
        (replace(LATER, last_automatic=BETWEEN - SOON), None, "just_had_one"),
        (replace(LATER, last_automatic=BETWEEN), "wait", ""),
        (replace(FIRST, is_answered=True), None, "answered"),
        (replace(FIRST, is_waiting=False), None, "nobody_waits"),
        (replace(LATER, last_answer=SOON), None, "in_talk"),
        (replace(LATER, last_answer=timedelta(hours=3)), None, "in_talk"),
        (replace(CLOSED, last_answer=SOON), None, "in_talk"),
        (replace(CLOSED, last_answer=timedelta(hours=3)), "after_hours", ""),
        (replace(FIRST, age=STALE + SOON), None, "too_late"),
        (replace(FIRST, is_brought_in=True), None, "brought_in"),
        (replace(FIRST, is_opted_out=True), None, "opted_out"),
        (replace(FIRST, is_own_number=True), None, "own_number"),
        (replace(FIRST, kind="short_code"), None, "no_reply_possible"),
        (replace(FIRST, kind="alpha"), None, "no_reply_possible"),
        (replace(FIRST, kind="whatsapp"), "welcome", ""),
        (replace(FIRST, texts_in_minute=MOST_TEXTS), "welcome", ""),
        (replace(FIRST, texts_in_minute=MOST_TEXTS + 1), None, "too_many"),
        (replace(FIRST, automatic_in_day=MOST_AUTOMATIC), None, "too_many"),
        (replace(FIRST, body="STOP"), None, "keyword"),
        (replace(FIRST, body="help"), None, "keyword"),
        (replace(FIRST, body="START"), None, "keyword"),
        (replace(FIRST, is_keyword=True), None, "keyword"),
        (replace(FIRST, body="Liked “See you at 3”"), None, "reaction"),
        (replace(FIRST, body="This is an automatic reply."), None, "machine"),
    ],
)
def test_one_text_goes_or_none(facts: Facts, kind: str | None, dropped: str) -> None:
    assert choose(facts) == Choice(kind=kind, dropped=dropped)  # type: ignore[arg-type]


def test_every_reason_has_words() -> None:
    found = {choose(facts).dropped for facts in (replace(FIRST, is_on=frozenset()), replace(FIRST, is_answered=True))}
    assert found <= set(WORDS)
    assert all(words.endswith(".") for words in WORDS.values())


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        ("Auto-reply: I'm away until Monday.", True),
        ("AUTOMATED MESSAGE - this number is not monitored", True),
        ("I'm driving right now, I'll get back to you later.", True),
        ("I am out of the office", True),
        ("Respuesta automática: estoy de vacaciones", True),
        ("Please do not reply to this text", True),
        ("Where is my reply?", False),
        ("The automatic door is stuck", False),
        ("I was driving and the car died", False),
        ("Can somebody reply please", False),
        ("Is the lot monitored at night?", False),
    ],
)
def test_a_machine_says_so_itself(body: str, is_one: bool) -> None:
    assert is_machine(body) is is_one


@given(
    facts=st.builds(
        Facts,
        body=st.sampled_from(["Hi", "STOP", "Where is it?", "Liked “Hi”", ""]),
        kind=st.sampled_from(["phone", "short_code", "alpha", "whatsapp"]),
        age=st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=1)),
        is_on=st.frozensets(st.sampled_from(wording.KINDS)),
        had=st.frozensets(st.sampled_from(wording.KINDS)),
        is_answered=st.booleans(),
        is_open=st.booleans(),
        is_opted_out=st.booleans(),
        is_own_number=st.booleans(),
        last_answer=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)),
        last_automatic=st.none() | st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)),
    )
)
def test_what_never_happens(facts: Facts) -> None:
    choice = choose(facts)
    assert (choice.kind is None) == bool(choice.dropped)
    if choice.kind is None:
        return
    assert choice.kind in facts.is_on - facts.had
    assert not any((facts.is_answered, facts.is_opted_out, facts.is_own_number))
    assert facts.kind in {"phone", "whatsapp"}
    assert choice.kind != "wait" or (facts.is_open and facts.is_wait_known)
    assert choice.kind != "after_hours" or not facts.is_open


# Words ----------------------------------------------------------------------------------------------------------------


WHOLE = Filling(business="Ridgeway", first_name="Dana", wait=wait_words("en", 20), opens="tomorrow at 9:00 AM")


@pytest.mark.parametrize(
    ("text", "filling", "told"),
    [
        ("Hi {first_name}! {wait}", WHOLE, "Hi Dana! Most people hear back within 20 minutes."),
        ("Hi {first_name}! {wait}", Filling(business="R"), "Hi!"),
        ("Hi {first_name}, it's {business}.", Filling(business="R"), "Hi, it's R."),
        ("Closed. We're back {opens}. Bye.", WHOLE, "Closed. We're back tomorrow at 9:00 AM. Bye."),
        ("Closed. We're back {opens}. Bye.", Filling(business="R"), "Closed. Bye."),
        ("{business}", Filling(business="{wait}"), ""),
    ],
)
def test_a_text_is_filled_and_what_is_not_known_is_left_out(text: str, filling: Filling, told: str) -> None:
    assert fill(text, filling) == told


@pytest.mark.parametrize(("minutes", "told"), [(5, "within 5 minutes"), (60, "within 60"), (None, "more than an hour")])
def test_the_wait_in_words(minutes: int | None, told: str) -> None:
    assert told in wait_words("en", minutes)
    assert wait_words("es", minutes) != wait_words("en", minutes)


@pytest.mark.parametrize(
    ("kind", "text", "is_fine"),
    [
        ("welcome", "", True),
        ("welcome", "Hello from {business}", True),
        ("welcome", "Hello {name}", False),
        ("welcome", "Hello {opens}", False),
        ("after_hours", "Back {opens}", True),
        ("wait", "We got it.", False),
        ("wait", "We got it. {wait}", True),
        ("late", "Sorry {wait}", False),
        ("welcome", "Hello {business", False),
        ("welcome", "Hello } you", False),
        ("welcome", "x" * (wording.LONGEST + 1), False),
    ],
)
def test_words_that_cannot_be_used_are_explained(kind: str, text: str, is_fine: bool) -> None:
    assert (objection(kind, text) == "") is is_fine


@pytest.mark.parametrize(
    ("told", "language"), [("", "en"), ("es", "es"), ("es-MX", "es"), ("ES_mx", "es"), ("fr", "en")]
)
def test_the_language_is_theirs_where_it_is_known(told: str, language: str) -> None:
    assert language_of(told, usual="en") == language


@pytest.mark.parametrize("kind", wording.KINDS)
@pytest.mark.parametrize("language", wording.LANGUAGES)
def test_the_given_words_are_usable_and_cheap(kind: str, language: str) -> None:
    text = wording.TEXTS[kind][language]
    assert objection(kind, text) == ""
    wait, opens = wait_words(language, None), "at 9:00 AM"
    counted = segments.count(fill(text, Filling(business="Ridgeway Carshare", wait=wait, opens=opens)))
    assert counted.encoding == "GSM-7"
    assert counted.segments <= 2
    assert "reply with" not in text.lower()
