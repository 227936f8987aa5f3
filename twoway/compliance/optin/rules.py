"""Topics: the words people join, confirm and leave by, what an answer leads to, and what Twoway then says.

Sources: CTIA Messaging Principles and Best Practices 5.1 (opt-in, confirmation, what each must say), 47 CFR
64.1200(f)(9) (written consent), 47 CFR 64.1200(a)(10) (a withdrawal by any reasonable means).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.sms import keywords

OPEN_FOR = timedelta(days=7)
"""How long an answer to a double opt-in counts. Nothing prescribes it; a week is Twoway's choice."""
MOST_ASKS = 2
"""The request itself and one reminder: whoever answers neither doesn't want the texts."""
LEAST_BETWEEN_ASKS = timedelta(minutes=10)
"""Sending a form twice at once asks once."""
LONGEST_KEYWORD = 20
LONGEST_WORDS = 48

JOIN = ("join", "start", "subscribe", "optin", "alta", "inscription", "anmelden", "participar", "iscrivimi")
LEAVE = (
    "leave", "stop", "quit", "end", "unsubscribe", "optout", "baja", "arret", "stopp", "abmelden", "sair", "esci",
)  # fmt: skip
"""Words that, before a topic's keyword, leave that topic. CANCEL is none: "cancel orders" is about orders."""

