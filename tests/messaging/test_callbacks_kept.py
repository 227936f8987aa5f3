"""Callbacks and offers of phone queues: in a copy of a person, gone with them, gone in time, moved by a merge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.consent.actions import hash_of
from twoway.compliance.retention import actions as holds
from twoway.compliance.retention.rules import DEFAULTS
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.messaging.callbacks.models import Callback
from twoway.messaging.deflection.models import Deflection, QueueCall
from twoway.messaging.merging import actions as merging
from twoway.messaging.retention import actions, copies, erasing

pytestmark = pytest.mark.django_db

OLD = NOW - timedelta(days=900)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    """With a callback and an accepted offer of long ago."""
    made = make.make_conversation(channel, at=OLD, messages=1, name="Dana")
    keep(made)
    return made


def keep(talk: Conversation) -> None:
    hashed = hash_of(talk.workspace_id, kind="phone", value=talk.identity.value)
    Callback.objects.create(
        workspace_id=talk.workspace_id, conversation=talk, contact=talk.contact, identity=talk.identity,
        channel=talk.channel, state="done", outcome="reached", note="Wants the blue one", source="text", language="en",
        zone="UTC", created_at=OLD, changed_at=OLD,
    )  # fmt: skip
    Deflection.objects.create(
        workspace_id=talk.workspace_id, queue_name="Airport line", state="accepted", caller_hash=hashed, call="C1",
        contact=talk.contact, identity=talk.identity, conversation=talk, reason="Gate code", offered_at=OLD,
        answered_at=OLD,
    )  # fmt: skip
    QueueCall.objects.create(workspace_id=talk.workspace_id, caller_hash=hashed, call="C2", at=OLD)


def test_a_copy_of_a_person_holds_them(talk: Conversation) -> None:
    told = copies._person(talk.contact_id, at=NOW)
    assert [one["note"] for one in told["callbacks"]] == ["Wants the blue one"]
    assert [one["reason"] for one in told["phone_queues"]] == ["Gate code"]


def test_an_erased_person_leaves_nothing_that_names_them(ana: Player, talk: Conversation) -> None:
    erasing.erase(contact_id=talk.contact_id, by=ana.actor, at=NOW)
    assert not Callback.objects.exists()
    assert not QueueCall.objects.exists()
    row = Deflection.objects.get()
    assert (row.caller, row.caller_hash, row.call, row.reason, row.state) == ("", "", "", "", "accepted")


def test_they_go_when_their_time_is_up_and_stay_under_a_hold(ana: Player, talk: Conversation) -> None:
    holds.set_policy(is_on=True, days=dict(DEFAULTS), by=ana.actor, at=NOW)
    hold = holds.place_hold(reason="Case 12", contact=talk.contact, by=ana.actor, at=NOW)
    actions.run(is_dry=False, by=ana.actor, at=NOW)
    assert Callback.objects.exists()
    assert Deflection.objects.exists()
    holds.lift_hold(hold=hold, by=ana.actor, at=NOW)
    assert actions.run(is_dry=False, by=ana.actor, at=NOW).error == ""
    assert not Callback.objects.exists()
    assert not Deflection.objects.exists()


def test_a_merge_takes_them_along_and_gives_them_back(ana: Player, channel: Channel, talk: Conversation) -> None:
    other = make.make_conversation(channel, at=NOW, messages=1, name="Dana W")
    done = merging.merge(kept=other.contact, gone=talk.contact, by=ana.actor, at=NOW)
    assert Callback.objects.get().contact_id == other.contact_id
    assert Deflection.objects.get().conversation_id == other.pk
    merging.unmerge(merge=done, by=ana.actor, at=NOW)
    assert Callback.objects.get().contact_id == talk.contact_id
    assert Callback.objects.get().conversation_id == talk.pk


@pytest.mark.parametrize("is_kept_first", [True, False])
def test_of_two_promised_calls_none_is_forgotten_by_a_merge(ana: Player, channel: Channel, is_kept_first: bool) -> None:
    gone, kept = (make.make_conversation(channel, at=NOW, messages=1, name=name) for name in ("Dana", "Dana W"))
    for seat, (talk, hours) in enumerate([(gone, 2), (kept, 1 if is_kept_first else 3)]):
        Callback.objects.create(
            workspace_id=talk.workspace_id, conversation=talk, contact=talk.contact, identity=talk.identity,
            channel=channel, state="booked", starts_at=NOW + timedelta(hours=hours), seat=seat,
            ends_at=NOW + timedelta(hours=hours, minutes=20), next_at=NOW + timedelta(hours=hours), source="text",
            language="en", zone="UTC", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
    merging.merge(kept=kept.contact, gone=gone.contact, by=ana.actor, at=NOW)
    rows = Callback.objects.order_by("starts_at")
    assert [(row.state, row.conversation_id) for row in rows] == [("booked", kept.pk), ("left", kept.pk)]
    rung = Event.objects.get(type="callback_due")
    assert (rung.conversation_id, rung.data["why"], rung.data["callback_id"]) == (kept.pk, "left", rows[1].pk)
