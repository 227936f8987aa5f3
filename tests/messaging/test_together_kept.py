"""What members wrote to one another about a person goes with them, and with its time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.retention.models import RetentionPolicy
from twoway.conversations import actions
from twoway.conversations.models import Conversation
from twoway.conversations.together.models import Handover, Mention, UnseenMention
from twoway.messaging.retention import erasing, sweeping

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def talk(ana: Player, ben: Player, channel: Channel) -> Conversation:
    row = make.make_conversation(channel, at=NOW, messages=1)
    actions.hand_over(
        conversation=row, member_id=ben.id, note="@Ben look", summary="They wrote last: hello", by=ana.actor, at=NOW
    )
    return row


def kept() -> tuple[int, int, int]:
    return Handover.objects.count(), Mention.objects.count(), UnseenMention.objects.count()


def test_an_erasure_takes_it(ana: Player, talk: Conversation) -> None:
    assert kept() == (1, 1, 1)
    done = erasing.erase(contact_id=talk.contact_id, by=ana.actor, at=NOW)
    assert kept() == (0, 0, 0)
    assert done.notes == 2


def test_retention_takes_it(ana: Player, talk: Conversation) -> None:
    RetentionPolicy.objects.update_or_create(workspace_id=talk.workspace_id, defaults={"body_days": 30})
    sweeping.sweep(workspace_id=talk.workspace_id, at=NOW + timedelta(days=29))
    assert kept() == (1, 1, 1)
    sweeping.sweep(workspace_id=talk.workspace_id, at=NOW + timedelta(days=31))
    assert kept() == (0, 0, 0)
