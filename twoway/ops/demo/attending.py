"""The demo's teammates are at their desks while `twoway serve --demo` runs: its worker says so in their place.

Nobody else runs this. Without it they are offline after some minutes, as people without a browser are.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections

from twoway.lib.rounds import keep_at
from twoway.ops.demo.loading import OWNER_EMAIL, PEOPLE, WORKSPACE
from twoway.routing.presence.actions import seen
from twoway.teams.models import Member

EVERY = 30.0


def attend(*, at: datetime) -> int:
    """Write down that the teammates are seen; how many there are. The owner is whoever tries the demo."""
    emails = [person.email for person in PEOPLE]
    demo = Member.objects.filter(workspace__name=WORKSPACE, user__email=OWNER_EMAIL).values("workspace_id")
    mates = Member.objects.filter(workspace_id__in=demo, user__email__in=emails, is_active=True)
    keys = list(mates.values_list("id", flat=True))
    if keys:
        seen(member_ids=keys, at=at)
    return len(keys)


async def run(stop: asyncio.Event) -> None:
    """Say so until `stop` is set."""

    def attend_once() -> None:
        close_old_connections()
        attend(at=datetime.now(UTC))

    async def work() -> float:
        await sync_to_async(attend_once, thread_sensitive=False)()
        return EVERY

    await keep_at(stop, work, name="demo", every=EVERY)
