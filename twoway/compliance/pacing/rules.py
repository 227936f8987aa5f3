"""How many texts one person gets, and when texting somebody who never answers ends.

Sources: caps are each purpose's (`purposes.rules`); Florida and Oklahoma allow three solicitations on one subject in 24
hours (Fla. Stat. 501.059, Oklahoma Telephone Solicitation Act of 2022), read from `quiet/windows.json`. The guard is
Twoway's own: after some texts without any answer it asks once, and without an answer to that it stops.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.quiet import laws
from twoway.compliance.verdict import ALLOW, Verdict, deny, hold, strictest
from twoway.lib.words import noted, t, tn

STILL_WANTED = "still_wanted"
"""The purpose of the one question."""
QUESTION = "Do you still want texts from us? Reply YES to keep getting them, or STOP to end them."
LONGEST_QUESTION = 300
DAY, WEEK = timedelta(days=1), timedelta(days=7)
GUARD_AFTER = 5
MOST_GUARD_AFTER = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class PacingFacts:
    """What left for one person. `times`: texts of this purpose in the last seven days, in seconds since 1970.

    The newest is first. `unanswered`: texts that answered nobody since they last wrote; `was_asked`: the question has
    left since then. `is_spared`: the guard leaves this purpose alone. `regions`: the states whose law may count. The
    two ids say whom it was about, and from which number.
    """

    identity_id: int
    channel_id: int
    times: tuple[int, ...]
    unanswered: int
    was_asked: bool
    is_spared: bool
    guard_after: int
    regions: tuple[str, ...]


def verdict(facts: PacingFacts, *, rule: PurposeRule, at: datetime) -> Verdict:
    """Whether a text of this purpose may go: `never_responds` denies; `cap_reached` holds until the next is due."""
    if rule.is_conversational:
        return ALLOW
    if rule.slug == STILL_WANTED:
        return deny("never_responds", t(ASKED)) if facts.was_asked else ALLOW
    if is_guarded(facts):
        return deny("never_responds", t(ASKED) if facts.was_asked else _unanswered(facts.unanswered))
    most = per_day(facts, rule, at)
    return strictest(
        (
            _capped(facts, most=most, span=DAY, at=at),
            _capped(facts, most=rule.per_week, span=WEEK, at=at),
        )
    )


ASKED = noted("They were asked whether they still want texts and haven't answered. Nothing more goes until they write.")


def _unanswered(many: int) -> str:
    return tn(
        "They haven't answered the last {n} texts. In its place they are asked once whether they still want them.",
        "They haven't answered the last {n} texts. In its place they are asked once whether they still want them.",
        many,
    )


def is_guarded(facts: PacingFacts) -> bool:
    """Whether the guard stops texts to this person."""
    return not facts.is_spared and 0 < facts.guard_after <= facts.unanswered


def per_day(facts: PacingFacts, rule: PurposeRule, at: datetime) -> int | None:
    """The cap of a day: the purpose's, and for promotion that of the person's state when it is lower."""
    by_law = laws.most_per_day(facts.regions, at.date()) if rule.is_promotional else None
    return min((cap for cap in (rule.per_day, by_law) if cap is not None), default=None)


def _capped(facts: PacingFacts, *, most: int | None, span: timedelta, at: datetime) -> Verdict:
    if most is None:
        return ALLOW
    within = [told for told in facts.times if told > (at - span).timestamp()]
    if len(within) < most:
        return ALLOW
    if most <= 0:
        return deny("cap_reached", _none(span))
    until = datetime.fromtimestamp(within[most - 1], tz=UTC) + span + timedelta(seconds=1)
    return hold("cap_reached", _got(most, span), until=until)


def _none(span: timedelta) -> str:
    if span == DAY:
        return t("No text of this purpose may go in a day.")
    return t("No text of this purpose may go in a week.")


def _got(most: int, span: timedelta) -> str:
    if span == DAY:
        return tn(
            "They got {n} text of this purpose within a day, which is the most.",
            "They got {n} texts of this purpose within a day, which is the most.",
            most,
        )
    return tn(
        "They got {n} text of this purpose within a week, which is the most.",
        "They got {n} texts of this purpose within a week, which is the most.",
        most,
    )


def question_objection(words: str) -> str:
    """What is wrong with the workspace's words of the question, "" when nothing: it must say how to end the texts."""
    if len(words) > LONGEST_QUESTION:
        return t("Keep the question to {most} characters.", most=LONGEST_QUESTION)
    if "STOP" not in words:
        return t("Say in the question that STOP ends the texts.")
    return "" if "YES" in words else t("Say in the question that YES keeps them coming.")
