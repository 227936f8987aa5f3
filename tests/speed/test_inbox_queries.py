"""How many queries the inbox asks. The number is part of the design: it must not grow with what is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import on_screen
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.desk.inbox_reads import PAGE
from twoway.messaging.callbacks.models import CallbackSetting
from twoway.routing.models import Queue
from twoway.teams.models import Workspace

WHO_ASKS = 3
"""Session, account, and the member with workspace and teams."""


def queries(ask: Callable[[], object]) -> int:
    """How many statements `ask` makes."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        ask()
    return len(captured)


@pytest.fixture
def client(ana: Player, workspace: Workspace) -> Client:
    """Ana's browser, warm: what is asked once per process has been asked."""
    client = ana.client
    client.get("/inbox/open/")
    return client


def fill(channel: Channel, ana: Player, rows: int, messages: int) -> Conversation:
    """Conversations with tags, holders and texts; the last one has notes and lines too."""
    tags = [make.make_tag(channel.workspace, f"Tag {channel.pk} {n}") for n in range(3)]
    for n in range(rows):
        talk = make.make_conversation(
            channel, at=NOW + timedelta(minutes=n), messages=1 + n % 2, tags=tags, assignee=ana.member, name=f"P {n}"
        )
    for n in range(messages):
        make.make_message(talk, at=NOW + timedelta(hours=1, minutes=n), direction="out" if n % 2 else "in")
        make.make_note(talk, at=NOW + timedelta(hours=1, minutes=n), by=ana.member)
        actions.assign(
            conversation=talk, member_id=None if n % 2 else ana.id, by=ana.actor, at=NOW + timedelta(hours=1, minutes=n)
        )
    return talk


@pytest.fixture
def few(channel: Channel, ana: Player) -> Conversation:
    return fill(channel, ana, rows=2, messages=2)


@pytest.fixture
def many(few: Conversation, channel: Channel, ana: Player, workspace: Workspace) -> Conversation:
    """Another number, another team, and full pages of everything."""
    make.make_team(workspace, "Roadside", at=NOW)
    return fill(make.make_channel(workspace, at=NOW), ana, rows=PAGE, messages=PAGE)


def test_the_inbox_page(client: Client, few: Conversation, many: Conversation) -> None:
    """Of these, saved views, habits, whether time is measured, clocks and callbacks take one each; queues none."""
    assert queries(lambda: client.get("/inbox/open/")) <= WHO_ASKS + 15


def test_the_inbox_page_with_queues_and_callbacks(
    client: Client, few: Conversation, many: Conversation, workspace: Workspace
) -> None:
    """Two more: what queues are called with who waits in them, and whether one is there with who waits for one."""
    Queue.objects.create(workspace=workspace, name="Care", created_at=NOW)
    CallbackSetting.objects.create(workspace=workspace, is_on=True, words=[], changed_at=NOW)
    assert queries(lambda: client.get("/inbox/open/")) <= WHO_ASKS + 18


def test_the_inbox_page_asks_the_same_for_many(
    client: Client, channel: Channel, ana: Player, workspace: Workspace
) -> None:
    fill(channel, ana, rows=2, messages=1)
    before = queries(lambda: client.get("/inbox/open/"))
    fill(make.make_channel(workspace, at=NOW), ana, rows=PAGE, messages=1)
    assert queries(lambda: client.get("/inbox/open/")) == before


def test_opening_a_conversation(client: Client, few: Conversation, many: Conversation) -> None:
    def opening(talk: Conversation) -> int:
        client.get(f"/c/{talk.pk}/", headers=on_screen())
        return queries(lambda: client.get(f"/c/{talk.pk}/", headers=on_screen(open_id=talk.pk)))

    assert opening(few) == opening(many) <= WHO_ASKS + 12


def test_a_live_update_of_rows(client: Client, few: Conversation, many: Conversation) -> None:
    every = list(Conversation.objects.values_list("pk", flat=True))
    ask = "/live/delta/?view=open&ids={}"
    one = queries(lambda: client.get(ask.format(every[0]), headers=on_screen()))
    all_of_them = queries(lambda: client.get(ask.format(",".join(map(str, every))), headers=on_screen()))
    assert one == all_of_them <= WHO_ASKS + 9


def test_a_live_update_of_the_open_conversation(client: Client, few: Conversation, many: Conversation) -> None:
    def update(talk: Conversation) -> int:
        url = f"/live/delta/?view=open&ids={talk.pk}&c={talk.pk}"
        return queries(lambda: client.get(url, headers=on_screen(open_id=talk.pk)))

    assert update(few) == update(many) <= WHO_ASKS + 18


def test_a_fragment_asks_nothing_for_the_frame(client: Client, few: Conversation) -> None:
    assert queries(lambda: client.get(f"/c/{few.pk}/snooze/", headers=on_screen())) <= WHO_ASKS + 2
