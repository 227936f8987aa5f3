"""What texts say about topics, what follows, and what Twoway's own texts and a business's words must hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cast import NOW
from twoway.compliance.optin import rules
from twoway.compliance.optin.rules import Said, Standing, TopicWords
from twoway.lib.refusal import Invalid

ORDERS = TopicWords(id=1, keyword="orders", takes_bare=False)
DEALS = TopicWords(id=2, keyword="deals", takes_bare=True)
TOPICS = (ORDERS, DEALS)


@pytest.mark.parametrize(
    ("body", "kind", "topic_id"),
    [
        ("JOIN ORDERS", "join", 1),
        ("join orders please", "join", 1),
        ("Join, Orders!", "join", 1),
        ("START ORDERS", "join", 1),
        ("deals", "join", 2),
        ("DEALS 🙂", "join", 2),
        ("LEAVE ORDERS", "leave", 1),
        ("Stop orders.", "leave", 1),
        ("unsubscribe deals", "leave", 2),
        ("YES", "yes", 0),
        ("Yes please", "yes", 0),
        ("y", "yes", 0),
        ("Sí", "yes", 0),
        ("Oui, merci", "yes", 0),
        ("Ja!", "yes", 0),
        ("sim", "yes", 0),
        ("Sì grazie", "yes", 0),
    ],
)
def test_words_about_topics(body: str, kind: str, topic_id: int) -> None:
    said = rules.heard(body, TOPICS)
    assert said is not None
    assert (said.kind, said.topic_id) == (kind, topic_id)


@pytest.mark.parametrize(
    "body",
    [
        "ORDERS",
        "where are my orders?",
        "I want to join orders with my wife's",
        "cancel orders",
        "stop my orders",
        "no",
        "not yes",
        "yes but what does it cost?",
        "join",
        "STOP",
        "join orders " + "x" * 60,
    ],
)
def test_ordinary_texts(body: str) -> None:
    assert rules.heard(body, TOPICS) is None


def test_a_number_without_topics_hears_none() -> None:
    assert rules.heard("YES", ()) is None


@pytest.mark.parametrize("word", ["stop", "HELP", "yes", "join", "si", "X", "order updates", "ÖL", "A" * 21, "cancel"])
def test_keywords_that_cannot_be(word: str) -> None:
    with pytest.raises(Invalid):
        rules.clean_keyword(word)


def test_a_keyword_is_kept_in_capitals() -> None:
    assert rules.clean_keyword(" orders2 ") == "ORDERS2"


OPEN = Standing(state="requested", asks=1, asked_at=NOW, expires_at=NOW + rules.OPEN_FOR)


@pytest.mark.parametrize(
    ("standing", "after", "is_double", "step"),
    [
        (Standing(), timedelta(), True, "ask"),
        (Standing(), timedelta(), False, "join"),
        (Standing(state="joined"), timedelta(), True, "nothing"),
        (Standing(state="joined"), timedelta(), False, "nothing"),
        (Standing(state="left", asks=2, asked_at=NOW), timedelta(), True, "ask"),
        (OPEN, timedelta(minutes=9), True, "nothing"),
        (OPEN, timedelta(minutes=10), True, "ask"),
        (replace(OPEN, asks=2), timedelta(days=2), True, "nothing"),
        (replace(OPEN, asks=2), timedelta(days=7), True, "ask"),
        (Standing(state="expired", asks=2), timedelta(), True, "ask"),
    ],
)
def test_what_a_wish_leads_to(standing: Standing, after: timedelta, is_double: bool, step: str) -> None:
    assert rules.next_step(standing, is_double=is_double, at=NOW + after) == step


def test_a_request_is_open_for_seven_days() -> None:
    assert rules.is_open(OPEN, at=NOW + timedelta(days=7, seconds=-1))
    assert not rules.is_open(OPEN, at=NOW + timedelta(days=7))


def test_what_twoway_says_holds_what_ctia_asks_for() -> None:
    asked = rules.request_text(business="Alder", labels=["Order updates", "Deals"], is_promotional=True)
    assert asked == (
        "Alder: reply YES to get Order updates and Deals texts. Msg frequency varies. Msg & data rates may apply. "
        "Not a condition of purchase. Reply HELP for help, STOP to cancel."
    )
    welcome = rules.welcome_text(business="Alder", labels=["Deals"], frequency="About 2 a month")
    assert welcome == (
        "Alder: you're signed up for Deals. About 2 a month. Msg & data rates may apply. "
        "Reply HELP for help, STOP to cancel."
    )
    own = rules.welcome_text(business="Alder", labels=["Deals"], written="{business}: hello to {program}")
    assert own == "Alder: hello to Deals"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("", 0),
        ("{business} {program}: mail desk@example.com. Msg frequency varies. Rates may apply. Reply STOP to end.", 0),
        ("{business}: write to desk@example.com. Msg frequency varies. Msg & data rates may apply. STOP ends it.", 1),
        ("{business} {program}: call (503) 555-0108. 4 msgs a month. Rates may apply. Reply STOP to stop.", 0),
        ("Ask us", 6),
    ],
)
def test_what_an_answer_to_help_leaves_out(text: str, missing: int) -> None:
    assert len(rules.help_warnings(text)) == missing


def test_said_is_plain() -> None:
    assert rules.heard("JOIN ORDERS", TOPICS) == Said(kind="join", word="join orders", topic_id=1)
