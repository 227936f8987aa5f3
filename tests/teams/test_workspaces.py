"""Making workspaces and setting their options."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.db import connection

from tests import make
from tests.cast import Player
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.teams import actions
from twoway.teams.models import User, Workspace


def create(**changes: Any) -> Any:
    given: dict[str, Any] = {
        "name": "Ridgeway",
        "owner_email": "Ana@Example.com",
        "owner_name": "Ana",
        "password": make.PASSWORD,
        "at": datetime(2026, 3, 10, tzinfo=UTC),
    }
    return actions.create_workspace(**given | changes)


def test_a_workspace_has_an_owner_who_can_sign_in(db: None) -> None:
    owner = create(time_zone="Europe/Berlin", region="de")
    assert (owner.role, owner.user.email, owner.workspace.region) == ("owner", "ana@example.com", "DE")
    assert owner.user.check_password(make.PASSWORD)
    assert EmailAddress.objects.get(user=owner.user).verified
    assert [row.action for row in audit_entries(owner.workspace_id)] == ["workspace.created"]


def test_an_account_that_exists_keeps_its_password(db: None) -> None:
    first = create()
    second = create(name="Another", password="quite another secret")
    assert first.user == second.user
    assert User.objects.get().check_password(make.PASSWORD)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "ana@example.com"}, "password"),
        ({"owner_email": "nobody"}, "email"),
        ({"name": "  "}, "workspace"),
        ({"name": "x" * 81}, "workspace"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"region": "ZZ"}, "region"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(db: None, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create(**changes)
    assert refused.value.field == field
    assert not Workspace.objects.exists()
    assert not User.objects.exists()


def test_the_first_run_happens_once(db: None) -> None:
    create(only_first=True)
    with pytest.raises(Refused) as refused:
        create(only_first=True, owner_email="cleo@example.com")
    assert refused.value.code == "already_set_up"
    assert Workspace.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_first_runs_at_once_make_one_workspace() -> None:
    outcomes: list[str] = []

    def run(email: str) -> None:
        try:
            create(only_first=True, owner_email=email)
            outcomes.append("made")
        except Refused as refused:
            outcomes.append(refused.code)
        connection.close()

    threads = [threading.Thread(target=run, args=(f"{name}@example.com",)) for name in ("ana", "ben", "cleo")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["already_set_up", "already_set_up", "made"]
    assert Workspace.objects.count() == 1


def test_options_are_changed_and_audited(ana: Player, workspace: Workspace, now: datetime) -> None:
    actions.update_workspace(by=ana.actor, at=now, help_text=" Call us. ", reply_validity=600, name=workspace.name)
    workspace.refresh_from_db()
    assert (workspace.help_text, workspace.reply_validity) == ("Call us.", 600)
    entry = audit_entries(workspace.pk)[0]
    assert (entry.action, entry.data) == ("workspace.changed", {"help_text": "Call us.", "reply_validity": 600})


def test_nothing_changed_is_nothing_audited(ana: Player, workspace: Workspace, now: datetime) -> None:
    actions.update_workspace(by=ana.actor, at=now, name=workspace.name, time_zone=workspace.time_zone)
    assert not audit_entries(workspace.pk).exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("time_zone", "PST8"),
        ("region", "USA"),
        ("help_text", "x" * 481),
        ("reply_validity", 59),
        ("reply_validity", 604_801),
        ("color", "red"),
        ("name", ""),
    ],
)
def test_impossible_options(ana: Player, now: datetime, option: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        actions.update_workspace(by=ana.actor, at=now, **{option: value})
    assert refused.value.field == option


def test_an_agent_does_not_change_options(ben: Player, now: datetime) -> None:
    with pytest.raises(NotAllowed):
        actions.update_workspace(by=ben.actor, at=now, name="Mine now")
