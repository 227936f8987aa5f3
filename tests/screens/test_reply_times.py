"""Reply times on screen: who may write policies, what rows and heads say, and closing what has gone quiet."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, TEXTERS, Matrix, Place
from tests.screens_html import html_of, on_screen, plain
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.sla import actions, adopting
from twoway.sla.actions import Wish
from twoway.sla.models import Clock, Policy
from twoway.teams.models import Workspace

MATRIX = Matrix(
    {
        "settings_clocks": Place(methods=("GET",), roles=ADMINS),
        "settings_clock_add": Place(methods=("GET", "POST"), roles=ADMINS),
        "settings_clock": Place(methods=("GET", "POST"), roles=ADMINS, key="policy_id"),
        "settings_clock_move": Place(methods=("POST",), roles=ADMINS, key="policy_id"),
        "settings_clock_delete": Place(methods=("POST",), roles=ADMINS, key="policy_id"),
        "clocks": Place(methods=("GET",), roles=EVERYBODY, key="conversation_id"),
        "clocks_later": Place(methods=("POST",), roles=TEXTERS, key="conversation_id"),
    }
)
FORM = {
    "name": "Billing", "is_on": "on", "first_minutes": "60", "first_warn": "30", "next_minutes": "30", "next_warn": "5",
    "on_breach": ["holder", "managers"],
}  # fmt: skip


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=timezone.now() - timedelta(minutes=31), messages=1, name="Dana Whitfield")


@pytest.fixture
def things(ana: Player, talk: Conversation) -> dict[str, object]:
    row = actions.create_policy(wish=Wish(name="Billing"), by=ana.actor, at=NOW)
    return {"policy_id": row.pk, "conversation_id": talk.pk}


def words(response: Any) -> str:
    """What a page says."""
    return plain(html_of(response))


def switch_on(ana: Player, **goals: int | None) -> None:
    row = actions.ensure_default(ana.member.workspace_id, at=NOW)
    wish = Wish(**{"name": "Everybody else", "in_hours": False, **goals})  # type: ignore[arg-type]
    actions.change_policy(policy=row, wish=wish, by=ana.actor, at=timezone.now())
    while adopting.settle_next(at=timezone.now()):
        pass


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Vera", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}


def test_a_policy_is_written_moved_and_removed(ana: Player) -> None:
    url = reverse("desk:settings_clocks")
    assert "Off" in words(ana.client.get(url))
    assert ana.client.post(reverse("desk:settings_clock_add"), FORM).status_code == 302
    assert ana.client.post(reverse("desk:settings_clock_add"), {**FORM, "name": "Roadside"}).status_code == 302
    page = words(ana.client.get(url))
    assert "First reply within 1 h" in page
    billing, roadside = Policy.objects.filter(is_default=False).order_by("position")
    ana.client.post(reverse("desk:settings_clock_move", args=[roadside.pk]), {"up": "1"})
    assert [row.name for row in Policy.objects.order_by("is_default", "position")][:2] == ["Roadside", "Billing"]
    changed = {**FORM, "name": "Invoices", "first_minutes": "90"}
    assert ana.client.post(reverse("desk:settings_clock", args=[billing.pk]), changed).status_code == 302
    ana.client.post(reverse("desk:settings_clock_delete", args=[roadside.pk]))
    assert [(row.name, row.first_minutes) for row in Policy.objects.filter(is_default=False)] == [("Invoices", 90)]
    assert AuditEntry.objects.filter(action="clock_policy.changed").count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"first_warn": "60"}, "The warning comes before the goal."),
        ({"first_minutes": "", "first_warn": "5"}, "A warning needs a goal."),
        ({"next_minutes": "0"}, "greater than or equal to 1"),
        ({"name": " "}, "This field is required."),
        ({"on_warn": ["shout"]}, "Select a valid choice"),
    ],
)
def test_what_makes_no_sense_is_refused(ana: Player, given: dict[str, object], said: str) -> None:
    answer = ana.client.post(reverse("desk:settings_clock_add"), {**FORM, **given})
    assert answer.status_code == 422
    assert said in html_of(answer)
    assert not Policy.objects.filter(is_default=False).exists()


def test_a_row_and_the_head_say_how_much_is_left_or_how_late_it_is(
    ana: Player, ben: Player, talk: Conversation
) -> None:
    inbox, head = reverse("desk:inbox", args=["open"]), reverse("desk:conversation", args=[talk.pk])
    assert "wait--plain" in html_of(ben.client.get(inbox))
    switch_on(ana, first_minutes=60, first_warn=50)
    page = html_of(ben.client.get(inbox))
    assert "28m left" in page or "29m left" in page
    assert "First reply due" in page
    assert "data-warn" in page
    switch_on(ana, first_minutes=60, first_warn=30)
    assert "wait--soon" in html_of(ben.client.get(inbox))
    switch_on(ana, first_minutes=15, first_warn=None)
    page = html_of(ben.client.get(head))
    assert "16m late" in page
    assert f'href="/c/{talk.pk}/clocks/"' in page


def test_the_clocks_of_a_conversation_in_words(ana: Player, talk: Conversation) -> None:
    url = reverse("desk:clocks", args=[talk.pk])
    assert "No reply time counts here now." in words(ana.client.get(url, headers=on_screen()))
    switch_on(ana, first_minutes=15, first_warn=None, resolution_minutes=600)
    page = words(ana.client.get(url, headers=on_screen()))
    assert "First reply" in page
    assert "16m late" in page
    assert "Resolution" in page
    assert "31 min of 10 h 0 min used" in page
    Clock.objects.filter(kind="resolution").update(pause="snoozed", since=None, due_at=None)
    assert "Stands still while it is snoozed" in words(ana.client.get(url, headers=on_screen()))


def test_what_has_gone_quiet_is_its_holders_to_close(ana: Player, ben: Player, channel: Channel) -> None:
    past = timezone.now() - timedelta(hours=30)
    talk = make.make_conversation(channel, at=past, messages=2, assignee=ben.member, name="Dana Whitfield")
    switch_on(ana)
    adopting.look_again([talk.pk], at=past)
    Clock.objects.filter(kind="wrap_up").update(breached_at=timezone.now())
    inbox, url = reverse("desk:inbox", args=["open"]), reverse("desk:clocks", args=[talk.pk])
    assert "Wrap up?" in words(ben.client.get(inbox))
    assert "Wrap up?" not in words(ana.client.get(inbox))
    assert "Remind me later" in words(ben.client.get(url, headers=on_screen()))
    assert "Remind me later" not in words(ana.client.get(url, headers=on_screen()))
    ben.client.post(reverse("desk:clocks_later", args=[talk.pk]), headers=on_screen())
    assert "Wrap up?" not in words(ben.client.get(inbox))


def test_the_test_box_says_which_policy_would_count(ana: Player, talk: Conversation) -> None:
    url = reverse("desk:settings_clocks")
    assert "No policy fits Dana Whitfield." in words(ana.client.get(url, {"conversation": "Dana"}))
    switch_on(ana, same_day=True)
    page = words(ana.client.get(url, {"conversation": str(talk.pk)}))
    assert "If Dana Whitfield wrote now, the policy Everybody else would count:" in page
    assert "Reply the same day" in page
    assert "No conversation like this was found." in words(ana.client.get(url, {"conversation": "Nobody at all"}))
