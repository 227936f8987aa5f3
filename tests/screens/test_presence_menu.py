"""Whether one is there: the menu, and for managers who is here."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, on_screen, plain
from twoway.channels.models import Channel
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.routing.models import Queue, QueueEntry
from twoway.routing.presence import actions as presence
from twoway.routing.presence.models import Presence, Stretch
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


AWAY = "You're away, so no conversations are given to you."
WAITS = "1 conversation waits in your queues, and you're away."


def waiting(channel: Channel, queue: Queue) -> Conversation:
    """A conversation that waits in this queue."""
    talk = make.make_conversation(channel, at=timezone.now(), messages=1)
    QueueEntry.objects.create(
        conversation=talk, workspace_id=talk.workspace_id, queue=queue, priority=3, entered_at=timezone.now()
    )
    return talk


def test_who_never_chose_is_told_that_nothing_comes(ben: Player, queue: Queue, channel: Channel) -> None:
    presence.seen(member_ids=[ben.id], at=timezone.now())
    page = html_of(ben.client.get("/inbox/open/"))
    assert AWAY in plain(page)
    assert "Go online" in plain(page)
    for state in ("online", "away", "break"):
        ben.client.post("/presence/", {"state": state}, headers=HTMX)
        assert AWAY not in plain(html_of(ben.client.get("/inbox/open/")))


def test_who_never_chose_is_away_in_the_history(ben: Player, queue: Queue) -> None:
    at = timezone.now()
    presence.seen(member_ids=[ben.id], at=at)
    (moved,) = presence.settle(at=at)
    assert moved.after == "away"
    assert Stretch.objects.get(member=ben.member).state == "away"


def test_who_is_away_is_told_of_those_who_wait_for_them(ben: Player, queue: Queue, channel: Channel) -> None:
    ben.client.post("/presence/", {"state": "away"}, headers=HTMX)
    assert WAITS not in plain(html_of(ben.client.get("/inbox/open/")))
    talk = waiting(channel, queue)
    assert WAITS in plain(html_of(ben.client.get("/inbox/open/")))
    delta = html_of(ben.client.get(f"/live/delta/?view=open&ids={talk.pk}", headers=on_screen()))
    assert 'id="presence-missed"' in delta
    assert WAITS in plain(delta)
    for state in ("online", "break"):
        ben.client.post("/presence/", {"state": state}, headers=HTMX)
        delta = html_of(ben.client.get(f"/live/delta/?view=open&ids={talk.pk}", headers=on_screen()))
        assert 'id="presence-missed"' in delta
        assert WAITS not in plain(delta)


def test_queues_of_others_and_those_taken_from_are_not_missed(
    ana: Player, ben: Player, queue: Queue, channel: Channel, workspace: Workspace
) -> None:
    queue.team = make.make_team(workspace, "Roadside", at=NOW)
    queue.save()
    waiting(channel, queue)
    page = plain(html_of(ben.client.get("/inbox/open/")))
    assert WAITS not in page
    assert AWAY not in page
    Queue.objects.update(team=None, mode="pull")
    assert WAITS not in plain(html_of(ben.client.get("/inbox/open/")))


def test_the_page_of_queues_says_that_nobody_is_online_and_who_could_be(
    ana: Player, ben: Player, queue: Queue, channel: Channel
) -> None:
    waiting(channel, queue)
    page = plain(html_of(ana.client.get("/settings/queues/")))
    assert "Nobody is online for General. 1 conversation waits. Who could be: Ana, Ben." in page
    answer = ana.client.post("/presence/", {"state": "online", "from": "queues"})
    assert answer["Location"] == "/settings/queues/"
    assert "Nobody is online" not in plain(html_of(ana.client.get("/settings/queues/")))
