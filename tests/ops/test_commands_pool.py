"""Commands about pools and about numbers that rest: what they print, change and refuse."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests import make
from tests.ops.test_commands_setup import Operator, operator
from twoway.channels.health import actions as health
from twoway.channels.models import Channel, ChannelState, Pool
from twoway.messaging.models import Message
from twoway.ops import measures
from twoway.teams.actor import system
from twoway.teams.models import Workspace

__all__ = ["operator"]

DENVER, BOSTON = "+13035550102", "+16175550103"


@pytest.fixture
def numbers(operator: Operator) -> tuple[Channel, Channel]:
    workspace = Workspace.objects.get()
    at = datetime.now(UTC)
    return (
        make.make_channel(workspace, at=at, address=DENVER, name="Riders", check_ok=True),
        make.make_channel(workspace, at=at, address=BOSTON, check_ok=True),
    )


def test_a_pool_is_made_filled_listed_and_emptied(operator: Operator, numbers: tuple[Channel, Channel]) -> None:
    made = operator.json("pool", "create", "Support", "--no-local")
    assert (made["name"], made["prefers_local"], made["channels"]) == ("Support", False, [])
    pool_id = str(made["pool_id"])
    for number in numbers:
        filled = operator.json("pool", "add", pool_id, str(number.pk))
    assert [one["address"] for one in filled["channels"]] == [BOSTON, DENVER]
    assert operator.json("pool", "list") == {"items": [filled]}
    assert "+13035550102" in operator.run("pool", "list").out
    left = operator.json("pool", "remove", pool_id, str(numbers[0].pk))
    assert [one["stands"] for one in left["channels"]] == ["up"]
    assert "not in this pool" in operator.refused("pool", "remove", pool_id, str(numbers[0].pk))
    assert "no such pool" in operator.refused("pool", "add", "999", str(numbers[0].pk))
    assert "of this name" in operator.refused("pool", "create", "SUPPORT")
    assert Pool.objects.count() == 1


def test_a_number_is_paused_and_resumed(operator: Operator, numbers: tuple[Channel, Channel]) -> None:
    key = str(numbers[0].pk)
    paused = operator.json("channel", "pause", key, "--reason", "Too many complaints", "--hours", "2")
    assert (paused["stands"], paused["reason"]) == ("paused", "Too many complaints")
    until = datetime.fromisoformat(paused["paused_until"])
    assert timedelta(hours=1) < until - datetime.now(UTC) <= timedelta(hours=2)
    told = {each["check"]: each for each in json.loads(operator.run("doctor", "--json").out)["checks"]}
    assert told[f"sending from channel {key} ({DENVER})"]["do"].endswith(f"twoway channel resume {key}.")
    assert operator.json("channel", "resume", key)["stands"] == "up"
    assert "next year" in operator.refused("channel", "pause", key, "--hours", "-1")


def test_a_number_retires(operator: Operator, numbers: tuple[Channel, Channel]) -> None:
    old, new = numbers
    told = operator.json("channel", "retire", str(old.pk), "--successor", str(new.pk), "--note", "Now text {new}.")
    assert (told["stands"], told["successor_id"]) == ("retired", new.pk)
    assert ChannelState.objects.get(channel=old).forwarding == "Now text {new}."
    again = operator.refused("channel", "retire", str(new.pk), "--successor", str(old.pk))
    assert "being retired itself" in again
    assert "offset" in operator.refused("channel", "retire", str(new.pk), "--successor", str(old.pk), "--on", "soon")


def test_each_number_has_figures(operator: Operator, numbers: tuple[Channel, Channel]) -> None:
    at = datetime.now(UTC)
    conversation = make.make_conversation(numbers[0], at=at)
    make.make_message(conversation, at=at - timedelta(seconds=100), direction="out", status="queued")
    Message.objects.update(created_at=at - timedelta(seconds=100))
    health.pause_channel(by=system(numbers[0].workspace_id), channel=numbers[0], at=at)
    text = measures.text(workspace_id=numbers[0].workspace_id, at=at + timedelta(seconds=1))
    who = f'{{channel="{numbers[0].pk}",address="{DENVER}"}}'
    assert f"twoway_number_queue_depth{who} 1\n" in text
    assert f"twoway_number_queue_oldest_seconds{who} 101\n" in text
    assert f"twoway_number_paused{who} 1\n" in text
    assert f"twoway_number_down{who} 0\n" in text
