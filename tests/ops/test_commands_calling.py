"""`twoway phone-queue`, `twoway queues` and `twoway callbacks`: what they print, change and refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests import make
from tests.ops.test_commands_setup import Operator, operator
from twoway.messaging.callbacks.models import Callback
from twoway.messaging.deflection.models import PhoneQueue
from twoway.routing.models import Queue, QueueEntry
from twoway.teams.models import Workspace

__all__ = ["operator"]


def test_a_phone_queue_is_added_listed_and_reported(operator: Operator) -> None:
    channel = make.make_channel(Workspace.objects.get(), at=datetime.now(UTC))
    made = operator.json("phone-queue", "add", "Airport line", str(channel.pk), "--waiting", "8")
    queue = PhoneQueue.objects.get()
    assert (made["name"], made["over_waiting"], made["over_seconds"]) == ("Airport line", 8, 180)
    assert made["url"].endswith(f"/queues/{queue.hook}/")
    assert operator.json("phone-queue", "list") == {"items": [made]}
    assert "of this name" in operator.refused("phone-queue", "add", "Airport line", str(channel.pk))
    assert "no such number" in operator.refused("phone-queue", "add", "Other", "999")
    assert operator.json("phone-queue", "report", "--days", "7")["offered"] == 0
    assert "saved seconds" in operator.run("phone-queue", "report").out


def test_callbacks_are_listed(operator: Operator) -> None:
    at = datetime.now(UTC)
    channel = make.make_channel(Workspace.objects.get(), at=at)
    talk = make.make_conversation(channel, at=at)
    row = Callback.objects.create(
        workspace_id=talk.workspace_id, conversation=talk, contact=talk.contact, identity=talk.identity,
        channel=channel, state="booked", source="text", language="en", zone="UTC", seat=0, created_at=at,
        changed_at=at, starts_at=at + timedelta(hours=1), ends_at=at + timedelta(hours=1, minutes=20),
    )  # fmt: skip
    (found,) = operator.json("callbacks")["items"]
    assert (found["callback_id"], found["state"], found["outcome"]) == (row.pk, "booked", None)
    assert operator.json("callbacks", "ended") == {"items": []}
    assert "booked" in operator.run("callbacks").out


def test_queues_are_listed_with_who_waits(operator: Operator) -> None:
    assert "No queues" in operator.run("queues", "list").out
    at = datetime.now(UTC)
    workspace = Workspace.objects.get()
    queue = Queue.objects.create(workspace=workspace, name="Care", created_at=at)
    Queue.objects.create(workspace=workspace, name="Night", is_active=False, created_at=at)
    talk = make.make_conversation(make.make_channel(workspace, at=at), at=at)
    QueueEntry.objects.create(conversation=talk, workspace=workspace, queue=queue, priority=3, entered_at=at)
    care, night = operator.json("queues", "list")["items"]
    assert (care["name"], care["waiting"], care["online"]) == ("Care", 1, 0)
    assert (night["is_active"], night["waiting"]) == (False, None)
    head, *lines = operator.run("queues", "list").out.splitlines()
    assert head.split() == ["id", "queue", "waiting", "longest", "online", "room"]
    assert [line.split()[1:3] for line in lines] == [["Care", "1"], ["Night", "off"]]
    (waits,) = operator.json("queues", "waiting", str(queue.pk))["items"]
    assert (waits["conversation_id"], waits["priority"]) == (talk.pk, 3)
    assert "no such queue" in operator.refused("queues", "waiting", "999")
