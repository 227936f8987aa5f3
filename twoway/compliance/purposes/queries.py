"""Reading the purposes of a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance.prepared import fetch
from twoway.compliance.purposes.models import Purpose, SendingPolicy
from twoway.compliance.purposes.rules import (
    ALWAYS_CONVERSATIONAL,
    BUILT_IN,
    GIVEN,
    SYSTEM_ONLY,
    PurposeRule,
    merged,
)

__all__ = [
    "Purpose",
    "first_text_needs_consent",
    "listed",
    "named",
    "rules_for",
    "rules_of",
    "rules_of_batch",
    "stored",
]

OWN = """
    SELECT slug, label, level, keeps_quiet_hours, is_promotional, max_age_days, per_day, per_week, validity_hours
    FROM purpose WHERE workspace_id = %s::bigint AND retired_at IS NULL
"""


def _rule(row: tuple[Any, ...]) -> PurposeRule:
    slug, label, level, keeps_quiet_hours, is_promotional, max_age_days, per_day, per_week, validity_hours = row
    return PurposeRule(
        slug=slug,
        label=label,
        level=level,
        keeps_quiet_hours=keeps_quiet_hours,
        is_promotional=is_promotional,
        max_age_days=max_age_days,
        per_day=per_day,
        per_week=per_week,
        validity_hours=validity_hours,
    )


def rules_of(workspace_id: int) -> Mapping[str, PurposeRule]:
    """Every purpose of a workspace by its slug, its changes applied; one statement."""
    return merged(_rule(row) for row in fetch(OWN, [workspace_id]))


def rules_for(workspace_id: int, slug: str) -> PurposeRule | None:
    """The rule of one purpose, or None. A conversational one is known without asking the database."""
    if slug in ALWAYS_CONVERSATIONAL:
        return BUILT_IN[slug]
    return rules_of(workspace_id).get(slug)


async def rules_of_batch(
    connection: AsyncConnection[Any], *, workspace_id: int, slugs: Sequence[str]
) -> Mapping[str, PurposeRule]:
    """The same for a batch of texts of one workspace, inside its transaction."""
    if ALWAYS_CONVERSATIONAL.issuperset(slugs):
        return BUILT_IN
    cursor = await connection.execute(OWN, [workspace_id])
    return merged(_rule(row) for row in await cursor.fetchall())


def named(workspace_id: int, slug: str, *, is_program: bool) -> PurposeRule | None:
    """The rule of a purpose that somebody asks a text for; None when there is none or a program may not name it."""
    return None if slug in SYSTEM_ONLY and is_program else rules_for(workspace_id, slug)


def listed(workspace_id: int) -> list[PurposeRule]:
    """The purposes people choose from, those given first, then the workspace's own by name."""
    rules = rules_of(workspace_id)
    own = sorted((rule for slug, rule in rules.items() if slug not in BUILT_IN), key=lambda rule: rule.label)
    return [*(rules[slug] for slug in GIVEN), *own]


def stored(workspace_id: int) -> list[Purpose]:
    """What the workspace wrote itself, retired ones too, by slug."""
    return list(Purpose.objects.filter(workspace_id=workspace_id).order_by("slug"))


def first_text_needs_consent(workspace_id: int) -> bool:
    """Whether a text to somebody who has not written needs their consent, whoever types it."""
    found = SendingPolicy.objects.filter(workspace_id=workspace_id).values_list("first_text_needs_consent", flat=True)
    return bool(found.first())
