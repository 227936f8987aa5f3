"""SMPP channels: who may name a private host, what can't be right, and what a check says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import NOW, Player
from tests.messaging.smpp_hands import CREDENTIALS
from twoway.channels import actions, queries
from twoway.channels.models import Channel, Session
from twoway.lib.refusal import Invalid
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace


def add(by: Actor, **credentials: str) -> Channel:
    given = CREDENTIALS | {"host": "smpp.example.com"} | credentials
    return actions.add_channel(by=by, provider="smpp", address="+14155550199", credentials=given, at=NOW)


def operator(workspace: Workspace) -> Actor:
    return Actor(kind="system", workspace_id=workspace.pk, role="owner", name="operator")


def may_be_private(channel: Channel) -> bool:
    channel.refresh_from_db()
    return queries.account(channel).settings.get("private_host") == "yes"


def test_a_host_that_an_operator_names_may_be_private_and_one_of_a_member_may_not(
    workspace: Workspace, ana: Player
) -> None:
    channel = add(operator(workspace), host="10.0.0.5")
    assert may_be_private(channel)
    actions.update_channel(by=ana.actor, channel=channel, credentials={"window": "20"}, at=NOW)
    assert may_be_private(channel)
    actions.update_channel(by=ana.actor, channel=channel, credentials={"port": "5432"}, at=NOW)
    assert not may_be_private(channel)
    actions.update_channel(by=operator(workspace), channel=channel, credentials={"host": "10.0.0.6"}, at=NOW)
    assert may_be_private(channel)


def test_a_members_new_channel_has_a_public_host(ana: Player) -> None:
    assert not may_be_private(add(ana.actor))


@pytest.mark.parametrize(
    "wrong", [{"port": "0"}, {"bind": "both"}, {"window": "x"}, {"host": "smpp://x"}, {"password": "é"}]
)
def test_what_cannot_be_right_is_refused_by_its_field(ana: Player, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        add(ana.actor, **wrong)
    assert refused.value.field == next(iter(wrong))
    channel = add(ana.actor)
    with pytest.raises(Invalid):
        actions.update_channel(by=ana.actor, channel=channel, credentials=wrong, at=NOW)


@pytest.mark.parametrize(
    ("state", "age", "ok", "words"),
    [
        (None, 0, False, "No worker has begun"),
        ("bound", 0, True, "Bound to"),
        ("refused", 0, False, "Bound to"),
        ("bound", 60, False, "No worker holds"),
    ],
)
def test_what_a_check_says(ana: Player, state: Any, age: int, ok: bool, words: str) -> None:
    channel = add(ana.actor)
    now = datetime.now(UTC)
    if state:
        Session.objects.create(
            channel=channel,
            state=state,
            detail="Bound to it.",
            worker="w",
            since=now,
            seen_at=now - timedelta(seconds=age),
        )
    checked = queries.check(channel)
    assert (checked.ok, checked.detail.startswith(words), checked.detail.endswith(".")) == (ok, True, True)
