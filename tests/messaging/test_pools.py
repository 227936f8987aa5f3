"""A person and a pool: one conversation, one opt-out, one number they know; and how a number retires."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests import make
from tests.conftest import NOW, Player
from tests.fakes.running import running_twilio
from tests.messaging import hands
from tests.messaging.test_delivery import deliver, queue
from twoway.channels.models import Channel, ChannelState, Pool
from twoway.channels.pools import actions as pools
from twoway.compliance.models import OptOut
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.messaging import outbound, pooling
from twoway.messaging.models import Message
from twoway.sms import phone
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
PORTLAND, DENVER, BOSTON = "+15035550101", "+13035550102", "+16175550103"
PERSON = "+15035550178"


@pytest.fixture
def pool(workspace: Workspace, ana: Player) -> Pool:
    return make_pool(workspace, ana, "Riders", DENVER, PORTLAND)


def make_pool(workspace: Workspace, by: Player, name: str, *addresses: str) -> Pool:
    pool = pools.create_pool(by=by.actor, name=name, at=NOW)
    for address in addresses:
        channel = hands.twilio_channel(workspace, address)
        pooling.add_number(by=by.actor, pool=pool, channel=channel, at=NOW)
    return pool


def number(address: str) -> Channel:
    return Channel.objects.get(address=address)


def first_text(by: Player, channel: Channel, to: str, body: str = "hello", **more: Any) -> Message:
    return outbound.queue_first_text(
        by=by.actor,
        channel=channel,
        identity=phone.Identity(kind="phone", value=to),
        body=body,
        at=datetime.now(UTC),
        **more,
    ).message


def test_texts_to_any_number_are_one_conversation(pool: Pool) -> None:
    hands.receive(number(DENVER), "first", sender=PERSON)
    hands.receive(number(PORTLAND), "second", sender=PERSON)
    conversation = Conversation.objects.get()
    assert (conversation.pool_id, conversation.channel.address) == (pool.pk, DENVER)
    assert list(conversation.messages.order_by("id").values_list("channel__address", flat=True)) == [DENVER, PORTLAND]
    assert conversation.unanswered == 2


def test_texts_of_one_batch_to_two_numbers_are_one_conversation(pool: Pool) -> None:
    texts = [(number(address), hands.text(number(address), "hi", sender=PERSON)) for address in (DENVER, PORTLAND)]
    hands.post([(channel, hands.webhook(channel, form)) for channel, form in texts])
    assert Conversation.objects.count() == 1
    assert Message.objects.count() == 2


def test_pooled_and_single_numbers_in_one_batch_stay_apart(pool: Pool, workspace: Workspace) -> None:
    alone = hands.twilio_channel(workspace, BOSTON)
    texts = [(one, hands.text(one, "hi", sender=PERSON)) for one in (alone, number(DENVER), number(PORTLAND))]
    hands.post([(channel, hands.webhook(channel, form)) for channel, form in texts])
    assert set(Conversation.objects.values_list("channel__address", "pool_id")) == {
        (BOSTON, None),
        (DENVER, pool.pk),
    } or (set(Conversation.objects.values_list("channel__address", "pool_id")) == {(BOSTON, None), (PORTLAND, pool.pk)})


def test_somebody_new_is_texted_from_their_own_area_code(pool: Pool, ben: Player) -> None:
    message = first_text(ben, number(DENVER), PERSON)
    assert message.sender == PORTLAND
    assert message.conversation.channel.address == PORTLAND
    assert first_text(ben, number(DENVER), PERSON, "again").sender == PORTLAND
    assert Conversation.objects.count() == 1


def test_an_idempotency_key_holds_whatever_number_was_chosen(pool: Pool, ben: Player) -> None:
    first = first_text(ben, number(DENVER), PERSON, idempotency_key="once")
    again = first_text(ben, number(DENVER), PERSON, idempotency_key="once")
    assert (first.id, first.sender) == (again.id, PORTLAND)


def test_a_test_text_leaves_from_the_very_number(pool: Pool, ana: Player) -> None:
    assert first_text(ana, number(DENVER), PERSON, purpose="test").sender == DENVER


def test_stop_to_one_number_is_stop_to_all(pool: Pool, ben: Player) -> None:
    hands.receive(number(DENVER), "hello", "STOP", sender=PERSON)
    assert set(OptOut.objects.values_list("channel__address", flat=True)) == {DENVER, PORTLAND}
    with pytest.raises(Refused) as refused:
        first_text(ben, number(PORTLAND), PERSON)
    assert refused.value.code == "opted_out"
    hands.receive(number(PORTLAND), "START", sender=PERSON)
    assert not OptOut.objects.filter(lifted_at=None).exists()


def test_stop_holds_for_a_number_that_joins_later(pool: Pool, ana: Player, ben: Player, workspace: Workspace) -> None:
    hands.receive(number(DENVER), "hello", "STOP", sender=PERSON)
    later = hands.twilio_channel(workspace, BOSTON)
    pooling.add_number(by=ana.actor, pool=pool, channel=later, at=NOW)
    with pytest.raises(Refused) as refused:
        first_text(ben, number(BOSTON), PERSON)
    assert refused.value.code == "opted_out"


def test_conversations_from_before_become_one_with_the_pool(workspace: Workspace, ana: Player) -> None:
    one, two = hands.twilio_channel(workspace, DENVER), hands.twilio_channel(workspace, PORTLAND)
    hands.receive(one, "older", sender=PERSON)
    hands.receive(two, "newer", sender=PERSON)
    pool = pools.create_pool(by=ana.actor, name="Riders", at=NOW)
    for channel in (one, two):
        pooling.add_number(by=ana.actor, pool=pool, channel=channel, at=NOW)
    hands.receive(one, "after", sender=PERSON)
    hands.receive(two, "after too", sender=PERSON)
    pooled = Conversation.objects.get(pool=pool)
    assert Conversation.objects.count() == 2
    assert pooled.messages.filter(body__startswith="after").count() == 2


def test_a_number_that_leaves_takes_its_conversations_along(pool: Pool, ana: Player) -> None:
    hands.receive(number(DENVER), "hi", sender=PERSON)
    pooling.remove_number(by=ana.actor, channel=number(DENVER), at=NOW)
    assert Conversation.objects.get().pool_id is None
    hands.receive(number(PORTLAND), "hi", sender=PERSON)
    hands.receive(number(DENVER), "hi again", sender=PERSON)
    assert sorted(Conversation.objects.values_list("channel__address", "pool_id", "unanswered")) == [
        (DENVER, None, 2),
        (PORTLAND, pool.pk, 1),
    ]


def test_a_conversation_left_alone_finds_its_pool_again(pool: Pool, ana: Player, workspace: Workspace) -> None:
    """The person's pooled conversation was with the number that leaves; their older one takes its place."""
    other = hands.twilio_channel(workspace, BOSTON)
    hands.receive(other, "older", sender=PERSON)
    hands.receive(number(DENVER), "newer", sender=PERSON)
    pooling.add_number(by=ana.actor, pool=pool, channel=other, at=NOW)
    assert Conversation.objects.get(pool=pool).channel.address == DENVER
    pooling.remove_number(by=ana.actor, channel=number(DENVER), at=NOW)
    assert Conversation.objects.get(pool=pool).channel.address == BOSTON
    hands.receive(other, "after", sender=PERSON)
    assert Conversation.objects.get(pool=pool).messages.count() == 2


