"""Callbacks and phone queues over the API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.callbacks import queries
from twoway.messaging.callbacks.models import Callback, CallbackSetting
from twoway.messaging.deflection.models import Deflection, PhoneQueue
from twoway.messaging.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    now = timezone.now()
    CallbackSetting.objects.create(workspace=channel.workspace, is_on=True, words=[], changed_at=now)
    return make.make_conversation(channel, at=now - timedelta(minutes=1), messages=1)


def test_a_program_offers_books_and_records(program: Program, talk: Conversation, ben: object) -> None:
    url = f"/conversations/{talk.pk}/callbacks"
    made = program.ask("POST", url, {}, key="one")
    assert (made.status, made.json["state"], len(made.json["options"])) == (201, "offered", 3)
    assert program.ask("POST", url, {}, key="one").json["id"] == made.json["id"]
    assert Message.objects.filter(direction="out").count() == 1
    free = queries.free_in(talk, at=timezone.now())
    booked = program.ask("POST", url, {"starts_at": free[2].isoformat()})
    assert (booked.status, booked.json["state"]) == (201, "booked")
    listed = program.get("/callbacks?box=booked").json["items"]
    assert [one["id"] for one in listed] == [booked.json["id"]]
    done = program.ask("POST", f"/callbacks/{booked.json['id']}/outcome", {"outcome": "reached", "note": "Fine"})
    assert (done.json["state"], done.json["outcome"], done.json["note"]) == ("done", "reached", "Fine")
    assert Callback.objects.get().state == "done"


def test_what_cannot_be_is_refused(program: Program, talk: Conversation, ben: object) -> None:
    url = f"/conversations/{talk.pk}/callbacks"
    past = program.ask("POST", url, {"starts_at": "2020-01-01T10:00:00Z"})
    assert (past.status, past.code) == (422, "slot_taken")
    CallbackSetting.objects.update(is_on=False)
    off = program.ask("POST", url, {})
    assert (off.status, off.code) == (422, "callbacks_off")
    assert program.ask("POST", "/callbacks/999/outcome", {"outcome": "reached"}).status == 404
    assert program.get("/callbacks?box=all").status == 422


def test_a_phone_system_with_a_token(program: Program, channel: Channel) -> None:
    queue = PhoneQueue.objects.create(
        workspace=channel.workspace, channel=channel, name="Airport line", hook="h", created_at=timezone.now()
    )
    url = f"/phone-queues/{queue.pk}"
    short = program.ask("POST", f"{url}/state", {"waiting": 1, "caller": "+15035550142"})
    assert (short.status, short.json["offer"], short.json["why"]) == (200, False, "short")
    offered = program.ask("POST", f"{url}/state", {"waiting": 8, "longest_wait": 400, "caller": "+15035550142"})
    assert offered.json["offer"] is True
    answer = {"offer_id": offered.json["offer_id"], "accepted": True}
    done = program.ask("POST", f"{url}/answer", answer)
    assert done.json["accepted"] is True
    assert program.ask("POST", f"{url}/answer", answer).json == done.json
    assert Message.objects.get().conversation_id == done.json["conversation_id"]
    report = program.get("/phone-queues/report").json
    assert (report["offered"], report["accepted"], report["queues"][0]["waiting"]) == (1, 1, 8)
    assert program.ask("POST", f"{url}/state", {"waiting": -1}).status == 422
    assert program.ask("POST", f"{url}/answer", {"offer_id": 999, "accepted": True}).code == "no_such_offer"
    assert Deflection.objects.count() == 1


def test_who_may_answer_for_a_phone_queue(
    ana: Player, program_of: Callable[..., Program], stranger: Program, channel: Channel
) -> None:
    queue = PhoneQueue.objects.create(
        workspace=channel.workspace, channel=channel, name="Airport line", hook="h", created_at=timezone.now()
    )
    url = f"/phone-queues/{queue.pk}/answer"
    answer = {"offer_id": 1, "accepted": True}
    assert Program().ask("POST", url, answer).status == 401
    assert program_of(ana, role="viewer").ask("POST", url, answer).status == 403
    assert stranger.ask("POST", url, answer).status == 404
