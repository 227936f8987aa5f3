"""Writing what a workspace wants of its automatic texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from twoway.channels.queries import access_channel
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.messaging.greeting.models import GreetingSettings, Wording
from twoway.messaging.greeting.queries import settings_of
from twoway.messaging.greeting.wording import rules as wording
from twoway.teams.actor import Actor
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

LIMITS: Mapping[str, tuple[int, int]] = {
    "percentile": (50, 95),
    "least_cases": (10, 500),
    "grace_seconds": (5, 600),
    "warn_minutes": (1, 30),
}
"""The least and the most of each number."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """How one kind of text is to be. `is_on` None: as it holds above (a number's or team's own is removed)."""

    kind: str
    is_on: bool | None
    texts: Mapping[str, str]


@transaction.atomic
def set_wording(
    *, wish: Wish, by: Actor, at: datetime, team_id: int | None = None, channel_id: int | None = None
) -> None:
    """Word one kind for a number, a team, or the whole workspace. An empty text is the given one.

    Raises `NotAllowed`, `NotFound`, `Invalid` (with the field: `kind`, or the language).
    """
    require(by, Right.MANAGE_WORKSPACE)
    texts = _checked(wish)
    if team_id is not None and channel_id is not None:
        raise Invalid(t("Choose a number or a team."), field="team_id")
    team = access_team(by, team_id) if team_id is not None else None
    channel = access_channel(by, channel_id) if channel_id is not None else None
    rows = Wording.objects.filter(workspace_id=by.workspace_id, team=team, channel=channel, kind=wish.kind)
    if wish.is_on is None:
        rows.delete()
    else:
        _begin(by.workspace_id, at)
        Wording.objects.update_or_create(
            workspace_id=by.workspace_id,
            team=team,
            channel=channel,
            kind=wish.kind,
            defaults={"is_on": wish.is_on, "texts": texts, "changed_at": at},
        )
    where = f"channel {channel_id}" if channel_id else f"team {team_id}" if team_id else "workspace"
    data = {"kind": wish.kind, "on": wish.is_on, "languages": sorted(texts)}
    _audit(by, "greeting.changed", where, data, at)


def _checked(wish: Wish) -> dict[str, str]:
    if wish.kind not in wording.KINDS:
        raise Invalid(t("There is no such automatic text."), field="kind")
    texts = {}
    for language, given in wish.texts.items():
        if language not in wording.LANGUAGES:
            raise Invalid(t("Automatic texts are worded in English and Spanish."), field="texts")
        text = given.replace("\0", "").replace("\r\n", "\n").strip()
        problem = wording.objection(wish.kind, text)
        if problem:
            raise Invalid(problem, field=language)
        if text and text != wording.TEXTS[wish.kind][language]:
            texts[language] = text
    return texts


@transaction.atomic
def choose(*, given: Mapping[str, int], language: str = "", by: Actor, at: datetime) -> GreetingSettings:
    """Set numbers of `LIMITS` by name, and the language of people nobody knows it of; what isn't named stays.

    Raises `NotAllowed`, `Invalid` with the field.
    """
    require(by, Right.MANAGE_WORKSPACE)
    for name, value in given.items():
        if name not in LIMITS:
            raise Invalid(t("There is no such setting."), field=name)
        least, most = LIMITS[name]
        if not least <= value <= most:
            raise Invalid(t("Choose a number from {least} to {most}.", least=least, most=most), field=name)
    if language and language not in wording.LANGUAGES:
        raise Invalid(t("Automatic texts are worded in English and Spanish."), field="language")
    _begin(by.workspace_id, at)
    changes: dict[str, Any] = {**given, **({"language": language} if language else {}), "changed_at": at}
    GreetingSettings.objects.filter(workspace_id=by.workspace_id).update(**changes)
    _audit(by, "greeting.settings", "workspace", {**given, "language": language}, at)
    return settings_of(by.workspace_id)


def _begin(workspace_id: int, at: datetime) -> None:
    """The row of a workspace that sets something for the first time."""
    GreetingSettings.objects.get_or_create(workspace_id=workspace_id, defaults={"changed_at": at})


def _audit(by: Actor, action: str, where: str, data: dict[str, Any], at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"automatic texts, {where}",
        data=data,
        at=at,
    )
