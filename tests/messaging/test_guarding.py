"""People who never answer: their next text is not sent, they are asked once, and nothing more goes until they write."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.compliance import sending
from tests.compliance.sending import DAY, agree, claim
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent import actions as consent
from twoway.compliance.models import Decision
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.lib.refusal import NotAllowed
from twoway.messaging import guarding, outbound
from twoway.messaging.models import Message, Spend
from twoway.teams.actor import Actor, system
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dana(workspace: Workspace) -> Identity:
    return sending.make_dana(workspace)


@pytest.fixture
def talk(channel: Channel, dana: Identity) -> Conversation:
    agree(dana, "reminder", "express", at=NOW - 61 * DAY)
    return sending.make_talk(channel, dana, at=NOW - 60 * DAY)


@pytest.fixture
def program(workspace: Workspace) -> Actor:
    return sending.make_program(workspace)


def silence(talk: Conversation, texts: int = 5) -> None:
    """So many reminders left, and nothing came back."""
    for number in range(texts):
        left = NOW - (30 - number) * DAY
        make.make_message(talk, at=left, direction="out", purpose="reminder", author="api", claimed_at=left)


def remind(by: Actor, talk: Conversation, *, at: datetime = NOW) -> Message:
    return sending.send(by, talk, "reminder", at=at)


def refused(by: Actor, talk: Conversation, *, at: datetime = NOW) -> str:
    return sending.refused(by, talk, "reminder", at=at)


def questions() -> list[Message]:
    return list(Message.objects.filter(purpose="still_wanted").order_by("id"))


def test_in_place_of_the_sixth_text_they_are_asked_once(
    program: Actor, talk: Conversation, channel: Channel, workspace: Workspace
) -> None:
    silence(talk, 4)
    remind(program, talk)
    assert len(claim(channel, at=NOW).claimed) == 1
    Message.objects.filter(status="sending").update(status="delivered")
    assert refused(program, talk) == "never_responds"
    assert guarding.ask_silent(at=NOW) == 1
    (question,) = questions()
    assert question.body == (
        f"{workspace.name}: Do you still want texts from us? Reply YES to keep getting them, or STOP to end them."
    )
    assert (question.author, question.status) == ("system", "queued")
    assert guarding.ask_silent(at=NOW) == 0
    assert [one.id for one in claim(channel, at=NOW + timedelta(minutes=1)).claimed] == [question.pk]
    assert refused(program, talk, at=NOW + DAY) == "never_responds"
    assert guarding.ask_silent(at=NOW + DAY) == 0
    assert len(questions()) == 1


def test_their_answer_opens_the_way_again(program: Actor, talk: Conversation) -> None:
    silence(talk)
    assert refused(program, talk) == "never_responds"
    guarding.ask_silent(at=NOW)
    make.make_message(talk, at=NOW + timedelta(minutes=5), body="YES")
    assert remind(program, talk, at=NOW + timedelta(hours=1)).status == "queued"


def test_what_was_queued_before_is_stopped_at_the_claim_and_asked_about_too(
    program: Actor, talk: Conversation, channel: Channel
) -> None:
    silence(talk, 4)
    first, second = remind(program, talk), remind(program, talk)
    assert [one.id for one in claim(channel, at=NOW).claimed] == [first.pk]
    Message.objects.filter(pk=first.pk).update(status="delivered", provider_id="x")
    assert claim(channel, at=NOW + timedelta(minutes=1)).claimed == []
    second.refresh_from_db()
    assert (second.status, second.error) == ("canceled", "never_responds")
    assert guarding.ask_silent(at=NOW + timedelta(minutes=2)) == 1


def test_the_question_keeps_quiet_hours(program: Actor, talk: Conversation) -> None:
    silence(talk)
    night = NOW + timedelta(hours=12)
    assert refused(program, talk, at=night) == "never_responds"
    assert guarding.ask_silent(at=night) == 1
    (question,) = questions()
    assert (question.status, question.held_reason) == ("scheduled", "quiet_hours")


def test_who_opted_out_is_not_asked(program: Actor, talk: Conversation, dana: Identity, channel: Channel) -> None:
    silence(talk)
    assert refused(program, talk) == "never_responds"
    by = system(dana.workspace_id)
    compliance.opt_out(identity=dana, channel=channel, source="keyword", keyword="STOP", at=NOW, by=by)
    assert guarding.ask_silent(at=NOW) == 0
    assert questions() == []


def test_a_question_that_failed_is_asked_again_but_not_for_ever(program: Actor, talk: Conversation) -> None:
    silence(talk)
    assert refused(program, talk) == "never_responds"
    for _ in range(5):
        guarding.ask_silent(at=NOW)
        Message.objects.filter(purpose="still_wanted").update(status="failed")
    assert len(questions()) == guarding.MOST_TRIES


def test_replies_and_receipts_go_on(program: Actor, talk: Conversation, ben: Player, dana: Identity) -> None:
    silence(talk, 9)
    consent.grant(
        identity=dana,
        purpose="transactional",
        level="express",
        method="form",
        at=NOW - DAY,
        by=system(dana.workspace_id),
    )
    receipt = outbound.queue_text(by=program, conversation=talk, body="Paid.", purpose="transactional", at=NOW)
    assert receipt.message.status == "queued"
    assert outbound.queue_text(by=ben.actor, conversation=talk, body="Hello", at=NOW).message.status == "queued"


def test_what_it_saved(program: Actor, talk: Conversation, ana: Player, channel: Channel) -> None:
    silence(talk)
    Spend.objects.create(
        workspace_id=channel.workspace_id,
        channel=channel,
        day=(NOW - DAY).date(),
        direction="out",
        currency="USD",
        amount=Decimal("2.50"),
        texts=250,
    )
    for _ in range(3):
        assert refused(program, talk) == "never_responds"
    found = guarding.saved(ana.actor, since=NOW - DAY, until=NOW + DAY)
    assert found.texts == 3
    assert [(price.amount, price.currency) for price in found.prices] == [(Decimal("0.03"), "USD")]
    assert guarding.saved(ana.actor, since=NOW + DAY, until=NOW + 2 * DAY).texts == 0
    assert Decision.objects.filter(reason="never_responds").count() == 3


def test_agents_do_not_read_the_report(ben: Player) -> None:
    with pytest.raises(NotAllowed):
        guarding.saved(ben.actor, since=NOW - DAY, until=NOW)
