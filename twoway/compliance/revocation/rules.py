"""What one text means: `opt_out`, `unsure` or `none`, from a keyword, a pattern and the odds of the classifier.

Sources: 47 CFR 64.1200(a)(10) (any reasonable means; the words stop, quit, end, revoke, opt out, cancel, unsubscribe
count by themselves; other words as a reasonable person would understand them) and (a)(11) (10 business days at most).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from twoway.compliance.revocation import patterns, wording
from twoway.lib.words import noted, t
from twoway.sms import keywords

Kind = Literal["opt_out", "unsure", "none"]

ACT_FROM = 0.92
"""From these odds of `stop` on it is acted upon, as chosen by cross-validation on the training part."""
ACT_WITH_PATTERN_FROM = 0.6
"""The same where a pattern fits."""
WHOLE_FROM = 0.4
"""A sentence is acted upon only where the whole text doesn't take it back ("quit it? no, it's fine")."""
ASK_FROM = 0.3
"""From these odds of either on somebody is asked."""
BUSINESS_DAYS = 10
MOST_SENTENCES = 8
MOST_TEXTS = 50
"""Texts that are read for their meaning at once by a process of its own."""
LONGEST_LINE = 1 << 20
"""Bytes of one line to or from that process: so many texts as long as they are read, every character escaped."""
_SENTENCES = re.compile(r"[.!?\n;]+\s+|\n+")
_HAND = re.compile("[\\s!.]*(?:\N{RAISED HAND}[\ufe0f\U0001f3fb-\U0001f3ff]*[\\s!.]*)+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a text means and why, in words for a person. `word`: the keyword it was, else ""."""

    kind: Kind
    why: str
    word: str = ""


class Likely(Protocol):
    """The odds of one sentence, as `classifier.Odds` has them."""

    @property
    def stop(self) -> float: ...
    @property
    def either(self) -> float: ...


def by_keyword(text: str, *, languages: Collection[str] = (), own: Mapping[str, str] | None = None) -> Verdict | None:
    """The verdict of a whole text that is a keyword, ours or the workspace's `own` (folded word -> family)."""
    found = keywords.match(text, languages=languages)
    if found is None and own:
        family = own.get(keywords.folded(text))
        if family is not None:
            return _of_family(family, text.strip())
    if found is not None:
        return _of_family(found.family, found.word)
    if _HAND.fullmatch(text):
        return Verdict("unsure", noted("A raised hand alone may mean stop."))
    return None


def judged(
    texts: Sequence[str],
    *,
    by_meaning: Callable[[Sequence[str]], Sequence[Verdict]],
    languages: Collection[str] = (),
    own: Mapping[str, str] | None = None,
) -> list[Verdict]:
    """A verdict for each text, in order: by keyword, and those that are none together by their meaning."""
    known = [by_keyword(text, languages=languages, own=own) for text in texts]
    others = [text for text, verdict in zip(texts, known, strict=True) if verdict is None]
    read = iter(by_meaning(others) if others else ())
    return [verdict or next(read) for verdict in known]


def _of_family(family: str, word: str) -> Verdict:
    if family == "stop":
        return Verdict("opt_out", t("{word} is a keyword that means stop.", word=word), word)
    return Verdict("none", t("{word} is a keyword that means {family}.", word=word, family=family), word)


YES = frozenset(["yes", "y", "yeah", "yep", "yup", "sure", "please", "si", "oui", "ja", "sim", "ok", "okay", "claro"])
NO = frozenset(["no", "n", "nope", "nah", "non", "nein", "nao", "keep"])


def answer(text: str) -> bool | None:
    """What a short reply to "Do you want us to stop texting you?" says: True stop, False go on, None neither."""
    said = keywords.folded(text).split()
    if not said or len(said) > 3:
        return None
    return True if said[0] in YES else False if said[0] in NO else None


def questions(text: str, *, may_matter: Callable[[str], bool]) -> list[str]:
    """What the classifier is asked about one text: the whole, and its sentences; of both only what may matter."""
    parts = [part.strip() for part in _SENTENCES.split(text[: wording.LONGEST]) if part and part.strip()]
    sentences = [part for part in parts if len(parts) > 1 and may_matter(part)]
    return [text, *sentences[:MOST_SENTENCES]] if sentences or may_matter(text) else []


def by_odds(text: str, odds: Sequence[Likely]) -> Verdict:
    """The verdict of a text that is no keyword, from the odds of its `questions`, the whole text first."""
    if not odds:
        return Verdict("none", noted("No word in it asks to stop."))
    stop, either = max(one.stop for one in odds), max(one.either for one in odds)
    language = patterns.found(" ".join(wording.words(text)))
    is_clear = stop >= ACT_FROM or (language and stop >= ACT_WITH_PATTERN_FROM)
    if is_clear and odds[0].stop >= WHOLE_FROM:
        return Verdict("opt_out", noted("It asks us to stop texting, in their own words."))
    if language or either >= ASK_FROM:
        return Verdict("unsure", noted("It may ask us to stop texting."))
    return Verdict("none", noted("It doesn't ask us to stop texting."))


def due(at: datetime, *, zone: ZoneInfo, is_holiday: Callable[[date], bool]) -> datetime:
    """The end of the tenth business day after `at` in this zone; weekends and holidays don't count."""
    day, left = at.astimezone(zone).date(), BUSINESS_DAYS
    while left:
        day += timedelta(days=1)
        if day.weekday() < 5 and not is_holiday(day):
            left -= 1
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone)
