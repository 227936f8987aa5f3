"""What one decision costs: processor milliseconds of the asking process and PostgreSQL, beside a query of nothing.

One at a time, as at the door: an answer within an exchange, and a promotion, which also asks for consent, quiet hours
and caps. And by the batch, as at the claim. A first pass of each isn't counted. Everybody has consent on record, got
some texts before, and answered the last of them.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench import outbound, processes, report, rig

BATCH = 128
BAR = 1.0
"""Milliseconds of processor time that one decision may take at the median."""

TEXTS = """
    INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, by_name,
                         sender, recipient, body, encoding, segments, provider_id, purpose, priority, trace, created_at,
                         claimed_at)
    SELECT c.workspace_id, c.id, c.channel_id, c.identity_id, 'out', 'delivered', 'api', 'API', '', i.value, 'News',
           'GSM-7', 1, 'x' || c.id || '-' || n, CASE WHEN n %% 2 = 0 THEN 'reminder' ELSE 'reply' END, 50, '',
           now() - n * interval '9 days', now() - n * interval '9 days'
    FROM conversation c JOIN identity i ON i.id = c.identity_id CROSS JOIN generate_series(1, %(texts)s) AS n
"""
AFTERNOON = datetime(2026, 3, 10, 22, 0, tzinfo=UTC)


def seeded(*, people: int, texts: int) -> list[tuple[int, int, int]]:
    """People with consent and texts: the workspace, the number and the identity of each."""
    from bench import seed  # noqa: PLC0415 - needs the database that exists only now
    from twoway.compliance.consent import actions as consent  # noqa: PLC0415
    from twoway.contacts.models import Identity  # noqa: PLC0415
    from twoway.teams.actor import system  # noqa: PLC0415

    channel = seed.channel()
    names = {"workspace": channel.workspace_id, "channel": channel.pk, "count": people}
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(outbound.PEOPLE, names)
        connection.execute(TEXTS, {"texts": texts})
        connection.execute("UPDATE conversation SET last_inbound_at = now()")
        by, given = system(channel.workspace_id), AFTERNOON - timedelta(days=30)
        for who in Identity.objects.all():
            consent.grant(identity=who, purpose="promotion", level="written", method="form", at=given, by=by)
        connection.execute("VACUUM ANALYZE")
    ids = Identity.objects.order_by("id").values_list("id", flat=True)
    return [(channel.workspace_id, channel.pk, each) for each in ids]


def door(purpose: str) -> Callable[[tuple[int, int, int]], str]:
    """What the door does for one text."""
    from twoway.compliance.deciding.queries import PROACTIVE, gather  # noqa: PLC0415
    from twoway.compliance.deciding.rules import Known, decide  # noqa: PLC0415
    from twoway.compliance.purposes.queries import rules_for  # noqa: PLC0415
    from twoway.compliance.queries import SendQuestion, send_facts  # noqa: PLC0415

    def ask(one: tuple[int, int, int]) -> str:
        workspace_id, channel_id, identity_id = one
        question = SendQuestion(identity_id=identity_id, channel_id=channel_id, purpose=purpose, author="api")
        rule = rules_for(workspace_id, purpose)
        assert rule is not None
        facts = send_facts(identity_id=identity_id, channel_id=channel_id, purpose=purpose, author="api")
        asked = {} if rule.is_conversational else PROACTIVE
        known = Known(send=facts, rule=rule, subjects=gather([question], asked, at=AFTERNOON)[0])
        return decide(known, at=AFTERNOON).verdict.kind

    return ask


def nothing(one: tuple[int, int, int]) -> str:
    """A query that reads nothing, over the same connection."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s", [one[2]])
        cursor.fetchall()
    return "allow"


def spent(server: int) -> float:
    """Processor seconds of this process and of PostgreSQL so far."""
    return time.process_time() + processes.cpu_seconds(server)


def each_ms(ask: Callable[[tuple[int, int, int]], str], people: list[tuple[int, int, int]], server: int) -> float:
    """Processor milliseconds per decision, asked one by one."""
    from django.db import transaction  # noqa: PLC0415 - after Django was set up

    before = spent(server)
    with transaction.atomic():
        answers = {ask(one) for one in people}
    took = (spent(server) - before) / len(people) * 1000
    if answers != {"allow"}:
        raise SystemExit(f"Not everybody was allowed: {answers}")
    return took


async def batch_ms(purpose: str, people: list[tuple[int, int, int]], server: int) -> float:
    """The same for batches as a claim asks about them."""
    from twoway.messaging import asking  # noqa: PLC0415

    async with await psycopg.AsyncConnection.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        before, allowed = spent(server), 0
        for first in range(0, len(people), BATCH):
            part = people[first : first + BATCH]
            rows: list[dict[str, Any]] = [
                {
                    "id": identity_id,
                    "identity_id": identity_id,
                    "purpose": purpose,
                    "author": "api",
                    "expires_at": None,
                    "held_reason": "",
                    "template": None,
                }
                for _, _, identity_id in part
            ]
            found = await asking.at_the_claim(
                connection,
                workspace_id=part[0][0],
                channel_id=part[0][1],
                kind="sms",
                rows=rows,
                at=AFTERNOON,
            )
            allowed += len(found.allowed)
        took = (spent(server) - before) / len(people) * 1000
    if allowed != len(people):
        raise SystemExit(f"Only {allowed} of {len(people)} were allowed.")
    return took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000)
    parser.add_argument("--texts", type=int, default=20, help="texts that each got before")
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with rig.database() as folder:
        import django  # noqa: PLC0415 - needs the database that exists only now

        django.setup()
        people = seeded(people=given.people, texts=given.texts)
        tell(people, processes.postmaster(Path(folder)), rounds=given.rounds)


def tell(people: list[tuple[int, int, int]], server: int, *, rounds: int) -> None:
    """Measure each kind by turns with the query of nothing, and say so."""
    kinds: dict[str, Callable[[], float]] = {
        "answer at the door": lambda: each_ms(door("reply"), people, server),
        "promotion at the door": lambda: each_ms(door("promotion"), people, server),
        f"answer at the claim, {BATCH} at a time": lambda: asyncio.run(batch_ms("reply", people, server)),
        f"promotion at the claim, {BATCH} at a time": lambda: asyncio.run(batch_ms("promotion", people, server)),
    }
    for name, measured in kinds.items():
        costs, nothings = [], []
        measured()  # not counted: it reads the calendar and the laws, which a process does once
        for _ in range(rounds):
            nothings.append(each_ms(nothing, people, server))
            costs.append(measured())
        cost = median(costs)
        report.tell(
            f"decision, {name}",
            f"{cost:.3f} ms",
            beside=f"a query of nothing: {median(nothings):.3f} ms",
            ratio=median(cost / none for cost, none in zip(costs, nothings, strict=True)),
            compared=cost,
            most=BAR,
            unit=" ms",
        )


if __name__ == "__main__":
    main()
