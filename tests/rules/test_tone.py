"""Words to avoid: how lines are read, and what is found in a text."""

from __future__ import annotations

import pytest

from twoway.messaging.tone.rules import MOST_WORDS, find, read, written


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("issue = question", [("issue", "question")]),
        ("  no   problem=of course \n\n cheap \n", [("no problem", "of course"), ("cheap", "")]),
        ("issue = a\nIssue = b", [("issue", "a")]),
        ("= alone", []),
        ("", []),
    ],
)
def test_lines(lines: str, found: list[tuple[str, str]]) -> None:
    assert read(lines) == (found, "")
    assert read(written(found)) == (found, "")


def test_too_much_is_said() -> None:
    assert read("x" * 61) == ([], "Use at most 60 characters for each side of a line.")
    assert read("\n".join(f"word{n}" for n in range(MOST_WORDS + 1)))[1] == "Write at most 100 lines."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Is there an issue?", ["issue"]),
        ("ISSUE!", ["issue"]),
        ("The tissue is here.", []),
        ("No Problem at all, no issue.", ["issue", "no problem"]),
        ("", []),
    ],
)
def test_whole_words_whatever_their_capitals(text: str, words: list[str]) -> None:
    assert [pair[0] for pair in find(text, [("issue", "question"), ("no problem", "")])] == words
