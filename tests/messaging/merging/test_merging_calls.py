"""Calls of two who are one person: put together with their lines and recordings, and parted again by the number."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.contacts.models import Contact
from twoway.conversations.actions.waiting import wait_for_us
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.models import Event
from twoway.events.types import CallStarted
from twoway.messaging.calls.models import Call
from twoway.messaging.merging import actions
from twoway.messaging.models import MediaFile

pytestmark = pytest.mark.django_db


def call(talk: Conversation, *, number: str, minutes: int = 0) -> Call:
    """A message left from a number, with its line in the thread."""
    at = NOW + timedelta(minutes=minutes)
    file = MediaFile.objects.create(
        workspace=talk.workspace, conversation_id=talk.pk, state="ready", kind="audio", is_kept=True, created_at=at
    )
    made = Call.objects.create(
        workspace=talk.workspace, channel=talk.channel, conversation=talk, direction="in", state="voicemail",
        phone=number, recording_id=file.pk, started_at=at, ended_at=at, provider_id=f"CA{number}{minutes}",
    )  # fmt: skip
    publish(
        CallStarted(
            workspace_id=talk.workspace_id, conversation_id=talk.pk, contact_id=talk.contact_id, call_id=made.pk,
            channel_id=talk.channel_id, direction="in",
        ),
        at=at,
    )  # fmt: skip
    return made


def stands_in(made: Call) -> tuple[int, int, int]:
    """The conversation of a call, of its line and of its recording."""
    made.refresh_from_db()
    line = Event.objects.get(type="call_started", data__call_id=made.pk)
    return (
        made.conversation_id,
        line.conversation_id or 0,
        MediaFile.objects.get(id=made.recording_id or 0).conversation_id or 0,
    )


@pytest.fixture
def talks(channel: Channel) -> tuple[Conversation, Conversation]:
    return (
        make.make_conversation(channel, at=NOW, messages=1, name="Dana"),
        make.make_conversation(channel, at=NOW, messages=1, name="Dana W"),
    )


def number_of(talk: Conversation) -> str:
    return str(talk.identity.value)


def test_calls_are_put_together_and_undoing_parts_them(talks: tuple[Conversation, Conversation], ana: Player) -> None:
    kept, gone = talks
    mine, theirs = call(kept, number=number_of(kept)), call(gone, number=number_of(gone))
    merge = actions.merge(
        kept=Contact.objects.get(id=kept.contact_id), gone=Contact.objects.get(id=gone.contact_id), by=ana.actor, at=NOW
    )
    assert stands_in(mine) == stands_in(theirs) == (kept.pk,) * 3
    actions.unmerge(merge=merge, by=ana.actor, at=NOW)
    assert stands_in(mine) == (kept.pk,) * 3
    assert stands_in(theirs) == (gone.pk,) * 3


def test_a_call_that_came_since_goes_to_whom_it_came_from(
    talks: tuple[Conversation, Conversation], ana: Player
) -> None:
    kept, gone = talks
    merge = actions.merge(
        kept=Contact.objects.get(id=kept.contact_id), gone=Contact.objects.get(id=gone.contact_id), by=ana.actor, at=NOW
    )
    since = call(kept, number=number_of(gone), minutes=5)
    own = call(kept, number=number_of(kept), minutes=6)
    actions.unmerge(merge=merge, by=ana.actor, at=NOW + timedelta(hours=1))
    assert stands_in(since) == (gone.pk,) * 3
    assert stands_in(own) == (kept.pk,) * 3


def test_who_called_in_vain_still_waits_after_undoing(talks: tuple[Conversation, Conversation], ana: Player) -> None:
    """The last text is ours, from before the call: it answers nothing."""
    kept, gone = talks
    make.make_message(kept, at=NOW, body="All done!", direction="out")
    merge = actions.merge(
        kept=Contact.objects.get(id=kept.contact_id), gone=Contact.objects.get(id=gone.contact_id), by=ana.actor, at=NOW
    )
    call(kept, number=number_of(kept), minutes=5)
    wait_for_us(conversation_id=kept.pk, preview="Voicemail", at=NOW + timedelta(minutes=5))
    actions.unmerge(merge=merge, by=ana.actor, at=NOW + timedelta(hours=1))
    kept.refresh_from_db()
    assert kept.needs_reply
