"""The language of the search: what is read out of what somebody typed. Anything may be typed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twoway.messaging.search.rules import KEYS, days_of, distance, parse
from twoway.messaging.search.words import Wanted, fold, forms, marked, plain_words, words_in

TODAY = date(2026, 3, 14)


def terms(text: str, *, is_typing: bool = False) -> list[tuple[str, ...]]:
    return [term.words for term in parse(text, today=TODAY, is_typing=is_typing).terms]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("late fee", [("late",), ("fee",)]),
        ('"late fee"', [("late", "fee")]),
        ('"late fee', [("late", "fee")]),
        ('say "late fee"now', [("say",), ("late", "fee"), ("now",)]),
        ("a@b.example", [("a", "b", "example")]),
        ("well-known", [("well", "known")]),
        ("don't", [("dont",)]),
        ("Ünïcødé", [("unicode",)]),
        ("Straße", [("strasse",)]),
        ("東京", [("東", "京")]),
        ("+1 (503) 555-0178 late", [("15035550178", "5035550178"), ("late",)]),
        ("503.555.0178", [("5035550178",)]),
        ("503 555", [("503",), ("555",)]),
        ("http://a.example/x", [("http", "a", "example", "x")]),
        ("foo:bar", [("foo", "bar")]),
        ("😀 !!! -", []),
        ("", []),
        ("\0", []),
    ],
)
def test_words(text: str, words: list[tuple[str, ...]]) -> None:
    assert terms(text) == words


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("from:dana", [("from", "dana", False)]),
        ('from:"Dana Whitfield"', [("from", "Dana Whitfield", False)]),
        ("FROM:dana", [("from", "dana", False)]),
        ("-tag:vip", [("tag", "vip", True)]),
        ("from:+1 (503) 555-0178 late", [("from", "+1 (503) 555-0178", False)]),
        ("number:0142 late", [("number", "0142", False)]),
        ("has:photos", [("has", "photo", False)]),
        ("is:OPEN", [("is", "open", False)]),
        ("is:sleeping", []),
        ("before:soon", []),
        ("from:", []),
        ('from:"', []),
    ],
)
def test_filters(text: str, filters: list[tuple[str, str, bool]]) -> None:
    found = parse(text, today=TODAY).filters
    assert [(one.key, one.value, one.is_excluded) for one in found] == filters


@pytest.mark.parametrize(
    ("text", "first", "after"),
    [
        ("2026-03-14", date(2026, 3, 14), date(2026, 3, 15)),
        ("2026/3/4", date(2026, 3, 4), date(2026, 3, 5)),
        ("2025-12", date(2025, 12, 1), date(2026, 1, 1)),
        ("2025", date(2025, 1, 1), date(2026, 1, 1)),
        ("today", TODAY, TODAY + timedelta(days=1)),
        ("Yesterday", date(2026, 3, 13), TODAY),
        ("7d", date(2026, 3, 7), date(2026, 3, 8)),
        ("2w", date(2026, 2, 28), date(2026, 3, 1)),
    ],
)
def test_days(text: str, first: date, after: date) -> None:
    assert days_of(text, today=TODAY) == (first, after)


@pytest.mark.parametrize("text", ["", "soon", "2026-13", "2026-02-30", "0000", "9999", "9999y", "14.03.2026", "7x"])
def test_what_is_no_day(text: str) -> None:
    assert days_of(text, today=TODAY) is None


def test_problems_are_said_and_the_rest_is_looked_for() -> None:
    query = parse("late before:soon has:zebra", today=TODAY)
    assert [term.words for term in query.terms] == [("late",)]
    assert query.problems == (
        "before: takes a day such as 2026-03-14, a month, a year, today, yesterday or 7d.",
        "has: takes photo, file, link or note.",
    )


@pytest.mark.parametrize(
    ("text", "is_prefix"),
    [("late fe", True), ('late "fe"', False), ("late -fe", False), ("5035550178", False), ("late from:da", False)],
)
def test_only_an_unfinished_last_word_is_a_beginning(text: str, is_prefix: bool) -> None:
    found = parse(text, today=TODAY, is_typing=True).terms
    assert found[-1].is_prefix is (is_prefix and text != "late from:da") or text == "late from:da"
    assert not any(term.is_prefix for term in found[:-1])
    assert not any(term.is_prefix for term in parse(text, today=TODAY).terms)


def test_what_is_too_long_is_cut() -> None:
    assert len(parse("word " * 500, today=TODAY).terms) == 20
    assert len(parse("x" * 5000, today=TODAY).text) == 400


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [
        ("late", "late", 0),
        ("late", "alte", 1),
        ("recieve", "receive", 1),
        ("late", "lat", 1),
        ("late", "fee", 3),
        ("", "abc", 3),
    ],
)
def test_distance(one: str, other: str, steps: int) -> None:
    assert distance(one, other, most=5) == distance(other, one, most=5) == steps
    assert distance(one, other, most=0) == min(steps, 1)


@pytest.mark.parametrize(
    ("text", "wanted", "shown"),
    [
        ("The café is late", Wanted(words=frozenset({"cafe"})), "The [café] is late"),
        ("O’Brien’s car", Wanted(words=frozenset({"obriens"})), "[O’Brien’s] car"),
        ("Call (503) 555-0178 now", Wanted(words=frozenset({"5035550178"})), "Call ([503) 555-0178] now"),
        ("Appointments", Wanted(prefixes=("appo",)), "[Appo]intments"),
        ("Straße", Wanted(words=frozenset({"strasse"})), "[Straße]"),
        ("nothing", Wanted(words=frozenset({"zebra"})), "nothing"),
        ("", Wanted(words=frozenset({"zebra"})), ""),
    ],
)
def test_marks(text: str, wanted: Wanted, shown: str) -> None:
    assert "".join(f"[{one.text}]" if one.is_hit else one.text for one in marked(text, wanted)) == shown


def test_a_snippet_holds_its_hit() -> None:
    text = "word " * 100 + "zebra" + " word" * 100
    pieces = marked(text, Wanted(words=frozenset({"zebra"})), length=80)
    assert [piece.text for piece in pieces if piece.is_hit] == ["zebra"]
    assert pieces[0].text == pieces[-1].text == "…"
    assert sum(len(piece.text) for piece in pieces) <= 90


def test_a_number_is_the_same_in_every_notation() -> None:
    for written in ("+1 (503) 555-0178", "1-503-555-0178", "1 503.555.0178"):
        assert forms(written) == {"15035550178", "5035550178"}
    assert forms("503/555 0178") == {"5035550178"}
    assert forms("555 01") == set()


@given(text=st.text(max_size=500))
@settings(max_examples=300, deadline=None)
def test_nothing_that_is_typed_raises(text: str) -> None:
    for is_typing in (False, True):
        query = parse(text, today=TODAY, is_typing=is_typing)
        assert all(word == fold(word) and word.isalnum() for term in query.terms for word in term.words) or query.terms
        assert len(query.terms) + len(query.filters) <= 60


@given(text=st.from_regex(r"(-?[a-z]{2,6}:[\"a-z0-9+() .:-]{0,12}|\"|-| |[a-z']{1,5}){0,12}", fullmatch=True))
@settings(max_examples=300, deadline=None)
def test_nothing_like_a_query_raises(text: str) -> None:
    query = parse(text, today=TODAY, is_typing=True)
    assert all(one.key in KEYS and one.value for one in query.filters)
    assert all("'" not in word and "\\" not in word for term in query.terms for word in term.words)


@given(text=st.text(max_size=200), length=st.integers(0, 60))
@settings(max_examples=300, deadline=None)
def test_pieces_are_the_text(text: str, length: int) -> None:
    words = frozenset(plain_words(text)[:3])
    assert "".join(piece.text for piece in marked(text, Wanted(words=words))) == text
    cut = "".join(piece.text for piece in marked(text, Wanted(words=words), length=length))
    assert cut.strip("…") in text or "…" in text


@given(text=st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_every_word_of_a_text_is_found_by_itself(text: str) -> None:
    indexed = {word.text for word in words_in(fold(text))}
    assert set(plain_words(text)) <= indexed
    for word in plain_words(text):
        assert set(plain_words(word)) <= indexed or len(plain_words(word)) > 1
        assert not set("'\\ ") & set(word)
