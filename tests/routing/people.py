"""Queues, members and texts for the tests of routing, and rounds of its loop on a clock of their own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import ConversationOpened, MessageReceived
from twoway.routing import actions
from twoway.routing.actions import QueueWish, RuleWish
from twoway.routing.loop import Rounds
from twoway.routing.models import Queue, QueueEntry, RoutingRule
from twoway.routing.presence import actions as presence
from twoway.teams.models import Team, Workspace


def at(minutes: float = 0, *, seconds: float = 0) -> datetime:
    return NOW + timedelta(minutes=minutes, seconds=seconds)


def agent(workspace: Workspace, name: str, *, teams: Iterable[Team] = (), **fields: Any) -> Player:
    return Player(member=make.make_member(workspace, name, at=NOW, teams=teams, **fields))


def online(*players: Player, minutes: float = 0) -> None:
    for player in players:
        presence.choose(state="online", by=player.actor, at=at(minutes))


def seen(*players: Player, minutes: float) -> None:
    """Their browsers are open."""
    presence.seen(member_ids=[player.id for player in players], at=at(minutes))


def queue(by: Player, name: str = "General", **wish: Any) -> Queue:
    return actions.save_queue(wish=QueueWish(name=name, **{"last_agent_minutes": 0, **wish}), by=by.actor, at=NOW)


def rule(by: Player, target: Queue, *conditions: dict[str, Any], name: str = "A rule", **wish: Any) -> RoutingRule:
    given = RuleWish(name=name, conditions={"all": list(conditions)}, queue_id=target.pk, **wish)
    return actions.save_rule(wish=given, by=by.actor, at=NOW)


def text(channel: Channel, *, minutes: float = 0, body: str = "Where is my car?", **fields: Any) -> Conversation:
    """Somebody new writes."""
    talk = make.make_conversation(channel, at=at(minutes), **fields)
    more(talk, minutes=minutes, body=body)
    publish(
        ConversationOpened(workspace_id=talk.workspace_id, conversation_id=talk.pk, channel_id=channel.pk),
        at=at(minutes),
    )
    return talk


def more(talk: Conversation, *, minutes: float, body: str = "Hello?") -> None:
    """They write again."""
    talk.refresh_from_db()
    message = make.make_message(talk, at=at(minutes), body=body)
    publish(
        MessageReceived(workspace_id=talk.workspace_id, conversation_id=talk.pk, message_id=message.pk), at=at(minutes)
    )


def answer(talk: Conversation, by: Player, *, minutes: float) -> None:
    """A member writes back, as the door out leaves it."""
    talk.refresh_from_db()
    make.make_message(talk, at=at(minutes), direction="out", body="On its way.", by=by.member)


def loop(*, minutes: float = 0) -> Rounds:
    """A loop that has begun: what was before it is no news."""
    rounds = Rounds()
    rounds.round_of(at=at(minutes))
    return rounds


def entry(talk: Conversation) -> QueueEntry | None:
    return QueueEntry.objects.filter(conversation=talk).select_related("queue").first()


def holder(talk: Conversation) -> int | None:
    talk.refresh_from_db()
    return talk.assignee_id
