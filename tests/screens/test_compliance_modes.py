"""The page about modes and privacy, the block list, and the composer of a number that only answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.conftest import NOW, Player
from tests.screens_html import plain
from twoway.channels.models import Channel
from twoway.compliance.models import Decision
from twoway.compliance.modes.models import ChannelMode
from twoway.contacts import actions as contacts
from twoway.conversations import actions as conversations
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.sms import phone
from twoway.teams import actions as teams
from twoway.teams.models import Workspace

FORM = {"is_reply_only": "on", "request_hours": "48", "ends_when_done": "on"}
DAY = timedelta(days=1)


def number_url(channel: Channel) -> str:
    return reverse("desk:compliance_modes_number", args=[channel.pk])


def test_a_number_becomes_reply_only(ana: Player, channel: Channel) -> None:
    assert ana.client.post(number_url(channel), FORM).status_code == 302
    mode = ChannelMode.objects.get()
    assert (mode.is_reply_only, mode.request_hours, mode.ends_when_done, mode.is_anonymous) == (True, 48, True, False)
    page = plain(ana.client.get(reverse("desk:compliance_modes")).content.decode())
    assert "Reply only" in page
    assert "Requests stay open for 48 hours" in page
    assert "This isn't legal advice." in page
    entry = AuditEntry.objects.get(action="channel.mode_set")
    assert entry.data["after"]["is_reply_only"] is True


@pytest.mark.parametrize("hours", ["0", "721", "soon", ""])
def test_hours_that_make_no_sense_change_nothing(ana: Player, channel: Channel, hours: str) -> None:
    answer = ana.client.post(number_url(channel), {**FORM, "request_hours": hours})
    assert answer.status_code == 422
    assert f'value="{hours}"' in answer.content.decode() or not hours
    assert not ChannelMode.objects.exists()


def test_who_sees_numbers_is_chosen_and_audited(ana: Player, workspace: Workspace) -> None:
    url = reverse("desk:compliance_modes_roles")
    assert ana.client.post(url, {"numbers_from": "manager"}).status_code == 302
    assert ana.client.post(url, {"numbers_from": "viewer"}).status_code == 422
    workspace.refresh_from_db()
    assert workspace.numbers_from == "manager"
    assert AuditEntry.objects.filter(action="numbers.shown_from").count() == 1


def test_a_manager_reads_and_changes_nothing(workspace: Workspace, channel: Channel) -> None:
    kim = Player(member=make.make_member(workspace, "Kim", role="manager", at=NOW))
    page = kim.client.get(reverse("desk:compliance_modes")).content.decode()
    assert "Whole phone numbers are seen by" in page
    assert number_url(channel) not in page


def test_the_block_list_is_searched_and_emptied(ana: Player, channel: Channel) -> None:
    spammer = make.make_conversation(channel, at=NOW, name="Spam Sam").contact
    other = make.make_conversation(channel, at=NOW, name="Rude Rudi").contact
    contacts.block(contact=spammer, by=ana.actor, at=NOW, reason="spam", note="Watches", until=timezone.now() + DAY)
    contacts.block(contact=other, by=ana.actor, at=NOW, reason="abuse", until=NOW + DAY)
    url = reverse("desk:compliance_blocks")
    page = plain(ana.client.get(url).content.decode())
    assert "Spam Sam" in page
    assert "Watches" in page
    assert "Rude Rudi" not in page
    assert "Nobody fits." in ana.client.get(url, {"q": "Dana"}).content.decode()
    assert "Spam Sam" in ana.client.get(url, {"q": spammer.identities.get().value}).content.decode()
    ana.client.post(reverse("desk:compliance_blocks_unblock", args=[spammer.pk]))
    spammer.refresh_from_db()
    assert spammer.blocked_at is None
    assert "Nobody is blocked." in ana.client.get(url).content.decode()


@pytest.fixture
def answering(ana: Player, channel: Channel) -> Channel:
    """A number that only answers."""
    ana.client.post(number_url(channel), FORM)
    return channel


def test_the_composer_says_beforehand_that_there_is_no_request(ben: Player, answering: Channel) -> None:
    old = make.make_conversation(answering, at=timezone.now() - 3 * DAY, messages=1, name="Dana Whitfield")
    page = plain(ben.client.get(f"/c/{old.pk}/").content.decode())
    assert "only answers, and Dana Whitfield has no open request." in page
    assert "They last texted it more than 48 hours ago." in page
    fresh = make.make_conversation(answering, at=timezone.now(), messages=1, name="Eli Ash")
    assert "only answers" not in plain(ben.client.get(f"/c/{fresh.pk}/").content.decode())


def _refusal(by: Player, channel: Channel, *, to: str, purpose: str = "reply") -> str:
    identity = phone.Identity("phone", to)
    try:
        outbound.queue_first_text(
            by=by.actor, channel=channel, identity=identity, body="Hi", at=timezone.now(), purpose=purpose
        )
    except Refused as refused:
        return refused.code
    return ""


@pytest.mark.parametrize("purpose", ["reply", "service", "promotion", "emergency"])
def test_nobody_begins_from_it_whatever_for(ana: Player, answering: Channel, purpose: str) -> None:
    assert _refusal(ana, answering, to="+15035550123", purpose=purpose) == "no_open_request"
    stale = make.make_conversation(answering, at=timezone.now() - 3 * DAY, messages=1)
    assert _refusal(ana, answering, to=stale.identity.value, purpose=purpose) == "no_open_request"
    assert not Message.objects.filter(direction="out").exists()
    assert Decision.objects.filter(verdict="deny", reason="no_open_request").count() == 2


def test_a_program_begins_nothing_either(ana: Player, answering: Channel, client: object) -> None:
    _, token = teams.create_token(by=ana.actor, name="Shop", role="admin", at=NOW)
    body = {"from": answering.address, "to": "+15035550123", "body": "Buy!"}
    answer = ana.client.post(
        "/api/v1/messages", body, content_type="application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "no_open_request")


def test_an_open_request_is_answered_until_done(ben: Player, answering: Channel) -> None:
    talk = make.make_conversation(answering, at=timezone.now() - DAY, messages=1)
    outbound.queue_text(by=ben.actor, conversation=talk, body="We're on it.", at=timezone.now())
    conversations.done(conversation=talk, by=ben.actor, at=timezone.now() - timedelta(hours=1))
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=talk, body="One more thing", at=timezone.now())
    assert refused.value.code == "no_open_request"
    assert "their request is done" in refused.value.sentence


def test_a_number_of_another_workspace_is_not_found(cleo: Player, channel: Channel) -> None:
    assert cleo.client.post(number_url(channel), FORM).status_code == 404
    assert not ChannelMode.objects.exists()
