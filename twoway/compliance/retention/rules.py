"""How long data is kept, and until when a request must be answered: numbers and laws are data with their source.

Nothing here is deleted by a rule alone: a workspace switches its policy on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from twoway.lib.words import noted, t

Kind = Literal["raw", "body", "media", "decision"]
KINDS: tuple[Kind, ...] = ("raw", "body", "media", "decision")

DEFAULTS: Mapping[Kind, int] = {"raw": 30, "body": 730, "media": 365, "decision": 1826}
"""Days. Twoway's own proposal: GDPR Art. 5(1)(e) asks for limits and names none. Decisions are kept five years, since a
claim under the TCPA may be brought for four (28 U.S.C. 1658(a)).
"""
LEAST: Mapping[Kind, int] = {"raw": 1, "body": 30, "media": 7, "decision": 365}
MOST: Mapping[Kind, int] = {"raw": 90, "body": 3653, "media": 3653, "decision": 3653}
"""Days. What no workspace may set: less would delete what people still work with or have to prove."""
LABELS: Mapping[Kind, str] = {
    "raw": noted("Raw webhooks in quarantine"),
    "body": noted("Words of texts, notes and drafts"),
    "media": noted("Pictures and files"),
    "decision": noted("Decisions about sends"),
}
EXPORT_GOOD_FOR = timedelta(days=7)


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """What one kind of data came to: how many are past their time, how many of them went, were held, and the oldest.

    `oldest` is the day of the oldest one past its time, ISO 8601, or "".
    """

    kind: Kind
    days: int | None
    found: int = 0
    gone: int = 0
    held: int = 0
    oldest: str = ""

    def as_json(self) -> dict[str, Any]:
        """As a report keeps it."""
        return asdict(self)


def cutoff(days: int | None, *, at: datetime) -> datetime | None:
    """What is older than this is past its time; None: nothing ever is."""
    return None if days is None else at - timedelta(days=days)


def problem(kind: Kind, days: int | None) -> str:
    """Why a workspace may not keep this so long, in a sentence; "" when it may."""
    if days is None:
        return "" if kind != "raw" else t("Raw webhooks are kept 90 days at most.")
    if LEAST[kind] <= days <= MOST[kind]:
        return ""
    return t("Choose from {least:,} to {most:,} days.", least=LEAST[kind], most=MOST[kind])


@dataclass(frozen=True, kw_only=True, slots=True)
class Law:
    """How long a law gives for an answer: calendar `months`, or `days`. `since` is when it applies from."""

    slug: str
    label: str
    since: date
    source: str
    months: int = 0
    days: int = 0
    longer: str = ""


LAWS: tuple[Law, ...] = (
    Law(
        slug="gdpr",
        label="GDPR (EU)",
        since=date(2018, 5, 25),
        months=1,
        longer=noted("two months more, if they are told why within the first"),
        source="Regulation (EU) 2016/679, Art. 12(3)",
    ),
    Law(
        slug="uk_gdpr",
        label="UK GDPR",
        since=date(2021, 1, 1),
        months=1,
        longer=noted("two months more, if they are told why within the first"),
        source="UK GDPR, Art. 12(3)",
    ),
    Law(
        slug="ccpa",
        label="CCPA (California)",
        since=date(2020, 1, 1),
        days=45,
        longer=noted("45 days more with notice; receipt is confirmed within 10 business days"),
        source="Cal. Civ. Code 1798.130(a)(2)(A); 11 CCR 7021",
    ),
    Law(
        slug="pipeda",
        label="PIPEDA (Canada)",
        since=date(2001, 1, 1),
        days=30,
        longer=noted("30 days more with notice"),
        source="S.C. 2000, c. 5, Schedule 1 and s. 8(3)-(4)",
    ),
    Law(
        slug="other",
        label=noted("Another reason"),
        since=date(2001, 1, 1),
        days=30,
        source=noted("Twoway's own default"),
    ),
)


def law(slug: str, *, on: date) -> Law | None:
    """The law of this name that applies on a day; the newest, where it was changed."""
    found = [one for one in LAWS if one.slug == slug and one.since <= on]
    return max(found, key=lambda one: one.since, default=None)


def due_at(rule: Law, *, asked_at: datetime, zone: str) -> datetime:
    """The last moment to answer, in UTC: the end of the last day on the workspace's calendar.

    A month ends on the same day of the next one, or on its last day where it is shorter (Regulation (EEC, Euratom)
    1182/71, Art. 3(2)(c)).
    """
    local = asked_at.astimezone(ZoneInfo(zone))
    last = _months_later(local.date(), rule.months) if rule.months else local.date() + timedelta(days=rule.days)
    return datetime.combine(last, time(23, 59, 59), tzinfo=local.tzinfo).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, min(day.day, (following - timedelta(days=1)).day))
