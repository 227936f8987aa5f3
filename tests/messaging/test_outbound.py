"""The door out: what it takes and refuses, what it leaves behind, and that a key is used once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import Decision, Source
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation, Episode
from twoway.events.models import Event
from twoway.lib.refusal import NotAllowed, Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.messaging.outbound import Queued
from twoway.messaging.withdrawing import cancel_queued
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

LATER = NOW + timedelta(hours=1)
NUMBER = "+14155550101"


@dataclass
class Desk:
    """Sends from one number of ours, as Ben unless somebody else is named."""

    channel: Channel
    ben: Player

    def first(
        self, body: str = "Your car is ready.", *, to: str = NUMBER, by: Player | None = None, **more: Any
    ) -> Any:
        return outbound.queue_first_text(
            by=(by or self.ben).actor,
            channel=self.channel,
            identity=phone.identify(to, region="US"),
            body=body,
            **{"at": LATER, **more},
        )

    def reply(
        self, conversation: Conversation, body: str = "On its way.", by: Player | None = None, **more: Any
    ) -> Any:
        return outbound.queue_text(
            by=(by or self.ben).actor, conversation=conversation, body=body, **{"at": LATER, **more}
        )

    def refused(self, call: Callable[[], Any]) -> str:
        with pytest.raises(Refused) as caught:
            call()
        return caught.value.code


@pytest.fixture
def desk(channel: Channel, ben: Player) -> Desk:
    return Desk(channel, ben)


def known(workspace: Workspace, **fields: Any) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=NOW), at=NOW, value=NUMBER, **fields)


def opted_out(identity: Identity, channel: Channel, by: Player) -> None:
    compliance.opt_out(identity=identity, channel=channel, source=Source.MEMBER, at=NOW, by=by.actor)


def traces() -> tuple[int, int, int, int, int]:
    """What a refused text must not add to."""
    return (
        Contact.objects.count(),
        Conversation.objects.count(),
        Episode.objects.count(),
        Message.objects.count(),
        Event.objects.count(),
    )


# The first text


def test_a_first_text_makes_contact_and_conversation(desk: Desk) -> None:
    queued = desk.first()
    conversation = Conversation.objects.get()
    assert (conversation.state, conversation.assignee_id, conversation.preview) == (
        "open",
        desk.ben.id,
        "Your car is ready.",
    )
    assert queued.is_new
    assert (queued.message.status, queued.message.recipient) == ("queued", NUMBER)
    decision = Decision.objects.get()
    assert (decision.message_id, decision.stage, decision.verdict) == (queued.message.id, "door", "allow")


def test_a_first_text_begins_a_done_conversation_again(desk: Desk, workspace: Workspace) -> None:
    row = make.make_conversation(desk.channel, at=NOW, identity=known(workspace), messages=1, state="done")
    desk.first()
    row.refresh_from_db()
    assert (row.state, row.episode, row.assignee_id, row.needs_reply) == ("open", 2, desk.ben.id, False)


@pytest.mark.parametrize(
    ("body", "more", "code"),
    [
        ("  ", {}, "empty"),
        ("x" * 10_001, {}, "too_long"),
        ("Look", {"media_urls": ["https://10.0.0.1/a.png"]}, "media_unreachable"),
        ("Soon", {"send_at": NOW}, "bad_send_at"),
        ("Much later", {"send_at": LATER + timedelta(days=36)}, "bad_send_at"),
        ("Key", {"idempotency_key": "k" * 201}, "bad_idempotency_key"),
    ],
)
def test_what_can_be_sent_to_nobody_leaves_nothing(desk: Desk, body: str, more: dict[str, Any], code: str) -> None:
    assert desk.refused(lambda: desk.first(body, **more)) == code
    assert traces() == (0, 0, 0, 0, 0)
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("fields", "code"), [({"reach": "landline"}, "landline"), ({"reach": "unreachable"}, "unreachable")]
)
def test_a_refused_first_text_leaves_no_empty_thread(
    desk: Desk, workspace: Workspace, fields: dict[str, Any], code: str
) -> None:
    known(workspace, **fields)
    before = traces()
    assert desk.refused(desk.first) == code
    assert traces() == before
    decision = Decision.objects.get()
    assert (decision.verdict, decision.reason, decision.message_id, decision.stage) == ("deny", code, None, "door")


def test_a_name_that_nobody_knows_yet_is_refused_without_a_contact(desk: Desk) -> None:
    assert desk.refused(lambda: desk.first(to="MYBANK")) == "cannot_reply"
    assert traces() == (0, 0, 0, 0, 0)
    assert Decision.objects.get().reason == "cannot_reply"


def test_from_a_number_that_is_switched_off_nothing_begins(desk: Desk, workspace: Workspace) -> None:
    desk.channel.is_active = False
    desk.channel.save()
    assert desk.refused(desk.first) == "channel_inactive"
    known(workspace)
    assert desk.refused(desk.first) == "channel_inactive"
    assert Conversation.objects.count() == 0
    assert Decision.objects.filter(reason="channel_inactive").count() == 2


def test_a_refused_first_text_begins_nothing_again(desk: Desk, workspace: Workspace, ana: Player) -> None:
    identity = known(workspace)
    row = make.make_conversation(desk.channel, at=NOW, identity=identity, messages=2, state="done")
    opted_out(identity, desk.channel, ana)
    before = traces()
    assert desk.refused(desk.first) == "opted_out"
    assert traces() == before
    row.refresh_from_db()
    assert (row.state, row.episode) == ("done", 1)
    assert Decision.objects.get().reason == "opted_out"


def test_whose_conversation_it_is_comes_before_what_compliance_knows(desk: Desk, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Billing", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, sees_own_teams_only=True))
    make.make_conversation(desk.channel, at=NOW, identity=known(workspace, reach="landline"), team=team)
    with pytest.raises(NotAllowed) as caught:
        desk.first(by=dee)
    assert caught.value.code == "not_visible"
    assert not Decision.objects.exists()


def test_viewers_and_other_workspaces_are_kept_out(desk: Desk, workspace: Workspace, cleo: Player) -> None:
    viewer = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    for by in (viewer, cleo):
        with pytest.raises(NotAllowed):
            desk.first(by=by)
    assert traces() == (0, 0, 0, 0, 0)


# One key, one text


def test_a_key_that_is_known_brings_back_its_text_and_does_nothing_else(desk: Desk) -> None:
    first = desk.first(idempotency_key="order-7")
    Conversation.objects.update(state="done", needs_reply=False)
    again = desk.first(idempotency_key="order-7", at=LATER + timedelta(days=1))
    assert (again.is_new, again.message.id) == (False, first.message.id)
    assert Conversation.objects.get().state == "done"


def test_a_scheduled_text_is_known_by_its_key_after_its_time(desk: Desk) -> None:
    due = LATER + timedelta(minutes=5)
    first = desk.first(idempotency_key="order-7", send_at=due)
    again = desk.first(idempotency_key="order-7", send_at=due, at=due + timedelta(minutes=1))
    assert again.message.id == first.message.id


def test_a_key_belongs_to_one_body_and_one_number(desk: Desk) -> None:
    message = desk.first(idempotency_key="order-7").message
    for call in (
        lambda: desk.first("Something else.", idempotency_key="order-7"),
        lambda: desk.first(to="+14155550102", idempotency_key="order-7"),
        lambda: desk.reply(message.conversation, idempotency_key="order-7"),
    ):
        assert desk.refused(call) == "idempotency_key_reused"
    assert (Message.objects.count(), Contact.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_known", [False, True])
def test_two_at_once_with_one_key_make_one_text(desk: Desk, workspace: Workspace, is_known: bool) -> None:
    if is_known:
        make.make_conversation(desk.channel, at=NOW, identity=known(workspace), messages=1, state="done")
    answers: list[Queued] = []
    together = threading.Barrier(2)

    def send() -> None:
        together.wait()
        answers.append(desk.first(idempotency_key="order-7"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.is_new for answer in answers) == [False, True]
    assert len({answer.message.id for answer in answers}) == 1
    assert Message.objects.filter(direction="out").count() == 1
    assert (Contact.objects.count(), Conversation.objects.count()) == (1, 1)
    assert Conversation.objects.get().episode == (2 if is_known else 1)
    assert Decision.objects.count() == 1


# What a reply does to its conversation


@pytest.fixture
def waiting(desk: Desk, workspace: Workspace) -> Conversation:
    return make.make_conversation(desk.channel, at=NOW, identity=known(workspace), messages=1)


def test_a_reply_ends_the_wait_and_is_the_preview(desk: Desk, waiting: Conversation) -> None:
    assert (waiting.needs_reply, waiting.unanswered) == (True, 1)
    message = desk.reply(waiting, "On its way.\nFive minutes.").message
    waiting.refresh_from_db()
    assert (waiting.needs_reply, waiting.unanswered) == (False, 0)
    assert (waiting.preview, waiting.preview_by) == ("On its way. Five minutes.", "Ben")
    assert (waiting.last_message_id, waiting.last_message_at, waiting.sort_at) == (message.id, LATER, LATER)
    assert waiting.last_inbound_at == NOW


def test_who_answers_first_takes_what_is_nobodys(desk: Desk, waiting: Conversation, ana: Player) -> None:
    desk.reply(waiting)
    waiting.refresh_from_db()
    assert waiting.assignee_id == desk.ben.id
    assert Event.objects.get(type="conversation_assigned").data["assignee_id"] == desk.ben.id
    desk.reply(waiting, "Anything else?", by=ana)
    waiting.refresh_from_db()
    assert waiting.assignee_id == desk.ben.id


def test_a_program_answers_without_taking_it(desk: Desk, waiting: Conversation) -> None:
    program = Actor(kind="token", workspace_id=waiting.workspace_id, role="agent", name="Orders")
    message = outbound.queue_text(by=program, conversation=waiting, body="Noted.", at=LATER).message
    waiting.refresh_from_db()
    assert (waiting.assignee_id, waiting.needs_reply) == (None, False)
    assert (message.author, message.priority) == ("api", 50)


def test_a_refused_reply_changes_nothing(desk: Desk, waiting: Conversation, ana: Player) -> None:
    opted_out(waiting.identity, desk.channel, ana)
    before = traces()
    assert desk.refused(lambda: desk.reply(waiting)) == "opted_out"
    assert traces() == before
    waiting.refresh_from_db()
    assert (waiting.needs_reply, waiting.assignee_id) == (True, None)


# Later


def test_a_scheduled_text_waits_for_its_time(desk: Desk, waiting: Conversation) -> None:
    due: datetime = LATER + timedelta(days=2)
    message = desk.reply(waiting, send_at=due).message
    assert (message.status, message.send_after) == ("scheduled", due)
    assert message.expires_at == due + timedelta(seconds=desk.channel.workspace.reply_validity)
    now = desk.reply(waiting, "At once.", send_at=LATER).message
    assert now.status == "queued"


def test_what_waits_is_withdrawn_but_notices_are_not(desk: Desk, waiting: Conversation) -> None:
    scheduled = desk.reply(waiting, send_at=LATER + timedelta(days=2)).message
    queued = desk.reply(waiting, "At once.").message
    notice = make.make_message(
        waiting, at=LATER, direction="out", status="queued", purpose="opt_out_notice", provider_id=""
    )
    gone = cancel_queued(identity_id=waiting.identity_id, channel_ids=[desk.channel.pk], reason="opted_out")
    assert gone == 2
    states = dict(Message.objects.filter(direction="out").values_list("id", "status"))
    assert states == {scheduled.id: "canceled", queued.id: "canceled", notice.id: "queued"}
