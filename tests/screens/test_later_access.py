"""Who may schedule, change what is scheduled, and take back: by role, by account, by workspace, by what one sees."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, TEXTERS, Matrix, Place
from tests.screens_html import html_of, on_screen, plain, post
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation, Draft
from twoway.desk.urls_compose import urlpatterns
from twoway.messaging.models import Message
from twoway.messaging.scheduling import actions, queries, undoing
from twoway.messaging.scheduling.models import Later, Undo
from twoway.teams.models import Workspace

ONE = "conversation_id later_id"
MATRIX = Matrix(
    {
        "later": Place(methods=("GET", "POST"), roles=TEXTERS, key="conversation_id"),
        "later_move": Place(methods=("GET", "POST"), roles=TEXTERS, key=ONE),
        "later_now": Place(methods=("POST",), roles=TEXTERS, key=ONE),
        "later_cancel": Place(methods=("POST",), roles=TEXTERS, key=ONE),
        "later_edit": Place(methods=("POST",), roles=TEXTERS, key=ONE),
    }
)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=timezone.now(), messages=1, name="Dana Whitfield")


@pytest.fixture
def things(talk: Conversation, ana: Player) -> dict[str, object]:
    at = timezone.now()
    row = actions.schedule(
        conversation=talk, body="At nine.", due_at=at + timedelta(days=1), by=ana.actor, at=at, key="k"
    )
    return {"conversation_id": talk.pk, "later_id": row.pk}


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urlpatterns} == set(MATRIX.places) | {
        "send_undo",
        "new_check",
        "tone",
        "settings_tone",
        "draft_now",
    }


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Vera", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}


def test_who_sees_other_teams_only_finds_nothing(workspace: Workspace, things: dict[str, object]) -> None:
    team = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True))
    assert dee.client.get(MATRIX.address("later", things)).status_code == 404
    assert dee.client.post(MATRIX.address("later_now", things)).status_code == 404
    assert Later.objects.get().state == "waiting"


def test_one_of_another_conversation_is_not_found(things: dict[str, object], channel: Channel, ana: Player) -> None:
    other = make.make_conversation(channel, at=timezone.now(), messages=1)
    assert ana.client.post(f"/c/{other.pk}/later/{things['later_id']}/cancel/").status_code == 404


def test_scheduling_on_their_clock(talk: Conversation, ana: Player) -> None:
    talk.contact.time_zone = "America/New_York"
    talk.contact.save()
    url = f"/c/{talk.pk}/later/"
    menu = plain(html_of(ana.client.get(url, headers=on_screen(open_id=talk.pk))))
    assert "Dana's time, New York" in menu, "whatever zones the number itself allows"
    day = (timezone.now() + timedelta(days=2)).date()
    fields = {"body": "See you then.", "due_at": f"{day}T08:00", "zone": "theirs", "key": "k9", "cancels": "1"}
    answer = post(ana.client, url, fields)
    assert answer.status_code == 200
    row = Later.objects.get()
    assert (row.due_at.astimezone(ZoneInfo("America/New_York")).hour, row.cancels_on_answer) == (
        8,
        True,
    )


@pytest.mark.parametrize("due_at", ["", "tomorrow", "2020-01-01T08:00", "9999-12-31T23:59", "2026-13-01T00:00"])
def test_a_time_that_cannot_be_is_said_in_the_menu(talk: Conversation, ana: Player, due_at: str) -> None:
    answer = post(ana.client, f"/c/{talk.pk}/later/", {"body": "See you.", "due_at": due_at, "key": "k"})
    assert answer.status_code == 422
    assert 'role="alert"' in html_of(answer)
    assert not Later.objects.exists()


def test_undo_is_for_its_writer(talk: Conversation, ana: Player, ben: Player, cleo: Player) -> None:
    undoing.choose(seconds=10, by=ben.actor)
    sent = post(ben.client, f"/c/{talk.pk}/reply/", {"body": "In bay B61.", "key": "k", "then": "done"})
    message = Message.objects.get(direction="out")
    url = f"/c/{talk.pk}/undo/{message.pk}/"
    assert url in html_of(sent)
    assert 'data-seconds="10"' in html_of(sent)
    assert (message.status, Undo.objects.get().marked_done) == ("scheduled", True)
    for player in (ana, cleo):
        assert post(player.client, url, {}).status_code == 404
    back = ben.client.post(url, headers=on_screen(open_id=talk.pk))
    assert back.status_code == 200
    assert "data-returned" in html_of(back)
    assert "In bay B61.</textarea>" in html_of(back)
    assert Draft.objects.get().body == "In bay B61."
    talk.refresh_from_db()
    assert (talk.state, talk.needs_reply) == ("open", True)
    page = html_of(ana.client.get(f"/c/{talk.pk}/"))
    assert "In bay B61." not in page
    assert post(ben.client, url, {}).status_code == 422


def test_a_member_chooses_in_their_profile(ben: Player) -> None:
    given = {"name": "Ben", "theme": "system", "uses_single_keys": "on", "undo_seconds": "20"}
    assert ben.client.post(reverse("desk:profile"), given).status_code == 302
    assert queries.undo_seconds(ben.actor) == 20
    assert "20 seconds" in html_of(ben.client.get(reverse("desk:profile")))
