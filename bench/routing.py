"""What routing costs: deciding for one text, a round in which nothing happens, and a morning on which all come at once.

The loops that follow the outbox for routing and clocks are also counted while nothing happens: statements, and
processor time of both sides, in a second.

The morning: people wait in queues overnight, then every member comes online in one moment. Measured is how long the
plan takes, and how long until all that fits is theirs in the database, with lines in the threads and live notices; a
statement that updates as many rows stands beside it. Nobody may have more than they may, and nobody may be given twice.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from bench import outbound, processes, report, rig

CAPACITY = 5
DECISION_BAR = 2.0
"""Milliseconds of processor time that one text may take, from its event to its place in a queue."""
MORNING_BAR = 3.0
"""Seconds until everybody has what they may have."""
IDLE_BAR = 20.0
"""Milliseconds of processor time of a round in which nobody has room, whoever waits."""

WAIT = """
    WITH texted AS (
        INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, by_name,
                             sender, recipient, body, encoding, segments, provider_id, purpose, priority, trace,
                             created_at)
        SELECT c.workspace_id, c.id, c.channel_id, c.identity_id, 'in', 'received', 'customer', '', i.value, '',
               CASE WHEN c.id % 5 = 0 THEN 'I want a refund' WHEN c.id % 7 = 0 THEN 'ayuda'
                    ELSE 'Where is my car?' END,
               'GSM-7', 1, 'w' || c.id, '', 50, '', now() - c.id % 600 * interval '1 minute'
        FROM conversation c JOIN identity i ON i.id = c.identity_id RETURNING id, conversation_id, created_at
    )
    UPDATE conversation c SET needs_reply = true, unanswered = 1, sort_at = t.created_at,
           last_message_at = t.created_at, last_message_id = t.id, last_inbound_id = t.id,
           last_inbound_at = t.created_at
    FROM texted t WHERE t.conversation_id = c.id
"""


def seeded(*, waiting: int, members: int) -> Any:
    """People who wait, members in teams and with skills, queues and rules; the workspace."""
    from bench import seed  # noqa: PLC0415 - needs the database that exists only now
    from twoway.routing import actions  # noqa: PLC0415
    from twoway.routing.models import MemberSkill  # noqa: PLC0415
    from twoway.teams.actor import system  # noqa: PLC0415
    from twoway.teams.models import Team  # noqa: PLC0415

    channel, at = seed.channel(), datetime.now(UTC)
    workspace = channel.workspace
    by = system(workspace.pk)
    people = [agent(workspace, n, at) for n in range(members)]
    team = Team.objects.create(workspace=workspace, name="Billing", created_at=at)
    team.members.set(people[::4])
    general = actions.save_queue(wish=actions.QueueWish(name="General", is_default=True), by=by, at=at)
    billing = actions.save_queue(wish=actions.QueueWish(name="Billing", team_id=team.pk), by=by, at=at)
    spanish = actions.save_skill(name="Spanish", by=by, at=at)
    MemberSkill.objects.bulk_create(MemberSkill(member=one, skill=spanish) for one in people[::3])
    refund = {"field": "words", "is": "any_of", "value": ["refund", "charged"]}
    actions.save_rule(
        wish=actions.RuleWish(name="Money", conditions={"all": [refund]}, queue_id=billing.pk), by=by, at=at
    )
    ayuda = {
        "any": [{"field": "words", "is": "any_of", "value": ["ayuda"]}, {"field": "text", "is": "begins", "value": "¿"}]
    }
    actions.save_rule(
        wish=actions.RuleWish(name="Spanish", conditions=ayuda, queue_id=general.pk, skills={spanish.pk: 1}),
        by=by,
        at=at,
    )
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        names = {"workspace": workspace.pk, "channel": channel.pk, "count": waiting}
        connection.execute(outbound.PEOPLE, names)
        connection.execute(WAIT)
        connection.execute("VACUUM ANALYZE")
    return workspace


def agent(workspace: Any, number: int, at: datetime) -> Any:
    """A member who never signs in: hashing their passwords would take longer than all the rest."""
    from twoway.teams.models import Member, User  # noqa: PLC0415 - needs the database that exists only now

    user = User.objects.create(email=f"agent{number}@example.com", name=f"Agent {number}", password="!")
    return Member.objects.create(workspace=workspace, user=user, role="agent", created_at=at)


def spent(server: int) -> float:
    """Processor seconds of this process and of PostgreSQL so far."""
    return time.process_time() + processes.cpu_seconds(server)


def decision_ms(workspace_id: int, server: int) -> float:
    """Processor milliseconds a text, in the batches a round reads."""
    from twoway.conversations.models import Conversation  # noqa: PLC0415
    from twoway.routing.actions.entering import AT_ONCE, enter  # noqa: PLC0415

    ids = list(Conversation.objects.filter(workspace_id=workspace_id).order_by("id").values_list("id", flat=True))
    before = spent(server)
    for start in range(0, len(ids), AT_ONCE):
        enter(workspace_id=workspace_id, conversation_ids=ids[start : start + AT_ONCE], at=datetime.now(UTC))
    return (spent(server) - before) / len(ids) * 1000


def come(workspace: Any, *, at: datetime) -> None:
    """Everybody's browser opens, and they are online."""
    from twoway.routing.presence import actions as presence  # noqa: PLC0415
    from twoway.routing.presence.models import Presence  # noqa: PLC0415
    from twoway.teams.models import Member  # noqa: PLC0415

    presence.seen(member_ids=Member.objects.filter(workspace=workspace).values_list("id", flat=True), at=at)
    Presence.objects.filter(workspace=workspace).update(chosen="online", chosen_at=at)
    presence.settle(at=at)


