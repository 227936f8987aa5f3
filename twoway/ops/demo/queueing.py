"""The demo's queues, the rules that fill them, what its people are good at, and who is there.

General is taken with Next, so that whoever tries the demo decides when. Roadside is given out, but Marcus is on a
break: its customers go to the owner as soon as she is online. Billing goes to Tom by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.ops.demo import cars, dental
from twoway.ops.demo.threads import Cast
from twoway.routing import actions
from twoway.routing.actions import QueueWish, RuleWish
from twoway.routing.actions.entering import sweep
from twoway.routing.models import EntryState, Queue, QueueEntry, Skill
from twoway.routing.presence import actions as presence
from twoway.teams.models import Workspace

MONEY = ["refund", "charged", "deposit", "invoice", "statement", "bill", "receipt"]
STUCK = ["unlock", "locked", "stuck", "flat", "tire", "accident", "tow", "battery"]
HURTS = ["pain", "hurt", "hurts", "bleeding", "swollen", "crown"]
SETTINGS = {"capacity": 8, "quiet_minutes": 180, "return_minutes": 60}
BREAK = timedelta(minutes=9)


@dataclass(frozen=True, kw_only=True, slots=True)
class Shift:
    """Since when a member is there today, and what they can."""

    name: str
    came: timedelta
    skills: Mapping[str, int]


SHIFTS = (
    Shift(name="Marcus", came=timedelta(hours=5), skills={}),
    Shift(name="Priya", came=timedelta(hours=3), skills={"Insurance": 5}),
    Shift(name="Jo", came=timedelta(hours=2, minutes=20), skills={"Spanish": 3}),
    Shift(name="Tom", came=timedelta(hours=4), skills={"Insurance": 3}),
)
"""The owner has chosen nothing yet: she is away until whoever tries the demo says otherwise."""
OWNERS_SKILLS = {"Spanish": 5}


def set_up(*, cast: Cast, numbers: Mapping[str, Channel], at: datetime) -> None:
    """Queues, skills and rules, before anybody has written. In the caller's transaction."""
    ana = cast.of("Ana")
    actions.change_settings(changes=SETTINGS, by=ana, at=at)
    skills = {name: actions.save_skill(name=name, by=ana, at=at) for name in ("Spanish", "Insurance")}
    for name, wanted in (("Ana", OWNERS_SKILLS), *((one.name, one.skills) for one in SHIFTS)):
        levels = {skills[skill].pk: level for skill, level in wanted.items()}
        if levels:
            actions.set_skills(member_id=cast.members[name].pk, levels=levels, by=ana, at=at)
    queues = {
        wish.name: actions.save_queue(wish=wish, by=ana, at=at)
        for wish in (
            QueueWish(name="General", mode="pull", is_default=True),
            QueueWish(name="Roadside", team_id=cast.teams["Roadside"].pk, priority=5, ageing_minutes=5),
            QueueWish(name="Billing", team_id=cast.teams["Billing"].pk, priority=2, strategy="round_robin"),
        )
    }
    for wish in _rules(queues, skills, numbers):
        actions.save_rule(wish=wish, by=ana, at=at)


def _rules(
    queues: Mapping[str, Queue], skills: Mapping[str, Skill], numbers: Mapping[str, Channel]
) -> tuple[RuleWish, ...]:
    general = queues["General"].pk
    return (
        RuleWish(
            name="Stuck on the road",
            conditions={"all": [_at(numbers[cars.NUMBER]), _says(STUCK)]},
            queue_id=queues["Roadside"].pk,
        ),
        RuleWish(
            name="A tooth that hurts",
            conditions={"all": [_at(numbers[dental.NUMBER]), _says(HURTS)]},
            queue_id=general,
            priority=5,
        ),
        RuleWish(name="About money", conditions={"all": [_says(MONEY)]}, queue_id=queues["Billing"].pk),
        RuleWish(
            name="In Spanish",
            conditions={"all": [{"field": "language", "is": "one_of", "value": ["es"]}]},
            queue_id=general,
            skills={skills["Spanish"].pk: 3},
        ),
    )


def _at(channel: Channel) -> dict[str, object]:
    return {"field": "channel", "is": "one_of", "value": [str(channel.pk)]}


def _says(words: list[str]) -> dict[str, object]:
    return {"field": "words", "is": "any_of", "value": words}


def fill(*, cast: Cast, workspace: Workspace, at: datetime) -> None:
    """Who waits, by the rules; who has been taken; and who is there. In the caller's transaction, after the stories."""
    general = Queue.objects.get(workspace=workspace, name="General")
    held = Conversation.objects.filter(workspace=workspace, state="open", assignee__isnull=False)
    QueueEntry.objects.bulk_create(
        QueueEntry(
            conversation=row,
            workspace=workspace,
            queue=general,
            priority=general.priority,
            state=EntryState.TAKEN,
            entered_at=row.sort_at,
            taken_by_id=row.assignee_id,
            taken_at=row.sort_at,
            why="next",
        )
        for row in held
    )
    sweep(workspace_id=workspace.pk, at=at)
    for one in SHIFTS:
        presence.choose(state="online", by=cast.of(one.name), at=at - one.came)
    presence.choose(state="break", by=cast.of("Marcus"), at=at - BREAK)
    presence.seen(member_ids=[cast.members[one.name].pk for one in SHIFTS], at=at)
