"""Whether a text of ours asks somebody for a secret: the rule that an agent is warned before asking for one.

Source: PCI DSS v4.0 4.2.2 (no card numbers over messaging), and the plain rule of support desks that nobody is asked
for a password, a one-time code or a Social Security number by text.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from twoway.compliance.shield import words


class Ask(NamedTuple):
    """What is asked for, and where it is named."""

    kind: str
    start: int
    end: int


_SENTENCE = re.compile(r"[^.!?\n]+[.!?\n]*")
_SECRETS = {
    kind: re.compile(rf"(?<!\w)(?:{names})(?!\w)", re.IGNORECASE) for kind, names in words.SECRETS_ASKED.items()
}
_ASKING = re.compile(rf"(?<!\w)(?:{words.ASKING})(?!\w)", re.IGNORECASE)
_REFUSING = re.compile(rf"(?<!\w)(?:{words.REFUSING})(?!\w)", re.IGNORECASE)
_ELSEWHERE = re.compile(rf"(?<!\w)(?:{words.ELSEWHERE})|https?:", re.IGNORECASE)
_SHORT = 6


def asks(body: str) -> tuple[Ask, ...]:
    """The secrets a text asks for, each kind once. Telling somebody not to send one, or where to enter it, is not."""
    found: dict[str, Ask] = {}
    for sentence in _SENTENCE.finditer(body[:10_000]):
        words_of = sentence.group()
        if _REFUSING.search(words_of) or _ELSEWHERE.search(words_of):
            continue
        is_question = words_of.rstrip().endswith("?") and len(words_of.split()) <= _SHORT
        if not is_question and not _ASKING.search(words_of):
            continue
        for kind, names in _SECRETS.items():
            named = names.search(words_of)
            if named is not None and kind not in found:
                found[kind] = Ask(kind, sentence.start() + named.start(), sentence.start() + named.end())
    return tuple(sorted(found.values(), key=lambda ask: ask.start))
