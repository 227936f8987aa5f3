"""Reading what a workspace wants of its automatic texts, which words hold where, and what was sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import QuerySet

from twoway.lib.words import t
from twoway.messaging.greeting.models import Greeting, GreetingSettings, Promise, Wording
from twoway.messaging.greeting.wait.rules import Kept, kept_share
from twoway.messaging.greeting.wording import rules as wording
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "Greeting",
    "Held",
    "Promise",
    "Report",
    "Row",
    "Told",
    "Wordings",
    "access_wordings",
    "active",
    "kept_since",
    "promises",
    "report",
    "sent_texts",
    "settings_of",
    "told_by",
    "wordings_of",
]

By = Literal["number", "queue", "week"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One kind of text as it holds somewhere. `source` is number, team, workspace, or "" where nobody set it."""

    kind: str
    is_on: bool = False
    texts: Mapping[str, str]
    source: str = ""

    def words(self, language: str) -> str:
        """Its words in this language, before anything is filled in."""
        return wording.words_for(self.kind, language, self.texts)


class Wordings:
    """All wordings of one workspace, looked up by number and team: the number's, else the team's, else everybody's."""

    def __init__(self, rows: Iterable[Wording]) -> None:
        self._rows = {(row.team_id, row.channel_id, row.kind): row for row in rows}

    def at(self, *, channel_id: int | None, team_id: int | None) -> dict[str, Held]:
        """Each kind as it holds for this number and team."""
        return {kind: self._held(kind, channel_id, team_id) for kind in wording.KINDS}

    def own(self, *, channel_id: int | None, team_id: int | None) -> dict[str, Held]:
        """What was set just here, by kind; kinds without are missing."""
        found = {}
        for kind in wording.KINDS:
            row = self._rows.get((team_id, channel_id, kind))
            if row is not None:
                found[kind] = _held(row, "number" if channel_id else "team" if team_id else "workspace")
        return found

    def _held(self, kind: str, channel_id: int | None, team_id: int | None) -> Held:
        places = [(None, channel_id, "number"), (team_id, None, "team"), (None, None, "workspace")]
        for team, channel, source in places:
            if (source == "number" and channel is None) or (source == "team" and team is None):
                continue
            row = self._rows.get((team, channel, kind))
            if row is not None:
                return _held(row, source)
        return Held(kind=kind, texts={})


def _held(row: Wording, source: str) -> Held:
    return Held(kind=row.kind, is_on=row.is_on, texts=row.texts, source=source)


def settings_of(workspace_id: int) -> GreetingSettings:
    """What a workspace chose, or a row with the defaults that is not kept."""
    found = GreetingSettings.objects.filter(workspace_id=workspace_id).first()
    return found or GreetingSettings(workspace_id=workspace_id)


def wordings_of(workspace_id: int) -> Wordings:
    """Every wording of a workspace, in one read."""
    return Wordings(Wording.objects.filter(workspace_id=workspace_id))


def access_wordings(actor: Actor) -> Wordings:
    """The same for whoever may set them. Raises `NotAllowed`."""
    require(actor, Right.MANAGE_WORKSPACE)
    return wordings_of(actor.workspace_id)


def active() -> dict[int, GreetingSettings]:
    """The settings of every workspace in which some automatic text is switched on."""
    ids = Wording.objects.filter(is_on=True).values("workspace_id")
    return {row.workspace_id: row for row in GreetingSettings.objects.filter(workspace_id__in=ids)}


def sent_texts(message_ids: Iterable[int]) -> dict[int, Greeting]:
    """Automatic texts by the id of the message, with why each went."""
    rows = Greeting.objects.filter(sent_id__in=list(message_ids))
    return {row.sent_id: row for row in rows if row.sent_id is not None}


# Promises -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Promises of one number, queue or week: how often they were kept, and what was said beside what it took.

    `key` is an id, or the Monday of a week as a date in ISO form; None where there was no queue. Minutes are averages
    over promises that were kept or broken, of open time; None without any. `warned`: how many were told that it takes
    longer.
    """

    key: int | str | None
    label: str
    kept: Kept
    said_minutes: float | None
    waited_minutes: float | None
    warned: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """How promises went between two moments. `percentile` is what is stated now; `running` are not settled yet,
    `open_ended` said "more than an hour", which can't be broken."""

    rows: tuple[Row, ...]
    total: Row
    percentile: int
    running: int
    open_ended: int


