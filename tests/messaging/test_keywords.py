"""STOP, START and HELP act in the transaction that stores the text."""

from __future__ import annotations

import pytest

from tests.conftest import NOW, Player
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.compliance.models import Decision, OptOut
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace, name="Ridgeway")


def answers() -> list[str]:
    return list(Message.objects.filter(author="system").order_by("id").values_list("body", flat=True))


@pytest.mark.parametrize("word", ["STOP", "stop!!", "Unsubscribe", "please stop", "revoke", "ARRÊT", "退订"])
def test_stop_opts_out_and_is_confirmed_once(twilio: Channel, word: str) -> None:
    hands.receive(twilio, word, word)
    assert OptOut.objects.filter(lifted_at=None).count() == 1
    assert len(answers()) == 1
    assert "Ridgeway" in answers()[0]
    assert Event.objects.filter(type="contact_opted_out", is_pending=True).count() == 1
    assert not Conversation.objects.get().needs_reply
    assert Decision.objects.get().verdict == "allow"


@pytest.mark.parametrize("words", ["I'll stop by the store at 5", "can you stop the delivery?", "yes", "Sí"])
def test_ordinary_words_do_not(twilio: Channel, words: str) -> None:
    hands.receive(twilio, words)
    assert not OptOut.objects.exists()
    assert answers() == []


def test_after_stop_nothing_can_be_queued_and_the_refusal_is_stored(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "hi", "STOP")
    with pytest.raises(Refused) as refused:
        outbound.queue_text(by=ben.actor, conversation=Conversation.objects.get(), body="But wait", at=NOW)
    assert refused.value.code == "opted_out"
    assert Decision.objects.filter(verdict="deny", reason="opted_out", message_id=None).count() == 1


def test_stop_withdraws_what_was_queued(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "hi")
    queued = outbound.queue_text(by=ben.actor, conversation=Conversation.objects.get(), body="On its way", at=NOW)
    hands.receive(twilio, "STOP")
    queued.message.refresh_from_db()
    assert (queued.message.status, queued.message.error) == ("canceled", "opted_out")


def test_start_lifts_it_and_yes_does_not(twilio: Channel, ben: Player) -> None:
    hands.receive(twilio, "STOP", "YES")
    assert OptOut.objects.filter(lifted_at=None).exists()
    hands.receive(twilio, "START")
    assert not OptOut.objects.filter(lifted_at=None).exists()
    assert "opted back in" in answers()[-1]
    outbound.queue_text(by=ben.actor, conversation=Conversation.objects.get(), body="Welcome back", at=NOW)


def test_start_from_somebody_who_never_left_changes_nothing(twilio: Channel) -> None:
    hands.receive(twilio, "START")
    assert answers() == []
    assert not Event.objects.filter(type="contact_opted_in").exists()


def test_help_is_answered_and_still_waits_for_a_person(twilio: Channel) -> None:
    hands.receive(twilio, "HELP")
    assert len(answers()) == 1
    assert "STOP" in answers()[0]
    assert Conversation.objects.get().needs_reply


def test_help_is_not_answered_over_and_over(twilio: Channel) -> None:
    hands.receive(twilio, "HELP", "HELP", "HELP")
    assert len(answers()) == 1


def test_the_workspace_writes_its_own_help(workspace: Workspace, twilio: Channel) -> None:
    workspace.help_text = "{business} support, Mon to Fri."
    workspace.save()
    hands.receive(twilio, "HELP")
    assert answers() == ["Ridgeway support, Mon to Fri."]


def test_no_second_confirmation_when_the_provider_sends_its_own(workspace: Workspace) -> None:
    channel = hands.twilio_channel(workspace, stop_handled_by="provider")
    hands.receive(channel, "STOP")
    assert OptOut.objects.exists()
    assert answers() == []


def test_the_providers_signal_counts_whatever_the_words(twilio: Channel) -> None:
    form = hands.text(twilio, "enough of this", OptOutType="STOP")
    hands.post([(twilio, hands.webhook(twilio, form))])
    assert OptOut.objects.get().source == "provider"
    assert answers() == []


def test_channels_of_one_messaging_service_share_an_opt_out(workspace: Workspace) -> None:
    one = hands.twilio_channel(workspace, "+14155550111", service_id="MG1")
    two = hands.twilio_channel(workspace, "+14155550112", service_id="MG1")
    other = hands.twilio_channel(workspace, "+14155550113")
    hands.receive(one, "STOP")
    assert set(OptOut.objects.values_list("channel_id", flat=True)) == {one.id, two.id}
    assert other.id not in set(OptOut.objects.values_list("channel_id", flat=True))


def test_a_short_code_gets_no_answer(twilio: Channel) -> None:
    hands.receive(twilio, "HELP", sender="72345")
    assert answers() == []
