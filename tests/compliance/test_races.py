"""STOP against workers: what committed before a claim began is never followed by a send."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from tests import make
from tests.cast import NOW
from twoway.channels.models import Channel
from twoway.compliance import bulk
from twoway.compliance.models import Decision
from twoway.contacts.models import Identity
from twoway.messaging import claims, database, outbound
from twoway.messaging.directory import Directory, Route
from twoway.messaging.models import Message
from twoway.teams.actor import system

PEOPLE, WORKERS = 6, 3


@dataclass
class Seen:
    """Who was handed what, by a claim that began when; and when each STOP had committed."""

    taken: list[tuple[int, datetime]] = field(default_factory=list)
    stopped: dict[int, datetime] = field(default_factory=dict)


def now() -> datetime:
    return datetime.now(UTC)


async def connect() -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True)


async def work(route: Route, worker: str, limit: int, seen: Seen) -> None:
    """Claim until nothing waits."""
    async with await connect() as connection:
        while await claims.senders_with_work(connection, [route.id]):
            began = now()
            found = await claims.claim(connection, route=route, worker=worker, limit=limit, at=began)
            seen.taken += [(one.id, began) for one in found.claimed]
            ids = [one.id for one in found.claimed]
            await connection.execute("UPDATE message SET provider_id = 'x' || id WHERE id = ANY(%s)", [ids])
            await asyncio.sleep(0.001)


async def stop(channel: Channel, person: Identity, after: float, seen: Seen) -> None:
    """Their STOP, as intake writes it."""
    async with await connect() as connection:
        await asyncio.sleep(after)
        async with connection.transaction():
            await bulk.opt_out(
                connection,
                workspace_id=channel.workspace_id,
                identity_id=person.pk,
                channel_id=channel.pk,
                source="keyword",
                keyword="STOP",
                message_id=None,
                at=now(),
            )
        seen.stopped[person.pk] = now()


async def race(channel: Channel, people: list[Identity], stops: list[tuple[int, float]], limit: int) -> Seen:
    seen = Seen()
    async with await connect() as connection:
        directory = Directory(settings.SEALING_KEY)
        await directory.refresh(connection)
        route = directory.by_id(channel.pk)
        assert route is not None
        first = await claims.claim(connection, route=route, worker="w", limit=1, at=now())
        assert not first.claimed  # it made the number's bucket
    await asyncio.gather(
        *(stop(channel, people[who], after, seen) for who, after in stops),
        *(work(route, f"w{n}", limit, seen) for n in range(WORKERS)),
    )
    return seen


@pytest.mark.django_db(transaction=True)
@hypothesis(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, PEOPLE - 1), st.floats(0, 0.06)), min_size=1, max_size=4, unique_by=lambda one: one[0]
    ),
    st.integers(1, 3),
)
def test_a_stop_that_committed_before_a_claim_is_never_followed_by_a_send(
    stops: list[tuple[int, float]], limit: int
) -> None:
    workspace = make.make_workspace(at=NOW)
    channel = make.make_channel(workspace, at=NOW, rate=1000.0)
    people = [make.make_identity(make.make_contact(workspace, at=NOW), at=NOW) for _ in range(PEOPLE)]
    for person in people:
        talk = make.make_conversation(channel, at=now() - timedelta(hours=1), identity=person, messages=1)
        for n in range(3):
            outbound.queue_text(by=system(workspace.pk), conversation=talk, body=f"{n}", at=now())
    seen = asyncio.run(race(channel, people, stops, limit))
    texts = {text.pk: text for text in Message.objects.filter(channel=channel, direction="out")}
    taken = [key for key, _ in seen.taken]
    assert len(taken) == len(set(taken))
    for key, began in seen.taken:
        stopped = seen.stopped.get(texts[key].identity_id)
        assert stopped is None or began <= stopped, "a claim that began after the STOP took a text"
    left = [text for text in texts.values() if text.pk not in taken]
    assert {text.identity_id for text in left} <= set(seen.stopped)
    assert {(text.status, text.error) for text in left} <= {("canceled", "opted_out")}
    ids = [text.pk for text in left]
    denied = Decision.objects.filter(message_id__in=ids, stage="claim", verdict="deny", reason="opted_out")
    assert set(denied.values_list("message_id", flat=True)) == set(ids)
    assert denied.count() == len(ids)