_KEYS: Mapping[str, str] = {
    "number": "p.channel_id, coalesce(nullif(c.name, ''), c.address)",
    "queue": "p.queue_id, coalesce(q.name, '')",
    "week": "to_char(date_trunc('week', p.made_at AT TIME ZONE w.time_zone), 'YYYY-MM-DD'), ''",
}
_REPORT = """
SELECT {key}, count(*) FILTER (WHERE p.outcome = 'kept'), count(*) FILTER (WHERE p.outcome = 'broken'),
    avg(p.said_minutes) FILTER (WHERE p.outcome IN ('kept', 'broken'))::float8,
    (avg(p.waited_seconds) FILTER (WHERE p.outcome IN ('kept', 'broken')) / 60)::float8,
    count(p.warned_at), count(*) FILTER (WHERE p.outcome = ''), count(*) FILTER (WHERE p.due_at IS NULL)
FROM wait_promise p JOIN channel c ON c.id = p.channel_id JOIN workspace w ON w.id = p.workspace_id
LEFT JOIN routing_queue q ON q.id = p.queue_id
WHERE p.workspace_id = %(workspace)s AND p.made_at >= %(since)s AND p.made_at < %(until)s
GROUP BY {group} ORDER BY {order}
"""


def report(actor: Actor, *, by: By, since: datetime, until: datetime) -> Report:
    """How promises made between two moments went, a row for each number, queue or week. Raises `NotAllowed`."""
    require(actor, Right.SEE_WORK)
    places: dict[str, int | datetime] = {"workspace": actor.workspace_id, "since": since, "until": until}
    with connection.cursor() as cursor:
        order = "1 DESC" if by == "week" else "2, 1"
        cursor.execute(_statement(_KEYS[by], group="1, 2", order=order), places)
        rows = cursor.fetchall()
        cursor.execute(_statement("NULL, NULL", group="()", order="1"), places)
        total = cursor.fetchone()
    return Report(
        rows=tuple(_row(row) for row in rows),
        total=_row(total or (None, "", 0, 0, None, None, 0, 0, 0)),
        percentile=settings_of(actor.workspace_id).percentile,
        running=total[7] - _open_running(actor, since, until) if total else 0,
        open_ended=total[8] if total else 0,
    )


def _statement(key: str, *, group: str, order: str) -> str:
    return _REPORT.format(key=key, group=group, order=order)


def _row(row: Sequence[object]) -> Row:
    key, label, kept, broken, said, waited, warned, *_ = row
    return Row(
        key=key if isinstance(key, (int, str)) else None,
        label=str(label or ""),
        kept=kept_share(int(str(kept)), int(str(broken))),
        said_minutes=said if isinstance(said, float) else None,
        waited_minutes=waited if isinstance(waited, float) else None,
        warned=int(str(warned)),
    )


def _open_running(actor: Actor, since: datetime, until: datetime) -> int:
    """Those of an open end that nobody has answered yet: they are no promise that runs."""
    rows = Promise.objects.filter(workspace_id=actor.workspace_id, made_at__gte=since, made_at__lt=until)
    return rows.filter(outcome="", due_at=None).count()


def kept_since(workspace_id: int, *, since: datetime, until: datetime) -> Kept:
    """How many promises of a workspace made between two moments were kept, and their share. For screens of all."""
    rows = Promise.objects.filter(workspace_id=workspace_id, made_at__gte=since, made_at__lt=until)
    return kept_share(rows.filter(outcome="kept").count(), rows.filter(outcome="broken").count())


def promises(actor: Actor, *, since: datetime | None = None, channel_id: int | None = None) -> QuerySet[Promise]:
    """The promises of a workspace, newest first. Raises `NotAllowed`."""
    require(actor, Right.SEE_WORK)
    rows = Promise.objects.filter(workspace_id=actor.workspace_id)
    if since is not None:
        rows = rows.filter(made_at__gte=since)
    if channel_id is not None:
        rows = rows.filter(channel_id=channel_id)
    return rows.order_by("-id")


def language_name(language: str) -> str:
    """What a language is called."""
    return {"en": t("English"), "es": t("Spanish")}[language]


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """Why one automatic text went, and the promise in it or about it, if any."""

    greeting: Greeting
    promise: Promise | None


def told_by(message_id: int) -> Told | None:
    """What is known about an automatic text of this id; None for any other text. The caller has checked who asks."""
    row = Greeting.objects.filter(sent_id=message_id).first()
    if row is None:
        return None
    made = Promise.objects.filter(conversation_id=row.conversation_id, episode=row.episode).first()
    return Told(greeting=row, promise=made)
