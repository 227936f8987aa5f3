"""What may be written in a saved reply, how its variables are filled in, and numbered choices for the customer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from twoway.lib.words import noted, t

LONGEST_NAME = 80
LONGEST_WORD = 30
LONGEST_BODY = 1600
LONGEST_STEP = 300
LONGEST_URL = 500
MOST_STEPS = 12
MOST_VARIANTS = 20
MOST_FILES = 5
MOST_REPLIES = 20_000
"""Per workspace."""
LONGEST_VALUE = 300

VARIABLES: Mapping[str, str] = {
    "first_name": noted("The person's first name"),
    "name": noted("The person's whole name"),
    "agent_first_name": noted("Your first name"),
    "business": noted("The name of your business"),
    "number": noted("The number they text"),
}
"""What can always be filled in, when it is known, and what it means."""
PROPERTY = "property."

_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*(?:\.[A-Za-z0-9_ -]{1,60})?)(?:\|([^{}|\n]{0,60}))?\}")
_WORD = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})*")
_URL = re.compile(r"https?://[^\s<>\"]+")
_CHOICE = re.compile(r"\b(\d{1,2}) for ([^,;\n.?!]{1,60}?)(?=[,;\n.?!]|\s+or\s+\d{1,2} for |$)")
_PROMPT = re.compile(r"\b[Rr]eply (?=\d)")
_ANSWER = re.compile(r"\s*#?(\d{1,2})[\s.)!]*")

PieceKind = Literal["text", "value", "fallback", "blank"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a filled reply: plain words, a variable's value or its fallback, or a blank (its {name} stays)."""

    kind: PieceKind
    text: str
    name: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Filled:
    """A reply with its variables filled in."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The words as they go into the composer; blanks are still {name}."""
        return "".join(piece.text for piece in self.pieces)

    @property
    def blanks(self) -> tuple[str, ...]:
        """The names somebody has to fill in, each once, in order."""
        return _once(piece.name for piece in self.pieces if piece.kind == "blank")

    @property
    def filled(self) -> tuple[str, ...]:
        """The names that were filled in, each once, in order."""
        return _once(piece.name for piece in self.pieces if piece.kind in {"value", "fallback"})


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def fill(body: str, values: Mapping[str, str]) -> Filled:
    """Put values in place of variables. One without a value takes its fallback; without that it stays as a blank.

    Values go by names in small letters. `{first_name|}` has an empty fallback. Other braces are plain words.
    """
    pieces: list[Piece] = []
    end = 0
    for found in _VARIABLE.finditer(body):
        if found.start() > end:
            pieces.append(Piece(kind="text", text=body[end : found.start()]))
        pieces.append(_piece(found[0], found[1], found[2], values))
        end = found.end()
    if end < len(body):
        pieces.append(Piece(kind="text", text=body[end:]))
    return Filled(pieces=tuple(pieces))


def _piece(whole: str, name: str, fallback: str | None, values: Mapping[str, str]) -> Piece:
    value = " ".join(values.get(name.casefold(), "").split())[:LONGEST_VALUE]
    if value:
        return Piece(kind="value", text=value, name=name)
    if fallback is not None:
        return Piece(kind="fallback", text=fallback, name=name)
    return Piece(kind="blank", text=whole, name=name)


def variables(body: str) -> tuple[str, ...]:
    """The names of a body's variables, each once, in order."""
    return _once(found[1] for found in _VARIABLE.finditer(body))


def blanks_left(text: str, names: Iterable[str]) -> tuple[str, ...]:
    """Which of these names still stand as {name} in a text."""
    left = set(variables(text))
    return tuple(name for name in names if name in left)


def was_kept(body: str, sent: str) -> bool:
    """Whether a sent text has all the words of a reply in their order; variables may have become anything."""
    at = 0
    for part in _VARIABLE.sub("\0", body).split("\0"):
        words = part.strip()
        found = sent.find(words, at)
        if found < 0:
            return False
        at = found + len(words)
    return True


def first_name(name: str) -> str:
    """The first word of a name, "" without one."""
    return name.split()[0] if name.split() else ""


def article_text(title: str, steps: Sequence[str], url: str) -> str:
    """A help article as one text: its title, its steps with numbers, its link."""
    lines = [title] if title else []
    lines += [f"{number}. {step}" for number, step in enumerate(steps, start=1)]
    return "\n".join([*lines, url] if url else lines)


def body_for(language: str, body: str, variants: Mapping[str, str]) -> tuple[str, str]:
    """The wording for a person of this language, and the language it is in, "" for the reply's own.

    "es-MX" takes es-mx, then es.
    """
    wanted = language.lower().replace("_", "-")
    while wanted:
        if variants.get(wanted):
            return variants[wanted], wanted
        wanted = wanted.rpartition("-")[0]
    return body, ""


def plain(text: str) -> str:
    """A text as it is searched: small letters, accents off, single blanks."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in split if not unicodedata.combining(char)).split())


# What may be kept -------------------------------------------------------------------------------------------------


def word_problem(word: str) -> str:
    """Why this can't be a short word to find a reply by, or ""."""
    if not word:
        return ""
    if len(word) > LONGEST_WORD or not _WORD.fullmatch(word):
        return t("Use small letters, digits, - and _, at most {most}.", most=LONGEST_WORD)
    return ""


def body_problem(body: str) -> str:
    """Why this can't be the words of a reply, or ""."""
    if not body.strip():
        return t("Write what it says.")
    return t("Use at most {most:,} characters.", most=LONGEST_BODY) if len(body) > LONGEST_BODY else ""


def language_problem(language: str) -> str:
    """Why this is no code of a language, or ""."""
    return "" if _LANGUAGE.fullmatch(language) else t("Write a language as a code, such as es or pt-br.")


def url_problem(url: str) -> str:
    """Why this can't be a link, or ""."""
    if not url:
        return ""
    is_link = len(url) <= LONGEST_URL and _URL.fullmatch(url)
    return "" if is_link else t("Write the whole address, such as https://example.com/help.")


def steps_problem(steps: Sequence[str]) -> str:
    """Why these can't be the steps of an article, or ""."""
    if len(steps) > MOST_STEPS:
        return t("Use at most {most} steps.", most=MOST_STEPS)
    if any(len(one) > LONGEST_STEP for one in steps):
        return t("Use at most {most} characters a step.", most=LONGEST_STEP)
    return ""


# Numbered choices -------------------------------------------------------------------------------------------------


def choices_text(options: Sequence[str]) -> str:
    """ "Reply 1 for Tuesday, 2 for Wednesday." """
    listed = ", ".join(f"{number} for {words}" for number, words in enumerate(options, start=1))
    return f"Reply {listed}."


def choices_of(body: str) -> dict[int, str]:
    """The numbered choices a text of ours offers: {1: "Tuesday", 2: "Wednesday"}; empty without at least two."""
    begun = _PROMPT.search(body)
    if begun is None:
        return {}
    found = {int(one[1]): one[2].strip() for one in _CHOICE.finditer(body, begun.end())}
    return found if len(found) > 1 else {}


def chosen(answer: str, options: Mapping[int, str]) -> str:
    """What a customer's bare number means, such as "Tuesday"; "" for anything else they write."""
    found = _ANSWER.fullmatch(answer)
    return options.get(int(found[1]), "") if found else ""
