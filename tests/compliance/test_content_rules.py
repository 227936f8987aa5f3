"""The content checks: words by category and language, short links, the business's name, how to opt out."""

from __future__ import annotations

import pytest

from twoway.compliance.content import words
from twoway.compliance.content.rules import CATEGORIES, ContentFacts, check, says_how_to_end, says_who


def codes(body: str, **facts: object) -> list[str]:
    return [one.code for one in check(body, facts=ContentFacts(**facts))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("Happy hour: 2 for 1 BEERS tonight", "words_alcohol"),
        ("Nuevo vino tinto en oferta", "words_alcohol"),
        ("Bière offerte ce soir", "words_alcohol"),
        ("New rifles in stock", "words_firearms"),
        ("Vapes 20% off", "words_tobacco"),
        ("CBD gummies are back", "words_cannabis"),
        ("Casino night on Friday", "words_gambling"),
        ("Need a payday loan?", "words_loans"),
        ("Erotik-Shop", "words_sex"),
        ("white power", "words_hate"),
        ("Track it: https://bit.ly/3xYz", "short_link"),
        ("see tinyurl.com/abc", "short_link"),
        ("Go to T.CO/abc", "short_link"),
    ],
)
def test_it_warns(body: str, code: str) -> None:
    assert codes(body) == [code]


@pytest.mark.parametrize(
    "body",
    [
        "Your car is in bay B16",
        "The engine began to run rough",
        "Ginger ale is on the shelf",
        "We open at 9, see https://example.com/t.co",
        "Mail us at info@bit.ly.example.com",
        "Our bar stool order has shipped",
        "IT'S READY!!! COME AND GET IT",
        "Begin your drumming course",
    ],
)
def test_it_does_not(body: str) -> None:
    assert codes(body) == []


def test_a_first_text_names_the_business() -> None:
    names = ("Ridgeway Carshare, Inc.", "Support")
    assert codes("Your car is ready", is_first=True, names=names) == ["no_name"]
    assert codes("Your car is ready", is_first=False, names=names) == []
    for body in ("Ridgeway Carshare: your car is ready", "ridgeway here", "RIDGEWAY-CARSHARE says hi"):
        assert codes(body, is_first=True, names=names) == []
    assert not says_who("A car", ["A B"])


def test_a_promotion_says_how_to_end_it() -> None:
    assert codes("20% off this week", needs_opt_out=True) == ["no_opt_out"]
    for body in ("20% off. Reply STOP to opt out", "20 % Rabatt. STOPP zum Abmelden", "Promo. Responda ALTO"):
        assert codes(body, needs_opt_out=True) == []
    assert not says_how_to_end("a nonstop offer")


def test_asking_for_a_secret_is_one_of_them() -> None:
    (found,) = check("What's your card number?")
    assert (found.code, found.category, found.found) == ("asks_card", "secrets", "card number")
    assert "by text" in found.sentence


def test_levels_and_own_words() -> None:
    body = "beer and bit.ly/x for Acme*s"
    levels = {"alcohol": "off", "links": "block", "own": "warn"}
    found = check(body, facts=ContentFacts(levels=levels, own_words=("acme",)))
    assert [(one.code, one.level) for one in found] == [("short_link", "block"), ("words_own", "warn")]


def test_every_category_says_where_it_is_from_and_has_english_and_spanish() -> None:
    for key, category in words.CATEGORIES.items():
        assert key in CATEGORIES
        assert category.source
        assert {"en", "es", "fr", "de", "pt", "it"} <= set(category.words)
