"""Templates: what can be sent, what a filled-in one says, and which values WhatsApp would refuse."""

from __future__ import annotations

import pytest

from twoway.channels.templates import rules
from twoway.channels.templates.rules import Words


@pytest.mark.parametrize(
    ("status", "why_not", "can"),
    [
        ("approved", "", True),
        ("approved", "It has a button that can't be sent.", False),
        ("pending", "", False),
        ("rejected", "", False),
        ("paused", "", False),
        ("of_tomorrow", "", False),
        ("", "", False),
    ],
)
def test_which_can_be_sent(status: str, why_not: str, can: bool) -> None:
    assert rules.can_be_sent(status=status, why_not=why_not) is can
    said = rules.why_not_sent(status=status, why_not=why_not)
    assert bool(said) is not can
    assert can or said.endswith(".")


@pytest.mark.parametrize(
    ("words", "values", "expected"),
    [
        (Words(body="Hi"), [], "Hi"),
        (Words(body="Hi {{1}}, {{2}}", places=["body.1", "body.2"]), ["Kim", "41"], "Hi Kim, 41"),
        (Words(body="{{2}} {{1}} {{ 1 }}", places=["body.1", "body.2"]), ["a", "b"], "b a a"),
        (Words(body="Hi {{name}}", places=["body.name"]), ["{{name}}"], "Hi {{name}}"),
        (Words(header="{{1}}", body="{{1}}", places=["header.1", "body.1"]), ["A", "B"], "A\n\nB"),
        (Words(header="{{1}}", body="{{1}}", footer="Bye", places=["1"]), ["A"], "A\n\nA\n\nBye"),
        (Words(body="Hi {{1}}", places=["body.1"]), [], "Hi {{1}}"),
        (Words(body="Hi", places=["header.image"]), ["https://e.com/a.png"], "Hi"),
        (Words(body="{{1}}", places=["body.1"]), [r"\1 \g<0>"], r"\1 \g<0>"),
    ],
)
def test_what_the_person_reads(words: Words, values: list[str], expected: str) -> None:
    assert rules.filled(words, values) == expected


@pytest.mark.parametrize(
    ("places", "values", "place", "words"),
    [
        (["body.1"], ["Kim"], None, ""),
        ([], [], None, ""),
        (["body.1"], [], None, "1 value"),
        (["body.1", "body.2"], ["a", "b", "c"], None, "2 values"),
        (["body.1", "body.2"], ["a", " "], 1, "Fill in: Value 2."),
        (["body.1"], ["a\nb"], 0, "no line breaks"),
        (["body.1"], ["a\tb"], 0, "no line breaks"),
        (["body.1"], ["a     b"], 0, "no long gaps"),
        (["body.1"], ["a    b"], None, ""),
        (["body.1"], ["x" * 1025], 0, "at most 1024"),
        (["header.image"], ["http://e.com/a.png"], 0, "https://"),
        (["header.image"], ["https://localhost/a.png"], 0, "https://"),
        (["header.image"], ["https://e.com/a.png"], None, ""),
        (["button.0"], ["track 1041"], 0, "can't have spaces"),
        (["button.0"], ["1041?x=1"], None, ""),
    ],
)
def test_values_whatsapp_would_refuse(places: list[str], values: list[str], place: int | None, words: str) -> None:
    found = rules.wrong(places, values)
    assert (found is None) is (words == "")
    if found is not None:
        assert found.place == place
        assert words in found.sentence


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("body.1", "Value 1"),
        ("body.first_name", "First name"),
        ("header.1", "Heading: Value 1"),
        ("header.image", "Address of the picture"),
        ("button.0", "End of the button's address"),
        ("button.0.code", "Code of the button"),
        ("3", "Value 3"),
    ],
)
def test_what_a_person_is_asked_for(place: str, words: str) -> None:
    assert rules.label(place) == words
