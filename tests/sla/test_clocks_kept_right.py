"""Two people merged into one and apart again, and a person who is forgotten: clocks follow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.messaging.merging import actions as merging
from twoway.messaging.retention.erasing import erase
from twoway.sla import actions, adopting
from twoway.sla.actions import Wish
from twoway.sla.models import Clock, Track

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _policy(ana: Player) -> None:
    row = actions.ensure_default(ana.member.workspace_id, at=NOW)
    actions.change_policy(policy=row, wish=Wish(name="All", in_hours=False), by=ana.actor, at=NOW)


def live(key: int) -> dict[str, object]:
    rows = Clock.objects.filter(conversation_id=key, ended_at=None)
    return {row.kind: row.started_at for row in rows}


def test_merged_they_wait_since_the_first_of_both_and_apart_each_since_their_own(channel: Channel, ana: Player) -> None:
    earlier, later = NOW - timedelta(minutes=50), NOW - timedelta(minutes=20)
    gone = make.make_conversation(channel, at=earlier, messages=1, name="D. Whitfield")
    kept = make.make_conversation(channel, at=later, messages=1, name="Dana Whitfield")
    adopting.look_again([gone.pk, kept.pk], at=NOW)
    merge = merging.merge(kept=kept.contact, gone=gone.contact, by=ana.actor, at=NOW)
    assert live(kept.pk) == {"first": earlier}
    assert live(gone.pk) == {}
    kept.refresh_from_db()
    assert Track.objects.get(pk=kept.pk).waiting_since == kept.sort_at == earlier
    merging.unmerge(merge=merge, by=ana.actor, at=NOW)
    assert (live(gone.pk), live(kept.pk)) == ({"first": earlier}, {"first": later})


def test_nobody_waits_for_a_person_who_is_forgotten(channel: Channel, ana: Player) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    adopting.look_again([talk.pk], at=NOW)
    assert live(talk.pk)
    erase(contact_id=talk.contact_id, by=ana.actor, at=NOW + timedelta(minutes=5))
    assert live(talk.pk) == {}
    talk.delete()
    assert not Clock.objects.exists()
    assert not Track.objects.exists()
