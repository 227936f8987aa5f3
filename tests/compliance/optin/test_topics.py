"""Topics by text, through intake, the reactions and the door, with the ledger as the witness."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW, Player
from tests.messaging import hands
from twoway import reactions
from twoway.channels.models import Channel, Pool
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.models import Decision
from twoway.compliance.optin import actions
from twoway.compliance.optin.models import Membership, Topic
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace, name="Ridgeway")


def make_topic(ana: Player, channel: Channel, **fields: object) -> Topic:
    wish = {"keyword": "ORDERS", "label": "Order updates", "purpose": "transactional", "channel_ids": [channel.pk]}
    return topics.save(wish=TopicWish(**{**wish, **fields}), by=ana.actor, at=NOW)  # type: ignore[arg-type]


def text(channel: Channel, *bodies: str) -> None:
    for body in bodies:
        hands.receive(channel, body)
        while reactions.react(at=NOW):
            pass


def said() -> list[str]:
    return list(Message.objects.filter(author="system").order_by("id").values_list("body", flat=True))


def ledger() -> list[tuple[str, str, str]]:
    rows = ConsentEntry.objects.order_by("position")
    return [(row.change, row.purpose, row.level) for row in rows]


def test_double_opt_in_by_keyword_is_asked_confirmed_and_proven(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio, frequency="About 4 a month")
    text(twilio, "JOIN ORDERS")
    (asked,) = said()
    assert asked.startswith(
        "Ridgeway: reply YES to get Order updates texts. About 4 a month. Msg & data rates may apply."
    )
    assert asked.endswith("Reply HELP for help, STOP to cancel.")
    assert ledger() == [("requested", "transactional", "express")]
    assert Membership.objects.get().state == "requested"
    text(twilio, "Yes!")
    assert said()[1].startswith("Ridgeway: you're signed up for Order updates.")
    assert ledger()[1:] == [("confirmed", "transactional", "express")]
    proof = ConsentEntry.objects.order_by("position").last()
    assert proof is not None
    assert (proof.method, proof.proof["asked_by"], proof.proof["words"]) == ("reply", "keyword", "yes")
    answer = Message.objects.filter(direction="in").order_by("id").last()
    assert answer is not None
    assert proof.proof["message_id"] == answer.id
    assert Membership.objects.get().state == "joined"
    assert Decision.objects.filter(purpose="opt_in_request", verdict="allow").count() == 1


def test_words_that_twoway_answers_wait_for_nobody(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    text(twilio, "JOIN ORDERS", "YES")
    conversation = Conversation.objects.get()
    assert (conversation.needs_reply, conversation.unanswered) == (False, 0)


def test_a_question_before_goes_on_waiting(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    text(twilio, "Where is my car?", "JOIN ORDERS")
    conversation = Conversation.objects.get()
    assert (conversation.needs_reply, conversation.unanswered) == (True, 1)
    assert len(said()) == 1


def test_a_yes_that_nobody_asked_for_is_an_ordinary_text(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    text(twilio, "YES")
    assert Conversation.objects.get().needs_reply
    assert (said(), ledger(), Membership.objects.count()) == ([], [], 0)


def test_a_yes_after_seven_days_does_nothing(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    text(twilio, "JOIN ORDERS")
    Membership.objects.update(expires_at=NOW)
    text(twilio, "YES")
    assert Conversation.objects.get().needs_reply
    assert [change for change, _, _ in ledger()] == ["requested"]
    assert actions.expire(at=NOW) == 1
    assert Membership.objects.get().state == "expired"


def test_who_asks_twice_at_once_is_asked_once(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    text(twilio, "JOIN ORDERS", "join orders")
    assert len(said()) == 1
    Membership.objects.update(asked_at=NOW - timedelta(hours=1))
    text(twilio, "JOIN ORDERS")
    Membership.objects.update(asked_at=NOW - timedelta(hours=1))
    text(twilio, "JOIN ORDERS")
    assert len(said()) == 2
    assert [change for change, _, _ in ledger()] == ["requested"]


def test_single_opt_in_joins_at_once_and_again_changes_nothing(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio, is_double=False, takes_bare=True)
    text(twilio, "orders", "ORDERS")
    assert ledger() == [("granted", "transactional", "express")]
    assert len(said()) == 1
    assert Event.objects.filter(type="topic_joined", is_shown=True).count() == 1


def test_leaving_one_topic_leaves_the_others(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio, is_double=False)
    make_topic(ana, twilio, keyword="NEWS", label="News", purpose="service", is_double=False)
    text(twilio, "JOIN ORDERS", "JOIN NEWS", "STOP ORDERS", "LEAVE ORDERS")
    assert dict(Membership.objects.values_list("topic__keyword", "state")) == {"ORDERS": "left", "NEWS": "joined"}
    assert ledger()[2:] == [("withdrawn", "transactional", "")]
    assert said()[2:] == ["Ridgeway: you won't get Order updates texts any more. Reply STOP to end all texts from us."]


def test_consent_ends_with_the_last_topic_of_its_purpose(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio, is_double=False)
    make_topic(ana, twilio, keyword="PARCELS", label="Parcels", is_double=False)
    text(twilio, "JOIN ORDERS", "JOIN PARCELS", "LEAVE ORDERS")
    assert [change for change, _, _ in ledger()] == ["granted", "granted"]
    text(twilio, "LEAVE PARCELS")
    assert [change for change, _, _ in ledger()][2:] == ["withdrawn"]


def test_stop_ends_every_topic_and_join_does_not_undo_it(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio, is_double=False)
    text(twilio, "JOIN ORDERS", "STOP")
    assert Membership.objects.get().state == "left"
    before = said()
    text(twilio, "JOIN ORDERS")
    assert said() == before
    assert Membership.objects.get().state == "left"
    assert Conversation.objects.get().needs_reply
    text(twilio, "START", "JOIN ORDERS")
    assert Membership.objects.get().state == "joined"


def test_yes_counts_for_what_was_asked_last(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    make_topic(ana, twilio, keyword="DEALS", label="Deals", purpose="promotion")
    text(twilio, "JOIN ORDERS")
    Membership.objects.update(asked_at=NOW - timedelta(minutes=5))
    text(twilio, "JOIN DEALS", "YES")
    assert dict(Membership.objects.values_list("topic__keyword", "state")) == {"ORDERS": "requested", "DEALS": "joined"}
    assert ledger()[-1] == ("confirmed", "promotion", "written")
    assert "Not a condition of purchase." in said()[1]


def test_a_number_without_the_topic_hears_nothing(twilio: Channel, ana: Player, workspace: Workspace) -> None:
    make_topic(ana, twilio)
    other = hands.twilio_channel(workspace, "+14155550198")
    text(other, "JOIN ORDERS")
    assert said() == []
    assert Conversation.objects.get().needs_reply


def test_numbers_of_a_pool_are_one_for_topics(twilio: Channel, ana: Player, workspace: Workspace) -> None:
    other = hands.twilio_channel(workspace, "+14155550198")
    pool = Pool.objects.create(workspace=workspace, name="Desk", created_at=NOW)
    Channel.objects.update(pool=pool)
    make_topic(ana, twilio)
    text(twilio, "JOIN ORDERS")
    text(other, "YES")
    membership = Membership.objects.get()
    assert (membership.state, membership.channel_id) == ("joined", twilio.pk)
    assert set(ConsentEntry.objects.values_list("channel_id", flat=True)) == {twilio.pk}


def test_help_is_answered_in_the_words_of_the_number(twilio: Channel, ana: Player) -> None:
    make_topic(ana, twilio)
    topics.set_help(channel=twilio, text="{business} {program}: write to us. STOP ends it.", by=ana.actor, at=NOW)
    text(twilio, "HELP")
    assert said() == ["Ridgeway Order updates: write to us. STOP ends it."]


def test_who_may_make_topics_and_how(twilio: Channel, ana: Player, ben: Player, cleo: Player) -> None:
    topic = make_topic(ana, twilio)
    with pytest.raises(NotAllowed):
        make_topic(ben, twilio, keyword="OTHER")
    with pytest.raises(Invalid):
        make_topic(cleo, twilio, keyword="OTHER")
    with pytest.raises(Invalid, match="keyword"):
        make_topic(ana, twilio)
    with pytest.raises(Invalid, match="written consent"):
        make_topic(ana, twilio, keyword="DEALS", purpose="promotion", is_double=False)
    with pytest.raises(Invalid, match="what these texts are for"):
        make_topic(ana, twilio, keyword="DEALS", purpose="reply")
    topics.retire(topic=topic, by=ana.actor, at=NOW)
    text(twilio, "JOIN ORDERS")
    assert said() == []
