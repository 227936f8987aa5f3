"""Decisions in the database: at the door, again at the claim, what is held and when it leaves, and what is kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.cast import NOW, Player
from tests.compliance import sending
from tests.compliance.sending import DAY, agree, claim, kept, refused, send
from twoway.channels.models import Channel
from twoway.compliance.consent import actions as consent
from twoway.compliance.deciding.queries import decisions
from twoway.compliance.deciding.rules import LOOK_AGAIN
from twoway.compliance.models import Decision
from twoway.compliance.modes.models import ChannelMode
from twoway.compliance.purposes import actions as purposes
from twoway.compliance.purposes.queries import listed, rules_of
from twoway.compliance.purposes.rules import GIVEN, PurposeRule
from twoway.compliance.revocation.models import Doubt
from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry, Event
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.sms import phone
from twoway.teams.actor import Actor, system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
NIGHT = NOW + timedelta(hours=12)
MORNING = NOW + timedelta(hours=23)
"""When the safe hours open in Los Angeles after NIGHT."""


@pytest.fixture
def dana(workspace: Workspace) -> Identity:
    return sending.make_dana(workspace)


@pytest.fixture
def talk(channel: Channel, dana: Identity) -> Conversation:
    return sending.make_talk(channel, dana)


@pytest.fixture
def program(workspace: Workspace) -> Actor:
    return sending.make_program(workspace)


def test_a_purpose_nobody_knows_is_refused(program: Actor, talk: Conversation) -> None:
    assert refused(program, talk, "gossip") == "unknown_purpose"
    assert refused(program, talk, "opt_out_notice") == "unknown_purpose"
    assert refused(program, talk, "consent_question") == "unknown_purpose"
    assert Message.objects.filter(direction="out").count() == 0


def test_promotion_needs_written_consent_and_the_facts_are_kept(
    program: Actor, talk: Conversation, dana: Identity
) -> None:
    assert refused(program, talk) == "no_consent"
    denied = Decision.objects.get(verdict="deny")
    assert (denied.stage, denied.reason, denied.purpose, denied.message_id) == ("door", "no_consent", "promotion", None)
    assert denied.for_agent
    assert denied.facts["consent"]["level"] == ""
    assert denied.facts["rule"]["level"] == "written"
    agree(dana)
    message = send(program, talk)
    assert (message.status, message.purpose, message.expires_at) == ("queued", "promotion", NOW + DAY)
    assert kept(message) == [("door", "allow", "")]


def test_a_reply_to_somebody_who_wrote_reads_no_subject(ben: Player, talk: Conversation) -> None:
    message = send(ben.actor, talk, "reply", at=NIGHT)
    assert message.status == "queued"
    (decision,) = decisions(message.pk)
    assert "consent" not in decision.facts
    assert "warnings" not in decision.facts


def test_quiet_hours_hold_it_and_it_leaves_when_they_end(
    program: Actor, talk: Conversation, dana: Identity, channel: Channel
) -> None:
    agree(dana)
    message = send(program, talk, at=NIGHT)
    assert (message.status, message.held_reason, message.send_after) == ("scheduled", "quiet_hours", MORNING)
    assert kept(message) == [("door", "hold", "quiet_hours")]
    assert decisions(message.pk)[0].until == MORNING
    assert claim(channel, at=MORNING - timedelta(seconds=1)).claimed == []
    (taken,) = claim(channel, at=MORNING).claimed
    assert taken.id == message.pk
    assert kept(message) == [("door", "hold", "quiet_hours"), ("claim", "allow", "")]
    assert decisions(message.pk)[1].facts["quiet"]["zones"] == ["America/Los_Angeles"]


def test_what_would_not_be_valid_any_more_is_refused_at_once(
    program: Actor, talk: Conversation, dana: Identity
) -> None:
    agree(dana)
    assert refused(program, talk, at=NIGHT, valid_until=MORNING) == "quiet_hours"
    assert refused(program, talk, at=NIGHT, valid_until=NIGHT) == "bad_valid_until"
    later = send(program, talk, at=NIGHT, valid_until=MORNING + timedelta(minutes=1))
    assert later.expires_at == MORNING + timedelta(minutes=1)


def test_what_waited_past_its_validity_ends_visibly(
    program: Actor, talk: Conversation, dana: Identity, channel: Channel
) -> None:
    agree(dana)
    message = send(program, talk, at=NIGHT, valid_until=MORNING + timedelta(minutes=1))
    assert not claim(channel, at=MORNING + timedelta(hours=1)).claimed
    message.refresh_from_db()
    assert (message.status, message.error) == ("failed", "expired")
    assert kept(message)[-1] == ("claim", "deny", "expired")
    assert Event.objects.filter(type="message_failed", message_id=message.pk).count() == 1


def test_the_claim_asks_everything_again(
    program: Actor, talk: Conversation, dana: Identity, channel: Channel, ana: Player
) -> None:
    agree(dana)
    withdrawn = send(program, talk)
    consent.withdraw(identity=dana, purpose="promotion", method="reply", at=NOW, by=system(dana.workspace_id))
    assert not claim(channel, at=NOW + timedelta(minutes=1)).claimed
    withdrawn.refresh_from_db()
    assert (withdrawn.status, withdrawn.error) == ("canceled", "no_consent")
    assert kept(withdrawn) == [("door", "allow", ""), ("claim", "deny", "no_consent")]
    agree(dana, "survey")
    late = send(program, talk, "survey", at=NOW + timedelta(minutes=2))
    assert not claim(channel, at=NIGHT).claimed  # the worker was away until the hours closed
    late.refresh_from_db()
    assert (late.status, late.held_reason, late.send_after) == ("scheduled", "quiet_hours", MORNING)
    assert kept(late) == [("door", "allow", ""), ("claim", "hold", "quiet_hours")]
    assert [one.id for one in claim(channel, at=MORNING).claimed] == [late.pk]


def test_a_cap_holds_what_is_too_much_for_one_day(
    program: Actor, talk: Conversation, dana: Identity, channel: Channel
) -> None:
    agree(dana)
    first, second = send(program, talk), send(program, talk, idempotency_key="again", valid_until=NOW + 3 * DAY)
    assert [one.id for one in claim(channel, at=NOW).claimed] == [first.pk]
    Message.objects.filter(id=first.pk).update(status="sent", provider_id="x1")
    assert not claim(channel, at=NOW + timedelta(minutes=1)).claimed
    second.refresh_from_db()
    assert (second.status, second.held_reason) == ("scheduled", "cap_reached")
    third = send(program, talk, idempotency_key="third", at=NOW + timedelta(hours=1), valid_until=NOW + 3 * DAY)
    assert third.held_reason == "cap_reached"


def doubt(talk: Conversation) -> Doubt:
    return Doubt.objects.create(
        workspace_id=talk.workspace_id,
        identity_id=talk.identity_id,
        channel_id=talk.channel_id,
        conversation_id=talk.pk,
        message_id=talk.last_inbound_id or 0,
        why="lose it",
        opened_at=NOW,
        due_at=NOW + 14 * DAY,
    )


def test_a_doubt_holds_even_a_reply_until_somebody_answered_it(
    ben: Player, talk: Conversation, channel: Channel
) -> None:
    open_doubt = doubt(talk)
    reply = send(ben.actor, talk, "reply")
    assert (reply.status, reply.held_reason, reply.send_after) == ("scheduled", "in_doubt", NOW + LOOK_AGAIN)
    question = send(ben.actor, talk, "consent_question")
    assert question.status == "queued"
    again = NOW + LOOK_AGAIN
    assert [one.id for one in claim(channel, at=again).claimed] == [question.pk]
    Message.objects.filter(id=question.pk).update(status="sent", provider_id="x2")
    assert not claim(channel, at=again + LOOK_AGAIN).claimed
    assert kept(reply) == [("door", "hold", "in_doubt")]  # once, however often it was looked at
    Doubt.objects.filter(id=open_doubt.pk).update(state="kept", settled_at=NOW)
    (taken,) = claim(channel, at=again + 2 * LOOK_AGAIN).claimed
    assert taken.id == reply.pk
    assert kept(reply)[-1] == ("claim", "allow", "")


def test_a_first_text_is_warned_of_and_needs_consent_where_the_workspace_says_so(
    ana: Player, ben: Player, channel: Channel, dana: Identity
) -> None:
    def begin(key: str) -> Message:
        to = phone.Identity(kind="phone", value=dana.value)
        return outbound.queue_first_text(
            by=ben.actor, channel=channel, identity=to, body="Hello", at=NIGHT, idempotency_key=key
        ).message

    first = begin("a")
    assert (first.status, first.purpose) == ("queued", "reply")
    (decision,) = decisions(first.pk)
    assert [one["code"] for one in decision.facts["warnings"]] == ["no_consent", "quiet_hours"]
    assert decision.facts["is_first_text"] is True
    with pytest.raises(NotAllowed):
        purposes.change_policy(first_text_needs_consent=True, at=NOW, by=ben.actor)
    purposes.change_policy(first_text_needs_consent=True, at=NOW, by=ana.actor)
    with pytest.raises(Refused) as told:
        begin("b")
    assert told.value.code == "no_consent"
    agree(dana, "service", "express")
    held = begin("c")
    assert (held.purpose, held.held_reason) == ("first_text", "quiet_hours")


def test_a_stranger_who_may_not_be_texted_leaves_nothing_but_the_decision(program: Actor, channel: Channel) -> None:
    to = phone.Identity(kind="phone", value="+14155550188")
    with pytest.raises(Refused) as told:
        outbound.queue_first_text(by=program, channel=channel, identity=to, body="Sale", purpose="promotion", at=NOW)
    assert told.value.code == "no_consent"
    assert (Contact.objects.count(), Conversation.objects.count(), Message.objects.count()) == (0, 0, 0)
    assert Decision.objects.get().reason == "no_consent"


def test_a_number_that_only_answers(ben: Player, channel: Channel, dana: Identity, talk: Conversation) -> None:
    ChannelMode.objects.create(channel=channel, is_reply_only=True, changed_at=NOW)
    assert send(ben.actor, talk, "reply", at=NOW + DAY).status == "queued"
    assert refused(ben.actor, talk, "reply", at=NOW + 4 * DAY) == "no_open_request"
    assert not claim(channel, at=NOW + 4 * DAY).claimed
    assert Message.objects.get(direction="out").error == "no_open_request"


def test_a_workspace_adds_purposes_and_retires_them(
    ana: Player, ben: Player, cleo: Player, program: Actor, talk: Conversation, dana: Identity, channel: Channel
) -> None:
    own = PurposeRule(slug="parking", label="Parking", level="express")
    with pytest.raises(NotAllowed):
        purposes.save_purpose(rule=own, at=NOW, by=ben.actor)
    purposes.save_purpose(rule=own, at=NOW, by=ana.actor)
    assert refused(program, talk, "parking") == "no_consent"
    agree(dana, "parking", "express")
    waiting = send(program, talk, "parking")
    assert "parking" not in rules_of(cleo.member.workspace_id)
    purposes.retire_purpose(slug="parking", at=NOW, by=ana.actor)
    with pytest.raises(NotFound):
        purposes.retire_purpose(slug="parking", at=NOW, by=ana.actor)
    assert refused(program, talk, "parking") == "unknown_purpose"
    assert not claim(channel, at=NOW).claimed
    waiting.refresh_from_db()
    assert (waiting.status, waiting.error) == ("canceled", "unknown_purpose")
    purposes.save_purpose(rule=own, at=NOW, by=ana.actor)
    assert rules_of(talk.workspace_id)["parking"].label == "Parking"
    actions = list(AuditEntry.objects.order_by("id").values_list("action", flat=True))
    assert [action for action in actions if action.startswith("purpose")] == [
        "purpose.added",
        "purpose.retired",
        "purpose.changed",
    ]


def test_a_given_purpose_only_gets_stricter(ana: Player, workspace: Workspace) -> None:
    with pytest.raises(Invalid) as told:
        purposes.save_purpose(rule=replace(GIVEN["survey"], per_week=7), at=NOW, by=ana.actor)
    assert told.value.field == "per_week"
    purposes.save_purpose(rule=replace(GIVEN["survey"], per_week=1), at=NOW, by=ana.actor)
    assert rules_of(workspace.pk)["survey"].per_week == 1
    assert [rule.slug for rule in listed(workspace.pk)] == list(GIVEN)
    purposes.retire_purpose(slug="survey", at=NOW, by=ana.actor)
    assert rules_of(workspace.pk)["survey"] == GIVEN["survey"]
