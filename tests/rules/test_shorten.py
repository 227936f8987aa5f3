"""Shorter texts by rules: what each changes, what none touches, and that nothing is offered which saves nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.sms import segments
from twoway.sms.shorten import links_last, shorten

LONG = (
    "The car is in bay B16 behind the house on Fern Street, next to the red van, "
    "and the key is in the box by the door. "
)


@pytest.mark.parametrize(
    ("text", "has", "lost"),
    [
        (LONG + "We do not need you there. It is open, come in.", "don't", "do not"),
        (LONG + "Please note that the gate is shut at ten in order to save power.", "The gate", "in order to"),
        ("Hi Dana, hello Dana, " + LONG + "Text us if you can't find it.", "Hi Dana, ", "hello"),
        (LONG + "Text us if you can\u2019t find it \u2013 we\u2019re here\u2026", "can't", "\u2019"),
        (LONG + "Text us if you can't find the key, or a door!!!!", "door!", "!!"),
        (LONG + "Text us if you can't find it.\n\nKind regards,\nAna", "Text us", "regards"),
    ],
)
def test_what_is_changed(text: str, has: str, lost: str) -> None:
    found = shorten(text)
    assert found is not None
    assert has in found.text
    assert lost not in found.text
    assert found.segments == 1
    assert found.segments == segments.count(segments.prepare(found.text)).segments
    assert found.changes


@pytest.mark.parametrize("text", ["", "Hi.", "We do not know.", "x" * 400, LONG])
def test_what_saves_nothing_is_not_offered(text: str) -> None:
    assert shorten(text) is None


def test_no_more_than_it_takes() -> None:
    text = LONG + "Text us if you can\u2019t find it. We do not mind."
    found = shorten(text)
    assert found is not None
    assert found.changes == ("Plain characters in place of typographic ones",)
    assert "do not" in found.text


def test_links_stay_as_they_are() -> None:
    text = LONG + "See https://example.com/do-not/it-is/at-the-moment and do not forget it."
    found = shorten(text)
    assert found is None or "https://example.com/do-not/it-is/at-the-moment" in found.text


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Book here: https://example.com/a. See you soon!", "See you soon! Book here: https://example.com/a"),
        ("See you soon! Book here: https://example.com/a", "See you soon! Book here: https://example.com/a"),
        ("No link at all.", "No link at all."),
        ("https://a.example/1 and https://b.example/2. Bye.", "https://a.example/1 and https://b.example/2. Bye."),
    ],
)
def test_the_link_comes_last(text: str, after: str) -> None:
    assert links_last(text) == after


@given(st.text(max_size=600))
def test_whatever_is_written_it_never_gets_longer_or_empty(text: str) -> None:
    found = shorten(text)
    if found is not None:
        assert found.text.strip()
        assert found.segments < segments.count(segments.prepare(text)).segments
