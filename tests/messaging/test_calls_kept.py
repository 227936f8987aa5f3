"""Calls and what was said in them: in a copy of a person, gone with their erasure, gone when their time is up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import make
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.retention import actions as holds
from twoway.compliance.retention.rules import DEFAULTS
from twoway.conversations.models import Conversation
from twoway.lib.refusal import NotFound
from twoway.messaging.calls.models import Call
from twoway.messaging.media import files, queries
from twoway.messaging.models import MediaFile
from twoway.messaging.retention import actions, copies, erasing
from twoway.providers.simulator_carrier.calls import tone

pytestmark = pytest.mark.django_db

SAID = "The car at bay four won't open"


@pytest.fixture
def call(settings: Any, tmp_path: Path, channel: Channel) -> Call:
    """A call of a year and more ago, with a message."""
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }
    at = NOW - timedelta(days=900)
    talk = make.make_conversation(channel, at=at, name="Dana")
    file = MediaFile.objects.create(
        workspace=channel.workspace, conversation_id=talk.pk, state="ready", kind="audio", content_type="audio/wav",
        name="voicemail.wav", is_kept=True, created_at=at,
    )  # fmt: skip
    path = tmp_path / "sound"
    path.write_bytes(tone(2))
    files.keep(file.key, "whole", path)
    return Call.objects.create(
        workspace=channel.workspace, channel=channel, conversation=talk, direction="in", state="voicemail",
        phone=talk.identity.value, transcript=SAID, recording_id=file.pk, started_at=at, ended_at=at, provider_id="C1",
    )  # fmt: skip


def test_who_may_see_the_conversation_may_hear_the_message(ben: Player, cleo: Player, call: Call) -> None:
    assert queries.access_media(ben.actor, call.recording_id or 0).pk == call.recording_id
    with pytest.raises(NotFound):
        queries.access_media(cleo.actor, call.recording_id or 0)
    near = make.make_team(call.workspace, "Near", at=NOW)
    far = make.make_team(call.workspace, "Far", at=NOW)
    Conversation.objects.update(team=far)
    dee = Player(member=make.make_member(call.workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    with pytest.raises(NotFound):
        queries.access_media(dee.actor, call.recording_id or 0)


def test_a_copy_of_a_person_holds_their_calls(call: Call) -> None:
    told = copies._person(call.conversation.contact_id, at=NOW)
    assert [one["transcript"] for one in told["calls"]] == [SAID]
    assert [one["id"] for one in told["files"]] == [call.recording_id]
    assert [one.pk for one in copies._media(call.conversation.contact_id)] == [call.recording_id]


def test_an_erased_person_leaves_neither_voice_nor_number(ana: Player, call: Call) -> None:
    file = MediaFile.objects.get()
    erasing.erase(contact_id=call.conversation.contact_id, by=ana.actor, at=NOW)
    call.refresh_from_db()
    assert (call.phone, call.transcript, call.recording_id, call.state) == ("", "", None, "voicemail")
    assert not MediaFile.objects.exists()
    assert not files.store().exists(files.name(file.key, "whole"))


def test_calls_and_recordings_go_when_their_time_is_up(ana: Player, call: Call) -> None:
    file = MediaFile.objects.get()
    recent = Call.objects.create(
        workspace=call.workspace, channel=call.channel, conversation=call.conversation, direction="in",
        state="missed", started_at=NOW, ended_at=NOW, provider_id="C2",
    )  # fmt: skip
    holds.set_policy(is_on=True, days=dict(DEFAULTS), by=ana.actor, at=NOW)
    report = actions.run(is_dry=False, by=ana.actor, at=NOW)
    assert report.error == ""
    assert list(Call.objects.values_list("id", flat=True)) == [recent.pk]
    assert not MediaFile.objects.exists()
    assert not files.store().exists(files.name(file.key, "whole"))


def test_a_legal_hold_keeps_them(ana: Player, call: Call) -> None:
    holds.set_policy(is_on=True, days=dict(DEFAULTS), by=ana.actor, at=NOW)
    holds.place_hold(reason="Case 12", contact=call.conversation.contact, by=ana.actor, at=NOW)
    actions.run(is_dry=False, by=ana.actor, at=NOW)
    assert Call.objects.get().transcript == SAID
    assert MediaFile.objects.exists()
