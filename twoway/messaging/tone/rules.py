"""Words a workspace would rather not use: read from lines, and found in a text that is being written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from twoway.lib.words import t

LONGEST_GUIDE = 4000
LONGEST_WORDS = 60
MOST_WORDS = 100
MOST_FOUND = 3

Avoided = tuple[str, str]
"""The words, and what to say instead or ""."""


def read(lines: str) -> tuple[list[Avoided], str]:
    """The pairs of "words = instead", one a line, and what is wrong with them as a sentence, or ""."""
    found: dict[str, Avoided] = {}
    for line in lines.splitlines():
        words, _, instead = (" ".join(part.split()) for part in line.partition("="))
        if not words:
            continue
        if max(len(words), len(instead)) > LONGEST_WORDS:
            return [], t("Use at most {most} characters for each side of a line.", most=LONGEST_WORDS)
        found.setdefault(words.lower(), (words, instead))
    if len(found) > MOST_WORDS:
        return [], t("Write at most {most} lines.", most=MOST_WORDS)
    return list(found.values()), ""


def written(avoided: Iterable[Sequence[str]]) -> str:
    """The same as lines again."""
    return "\n".join(f"{words} = {instead}" if instead else words for words, instead in avoided)


def find(text: str, avoided: Iterable[Sequence[str]]) -> list[Avoided]:
    """Which of them a text holds, as whole words whatever their capitals; `MOST_FOUND` at most."""
    found = []
    for words, instead in avoided:
        if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", text, re.IGNORECASE):
            found.append((words, instead))
        if len(found) == MOST_FOUND:
            break
    return found
