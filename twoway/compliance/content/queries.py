"""What a workspace chose, what a check has to know about one text, and what was taken out and warned of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from twoway.channels.models import Channel
from twoway.compliance.content.models import ContentSettings, ContentWarning
from twoway.compliance.content.rules import ContentFacts
from twoway.compliance.content.words import DISCLOSED_EVERY_DAYS, OPT_OUT
from twoway.compliance.shield.rules import KINDS
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "ContentSettings",
    "Taken",
    "access_settings",
    "confirmed",
    "facts_for",
    "settings_for",
    "taken_out",
    "warnings_of",
]

_DISCLOSED = """
    SELECT 1 FROM message
    WHERE identity_id = %(identity)s AND direction = 'out' AND purpose NOT IN ('', 'reply')
      AND created_at > %(since)s AND status <> 'canceled' AND body ~* %(words)s
    LIMIT 1
"""
_COUNTS = """
    SELECT kind, count(*) FROM message, unnest(string_to_array(shielded, ' ')) AS kind
    WHERE workspace_id = %s AND shielded <> '' AND created_at > %s
    GROUP BY kind
"""
_DISCLOSURE = rf"\m(?:{OPT_OUT})\M"
"""PostgreSQL's word boundaries in place of Python's."""


def settings_for(workspace_id: int) -> ContentSettings:
    """What the workspace chose; unsaved defaults where it chose nothing."""
    found = ContentSettings.objects.filter(workspace_id=workspace_id).first()
    return found or ContentSettings(workspace_id=workspace_id)


def access_settings(actor: Actor) -> ContentSettings:
    """The same for who may see the compliance centre. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    return settings_for(actor.workspace_id)


def facts_for(
    settings: ContentSettings,
    *,
    channel: Channel,
    identity_id: int | None,
    is_first: bool,
    is_promotional: bool,
    at: datetime,
) -> ContentFacts:
    """What the checks know about one text from this number of ours to this person; None is a stranger."""
    return ContentFacts(
        names=tuple(dict.fromkeys(name for name in (channel.workspace.name, channel.name) if name)),
        is_first=is_first,
        needs_opt_out=is_promotional and not (identity_id is not None and _has_disclosed(identity_id, at)),
        levels=settings.levels,
        own_words=tuple(settings.words.get("own", ())),
    )


def _has_disclosed(identity_id: int, at: datetime) -> bool:
    since = at - timedelta(days=DISCLOSED_EVERY_DAYS)
    with connection.cursor() as cursor:
        cursor.execute(_DISCLOSED, {"identity": identity_id, "since": since, "words": _DISCLOSURE})
        return cursor.fetchone() is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """How many texts had this kind of secret taken out."""

    kind: str
    texts: int


def taken_out(actor: Actor, *, at: datetime, days: int = 30) -> tuple[Taken, ...]:
    """How many texts of the last days had a secret, by kind. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [actor.workspace_id, at - timedelta(days=days)])
        found = dict(cursor.fetchall())
    return tuple(Taken(kind=kind, texts=found.get(kind, 0)) for kind in KINDS)


def confirmed(actor: Actor, *, at: datetime, days: int = 30) -> int:
    """How many texts of the last days were sent although their writer was warned and asked. Raises `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    since = at - timedelta(days=days)
    return ContentWarning.objects.filter(workspace_id=actor.workspace_id, confirmed=True, at__gt=since).count()


def warnings_of(message_id: int) -> list[dict[str, str]]:
    """What was warned of before one text was queued."""
    found = ContentWarning.objects.filter(message_id=message_id).order_by("id")
    return [warning for row in found for warning in row.warnings]
