"""Calls over the API: what is told of them, and who may have a customer called from whose phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from tests import make
from tests.api.conftest import Program
from tests.conftest import Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.calls import setting
from twoway.messaging.calls.models import Call

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(channel: Channel, now: datetime) -> Conversation:
    return make.make_conversation(channel, at=now, messages=1, name="Dana")


def path(talk: Conversation) -> str:
    return f"/conversations/{talk.pk}/calls"


def test_a_call_is_told_as_it_stands(program: Program, talk: Conversation, channel: Channel, now: datetime) -> None:
    made = Call.objects.create(
        workspace=channel.workspace, channel=channel, conversation=talk, direction="in", state="missed",
        phone="+14155550101", started_at=now, ended_at=now, text_code="opted_out", provider_id="C1",
    )  # fmt: skip
    (told,) = program.get(path(talk)).json["items"]
    assert (told["id"], told["state"], told["direction"], told["text_back"]) == (made.pk, "missed", "in", "opted_out")
    assert program.get(f"/calls/{made.pk}").json == told


def test_who_may_have_a_customer_called(
    ana: Player, program_of: Callable[..., Program], stranger: Program, talk: Conversation
) -> None:
    body = {"member_id": ana.id}
    assert Program().ask("POST", path(talk), body).status == 401
    assert program_of(ana, role="viewer").ask("POST", path(talk), body).status == 403
    assert stranger.ask("POST", path(talk), body).status == 404
    refused = program_of(ana, role="agent").ask("POST", path(talk), body)
    assert (refused.status, refused.code) == (422, "no_phone")
    assert not Call.objects.exists()


def test_the_provider_that_cannot_be_reached(
    ana: Player, program: Program, talk: Conversation, channel: Channel, now: datetime
) -> None:
    setting.set_phone(number="+19715550188", region="US", by=ana.actor, at=now)
    Channel.objects.update(settings={"api_base": "http://127.0.0.1:9"})
    answer = program.ask("POST", path(talk), {"member_id": ana.id})
    assert (answer.status, answer.code) == (422, "call_failed")
    assert Call.objects.get().state == "failed"
    assert program.ask("POST", path(talk), {"member_id": ana.id, "who": 1}).status == 422
