"""Lists and counts of messages: the same rows in the same order by whichever road they are found."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests import make
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.conversations.queries import visible_to
from twoway.messaging import queries
from twoway.messaging.models import Message
from twoway.messaging.queries import MessageFilter
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

SINCE = NOW + timedelta(minutes=20)


@dataclass
class World:
    """Two workspaces that text at the same time; in one of them a member who sees their own team only."""

    everyone: Actor
    one_team: Actor
    other: Actor
    conversations: list[Conversation]
    quiet: Channel

    def filters(self) -> Iterable[MessageFilter]:
        first, stranger = self.conversations[0], Conversation.objects.exclude(workspace=self.quiet.workspace).first()
        assert stranger is not None
        for direction in (None, "in", "out"):
            yield MessageFilter(direction=direction)
            yield MessageFilter(direction=direction, since=SINCE)
            yield MessageFilter(direction=direction, channel=self.quiet.pk)
            yield MessageFilter(direction=direction, conversation=first.id)
            yield MessageFilter(direction=direction, contact=first.contact_id, since=SINCE)
            yield MessageFilter(direction=direction, conversation=stranger.id)
            yield MessageFilter(direction=direction, contact=stranger.contact_id)
        yield MessageFilter(contact=first.contact_id, channel=self.quiet.pk)


@pytest.fixture
def world(workspace: Workspace, channel: Channel, ana: Player, cleo: Player) -> World:
    team = make.make_team(workspace, "Billing", at=NOW)
    dee = make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True)
    quiet = make.make_channel(workspace, at=NOW)
    theirs = make.make_channel(cleo.member.workspace, at=NOW)
    rows = [make.make_conversation(channel, at=NOW, team=team if n % 2 else None) for n in range(3)]
    rows += [make.make_conversation(quiet, at=NOW, contact=rows[0].contact, team=team)]
    rows += [make.make_conversation(quiet, at=NOW)]
    strangers = [make.make_conversation(theirs, at=NOW) for _ in range(3)]
    dice = random.Random(7)
    for n in range(60):
        row = dice.choice([*rows, *strangers, *strangers])
        make.make_message(row, at=NOW + timedelta(minutes=n), direction=dice.choice(["in", "out"]))
    return World(ana.actor, Player(member=dee).actor, cleo.actor, rows, quiet)


def plainly(actor: Actor, wanted: MessageFilter) -> list[int]:
    """The ids by going through every message there is."""
    seen = set(visible_to(actor).values_list("id", flat=True))
    contacts = dict(Conversation.objects.values_list("id", "contact_id"))
    return [
        message.id
        for message in Message.objects.order_by("-id")
        if message.conversation_id in seen
        and wanted.direction in (None, message.direction)
        and wanted.conversation in (None, message.conversation_id)
        and wanted.contact in (None, contacts[message.conversation_id])
        and wanted.channel in (None, message.channel_id)
        and (wanted.since is None or message.created_at >= wanted.since)
    ]


def paged(actor: Actor, wanted: MessageFilter, limit: int) -> list[int]:
    """The ids page by page."""
    found: list[int] = []
    while page := queries.list_messages(actor, wanted, before_id=found[-1] if found else None, limit=limit):
        assert len(page) <= limit
        found += [message.id for message in page]
    return found


@pytest.mark.parametrize(
    ("window", "few"), [(1_000_000, 100), (5, 100), (5, 1)], ids=["window", "by threads", "many threads"]
)
def test_every_road_finds_the_same(world: World, monkeypatch: pytest.MonkeyPatch, window: int, few: int) -> None:
    top = Message.objects.order_by("-id").values_list("id", flat=True)[0]
    monkeypatch.setattr(queries, "_WINDOW", top + 1 if window > 1_000 else window)
    monkeypatch.setattr(queries, "_FEW_THREADS", few)
    for actor in (world.everyone, world.one_team, world.other):
        for wanted in world.filters():
            expected = plainly(actor, wanted)
            assert paged(actor, wanted, 7) == expected, wanted
            assert queries.count_messages(actor, wanted) == len(expected), wanted


def test_an_empty_table_has_an_empty_list(ana: Player) -> None:
    assert queries.list_messages(ana.actor, MessageFilter()) == []
    assert queries.count_messages(ana.actor, MessageFilter()) == 0
