"""Whether one is there: the menu, and for managers who is here."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, plain
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.events.models import AuditEntry
from twoway.routing.models import Queue
from twoway.routing.presence.models import Presence
from twoway.teams.models import Workspace


@pytest.fixture
def queue(workspace: Workspace) -> Queue:
    return Queue.objects.create(workspace=workspace, name="General", is_default=True, created_at=NOW)


def test_nothing_of_it_shows_without_queues(ben: Player, channel: Channel) -> None:
    assert 'id="presence"' not in html_of(ben.client.get("/inbox/open/"))


def test_choosing_is_said_and_shown(ben: Player, queue: Queue, channel: Channel) -> None:
    page = html_of(ben.client.get("/inbox/open/"))
    assert 'id="presence-dot"' in page
    assert 'id="presence" data-state="away"' in page
    answer = html_of(ben.client.post("/presence/", {"state": "online"}, headers=HTMX))
    assert 'data-state="online"' in answer
    assert "You're online: conversations are given to you." in plain(answer)
    assert 'hx-swap-oob="true"' in answer
    assert Presence.objects.get(member=ben.member).chosen == "online"
    page = html_of(ben.client.get("/inbox/open/"))
    assert 'id="presence" data-state="online"' in page
    assert "Who's here" not in plain(page)


def test_a_word_that_is_none_is_refused(ben: Player, queue: Queue) -> None:
    assert ben.client.post("/presence/", {"state": "asleep"}).status_code == 422
    assert not Presence.objects.filter(member=ben.member).exists()


def test_a_form_without_a_script_leads_back(ben: Player, queue: Queue) -> None:
    client = ben.client
    answer = client.post("/presence/", {"state": "break"})
    assert (answer.status_code, answer["Location"]) == (302, "/profile/")
    assert "You're on break: nothing new is given to you." in plain(html_of(client.get("/profile/")))


def test_a_manager_sees_who_is_here_and_sets_somebody_away(
    ana: Player, ben: Player, queue: Queue, channel: Channel
) -> None:
    talk = make.make_conversation(channel, at=timezone.now(), messages=1)
    conversations.assign(conversation=talk, member_id=ben.id, by=ana.actor, at=timezone.now())
    ben.client.post("/presence/", {"state": "online"}, headers=HTMX)
    page = html_of(ana.client.get("/presence/here/"))
    assert "Ben" in plain(page)
    assert "1 of 5" in plain(page)
    assert page.index("Ben") < page.index("Ana", page.index("here-list"))
    answer = html_of(ana.client.post(f"/presence/{ben.id}/", {"state": "away"}, headers=HTMX))
    assert "Away" in plain(answer)
    assert Presence.objects.get(member=ben.member).chosen == "away"
    entry = AuditEntry.objects.latest("id")
    assert (entry.action, entry.data["state"]) == ("presence.chosen", "away")


def test_an_agent_may_not_choose_for_others(ben: Player, ana: Player, queue: Queue) -> None:
    assert ben.client.post(f"/presence/{ana.id}/", {"state": "away"}).status_code == 403