def test_kinds_and_pools_do_not_mix(pool: Pool, ana: Player, ben: Player, cleo: Player, workspace: Workspace) -> None:
    whatsapp = make.make_channel(workspace, at=NOW, kind="whatsapp", address=BOSTON)
    with pytest.raises(Invalid, match="one kind"):
        pooling.add_number(by=ana.actor, pool=pool, channel=whatsapp, at=NOW)
    other = pools.create_pool(by=ana.actor, name="Drivers", at=NOW)
    with pytest.raises(Invalid, match="another pool"):
        pooling.add_number(by=ana.actor, pool=other, channel=number(DENVER), at=NOW)
    with pytest.raises(Invalid, match="of this name"):
        pools.create_pool(by=ana.actor, name="riders", at=NOW)
    with pytest.raises(NotAllowed):
        pools.create_pool(by=ben.actor, name="Mine", at=NOW)
    with pytest.raises(NotAllowed):
        pooling.add_number(by=cleo.actor, pool=pool, channel=number(DENVER), at=NOW)
    with pytest.raises(Invalid, match="Take its numbers out"):
        pools.delete_pool(by=ana.actor, pool=pool, at=NOW)


def retire(by: Player, old: str, new: str, *, retires_at: datetime, forwarding: str = "") -> ChannelState:
    return pooling.retire_number(
        by=by.actor,
        channel=number(old),
        successor=number(new),
        retires_at=retires_at,
        at=hands.NOW,
        forwarding=forwarding,
    )


