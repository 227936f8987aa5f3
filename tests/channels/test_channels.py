"""Connecting, changing and switching off an address."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels import actions, config, queries, urls
from twoway.channels.models import Channel
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.providers.base import Checked
from twoway.teams.actor import system
from twoway.teams.models import Workspace

TWILIO = {"account_sid": "AC" + "0" * 32, "auth_token": "secret-token"}


def add(by: Any, **changes: Any) -> Channel:
    given: dict[str, Any] = {"provider": "twilio", "address": "(503) 555-0142", "credentials": TWILIO, "at": NOW}
    return actions.add_channel(by=by, **given | changes)


def test_a_channel_is_connected(ana: Player, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    row = add(ana.actor, name=" Main  line ", team_id=team.pk, settings={"rate": "2.5"})
    row.refresh_from_db()
    assert (row.address, row.kind, row.provider, row.name) == ("+15035550142", "sms", "twilio", "Main line")
    assert (row.rate, row.team, row.is_active, row.stop_handled_by) == (2.5, team, True, "provider")
    assert len(row.hook) >= 22
    assert queries.account(row).credentials == TWILIO


def test_credentials_are_sealed_and_not_in_the_audit_trail(ana: Player, workspace: Workspace) -> None:
    row = add(ana.actor)
    assert b"secret-token" not in bytes(row.sealed_credentials)
    entry = audit_entries(workspace.pk)[0]
    assert (entry.action, entry.data) == ("channel.added", {"address": "+15035550142", "provider": "twilio"})


def test_hooks_differ_and_make_the_addresses(ana: Player) -> None:
    row, other = add(ana.actor), add(ana.actor, address="+15035550143")
    assert row.hook != other.hook
    base = f"{settings.PUBLIC_URL}/hooks/twilio/{row.hook}"
    assert [urls.inbound_url(row), urls.status_url(row), urls.voice_url(row)] == [
        f"{base}/inbound",
        f"{base}/status",
        f"{base}/voice",
    ]
    assert queries.channel_of_hook(row.hook) == row
    assert queries.channel_of_hook("unknown") is None


def test_the_pool_of_the_provider_is_kept(ana: Player) -> None:
    row = add(ana.actor, credentials=TWILIO | {"messaging_service_sid": "MG1"})
    assert row.service_id == "MG1"
    assert add(ana.actor, address="+15035550143", settings={"service_id": "pool"}).service_id == "pool"


def test_the_simulator_needs_no_key_and_lets_us_confirm_stop(ana: Player) -> None:
    row = add(ana.actor, provider="simulator", credentials={})
    assert row.stop_handled_by == "us"
    account = queries.account(row)
    assert account.credentials == {"key": settings.CARRIER_KEY}
    assert account.api_base == f"http://127.0.0.1:{settings.PORT}/carrier"


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"provider": "pigeon"}, "provider", "unknown_provider"),
        ({"address": "12"}, "address", "invalid"),
        ({"address": "Ridgeway"}, "address", "invalid"),
        ({"kind": "email"}, "kind", "invalid"),
        ({"credentials": {"account_sid": "AC1"}}, "auth_token", "missing_credential"),
        ({"credentials": TWILIO | {"auth_token": "  "}}, "auth_token", "missing_credential"),
        ({"credentials": TWILIO | {"password": "x"}}, "credentials", "unknown_field"),
        ({"credentials": TWILIO | {"auth_token": "a\nb"}}, "auth_token", "invalid"),
        ({"settings": {"speed": "9"}}, "settings", "unknown_setting"),
        ({"settings": {"rate": "fast"}}, "rate", "invalid"),
        ({"settings": {"rate": "0"}}, "rate", "invalid"),
        ({"settings": {"rate": "nan"}}, "rate", "invalid"),
        ({"settings": {"rate": "1e9"}}, "rate", "invalid"),
        ({"settings": {"stop_handled_by": "them"}}, "stop_handled_by", "invalid"),
        ({"name": "x" * 61}, "name", "invalid"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(ana: Player, changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(ana.actor, **changes)
    assert (refused.value.field, refused.value.code) == (field, code)
    assert not Channel.objects.exists()


def test_an_unknown_setting_is_answered_with_the_known_ones(ana: Player) -> None:
    with pytest.raises(Invalid, match="api_base, rate, service_id, stop_handled_by"):
        add(ana.actor, settings={"speed": "9"})


def test_the_operator_alone_says_where_the_api_is(ana: Player, workspace: Workspace) -> None:
    with pytest.raises(NotAllowed):
        add(ana.actor, settings={"api_base": "http://169.254.169.254"})
    with pytest.raises(Invalid):
        add(system(workspace.pk), settings={"api_base": "file:///etc/passwd"})
    row = add(system(workspace.pk), settings={"api_base": "http://127.0.0.1:9000/"})
    assert queries.account(row).api_base == "http://127.0.0.1:9000"
    row = actions.update_channel(by=system(workspace.pk), channel=row, settings={"api_base": ""}, at=NOW)
    assert queries.account(row).api_base is None


def test_a_team_of_another_workspace_is_none_of_ours(ana: Player, cleo: Player) -> None:
    theirs = make.make_team(cleo.member.workspace, "Theirs", at=NOW)
    with pytest.raises(NotFound):
        add(ana.actor, team_id=theirs.pk)


def test_an_address_is_connected_once(ana: Player, cleo: Player) -> None:
    first = add(ana.actor)
    with pytest.raises(Invalid) as refused:
        add(ana.actor, address="+1 503 555 0142")
    assert refused.value.code == "address_taken"
    add(cleo.actor)
    actions.deactivate_channel(by=ana.actor, channel=first, at=NOW)
    add(ana.actor)
    with pytest.raises(Invalid):
        actions.reactivate_channel(by=ana.actor, channel=first, at=NOW)


def test_keys_that_are_left_empty_stay(ana: Player, workspace: Workspace) -> None:
    row = add(ana.actor)
    row = actions.update_channel(
        by=ana.actor, channel=row, credentials={"account_sid": "", "auth_token": "new"}, name="Line", at=NOW
    )
    assert queries.account(row).credentials == TWILIO | {"auth_token": "new"}
    entry = audit_entries(workspace.pk)[0]
    assert entry.data["credentials"] == ["account_sid", "auth_token"]
    assert "new" not in str(entry.data)


def test_a_change_keeps_the_rest(ana: Player, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    row = add(ana.actor, name="Line", team_id=team.pk)
    row = actions.update_channel(by=ana.actor, channel=row, settings={"stop_handled_by": "us"}, at=NOW)
    assert (row.name, row.team, row.stop_handled_by, row.rate) == ("Line", team, "us", 1.0)
    assert actions.update_channel(by=ana.actor, channel=row, clear_team=True, at=NOW).team is None


def test_switching_off_and_on_again(ana: Player, workspace: Workspace) -> None:
    row = add(ana.actor)
    for act in (actions.deactivate_channel, actions.deactivate_channel, actions.reactivate_channel):
        row = act(by=ana.actor, channel=row, at=NOW)
    assert row.is_active
    told = [entry.action for entry in audit_entries(workspace.pk)]
    assert told == ["channel.reactivated", "channel.deactivated", "channel.added"]


def test_what_a_check_said_is_kept_until_the_keys_change(ana: Player, now: datetime) -> None:
    row = add(ana.actor)
    actions.record_check(channel=row, checked=Checked(ok=True, detail="Fine."), at=now)
    row.refresh_from_db()
    assert (row.check_ok, row.check_detail, row.checked_at) == (True, "Fine.", now)
    row = actions.update_channel(by=ana.actor, channel=row, credentials={"auth_token": "new"}, at=NOW)
    assert (row.check_ok, row.check_detail) == (None, "")


def test_agents_and_strangers_change_nothing(ana: Player, ben: Player, cleo: Player) -> None:
    row = add(ana.actor)
    with pytest.raises(NotAllowed):
        add(ben.actor, address="+15035550143")
    for by, act in itertools.product(
        (ben.actor, cleo.actor), (actions.update_channel, actions.deactivate_channel, actions.reactivate_channel)
    ):
        with pytest.raises(NotAllowed):
            act(by=by, channel=row, at=NOW)
    with pytest.raises(NotFound):
        queries.access_channel(cleo.actor, row.pk)
    assert queries.access_channel(ben.actor, row.pk) == row


def test_who_sees_own_teams_only_uses_their_channels(workspace: Workspace) -> None:
    ours, others = (make.make_team(workspace, name, at=NOW) for name in ("Ours", "Others"))
    own, shared, foreign = (make.make_channel(workspace, at=NOW, team=team) for team in (ours, None, others))
    limited = Player(member=make.make_member(workspace, "Lim", at=NOW, teams=[ours], sees_own_teams_only=True))
    assert set(queries.visible_channels(limited.actor)) == {own, shared}
    with pytest.raises(NotFound):
        queries.access_channel(limited.actor, foreign.pk)


def test_what_the_command_is_told_is_taken_apart() -> None:
    known = tuple(queries.provider_of("twilio").fields)
    assert config.split({"auth_token": "x", "rate": "3"}, known) == ({"auth_token": "x"}, {"rate": "3"})


def test_providers_are_listed_by_name() -> None:
    names = [provider.name for provider in queries.providers()]
    assert {"Simulator", "Twilio"} <= set(names)
    assert names == sorted(names)


@pytest.mark.django_db(transaction=True)
def test_intake_is_told_of_every_change(ana: Player) -> None:
    with psycopg.connect(**connection.get_connection_params() | {"autocommit": True}) as listener:
        listener.execute("LISTEN twoway_channels")
        row = add(ana.actor)
        actions.update_channel(by=ana.actor, channel=row, name="Line", at=NOW)
        actions.deactivate_channel(by=ana.actor, channel=row, at=NOW)
        heard = [notice.payload for notice in listener.notifies(timeout=10, stop_after=3)]
    assert heard == [str(row.pk)] * 3
