"""Variables, languages, choices, keys and counts, as tables."""

from __future__ import annotations

from typing import Any

import pytest

from twoway.replies import macro_rules, rules, trial_rules
from twoway.replies.starter import sample, starter_set
from twoway.replies.trial_rules import Outcome
from twoway.sms import keywords, segments

VALUES = {"first_name": "Luis", "property.plan": "Gold  yearly", "eta": ""}


@pytest.mark.parametrize(
    ("body", "text", "blanks", "filled"),
    [
        ("Hi {first_name}.", "Hi Luis.", (), ("first_name",)),
        ("Hi {name|there}.", "Hi there.", (), ("name",)),
        ("Hi{name|}.", "Hi.", (), ("name",)),
        ("By {eta} or {eta}", "By {eta} or {eta}", ("eta",), ()),
        ("Your {property.Plan} plan", "Your Gold yearly plan", (), ("property.Plan",)),
        ("{property.seat|no seat}", "no seat", (), ("property.seat",)),
        ("{ first_name } {First} {1} {} {a|b|c}", "{ first_name } {First} {1} {} {a|b|c}", (), ()),
        ("", "", (), ()),
    ],
)
def test_variables_are_filled_in(body: str, text: str, blanks: tuple[str, ...], filled: tuple[str, ...]) -> None:
    found = rules.fill(body, VALUES)
    assert (found.text, found.blanks, found.filled) == (text, blanks, filled)


def test_a_value_is_one_line_of_bounded_length_and_is_never_filled_in_again() -> None:
    found = rules.fill("{first_name} {name}", {"first_name": "{name}\n\nx", "name": "y" * 1000})
    assert found.text == "{name} x " + "y" * rules.LONGEST_VALUE
    assert found.blanks == ()


def test_only_blanks_that_still_stand_are_left() -> None:
    assert rules.blanks_left("By {eta}, {other}", ["eta", "day"]) == ("eta",)
    assert rules.blanks_left("By noon", ["eta"]) == ()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Hi Luis, we run 25 min late. Sorry.", True),
        ("P.S. Hi Luis, we run 25 min late. Sorry. Bye", True),
        ("Hi Luis, we run late. Sorry.", False),
        ("Sorry. Hi Luis, we run 25 min late.", False),
    ],
)
def test_it_is_known_whether_the_words_were_kept(sent: str, kept: bool) -> None:
    assert rules.was_kept("Hi {first_name}, we run {eta} min late. Sorry.", sent) is kept


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("es-MX", ("Hola", "es")),
        ("es", ("Hola", "es")),
        ("pt_BR", ("Oi", "pt-br")),
        ("pt", ("Hi", "")),
        ("", ("Hi", "")),
    ],
)
def test_the_wording_follows_the_language(language: str, expected: tuple[str, str]) -> None:
    assert rules.body_for(language, "Hi", {"es": "Hola", "pt-br": "Oi"}) == expected


def test_search_text_knows_no_accents_and_no_capitals() -> None:
    assert rules.plain("  Crème\nBRÛLÉE ") == "creme brulee"


def test_an_article_is_its_title_steps_and_link() -> None:
    made = rules.article_text("Reset it", ["Press A", "Wait"], "https://example.com/r")
    assert made == "Reset it\n1. Press A\n2. Wait\nhttps://example.com/r"
    assert rules.article_text("Reset it", [], "") == "Reset it"


@pytest.mark.parametrize("url", ["ftp://a", "javascript:alert(1)", "https://", "https://a b", "x" * 600])
def test_what_is_no_link_is_said_so(url: str) -> None:
    assert rules.url_problem(url)


def test_choices_are_written_and_read_back() -> None:
    body = "When suits you? " + rules.choices_text(["Tuesday", "Wed at 1:45 PM"])
    assert body == "When suits you? Reply 1 for Tuesday, 2 for Wed at 1:45 PM."
    assert rules.choices_of(body) == {1: "Tuesday", 2: "Wed at 1:45 PM"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("Reply 1 for yes, or 2 for no", {1: "yes", 2: "no"}),
        ("reply 1 for A or 2 for B", {1: "A", 2: "B"}),
        ("Reply 1 for yes", {}),
        ("We waited 2 for 1 for you", {}),
        ("", {}),
    ],
)
def test_choices_are_found_in_a_text(body: str, found: dict[int, str]) -> None:
    assert rules.choices_of(body) == found


@pytest.mark.parametrize(
    ("answer", "words"),
    [("1", "Tuesday"), (" 2. ", "Friday"), ("#1!", "Tuesday"), ("3", ""), ("1 please", ""), ("", ""), ("12345", "")],
)
def test_a_bare_number_means_its_choice(answer: str, words: str) -> None:
    assert rules.chosen(answer, {1: "Tuesday", 2: "Friday"}) == words