def test_a_retiring_number_answers_until_its_day_and_begins_nothing(
    workspace: Workspace, ana: Player, ben: Player
) -> None:
    old, new = hands.twilio_channel(workspace, DENVER, name="Festival"), hands.twilio_channel(workspace, BOSTON)
    hands.receive(old, "where is gate 4?", sender=PERSON)
    retire(ana, DENVER, BOSTON, retires_at=datetime.now(UTC) + timedelta(days=3))
    known = Conversation.objects.get()
    assert queue(ben, known, "on the left").sender == DENVER
    assert first_text(ben, number(DENVER), "+15035550199").sender == BOSTON
    hands.receive(old, "thanks", sender=PERSON)
    assert Message.objects.filter(purpose="forwarding_note").count() == 0
    assert Conversation.objects.get(id=known.pk).messages.count() == 3
    assert number(DENVER).pool_id == number(BOSTON).pool_id
    assert new.pk != old.pk


def test_after_its_day_people_are_told_once_and_answered_from_the_successor(
    workspace: Workspace, ana: Player, ben: Player
) -> None:
    with running_twilio() as fake:
        for address in (DENVER, BOSTON):
            hands.twilio_channel(workspace, address, settings={"api_base": fake.url}, rate=100.0)
        hands.receive(number(DENVER), "hi", sender=PERSON)
        retire(ana, DENVER, BOSTON, retires_at=hands.NOW)
        conversation = Conversation.objects.get()
        assert conversation.channel.address == BOSTON
        hands.receive(number(DENVER), "still there?", "hello?", sender=PERSON)
        note = Message.objects.get(purpose="forwarding_note")
        assert (note.sender, note.conversation_id) == (DENVER, conversation.pk)
        assert (
            note.body
            == "Ridgeway Carshare: (303) 555-0102 is no longer in use. Please text us at (617) 555-0103 from now on."
        )
        queue(ben, conversation, "Now from here.")
        Message.objects.filter(id=note.id).update(expires_at=datetime.now(UTC) + timedelta(minutes=5))
        deliver()
        assert {(one["from"], one["body"].partition(":")[0]) for one in fake.accepted()} == {
            (DENVER, "Ridgeway Carshare"),
            (BOSTON, "Now from here."),
        }
    assert AuditEntry.objects.filter(action="channel.retired").count() == 1


def test_nobody_who_opted_out_is_told(workspace: Workspace, ana: Player) -> None:
    for address in (DENVER, BOSTON):
        hands.twilio_channel(workspace, address)
    hands.receive(number(DENVER), "hi", "STOP", sender=PERSON)
    retire(ana, DENVER, BOSTON, retires_at=hands.NOW)
    hands.receive(number(DENVER), "hello?", sender=PERSON)
    hands.receive(number(DENVER), "STOP", sender="+15035550199")
    assert not Message.objects.filter(purpose="forwarding_note").exists()
    hands.receive(number(DENVER), "and me?", sender="+15035550188")
    assert Message.objects.filter(purpose="forwarding_note").count() == 1


def test_the_note_can_be_worded_and_a_retirement_taken_back(workspace: Workspace, ana: Player) -> None:
    for address in (DENVER, BOSTON):
        hands.twilio_channel(workspace, address)
    with pytest.raises(Invalid, match=r"Write \{new\}"):
        retire(ana, DENVER, BOSTON, retires_at=hands.NOW, forwarding="We moved.")
    retire(ana, DENVER, BOSTON, retires_at=hands.NOW, forwarding="The festival is over. For tickets text {new}.")
    hands.receive(number(DENVER), "hi", sender=PERSON)
    assert Message.objects.get(direction="out").body == "The festival is over. For tickets text (617) 555-0103."
    pools.cancel_retirement(by=ana.actor, channel=number(DENVER), at=hands.NOW)
    hands.receive(number(DENVER), "hi", sender="+15035550199")
    assert Message.objects.filter(direction="out").count() == 1


def test_a_number_can_not_follow_itself_or_one_that_retires(workspace: Workspace, ana: Player) -> None:
    for address in (DENVER, BOSTON, PORTLAND):
        hands.twilio_channel(workspace, address)
    with pytest.raises(Invalid, match="another number"):
        retire(ana, DENVER, DENVER, retires_at=hands.NOW)
    retire(ana, DENVER, BOSTON, retires_at=hands.NOW)
    with pytest.raises(Invalid, match="being retired itself"):
        retire(ana, PORTLAND, DENVER, retires_at=hands.NOW)
