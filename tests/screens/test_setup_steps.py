"""The set-up as a checklist: who may open it, what it knows, and the goal that everybody sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.conftest import Player
from tests.screens.access import ADMINS, Matrix, Place
from tests.screens_html import html_of
from twoway.channels import simulator
from twoway.desk import urls_setup
from twoway.events.models import AuditEntry
from twoway.replies import actions as replies
from twoway.sla.queries import goal_of
from twoway.teams.models import Role, Workspace

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
PLACES = {
    "setup_steps": Place(methods=("GET",), roles=ADMINS),
    "setup_goal": Place(methods=("POST",), roles=ADMINS),
    "setup_hide": Place(methods=("POST",), roles=ADMINS),
    "setup_apart": Place(methods=("POST",), roles=ADMINS, key="key"),
}
STEPS = reverse("desk:setup_steps")


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urls_setup.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", Role.values)
def test_who_may(workspace: Workspace, role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rosa", role=role, at=NOW))
    assert Matrix(PLACES).wrong_for_role(player, {"key": "goals"}) == {}


def test_nobody_without_an_account(db: None) -> None:
    assert Matrix(PLACES).open_to_nobody({"key": "goals"}) == {}


def marks(player: Player) -> set[str]:
    """The steps shown as done."""
    page = html_of(player.client.get(STEPS))
    return {part.split('"', 1)[0] for part in page.split('is-done" id="step-')[1:]}


def test_it_knows_what_is_there(ana: Player, cleo: Player) -> None:
    assert marks(ana) == set()
    channel = simulator.add_number(by=ana.actor, at=NOW)
    make.make_conversation(channel, at=NOW, messages=1)
    assert marks(ana) == set()
    make.make_conversation(channel, at=NOW, messages=2)
    assert marks(ana) == {"channels"}
    make.make_member(ana.member.workspace, "Rosa", at=NOW)
    assert marks(ana) == {"channels", "training"}
    replies.add_starter_set(by=ana.actor, at=NOW)
    ana.client.post(reverse("desk:setup_goal"), {"minutes": "15"})
    ana.client.post(reverse("desk:compliance_quiet_edit"), {})
    assert marks(ana) == {"channels", "training", "goals"}
    assert marks(cleo) == set()


def test_a_step_is_left_out_and_taken_back(ana: Player) -> None:
    address = reverse("desk:setup_apart", args=["promotion"])
    ana.client.post(address, {"apart": "1"})
    assert 'is-apart" id="step-promotion"' in html_of(ana.client.get(STEPS))
    ana.client.post(address, {"apart": "0"})
    assert "is-apart" not in html_of(ana.client.get(STEPS))
    assert ana.client.post(reverse("desk:setup_apart", args=["nonsense"])).status_code == 404
    assert AuditEntry.objects.filter(action="workspace.changed").count() == 2


def test_it_is_put_away_and_stays_in_the_settings(ana: Player) -> None:
    link = f'<a class="rail__item" href="{STEPS}"'
    assert link in html_of(ana.client.get(STEPS))
    ana.client.post(reverse("desk:setup_hide"), {"hidden": "1"})
    page = html_of(ana.client.get(reverse("desk:settings")))
    assert link not in page
    assert f'href="{STEPS}"' in page


@pytest.mark.parametrize("minutes", ["0", "-5", "10081", "soon", "9" * 30])
def test_a_goal_that_is_none_is_refused(ana: Player, minutes: str) -> None:
    assert ana.client.post(reverse("desk:setup_goal"), {"minutes": minutes}).status_code == 422
    assert goal_of(ana.member.workspace_id) is None


def test_an_agent_sees_the_goal_beside_a_wait(ana: Player, ben: Player) -> None:
    channel = make.make_channel(ana.member.workspace, at=NOW)
    make.make_conversation(channel, at=timezone.now() - timedelta(minutes=31), messages=1)
    inbox = reverse("desk:inbox", args=["open"])
    assert "wait--plain" in html_of(ben.client.get(inbox))
    ana.client.post(reverse("desk:setup_goal"), {"minutes": "15"})
    page = html_of(ben.client.get(inbox))
    assert "wait--over" in page
    assert "16m late" in page
    assert "First reply due" in page
