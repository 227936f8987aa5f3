"""Why a text is sent, and what each purpose demands.

Levels of consent as CTIA's Messaging Principles and Best Practices 5.1 tell them apart: `implied` by the customer's own
message and only for the exchange it began; `express` for informational texts; `written` for promotional ones; `none`
where the law asks for no consent (an emergency).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from twoway.lib.words import noted, t

Level = Literal["none", "implied", "express", "written"]
RANK: Mapping[str, int] = {"none": 0, "implied": 1, "express": 2, "written": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class PurposeRule:
    """What one purpose demands. A workspace may add its own and make the given ones stricter.

    `is_conversational`: an answer within an exchange; quiet hours, caps and the never-responder guard leave it alone.
    `max_age_days`: consent older than this no longer counts; None: it does not age. `per_day`, `per_week`: how many
    texts of this purpose one person gets; None is no cap. `validity_hours`: how long such a text is worth sending when
    its author names no end; None: as long as the workspace's replies.
    """

    slug: str
    label: str
    level: Level
    is_conversational: bool = False
    keeps_quiet_hours: bool = True
    is_promotional: bool = False
    max_age_days: int | None = None
    per_day: int | None = None
    per_week: int | None = None
    validity_hours: int | None = 24


GIVEN: Mapping[str, PurposeRule] = {
    rule.slug: rule
    for rule in (
        PurposeRule(
            slug="reply",
            label=noted("Reply"),
            level="implied",
            is_conversational=True,
            keeps_quiet_hours=False,
            validity_hours=None,
        ),
        PurposeRule(slug="service", label=noted("Service"), level="express", per_day=3, per_week=10),
        PurposeRule(slug="reminder", label=noted("Reminder"), level="express", per_day=3, per_week=10),
        PurposeRule(slug="transactional", label=noted("Transactional"), level="express", per_day=6),
        PurposeRule(slug="survey", label=noted("Survey"), level="express", per_day=1, per_week=2, max_age_days=540),
        PurposeRule(
            slug="promotion",
            label=noted("Promotion"),
            level="written",
            is_promotional=True,
            max_age_days=540,
            per_day=1,
            per_week=4,
        ),
        PurposeRule(
            slug="emergency", label=noted("Emergency"), level="none", keeps_quiet_hours=False, validity_hours=6
        ),
    )
}
"""What every workspace begins with. Caps are Twoway's own default; FL and OK allow 3 solicitations in 24 hours."""


def _answer(slug: str, label: str) -> PurposeRule:
    """What Twoway says by itself within an exchange that the customer, or the owner of the number, began."""
    return PurposeRule(
        slug=slug, label=label, level="none", is_conversational=True, keeps_quiet_hours=False, validity_hours=None
    )


INTERNAL: Mapping[str, PurposeRule] = {
    rule.slug: rule
    for rule in (
        _answer("opt_out_notice", noted("Answer to STOP")),
        _answer("opt_in_notice", noted("Answer to START")),
        _answer("help_notice", noted("Answer to HELP")),
        _answer("forwarding_note", noted("Note of a retired number")),
        _answer("consent_question", noted("Question about consent")),
        _answer("opt_in_request", noted("Question whether they want to join")),
        _answer("topic_notice", noted("Answer about a topic")),
        _answer("shield_notice", noted("Note that a secret was removed")),
        _answer("auto_reply", noted("Automatic text")),
        _answer("callback_notice", noted("Answer about a call back")),
        _answer("phone_offer", noted("Text asked for on the phone")),
        _answer("missed_call", noted("Answer to a missed call")),
        _answer("test", noted("Test")),
        replace(GIVEN["service"], slug="first_text", label=noted("First text"), per_day=None, per_week=None),
        replace(GIVEN["promotion"], slug="broadcast", label=noted("Broadcast")),
        PurposeRule(slug="still_wanted", label=noted("Question whether texts are still wanted"), level="none"),
    )
}
"""Purposes of Twoway's own. A broadcast that names nothing better is read as promotion, which asks the most of consent.

`first_text` is a reply to somebody who has not written, where the workspace asks for consent before such a text.
`still_wanted` stands in for a text that everything but the never-responder guard allowed, so it asks for no consent of
its own; it keeps quiet hours.
"""

