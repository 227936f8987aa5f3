"""Saying the same in fewer characters, by rules: what a text would be, and what was changed, for a person to confirm.

For English texts; texts in other languages keep their words, and only lose what no language needs (doubled blanks,
marks repeated for emphasis, characters that force Unicode). Nothing here decides: the text is shown before it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from twoway.lib.words import noted, t
from twoway.sms import segments

_GREETING = r"(?:hi|hello|hey|good (?:morning|afternoon|evening)|dear)"
_DOUBLED_GREETING = re.compile(
    rf"\A({_GREETING}\b[^,.!?\n]{{0,40}}[,.!]?)\s+{_GREETING}\b[^,.!?\n]{{0,40}}[,.!]\s*", re.I
)
_EMPHASIS = re.compile(r"([!?])[!?]+")
_BLANKS = re.compile(r"[ \t]{2,}")
_LINES = re.compile(r"[ \t]*\n\s*\n\s*")
_SIGN_OFF = re.compile(
    r"\s*\n?\s*(?:(?:kind|best|warm) regards|many thanks|sincerely|best wishes|all the best|cheers)"
    r"[,.!]?\s*(?:\n[^\n]{0,40})?\s*\Z",
    re.I,
)
_URL = re.compile(r"https?://[^\s]+[^\s.,;:!?)\]]")
_SENTENCE = re.compile(r"[^.!?\n]*?https?://[^\s]+[^\s.,;:!?)\]][.!?]?(?=\s|\Z)")

CONTRACTIONS = {
    "do not": "don't",
    "does not": "doesn't",
    "did not": "didn't",
    "is not": "isn't",
    "are not": "aren't",
    "was not": "wasn't",
    "were not": "weren't",
    "have not": "haven't",
    "has not": "hasn't",
    "had not": "hadn't",
    "cannot": "can't",
    "can not": "can't",
    "could not": "couldn't",
    "would not": "wouldn't",
    "should not": "shouldn't",
    "will not": "won't",
    "I am": "I'm",
    "I will": "I'll",
    "I have": "I've",
    "we are": "we're",
    "we will": "we'll",
    "we have": "we've",
    "you are": "you're",
    "you will": "you'll",
    "you have": "you've",
    "they are": "they're",
    "it is": "it's",
    "that is": "that's",
    "there is": "there's",
    "let us": "let's",
}
FILLERS = {
    "in order to": "to",
    "due to the fact that": "because",
    "at this point in time": "now",
    "at this time": "now",
    "at the moment": "now",
    "in the event that": "if",
    "prior to": "before",
    "with regard to": "about",
    "with regards to": "about",
    "a large number of": "many",
    "thank you very much": "thank you",
    "thank you so much": "thank you",
    "please be advised that ": "",
    "please note that ": "",
    "just wanted to let you know that ": "",
    "we would like to inform you that ": "",
    "as per your request, ": "",
    "do not hesitate to ": "",
    "feel free to ": "",
}


@dataclass(frozen=True, slots=True)
class Shorter:
    """A shorter text, its segments, and what was done to it in words."""

    text: str
    segments: int
    changes: tuple[str, ...]


def shorten(text: str, *, toll_free_us: bool = False) -> Shorter | None:
    """The same in fewer segments, None when the rules save none.

    The mildest changes come first, and no more are made once the text fits into one segment.
    """
    before = segments.count(segments.prepare(text), toll_free_us=toll_free_us).segments
    changed, changes, left = text.strip(), [], before
    for words, rule in _RULES:
        if left <= 1:
            break
        after = rule(changed)
        if after == changed or not after.strip():
            continue
        changed = after
        changes.append(t(words))
        left = segments.count(segments.prepare(changed), toll_free_us=toll_free_us).segments
    return Shorter(changed, left, tuple(changes)) if left < before else None


def links_last(text: str) -> str:
    """The sentence with the one link at the end, where carriers and people expect it; other texts are left alone."""
    if len(_URL.findall(text)) != 1:
        return text
    found = _SENTENCE.search(text)
    if found is None or not text[found.end() :].strip():
        return text
    sentence = found.group().strip().rstrip(".!?")
    rest = f"{text[: found.start()].rstrip()} {text[found.end() :].strip()}".strip()
    return f"{rest} {sentence}"


def _replaced(table: dict[str, str]) -> Callable[[str], str]:
    """Replaces whole words of a table outside of links, keeping a capital at the beginning."""
    pattern = re.compile("|".join(rf"(?<![\w']){re.escape(words)}{_end(words)}" for words in table), re.I)
    folded = {words.lower(): short for words, short in table.items()}

    def put(found: re.Match[str]) -> str:
        short = folded[found.group().lower()]
        return short[:1].upper() + short[1:] if found.group()[0].isupper() else short

    def replace(text: str) -> str:
        parts = re.split(rf"({_URL.pattern})", text)
        return "".join(
            part if index % 2 else _capitals(text, pattern.sub(put, part)) for index, part in enumerate(parts)
        )

    return replace


def _end(words: str) -> str:
    return "" if words.endswith(" ") else r"(?![\w'])"


_BEGINS = re.compile(r"(\A|[.!?]\s+|\n)([a-z])")


def _capitals(before: str, after: str) -> str:
    """A sentence whose first words went begins with a capital, where the text has capitals at all."""
    if before == before.lower():
        return after
    return _BEGINS.sub(lambda found: found.group(1) + found.group(2).upper(), after)


_RULES: tuple[tuple[str, Callable[[str], str]], ...] = (
    (noted("Plain characters in place of typographic ones"), segments.plain_text),
    (noted("Doubled blanks and empty lines left out"), lambda text: _LINES.sub("\n", _BLANKS.sub(" ", text))),
    (noted("One mark in place of several"), lambda text: _EMPHASIS.sub(r"\1", text)),
    (noted("One greeting in place of two"), lambda text: _DOUBLED_GREETING.sub(r"\1 ", text)),
    (noted("Short forms: don't for do not"), _replaced(CONTRACTIONS)),
    (noted("Words that say nothing left out"), _replaced(FILLERS)),
    (noted("The closing line left out"), lambda text: _SIGN_OFF.sub("", text)),
)
