"""Reply times by the API: policies, the clocks of a conversation, and how often they were kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.sla import actions, adopting
from twoway.sla.models import Clock

BODY = {"name": "Billing", "first_minutes": 60, "first_warn": 30, "in_hours": False, "on_breach": ["holder"]}


@pytest.fixture
def admin(ana: Player, program_of: Callable[..., Program]) -> Program:
    return program_of(ana, role="admin")


def test_a_policy_is_added_listed_and_put_anew(admin: Program, channel: Channel) -> None:
    added = admin.ask("POST", "/reply-policies", {**BODY, "channel_ids": [channel.pk]})
    assert added.status == 201
    assert (added.json["first_minutes"], added.json["channel_ids"], added.json["is_default"]) == (
        60,
        [channel.pk],
        False,
    )
    names = [one["name"] for one in admin.get("/reply-policies").json["items"]]
    assert names == ["Billing", actions.DEFAULT_NAME]
    put = admin.ask("PUT", f"/reply-policies/{added.json['id']}", {**BODY, "first_minutes": 90})
    assert (put.status, put.json["first_minutes"], put.json["channel_ids"]) == (200, 90, [])


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first_warn": 60}, "first_warn"),
        ({"channel_ids": [987654]}, "channel_ids"),
        ({"audience_id": 987654}, "audience_id"),
        ({"on_warn": ["shout"]}, "on_warn.0"),
    ],
)
def test_what_makes_no_sense_is_named(admin: Program, given: dict[str, object], field: str) -> None:
    answer = admin.ask("POST", "/reply-policies", {**BODY, **given})
    assert (answer.status, answer.fields) == (422, [field])


@pytest.mark.parametrize("role", ["viewer", "agent", "manager"])
def test_only_who_may_change_the_workspace(ana: Player, program_of: Callable[..., Program], role: str) -> None:
    program = program_of(ana, role=role)
    assert program.get("/reply-policies").status == 403
    assert program.ask("POST", "/reply-policies", BODY).status == 403
    assert program.get("/reply-times").status == (200 if role == "manager" else 403)


def test_the_clocks_of_a_conversation_and_how_often_they_were_kept(
    admin: Program, channel: Channel, now: datetime
) -> None:
    talk = make.make_conversation(channel, at=now - timedelta(minutes=90), messages=1)
    admin.ask("POST", "/reply-policies", BODY)
    while adopting.settle_next(at=now):
        pass
    (clock,) = admin.get(f"/conversations/{talk.pk}/clocks").json["items"]
    assert (clock["kind"], clock["state"], clock["goal_seconds"], clock["policy"]) == (
        "first",
        "breached",
        3600,
        "Billing",
    )
    span = f"since={_utc(now - timedelta(days=1))}&until={_utc(now + timedelta(hours=1))}"
    kept = admin.get(f"/reply-times?{span}").json["items"]
    assert kept == [{"kind": "first", "met": 0, "breached": 1, "share": 0}]
    assert Clock.objects.count() == 1


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