CONSENT_FOR: Mapping[str, str] = {
    "reply": "service",
    "test": "service",
    "first_text": "service",
    "broadcast": "promotion",
}
"""For which purpose consent is looked up, where it is not that of the text itself."""

SYSTEM_ONLY = frozenset(
    {
        "opt_out_notice",
        "opt_in_notice",
        "help_notice",
        "forwarding_note",
        "consent_question",
        "first_text",
        "still_wanted",
        "opt_in_request",
        "topic_notice",
        "shield_notice",
        "callback_notice",
        "phone_offer",
        "missed_call",
        "auto_reply",
    }
)
"""What a member or a program can't name. A question about consent is asked from the queue of doubts only."""

BUILT_IN: Mapping[str, PurposeRule] = {**INTERNAL, **GIVEN}


def called(rule: PurposeRule) -> str:
    """Its label: in the reader's language where it is Twoway's, else as the workspace wrote it."""
    given = BUILT_IN.get(rule.slug)
    return t(rule.label) if given is not None and given.label == rule.label else rule.label


ALWAYS_CONVERSATIONAL = frozenset(slug for slug, rule in BUILT_IN.items() if rule.is_conversational)
"""Purposes for which no table has to be read: nothing can make them more than conversational."""

FIXED = frozenset({"reply", "emergency"})
"""Given purposes with nothing to tighten: an answer isn't capped, and an emergency may not wait."""

SLUG = re.compile(r"[a-z][a-z0-9_]{1,19}")
LONGEST_LABEL = 60


def merged(own: Iterable[PurposeRule]) -> dict[str, PurposeRule]:
    """Every purpose of a workspace by its slug: Twoway's, those given, and its own; what it changed is its own."""
    return {**BUILT_IN, **{rule.slug: rule for rule in own}}


def loosened(given: PurposeRule, asked: PurposeRule) -> str:
    """Which field asks for less than what is given, "" when none does."""
    checks = {
        "level": RANK[asked.level] < RANK[given.level],
        "is_conversational": asked.is_conversational != given.is_conversational,
        "keeps_quiet_hours": given.keeps_quiet_hours and not asked.keeps_quiet_hours,
        "is_promotional": given.is_promotional and not asked.is_promotional,
        "max_age_days": _is_more(asked.max_age_days, given.max_age_days),
        "per_day": _is_more(asked.per_day, given.per_day),
        "per_week": _is_more(asked.per_week, given.per_week),
    }
    return next((field for field, is_looser in checks.items() if is_looser), "")


def _is_more(asked: int | None, given: int | None) -> bool:
    """Whether a limit allows more than another one. None is no limit."""
    return given is not None and (asked is None or asked > given)


def objection(rule: PurposeRule) -> tuple[str, str]:
    """The field and the sentence of what a purpose of the workspace's own can't be, or two empty strings.

    Raises nothing: the caller decides how to say it.
    """
    if not SLUG.fullmatch(rule.slug):
        return "slug", t("Use 2 to 20 small letters, digits and underscores, beginning with a letter.")
    if rule.slug in INTERNAL or (rule.slug in FIXED):
        return "slug", t("This purpose is Twoway's own and can't be changed.")
    if not 1 <= len(rule.label.strip()) <= LONGEST_LABEL:
        return "label", t("Give it a name of at most {most} characters.", most=LONGEST_LABEL)
    for field, most in (("max_age_days", 3650), ("per_day", 100), ("per_week", 500), ("validity_hours", 24 * 35)):
        value = getattr(rule, field)
        if value is not None and not 1 <= value <= most:
            return field, t("Choose a number from 1 to {most}.", most=most)
    least = GIVEN.get(rule.slug) or GIVEN["promotion" if rule.is_promotional else "service"]
    least = least if rule.slug in GIVEN else replace(least, max_age_days=None, per_day=None, per_week=None)
    field = loosened(least, rule)
    return (field, t("{purpose} texts demand more than that.", purpose=called(least))) if field else ("", "")