@pytest.mark.parametrize(
    ("key", "is_good"),
    [
        ("", True),
        ("w", True),
        ("alt+1", True),
        ("1", True),
        ("j", False),
        ("alt+s", False),
        ("ctrl+k", False),
        ("ww", False),
        ("/", False),
        ("é", False),
    ],
)
def test_keys_that_are_taken_are_refused_in_words(key: str, is_good: bool) -> None:
    assert (macro_rules.key_problem(key) == "") is is_good


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ([], "Add at least one step."),
        ([{"do": "done"}, {"do": "snooze", "value": "60"}], "Snooze or mark done, not both."),
        ([{"do": "reply", "value": "1"}, {"do": "fill", "value": "1"}], "Send a reply or put one"),
        ([{"do": "fill", "value": "1"}, {"do": "done"}], "A reply that is edited first"),
        ([{"do": "explode"}], "Choose what each step does."),
        ([{"do": "tag", "value": "x"}], "Add a tag: choose which."),
        ([{"do": "note", "value": " "}], "Write a note"),
        ([{"do": "snooze", "value": "7"}], "Snooze: choose"),
        ([{"do": "property", "value": "Gold"}], "Name the property."),
        ([{"do": "done"}, {"do": "done"}], "Mark done: once is enough."),
        ([{"do": "assign_me"}, {"do": "assign_member", "value": "3"}], "Assign to one person."),
        ([{"do": "done"}, {"do": "tag", "value": "4"}, {"do": "reply", "value": "9"}], ""),
    ],
)
def test_steps_that_dont_go_together_are_refused(steps: list[dict[str, Any]], problem: str) -> None:
    found = macro_rules.steps_problem(macro_rules.clean_steps(steps))
    assert found.startswith(problem)
    assert bool(found) is bool(problem)


def test_steps_stand_in_the_order_they_are_done_in() -> None:
    kept = macro_rules.clean_steps([{"do": "done"}, {"do": "tag", "value": "4"}, {"do": "reply", "value": "9"}])
    assert [one["do"] for one in kept] == ["reply", "tag", "done"]


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [(0, 0, 0.0, 1.0), (0, 10, 0.0, 0.2775), (5, 10, 0.2366, 0.7634), (10, 10, 0.7225, 1.0), (30, 100, 0.2189, 0.3958)],
)
def test_intervals_are_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert trial_rules.interval(hits, of) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("table", "p"),
    [
        ((1, 10, 11, 14), 0.0027594561852200836),
        ((8, 10, 1, 6), 0.034965034965),
        ((5, 10, 5, 10), 1.0),
        ((0, 0, 1, 2), 1.0),
    ],
)
def test_chance_is_fishers_exact(table: tuple[int, int, int, int], p: float) -> None:
    a_hits, a_of, b_hits, b_of = table
    assert trial_rules.chance(a_hits, a_of, b_hits, b_of) == pytest.approx(p, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        ((4, 4), (4, 0), "Too few to compare. Each wording needs at least 10 conversations; the smaller one has 4."),
        ((20, 10), (20, 12), "No clear difference so far."),
        ((100, 60), (100, 30), "Wording A got more answers"),
        ((100, 30), (100, 60), "Wording B got more answers"),
    ],
)
def test_nothing_is_claimed_of_small_numbers(a: tuple[int, int], b: tuple[int, int], words: str) -> None:
    one, other = (Outcome(sent=sent, answered=answered, done=0) for sent, answered in (a, b))
    assert trial_rules.verdict(one, other).startswith(words)


def test_the_starter_set_is_one_segment_each_and_well_kept() -> None:
    values = sample()
    every = starter_set()
    assert len(every) >= 40
    assert len({one.name for one in every}) == len({one.word for one in every}) == len(every)
    for one in every:
        filled = rules.fill(one.body, values)
        counted = segments.count(filled.text)
        assert filled.blanks == (), one.name
        assert (counted.encoding, counted.segments) == ("GSM-7", 1), (one.name, counted.units)
        assert not rules.word_problem(one.word)
        assert not rules.body_problem(one.body)
        assert "!" not in one.body


def test_without_a_name_the_starter_set_still_reads_well() -> None:
    known = sample() | {"first_name": "", "name": ""}
    for one in starter_set():
        text = rules.fill(one.body, known).text
        assert "{" not in text, one.name
        assert ", ." not in text
        assert "  " not in text


def test_no_starter_reply_is_itself_a_keyword() -> None:
    for one in starter_set():
        assert keywords.match(one.body) is None, one.name
