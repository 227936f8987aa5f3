"""A worker with more to do than it may hold at once: everything leaves once, on the first try."""

from __future__ import annotations

import pytest

from tests.conftest import Player
from tests.fakes.running import running_twilio
from tests.messaging import hands
from tests.messaging.test_delivery import conversations, deliver, number, queue
from twoway.conversations.models import Conversation
from twoway.messaging import delivery
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
TEXTS = 3 * delivery.MOST_IN_FLIGHT


def test_many_texts_leave_at_the_first_try(workspace: Workspace, ben: Player) -> None:
    with running_twilio() as twilio:
        channel = number(workspace, twilio, rate=100_000.0)
        texts = [hands.text(channel, "hi", sender=f"+1415556{1000 + n}") for n in range(TEXTS)]
        hands.post([(channel, hands.webhook(channel, text)) for text in texts])
        queued = [queue(ben, one, f"to {one.pk}") for one in Conversation.objects.filter(channel=channel)]
        assert len(queued) == TEXTS
        deliver()
        assert sorted(sent["ref"] for sent in twilio.accepted()) == sorted(str(one.id) for one in queued)
    sent = Message.objects.filter(direction="out")
    assert set(sent.values_list("attempts", "is_uncertain", "status")) == {(1, False, "sending")}
    assert sent.exclude(provider_id="").count() == TEXTS


def test_a_text_that_failed_is_tried_again_without_waiting_for_the_next_look(
    workspace: Workspace, ben: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LOOK_EVERY", 3600.0)
    with running_twilio(throttle=0.5, seed=1) as twilio:
        for conversation in conversations(number(workspace, twilio), 4):
            queue(ben, conversation, "hello")
        deliver(seconds=60)
        assert len(twilio.accepted()) == 4
    assert max(Message.objects.filter(direction="out").values_list("attempts", flat=True)) > 1
