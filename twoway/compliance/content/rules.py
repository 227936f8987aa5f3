"""What is warned of before a text is sent: words carriers refuse, public short links, what a first text must say.

Sources: CTIA Messaging Principles and Best Practices 5.1 (who it is from, how to opt out) and 5.3 (unwanted content);
the words themselves are data in `words`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Literal

from twoway.compliance.content import words
from twoway.compliance.shield.asking import asks
from twoway.compliance.shield.rules import IN_A_SENTENCE
from twoway.lib.words import noted, t

Level = Literal["off", "warn", "block"]
LEVELS: tuple[Level, ...] = ("off", "warn", "block")

SECRETS, LINKS, NAME, OPT_OUT, OWN = "secrets", "links", "name", "opt_out", "own"
CATEGORIES: Mapping[str, str] = {
    SECRETS: noted("Asking for card numbers, passwords or codes"),
    LINKS: noted("Public link shorteners"),
    NAME: noted("No business name in a first text"),
    OPT_OUT: noted("No opt-out words in a promotion"),
    **{key: category.label for key, category in words.CATEGORIES.items()},
    OWN: noted("A word of your own list"),
}
MOST_WORDS, LONGEST_WORD = 200, 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Warned:
    """One thing to know before sending. `found` is what it is about, as written; empty when something is missing."""

    code: str
    category: str
    level: Level
    sentence: str
    found: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept and as programs get it."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContentFacts:
    """What the checks know beside the words. `names` are what the business is called.

    `is_first`: nobody has written in this conversation yet. `needs_opt_out`: it is promotional, and none of the last 30
    days' promotional texts to this person said how to end them. `levels` by category; what is missing warns.
    `own_words` are the workspace's.
    """

    names: Sequence[str] = ()
    is_first: bool = False
    needs_opt_out: bool = False
    levels: Mapping[str, str] = field(default_factory=dict)
    own_words: Sequence[str] = ()

    def level(self, category: str) -> Level:
        """Off, warn or block."""
        found = self.levels.get(category, "warn")
        return "block" if found == "block" else "off" if found == "off" else "warn"


NO_FACTS = ContentFacts()


def check(body: str, *, facts: ContentFacts = NO_FACTS) -> tuple[Warned, ...]:
    """What speaks against sending these words, blocks first; nothing for most texts."""
    found = [*_secrets(body), *_words(body, facts.own_words), *_links(body), *_missing(body, facts)]
    told = [_levelled(one, facts) for one in found if facts.level(one.category) != "off"]
    return tuple(sorted(told, key=lambda one: one.level != "block"))


def _levelled(one: Warned, facts: ContentFacts) -> Warned:
    return Warned(
        code=one.code,
        category=one.category,
        level=facts.level(one.category),
        sentence=one.sentence,
        found=one.found,
    )


def _warned(code: str, category: str, sentence: str, found: str = "") -> Warned:
    return Warned(code=code, category=category, level="warn", sentence=sentence, found=found)


def _secrets(body: str) -> list[Warned]:
    told = []
    for ask in asks(body):
        sentence = t(
            "Never ask for a {name} by text: texts aren't encrypted. Send a payment link or call them instead.",
            name=t(IN_A_SENTENCE[ask.kind]),
        )
        told.append(_warned(f"asks_{ask.kind}", SECRETS, sentence, body[ask.start : ask.end]))
    return told


def _words(body: str, own: Sequence[str]) -> list[Warned]:
    told = []
    low = body.lower()
    for key, category in words.CATEGORIES.items():
        hit = _pattern(tuple(word for spoken in category.words.values() for word in spoken)).search(low)
        if hit is not None:
            word = body[hit.start() : hit.end()]
            sentence = t(
                "Carriers filter texts about {what}: \u201c{word}\u201d.", what=t(category.label).lower(), word=word
            )
            told.append(_warned(f"words_{key}", key, sentence, word))
    hit = _pattern(tuple(own)).search(low) if own else None
    if hit is not None:
        word = body[hit.start() : hit.end()]
        told.append(_warned("words_own", OWN, t("\u201c{word}\u201d is on your workspace's list.", word=word), word))
    return told


@lru_cache(maxsize=256)
def _pattern(listed: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all of them, whole words only; `*` at the end stands for any letters."""
    each = [re.escape(word.lower().removesuffix("*")) + (r"\w*" if word.endswith("*") else "") for word in listed]
    return re.compile(rf"(?<!\w)(?:{'|'.join(sorted(each, key=len, reverse=True))})(?!\w)")


_SHORTENED = re.compile(
    rf"(?<![\w.@-])(?:https?://)?(?:www\.)?({'|'.join(re.escape(host) for host in words.SHORTENERS)})/\S", re.IGNORECASE
)
_ENDS_TEXTS = re.compile(rf"(?<!\w)(?:{words.OPT_OUT})(?!\w)", re.IGNORECASE)
_SUFFIX = re.compile(r"[\s,]+(?:inc|llc|ltd|gmbh|corp|co|sa|srl|ag|plc|bv)\.?$", re.IGNORECASE)
_SHORTEST_NAME = 4


def _links(body: str) -> list[Warned]:
    hit = _SHORTENED.search(body)
    if hit is None:
        return []
    host = hit.group(1)
    sentence = t(
        "Carriers block {host} and other public short links. Use the full address or your own domain.", host=host
    )
    return [_warned("short_link", LINKS, sentence, host)]


def _missing(body: str, facts: ContentFacts) -> list[Warned]:
    told = []
    if facts.is_first and facts.names and not says_who(body, facts.names):
        sentence = t("A first text must say who it is from. Add \u201c{name}\u201d.", name=facts.names[0])
        told.append(_warned("no_name", NAME, sentence))
    if facts.needs_opt_out and not says_how_to_end(body):
        sentence = t(
            "A promotion must say how to end it, the first time and every month. Add \u201cReply STOP to opt out\u201d."
        )
        told.append(_warned("no_opt_out", OPT_OUT, sentence))
    return told


def says_who(body: str, names: Sequence[str]) -> bool:
    """Whether the business is named: its name without the legal form, or the first word of it."""
    bare = _bare(body)
    for name in names:
        short = _SUFFIX.sub("", name.strip())
        first = short.split(" ", 1)[0]
        if _bare(short) and _bare(short) in bare:
            return True
        if len(first) >= _SHORTEST_NAME and _bare(first) in bare:
            return True
    return False


def says_how_to_end(body: str) -> bool:
    """Whether a text says how to opt out."""
    return _ENDS_TEXTS.search(body) is not None


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
