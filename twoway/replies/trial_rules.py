"""Wording tests: what two counts say about each other, in plain words and without false certainty."""

from __future__ import annotations

from dataclasses import dataclass
from math import comb, sqrt

from twoway.lib.words import t, tn

_Z = 1.959963984540054
"""The 97.5% point of the normal distribution: an interval of 95%."""
LEAST = 10
"""Conversations a wording: below, no comparison is made at all."""
SURE = 0.05


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one wording: conversations it went to, how many answered, how many were done within a week.

    `wait` is the middle answer's time in seconds, None without answers.
    """

    sent: int
    answered: int
    done: int
    wait: float | None = None


def interval(hits: int, of: int) -> tuple[float, float]:
    """The 95% interval of a share by Wilson's score (JASA 22, 1927); (0, 1) of nothing."""
    if not of:
        return 0.0, 1.0
    share, square = hits / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return max(0.0, middle - half), min(1.0, middle + half)


def chance(a_hits: int, a_of: int, b_hits: int, b_of: int) -> float:
    """Fisher's exact test, two-sided: how likely so big a difference is when both wordings do the same."""
    hits, whole = a_hits + b_hits, a_of + b_of
    ways = comb(whole, hits)
    if not ways or not a_of or not b_of:
        return 1.0
    weights = [comb(a_of, k) * comb(b_of, hits - k) for k in range(max(0, hits - b_of), min(a_of, hits) + 1)]
    seen = comb(a_of, a_hits) * comb(b_of, b_hits)
    return sum(weight for weight in weights if weight <= seen) / ways


FEWEST_SENT = 5
"""Below so many sendings nothing is said about how often a reply is changed."""


def changed_words(changed: int, sent: int) -> str:
    """How often members change a reply before they send it, and what that may mean; "" when it was sent too rarely."""
    if sent < FEWEST_SENT:
        return ""
    if not changed:
        return t("Of its last {sent} sendings none was changed first.", sent=sent)
    told = tn(
        "Changed before sending {n} time in the last {sent}.",
        "Changed before sending {n} times in the last {sent}.",
        changed,
        sent=sent,
    )
    if 2 * changed <= sent:
        return told
    return told + " " + t("Members mostly reword it: take over the words that work better.")


def share_words(hits: int, of: int) -> str:
    """ "12 of 40 (30%, likely between 18% and 45%)"."""
    if not of:
        return t("not sent yet")
    low, high = interval(hits, of)
    return t(
        "{hits} of {of} ({share:.0%}, likely between {low:.0%} and {high:.0%})",
        hits=hits,
        of=of,
        share=hits / of,
        low=low,
        high=high,
    )


def verdict(a: Outcome, b: Outcome) -> str:
    """What may be said about which wording gets more answers."""
    least = min(a.sent, b.sent)
    if least < LEAST:
        return t(
            "Too few to compare. Each wording needs at least {least} conversations; the smaller one has {n}.",
            least=LEAST,
            n=least,
        )
    if chance(a.answered, a.sent, b.answered, b.sent) >= SURE:
        return t("No clear difference so far. What you see may be chance.")
    better = "A" if a.answered * b.sent > b.answered * a.sent else "B"
    return t("Wording {better} got more answers, and that is unlikely to be chance alone.", better=better)