AFFIRMATIVE: Mapping[str, tuple[str, ...]] = {
    "en": ("yes", "y", "yep", "yeah", "yup", "yes i agree", "i agree", "i accept", "confirm"),
    "es": ("si", "acepto", "confirmo", "si acepto", "de acuerdo"),
    "fr": ("oui", "j accepte", "oui j accepte", "je confirme", "d accord"),
    "de": ("ja", "einverstanden", "ja einverstanden", "ich stimme zu", "bestatigen"),
    "pt": ("sim", "aceito", "sim aceito", "confirmo", "concordo"),
    "it": ("si", "accetto", "si accetto", "confermo", "d accordo"),
}
_AFFIRMATIVE = frozenset(words for language in AFFIRMATIVE.values() for words in language)
_COURTESY = re.compile(
    r"\b(?:please|pls|plz|thanks|thank you|thx|por favor|gracias|svp|merci|bitte|danke|grazie|per favore)\b"
)
_BLANKS = re.compile(r"[\W_]+")
_KEYWORD = re.compile(r"[A-Z0-9]{2,20}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicWords:
    """What intake knows of a topic of a number: its id, its keyword in lower case, whether the bare keyword joins."""

    id: int
    keyword: str
    takes_bare: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a text asks for: to join or leave a topic, or "yes", which only counts while somebody was asked."""

    kind: Literal["join", "leave", "yes"]
    word: str
    topic_id: int = 0


def topic_words(rows: Sequence[Mapping[str, Any]]) -> tuple[TopicWords, ...]:
    """The topics of a number from JSON objects with `id`, `keyword` and `takes_bare`."""
    return tuple(
        TopicWords(id=row["id"], keyword=str(row["keyword"]).lower(), takes_bare=row["takes_bare"]) for row in rows
    )


def fold(text: str) -> str:
    """Lower case without accents, punctuation or symbols, words separated by one space."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if unicodedata.category(char) not in ("Mn", "Mc", "Cf"))
    return _BLANKS.sub(" ", bare).strip()


def heard(body: str, topics: Sequence[TopicWords]) -> Said | None:
    """What this whole message says about the topics of the number it was sent to, or None when it is ordinary."""
    if not topics or len(body) > LONGEST_WORDS:
        return None
    folded = fold(body)
    words = " ".join(_COURTESY.sub(" ", folded).split())
    if folded in _AFFIRMATIVE or words in _AFFIRMATIVE:
        return Said(kind="yes", word=words or folded)
    verb, _, rest = words.partition(" ")
    for topic in topics:
        if rest == topic.keyword and verb in JOIN:
            return Said(kind="join", word=words, topic_id=topic.id)
        if rest == topic.keyword and verb in LEAVE:
            return Said(kind="leave", word=words, topic_id=topic.id)
        if words == topic.keyword and topic.takes_bare:
            return Said(kind="join", word=words, topic_id=topic.id)
    return None


def clean_keyword(text: str) -> str:
    """A topic's keyword as it is kept: 2 to 20 letters A-Z and digits. Raises `Invalid` for a word with a meaning."""
    keyword = text.strip().upper()
    if not _KEYWORD.fullmatch(keyword):
        raise Invalid(t("Use 2 to 20 letters A to Z and digits, without spaces."), field="keyword")
    taken = keywords.family(keyword) or (keyword.lower() in {*JOIN, *LEAVE, *_AFFIRMATIVE} and "special")
    if taken:
        raise Invalid(
            t("{keyword} already means something in texts. Choose another word.", keyword=keyword), field="keyword"
        )
    return keyword


# What follows

Step = Literal["join", "ask", "nothing"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How somebody stands with a topic: the state and times of their membership, "" where there is none."""

    state: str = ""
    asks: int = 0
    asked_at: datetime | None = None
    expires_at: datetime | None = None


def is_open(standing: Standing, *, at: datetime) -> bool:
    """Whether an answer would count now."""
    return standing.state == "requested" and (standing.expires_at is None or at < standing.expires_at)


def next_step(standing: Standing, *, is_double: bool, at: datetime) -> Step:
    """What a wish to join leads to. A member stays one; who was asked is asked once more at most, and not at once."""
    if standing.state == "joined":
        return "nothing"
    if not is_double:
        return "join"
    if not is_open(standing, at=at) or standing.asked_at is None:
        return "ask"
    if standing.asks >= MOST_ASKS or at - standing.asked_at < LEAST_BETWEEN_ASKS:
        return "nothing"
    return "ask"


# What Twoway says

RATES = "Msg & data rates may apply."
ANY_FREQUENCY = "Msg frequency varies."


def _sentence(words: str) -> str:
    text = words.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _named(labels: Sequence[str]) -> str:
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} and {labels[-1]}"


def request_text(*, business: str, labels: Sequence[str], frequency: str = "", is_promotional: bool = False) -> str:
    """The double opt-in: brand, program, how often, rates, that STOP and HELP work, and what offers must say."""
    often = _sentence(frequency) or ANY_FREQUENCY
    free = "Not a condition of purchase. " if is_promotional else ""
    ways = "Reply HELP for help, STOP to cancel."
    return f"{business}: reply YES to get {_named(labels)} texts. {often} {RATES} {free}{ways}"


def welcome_text(*, business: str, labels: Sequence[str], frequency: str = "", written: str = "") -> str:
    """What a new member is told: `written` with names in braces, or the usual words."""
    often = _sentence(frequency) or ANY_FREQUENCY
    if written:
        return written.replace("{business}", business).replace("{program}", _named(labels))
    return f"{business}: you're signed up for {_named(labels)}. {often} {RATES} Reply HELP for help, STOP to cancel."


def left_text(*, business: str, label: str) -> str:
    """The one confirmation of leaving a topic; no marketing in it."""
    return f"{business}: you won't get {label} texts any more. Reply STOP to end all texts from us."


WELCOME_ELEMENTS: tuple[tuple[str, str], ...] = (
    ("{business}", noted("Begin with {business}: people must see who writes.")),
    ("help", noted("Say that HELP gets help.")),
    ("stop", noted("Say that STOP ends the texts.")),
    ("rates", noted("Say that message and data rates may apply.")),
)


def welcome_warnings(written: str) -> tuple[str, ...]:
    """What a welcome text of one's own leaves out; nothing for an empty one, which is Twoway's."""
    low = written.lower()
    return tuple(t(words) for element, words in WELCOME_ELEMENTS if low and element not in low)


# HELP

_CONTACT = re.compile(r"[^\s@]+@[^\s@]+\.[a-z]{2,}|https?://|www\.|\b[a-z0-9-]+\.(?:com|org|net|io|co|us|ca)\b", re.I)
_NUMBER = re.compile(r"(?:\+?\d[\s().-]*){7,15}")


def help_warnings(text: str, *, program: str = "") -> tuple[str, ...]:
    """What an answer to HELP leaves out of what CTIA 5.1.2 and the carriers' short code rules ask for.

    The brand ({business}), the program, a way to reach somebody, how often, rates, and STOP. An empty `text` is
    Twoway's own answer, which invites a reply to a person instead.
    """
    if not text:
        return ()
    low = text.lower()
    missing = (
        ("{business}" not in low, t("Say who writes: put {business} in it.")),
        (
            "{program}" not in low and not (program and program.lower() in low),
            t("Say what the texts are about: put {program} in it, or write it."),
        ),
        (
            not (_CONTACT.search(text) or _NUMBER.search(text) or "reply to this text" in low),
            t("Give a way to reach you: an email address, a phone number or a page."),
        ),
        (not re.search(r"frequency|per (?:day|week|month)|a (?:day|week|month)", low), t("Say how often you text.")),
        ("rates" not in low, t("Say that message and data rates may apply.")),
        ("stop" not in low, t("Say that STOP ends the texts.")),
    )
    return tuple(words for is_missing, words in missing if is_missing)
