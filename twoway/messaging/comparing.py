"""Comparing every channel with its provider's list, once: what the periodic job and the command call."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from django.conf import settings
from django.db.models import OuterRef, Subquery

from twoway.channels.models import Channel
from twoway.messaging import database, gaps
from twoway.messaging.directory import Directory, Route
from twoway.messaging.gap_models import GapCheck
from twoway.providers.http import Transport
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class Looked:
    """One channel and what was found; `found` is None when its provider has no list."""

    channel_id: int
    address: str
    found: gaps.Compared | None


def compare_all(
    *, at: datetime, workspace_id: int | None = None, channel_id: int | None = None, since: datetime | None = None
) -> list[Looked]:
    """Look at every active channel, of one workspace or alone where that is said."""
    return asyncio.run(_compare_all(at, workspace_id, channel_id, since))


async def _compare_all(
    at: datetime, workspace_id: int | None, channel_id: int | None, since: datetime | None
) -> list[Looked]:
    directory = Directory(settings.SEALING_KEY)
    looked = []
    async with (
        Transport(limit=4) as transport,
        await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection,
    ):
        await directory.refresh(connection)
        for route in _wanted(directory, workspace_id, channel_id):
            found = await gaps.compare(
                connection, route=route, directory=directory, transport=transport, at=at, since=since
            )
            looked.append(Looked(channel_id=route.id, address=route.address, found=found))
    return looked


def _wanted(directory: Directory, workspace_id: int | None, channel_id: int | None) -> Iterator[Route]:
    for route in sorted(directory.routes.values(), key=lambda one: one.id):
        if route.is_active and workspace_id in (None, route.workspace_id) and channel_id in (None, route.id):
            yield route


def latest(actor: Actor) -> Sequence[GapCheck]:
    """The last comparison of each active channel of the workspace that has a list. Raises `NotAllowed`."""
    require(actor, Right.SEE_QUARANTINE)
    newest = GapCheck.objects.filter(channel=OuterRef("pk")).order_by("-id").values("id")[:1]
    channels = Channel.objects.filter(workspace_id=actor.workspace_id, is_active=True)
    ids = [found for found in channels.values_list(Subquery(newest), flat=True) if found is not None]
    return list(GapCheck.objects.filter(id__in=ids).select_related("channel").order_by("channel_id"))


def forget_old(*, at: datetime) -> None:
    """Outcomes are kept for 30 days."""
    GapCheck.objects.filter(at__lt=at - KEPT_FOR).delete()