def update_seconds(count: int) -> float:
    """A plain statement over as many rows, which is undone."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        began = time.perf_counter()
        connection.execute(
            "UPDATE conversation SET assignee_id = (SELECT min(id) FROM member)"
            " WHERE id IN (SELECT id FROM conversation ORDER BY id LIMIT %s)",
            [count],
        )
        took = time.perf_counter() - began
        connection.rollback()
    return took


def planned_ms(workspace_id: int, at: datetime) -> tuple[float, int]:
    """What the plan alone takes, and how many it gives."""
    from twoway.routing.queries.people import agents_of, lines_of  # noqa: PLC0415
    from twoway.routing.queries.waiting import entries_waiting  # noqa: PLC0415
    from twoway.routing.rules import plan  # noqa: PLC0415

    entries, agents, lines = entries_waiting(workspace_id), agents_of(workspace_id, at), lines_of(workspace_id)
    times, count = [], 0
    for _ in range(5):
        began = time.perf_counter()
        count = len(plan(entries, agents, lines=lines, at=at))
        times.append((time.perf_counter() - began) * 1000)
    return median(times), count


def check(workspace_id: int, given: int) -> None:
    """Nobody has more than they may, and nobody was given twice."""
    from twoway.events.models import Event  # noqa: PLC0415
    from twoway.routing.queries.people import agents_of  # noqa: PLC0415

    most = max(one.load for one in agents_of(workspace_id, datetime.now(UTC)))
    lines = Event.objects.filter(type="conversation_assigned", data__assignee_id__gt=0)
    if most > CAPACITY or lines.count() != given:
        raise SystemExit(f"{lines.count()} lines for {given} given; somebody has {most}.")


IDLE_LOOPS_BAR = 30.0
"""Milliseconds of processor time a second of the loops while nothing happens and nobody has a queue."""


def idle(server: int, *, name: str, begins: datetime, seconds: int = 20, most: float | None = None) -> None:
    """Routing, clocks, escalation and answers, two rounds a second each, as a worker does them: what it took."""
    from django.db import connection  # noqa: PLC0415

    from twoway.events.actions import publish  # noqa: PLC0415
    from twoway.events.types import HelpAsked  # noqa: PLC0415
    from twoway.messaging import unanswered  # noqa: PLC0415
    from twoway.routing.escalation import acting  # noqa: PLC0415
    from twoway.routing.loop import Rounds  # noqa: PLC0415
    from twoway.sla import adopting, firing, reading  # noqa: PLC0415

    publish(HelpAsked(workspace_id=0), at=begins)
    loop, count = Rounds(), 0

    def counted(execute: Any, *given: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*given)

    def turn(number: int) -> None:
        at = begins + timedelta(seconds=number / 2)
        loop.round_of(at=at)
        acting.round_of(at=at)
        unanswered.round_of(at=at)
        reading.read(at=at)
        firing.fire(at=at)
        if number % 6 == 0:
            adopting.settle_next(at=at)

    for number in range(4):
        turn(number)
    before = spent(server)
    with connection.execute_wrapper(counted):
        for number in range(4, 4 + seconds * 2):
            turn(number)
    each = (spent(server) - before) * 1000 / seconds
    report.tell(
        f"routing and clocks, nothing happens, {name}", f"{count / seconds:.1f} statements, {each:.1f} ms a second",
        compared=None if most is None else each, most=most, unit=" ms",
    )  # fmt: skip


def tell(workspace: Any, server: int, *, rounds: int) -> None:
    """Measure and say so."""
    from twoway.routing.actions.giving_out import Memory, give_out  # noqa: PLC0415
    from twoway.routing.loop import Rounds  # noqa: PLC0415
    from twoway.routing.models import QueueEntry  # noqa: PLC0415

    each = decision_ms(workspace.pk, server)
    waiting = QueueEntry.objects.filter(state="waiting").count()
    report.tell(
        "routing, one text into its queue", f"{each:.3f} ms", compared=each, most=DECISION_BAR, unit=" ms",
        beside=f"{waiting:,} waiting afterwards",
    )  # fmt: skip
    at = datetime.now(UTC)
    come(workspace, at=at)
    thought, fits = planned_ms(workspace.pk, at)
    report.tell(f"routing, the plan for {waiting:,} waiting", f"{thought:.0f} ms", beside=f"{fits:,} given")
    beside = update_seconds(fits)
    began = time.perf_counter()
    given = give_out(at=at, memory=Memory())
    took = time.perf_counter() - began
    check(workspace.pk, given)
    report.tell(
        f"routing, all members come at once: {given:,} given", f"{took:.2f} s", compared=took, most=MORNING_BAR,
        unit=" s", beside=f"an update of as many rows: {beside:.2f} s", ratio=took / beside,
    )  # fmt: skip
    loop = Rounds()
    loop.round_of(at=at + timedelta(seconds=1))
    costs = []
    for n in range(rounds):
        before = spent(server)
        loop.round_of(at=at + timedelta(seconds=2 + n * 0.5))
        costs.append((spent(server) - before) * 1000)
    left = waiting - given
    report.tell(
        f"routing, a round while {left:,} wait and nobody has room", f"{median(costs):.1f} ms",
        compared=median(costs), most=IDLE_BAR, unit=" ms",
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--waiting", type=int, default=5_000)
    parser.add_argument("--members", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=40)
    given = parser.parse_args()
    with rig.database() as folder:
        import django  # noqa: PLC0415 - needs the database that exists only now

        django.setup()
        server, at = processes.postmaster(Path(folder)), datetime.now(UTC)
        idle(server, name="no queue anywhere", begins=at, most=IDLE_LOOPS_BAR)
        workspace = seeded(waiting=given.waiting, members=given.members)
        tell(workspace, server, rounds=given.rounds)
        idle(server, name=f"{given.members} members and who is left waits", begins=datetime.now(UTC))


if __name__ == "__main__":
    main()
