"""How long a law gives for an answer, and what a workspace may keep."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from twoway.compliance.retention.rules import DEFAULTS, KINDS, LAWS, cutoff, due_at, law, problem

ZONE = "America/New_York"


def due(slug: str, asked_at: datetime, zone: str = ZONE) -> datetime:
    rule = law(slug, on=asked_at.date())
    assert rule is not None
    return due_at(rule, asked_at=asked_at, zone=zone)


@pytest.mark.parametrize(
    ("slug", "asked", "last"),
    [
        # GDPR Art. 12(3): one month; Regulation 1182/71 Art. 3(2)(c): the same date, or the month's last day
        ("gdpr", datetime(2026, 1, 15, 15, tzinfo=UTC), date(2026, 2, 15)),
        ("gdpr", datetime(2026, 1, 31, 15, tzinfo=UTC), date(2026, 2, 28)),
        ("gdpr", datetime(2028, 1, 31, 15, tzinfo=UTC), date(2028, 2, 29)),
        ("gdpr", datetime(2026, 12, 31, 15, tzinfo=UTC), date(2027, 1, 31)),
        ("gdpr", datetime(2026, 11, 30, 15, tzinfo=UTC), date(2026, 12, 30)),
        ("uk_gdpr", datetime(2026, 3, 31, 15, tzinfo=UTC), date(2026, 4, 30)),
        # Cal. Civ. Code 1798.130(a)(2)(A): 45 days
        ("ccpa", datetime(2026, 1, 15, 15, tzinfo=UTC), date(2026, 3, 1)),
        # PIPEDA s. 8(3): 30 days
        ("pipeda", datetime(2026, 1, 15, 15, tzinfo=UTC), date(2026, 2, 14)),
    ],
)
def test_the_last_day(slug: str, asked: datetime, last: date) -> None:
    from_here = due(slug, asked, "UTC")
    assert from_here == datetime(last.year, last.month, last.day, 23, 59, 59, tzinfo=UTC)


def test_the_day_is_the_workspaces() -> None:
    evening = datetime(2026, 1, 16, 2, tzinfo=UTC)
    assert due("gdpr", evening) == datetime(2026, 2, 16, 4, 59, 59, tzinfo=UTC)


def test_a_law_that_did_not_apply_yet_is_none() -> None:
    assert law("uk_gdpr", on=date(2020, 12, 31)) is None
    assert law("ccpa", on=date(2019, 12, 31)) is None
    assert law("moon", on=date(2026, 1, 1)) is None


def test_every_law_names_its_source() -> None:
    assert all(rule.source and (rule.months > 0) != (rule.days > 0) for rule in LAWS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_defaults_may_be_chosen(kind: str) -> None:
    assert problem(kind, DEFAULTS[kind]) == ""  # type: ignore[arg-type, index]


def test_what_is_kept_for_good_has_no_cutoff() -> None:
    assert cutoff(None, at=datetime(2026, 1, 31, tzinfo=UTC)) is None
    assert cutoff(30, at=datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 1, 1, tzinfo=UTC)
