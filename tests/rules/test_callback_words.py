"""What customers say about a call, and what they are told: tables."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from twoway.compliance.revocation import judgement
from twoway.messaging.callbacks import answers, wording
from twoway.messaging.callbacks.queries import usual_words
from twoway.messaging.callbacks.wording import DEFAULTS, NEEDS, Reader
from twoway.sms import keywords, segments

LA = ZoneInfo("America/Los_Angeles")
TODAY = date(2026, 3, 10)
OFFERED = [
    datetime(2026, 3, 10, 14, 0, tzinfo=LA),
    datetime(2026, 3, 10, 15, 20, tzinfo=LA),
    datetime(2026, 3, 11, 9, 0, tzinfo=LA),
]
ASKS = [
    "CALL", "call", "Call me", "call me!", "CALL ME PLEASE", "Please call", "please call me back", "callback",
    "Call back", "Hi, call me please", "llamar", "Llámame", "llamenme por favor", "LLAMADA",
]  # fmt: skip
DOES_NOT_ASK = [
    "call me maybe tomorrow or so", "I missed your call", "can you call my insurance", "calling", "recall", "",
    "what do you call it", "no call", "don't call", "call 911", "caller", "la llamada se cortó", "CALL" * 30,
]  # fmt: skip


@pytest.mark.parametrize("text", ASKS)
def test_a_text_that_is_the_word_asks_for_a_call(text: str) -> None:
    assert answers.asks_for_call(text, usual_words())


@pytest.mark.parametrize("text", DOES_NOT_ASK)
def test_a_sentence_with_the_word_in_it_does_not(text: str) -> None:
    assert answers.asks_for_call(text, usual_words()) == ""


def test_the_words_are_the_workspaces_own() -> None:
    assert answers.asks_for_call("ring", ["RING"]) == "RING"
    assert answers.asks_for_call("call", ["RING"]) == ""
    assert answers.language_of("LLAMAR") == "es"
    assert answers.language_of("RING") == ""


CHOICES = [
    ("1", 0), ("2", 1), ("3.", 2), ("#2", 1), ("2️⃣", 1), ("option 2", 1), ("Number 3 please", 2), ("2 works for me", 1),
    ("the second one", 1), ("2nd", 1), ("First", 0), ("last one", 2), ("la segunda", 1), ("opción 3", 2), ("dos", 1),
    ("El 2 por favor", 1), ("at 2", 0), ("2pm", 0), ("2 p.m.", 0), ("at 2 pm", 0), ("3:20", 1), ("15:20", 1),
    ("15.20", 1), ("a las 2", 0), ("a las 3:20", 1), ("9am", 2), ("at 9", 2), ("at 9 in the morning", 2),
    ("9 de la mañana", 2), ("tomorrow", 2), ("mañana", 2), ("tomorrow at 9", 2), ("wed", 2), ("miércoles a las 9", 2),
    ("today at 2", 0), ("any", 0), ("asap", 0), ("cualquiera", 0), ("at 3", 1),
]  # fmt: skip
UNCLEAR = [
    "4", "0", "not 2", "2 or 3", "1 and 2", "I have 2 kids", "yes", "ok", "today", "at 4", "2am", "friday", "maybe 2?",
    "how much is it", "", "12345", "tomorrow at 2", "2 or so works, whatever you think is best for all of you there",
]  # fmt: skip


@pytest.mark.parametrize(("text", "index"), CHOICES)
def test_a_choice_in_many_words(text: str, index: int) -> None:
    assert answers.read(text, OFFERED, today=TODAY) == answers.Meant("choice", index)


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear_chooses_nothing(text: str) -> None:
    assert answers.read(text, OFFERED, today=TODAY) == answers.UNCLEAR


def test_yes_chooses_when_there_is_one_time_only() -> None:
    assert answers.read("yes please", OFFERED[:1], today=TODAY) == answers.Meant("choice", 0)
    assert answers.read("2", OFFERED[:1], today=TODAY) == answers.UNCLEAR


@pytest.mark.parametrize("text", ["CHANGE", "change please", "another time", "CAMBIAR", "otra hora", "none of them"])
def test_another_time_is_asked_for(text: str) -> None:
    assert answers.read(text, OFFERED, today=TODAY).kind == "change"


@pytest.mark.parametrize(
    "text", ["NO CALL", "no call thanks", "Don't call me", "NO LLAMAR", "sin llamada", "no me llamen"]
)
def test_a_call_is_not_wanted_any_more(text: str) -> None:
    assert answers.read(text, OFFERED, today=TODAY).kind == "no_call"


@pytest.mark.parametrize("text", ["No", "no thanks", "No, thank you!", "nope", "No gracias"])
@pytest.mark.parametrize("count", [1, 3])
def test_no_to_an_offer_books_nothing(text: str, count: int) -> None:
    assert answers.read(text, OFFERED[:count], today=TODAY).kind == "no_call"


@pytest.mark.parametrize("text", ["no", "None", "neither", "cambio", "ninguna", "No thanks", "1", "today"])
def test_once_a_time_is_agreed_on_such_words_are_about_something_else(text: str) -> None:
    assert answers.read(text, [], today=TODAY) == answers.UNCLEAR


@pytest.mark.parametrize(("text", "kind"), [("CHANGE", "change"), ("otra hora", "change"), ("NO CALL", "no_call")])
def test_and_clear_words_count_at_any_time(text: str, kind: str) -> None:
    assert answers.read(text, [], today=TODAY).kind == kind


def test_no_word_we_ask_for_opts_anybody_out() -> None:
    """By the keyword tables of every language, and by the reading of what texts mean."""
    ours = [word for table in (answers.CALL_WORDS, answers.CHANGE) for listed in table.values() for word in listed]
    ours += ["NO CALL", "NO LLAMAR", "1", "2", "3"]
    assert [word for word in ours if keywords.match(word, languages=("en", "es"))] == []
    verdicts = judgement.judge(["NO CALL", "NO LLAMAR", "CHANGE", "CAMBIAR", "CALL", "LLAMAR", "1", "2", "3"])
    assert [one.kind for one in verdicts] == ["none"] * 9


@pytest.mark.parametrize("language", wording.LANGUAGES)
@pytest.mark.parametrize("is_24", [False, True])
@pytest.mark.parametrize("key", sorted(DEFAULTS))
def test_every_text_fits_one_segment_and_keeps_its_facts(language: str, is_24: bool, key: str) -> None:
    reader = Reader(language=language, is_24=is_24, today=date(2026, 3, 9))
    business = "The Northern Lakes Carshare and Cycle Company of Ridgeway and Surroundings"
    if "times" in NEEDS[key]:
        late = [one.replace(hour=10 + n, minute=50) for n, one in enumerate(OFFERED)]
        text = wording.asked(key, own="", business=business, options=late, reader=reader)
        assert wording.times(late, reader=reader) in text
    else:
        text = wording.told(key, own="", business=business, reader=reader, start=OFFERED[1], minutes=20)
    counted = segments.count(text)
    assert (counted.encoding, counted.segments) == ("GSM-7", 1), text
    assert "{" not in text


def test_a_confirmation_says_the_window() -> None:
    reader = Reader(language="en", is_24=True, today=TODAY)
    text = wording.told("booked", own="", business="Ridgeway", reader=reader, start=OFFERED[0], minutes=20)
    assert text == ("Ridgeway: We will call today between 14:00 and 14:20. Reply CHANGE for another time or NO CALL.")
    spanish = Reader(language="es", is_24=False, today=TODAY)
    assert wording.times(OFFERED, reader=spanish) == "1: hoy 2 PM, 2: hoy 3:20 PM, 3: mañana 9 AM"
    assert wording.numbers(3, language="es") == "1, 2 o 3"
    assert wording.numbers(1, language="en") == "1"


PROBLEMS = [
    ("offer", "When? {times} Reply {numbers}", ""),
    ("offer", "", ""),
    ("offer", "When may we call?", wording.MISSING),
    ("booked", "See you {start} to {end}", ""),
    ("booked", "{start}", wording.MISSING),
    ("booked", "{start} {end} {name}", wording.UNKNOWN),
    ("cancelled", "Fine {", wording.UNKNOWN),
    ("cancelled", "x" * 400, wording.TOO_LONG),
]


@pytest.mark.parametrize(("key", "words", "problem"), PROBLEMS)
def test_own_words_keep_what_a_text_needs(key: str, words: str, problem: str) -> None:
    assert wording.problem(key, words) == problem
