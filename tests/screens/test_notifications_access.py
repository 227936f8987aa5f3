"""Notifications: who may open what, each their own only, and what the pages and answers hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import EVERYBODY, Matrix, Place
from tests.screens_html import HTMX
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.desk import urls_notifications
from twoway.lib import web_push
from twoway.notifications import devices, queries
from twoway.notifications.models import Device, Mute, Notification, Push, Wish
from twoway.teams.models import Workspace

PLACES: dict[str, Place] = {
    "notifications": Place(methods=("GET",), roles=EVERYBODY),
    "notifications_news": Place(methods=("GET",), roles=EVERYBODY),
    "notifications_pause": Place(methods=("POST",), roles=EVERYBODY),
    "mute": Place(methods=("POST",), roles=EVERYBODY, key="conversation_id"),
    "muted": Place(methods=("GET",), roles=EVERYBODY, key="conversation_id"),
    "notify": Place(methods=("GET", "POST"), roles=EVERYBODY),
    "notify_key": Place(methods=("GET",), roles=EVERYBODY),
}
OWN = {"notification", "notifications_read", "notify_device_add", "notify_device_forget"} | {
    "notify_device_remove",
    "notify_device_test",
}
"""Of one member each: asked about below."""
MATRIX = Matrix(PLACES)
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


@pytest.fixture
def things(talk: Conversation) -> dict[str, object]:
    return {"conversation_id": talk.pk}


def note(player: Player, talk: Conversation | None = None, **fields: Any) -> Notification:
    given = {"kind": "message", "created_at": NOW, "at": NOW, **fields}
    return Notification.objects.create(member=player.member, conversation=talk, **given)


def subscription(endpoint: str = "https://push.example.net/send/abc") -> dict[str, Any]:
    return {"endpoint": endpoint, "keys": {"p256dh": web_push.new_keys().public, "auth": AUTH}}


def device(player: Player, endpoint: str = "https://push.example.net/send/abc") -> Device:
    return devices.add(subscription=subscription(endpoint), label="Chrome", by=player.actor, at=NOW)


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_notifications.urlpatterns} == set(PLACES) | OWN


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, things: dict[str, object], workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    found = MATRIX.wrong_for_role(player, things)
    found.pop("POST notifications_pause", None)
    assert found == {}


def test_somebody_who_is_not_signed_in_is_asked_to(things: dict[str, object]) -> None:
    assert MATRIX.open_to_nobody(things) == {}


def test_strangers_find_nothing(things: dict[str, object], cleo: Player) -> None:
    assert MATRIX.found_by_stranger(cleo, things) == {}


def test_forms_need_their_token(things: dict[str, object], ben: Player) -> None:
    assert MATRIX.taken_without_token(ben, things) == {}


def test_who_sees_own_teams_only_mutes_what_they_see(talk: Conversation, workspace: Workspace) -> None:
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, sees_own_teams_only=True))
    assert dee.client.post(reverse("desk:mute", args=[talk.pk])).status_code == 404
    assert not Mute.objects.exists()


def test_notifications_are_ones_own(ana: Player, ben: Player, talk: Conversation) -> None:
    own = note(ben, talk)
    url = reverse("desk:notification", args=[own.pk])
    assert ana.client.get(url).status_code == 404
    ana.client.post(reverse("desk:notifications_read"), {"id": own.pk})
    assert Notification.objects.filter(pk=own.pk, read_at=None).exists()
    answer = ben.client.get(url)
    assert (answer.status_code, answer["Location"]) == (302, f"/c/{talk.pk}/")
    assert not Notification.objects.filter(pk=own.pk, read_at=None).exists()
    assert "Dana" not in ana.client.get(reverse("desk:notifications")).content.decode()


def test_reading_and_unreading(ben: Player, talk: Conversation) -> None:
    first, second = note(ben, talk), note(ben, talk, kind="assigned", by_name="Ana")
    news = reverse("desk:notifications_news")
    assert ben.client.get(news).json()["unread"] == 2
    url = reverse("desk:notifications_read")
    assert ben.client.post(url, {"id": first.pk}, headers=HTMX).json()["unread"] == 1
    assert ben.client.post(url, {"id": first.pk, "unread": "1"}, headers=HTMX).json()["unread"] == 2
    assert ben.client.post(url, {"conversation": talk.pk}, headers=HTMX).json() == {
        "unread": 0,
        "conversations": [],
        "newest": "",
        "loud": False,
        "sound": "drop",
        "volume": 60,
    }
    note(ben, None, kind="waiting", count=4)
    assert ben.client.post(url, {"all": "1"}).status_code == 302
    assert queries.news(ben.actor, at=NOW).unread == 0
    assert ben.client.post(url, {}, headers=HTMX).status_code == 422
    assert second.pk


def test_the_list_is_escaped_and_masked(ben: Player, workspace: Workspace, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="<b>Dana</b>")
    nameless = make.make_conversation(channel, at=NOW, messages=1)
    workspace.numbers_from = "manager"
    workspace.save()
    text = make.make_message(talk, at=NOW, body="<script>alert(1)</script>")
    note(ben, talk, message_id=text.pk)
    note(ben, nameless)
    shown = ben.client.get(reverse("desk:notifications"), headers=HTMX).content.decode()
    assert "&lt;b&gt;Dana" in shown
    assert "&lt;script&gt;" in shown
    assert "<script>" not in shown
    assert nameless.identity.value[2:8] not in "".join(letter for letter in shown if letter.isdigit())


def test_settings_are_kept(ben: Player) -> None:
    url = reverse("desk:notify")
    given = {
        "message:app": "1",
        "message:push": "1",
        "wait_minutes": "7",
        "sound": "chime",
        "volume": "30",
        "quiet_days": ["5", "6"],
        "quiet_from": "20:00",
        "quiet_to": "08:00",
        "zone": "Europe/Berlin",
        "digest_minutes": "60",
    }
    assert ben.client.post(url, given).status_code == 302
    wish = Wish.objects.get(member=ben.member)
    assert wish.ways["message"] == ["app", "push"]
    assert wish.ways["mentioned"] == []
    assert (wish.quiet_days, wish.sound, wish.volume, wish.wait_minutes) == ([5, 6], "chime", 30, 7)
    assert not wish.direct_through
    assert queries.wishes_for(ben.actor).zone == "Europe/Berlin"
    shown = ben.client.get(url).content.decode()
    assert 'name="message:push" value="1" checked' in shown
    assert 'name="message:email" value="1" checked' not in shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"wait_minutes": "0"},
        {"volume": "101"},
        {"sound": "siren"},
        {"quiet_days": ["1"]},
        {"zone": "Mars/Base"},
        {"digest_minutes": "7"},
    ],
)
def test_what_can_not_be_is_refused_and_nothing_kept(ben: Player, wrong: dict[str, Any]) -> None:
    given = {"wait_minutes": "7", "sound": "chime", "volume": "30", "digest_minutes": "60", **wrong}
    assert ben.client.post(reverse("desk:notify"), given).status_code == 422
    assert not Wish.objects.filter(sound="chime").exists()


def test_pausing(ben: Player) -> None:
    url = reverse("desk:notifications_pause")
    assert ben.client.post(url, {"pause": "30"})["Location"] == reverse("desk:notifications")
    assert "Paused until" in ben.client.get(reverse("desk:notifications")).content.decode()
    assert ben.client.post(url, {"pause": "", "next": "//evil.example"})["Location"] == reverse("desk:notifications")
    assert Wish.objects.get(member=ben.member).paused_until is None
    assert ben.client.post(url, {"pause": "9"}).status_code == 422


# Devices --------------------------------------------------------------------------------------------------------------


def add(client: Client, given: object) -> Any:
    return client.post(reverse("desk:notify_device_add"), json.dumps(given), content_type="application/json")


def test_a_device_is_kept_sealed_and_shown_by_name(ben: Player) -> None:
    agent = "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36"
    answer = ben.client.post(
        reverse("desk:notify_device_add"),
        json.dumps(subscription()),
        content_type="application/json",
        headers={"User-Agent": agent},
    )
    assert (answer.status_code, answer.json()["label"]) == (201, "Chrome on Android")
    row = Device.objects.get()
    assert b"push.example.net" not in bytes(row.sealed)
    shown = ben.client.get(reverse("desk:notify")).content.decode()
    assert "Chrome on Android" in shown
    assert "send/abc" not in shown


@pytest.mark.parametrize(
    "given",
    [
        [],
        {},
        {"endpoint": 7, "keys": {}},
        {**subscription(), "keys": {"p256dh": "AAAA", "auth": AUTH}},
        subscription("http://push.example.net/x"),
        subscription("https://127.0.0.1/x"),
        subscription("https://10.0.0.7/x"),
        subscription("https://[::1]/x"),
        subscription("https://2130706433/x"),
        subscription("https://localhost/x"),
        subscription("https://push.internal/x"),
        subscription("https://user@push.example.net/x"),
        subscription("https://push.example.net:22/x"),
        subscription("file:///etc/passwd"),
        subscription("https://push.example.net/" + "x" * 1500),
    ],
)
def test_addresses_that_are_none_are_refused(ben: Player, given: object) -> None:
    assert add(ben.client, given).status_code in {403, 422}
    assert not Device.objects.exists()


def test_a_browser_belongs_to_whoever_signed_in_there(ana: Player, ben: Player) -> None:
    given = subscription()
    add(ana.client, given)
    add(ben.client, given)
    assert [row.member_id for row in Device.objects.all()] == [ben.id]
    url = reverse("desk:notify_device_forget")
    body = json.dumps({"endpoint": given["endpoint"]})
    ana.client.post(url, body, content_type="application/json")
    assert Device.objects.count() == 1
    ben.client.post(url, body, content_type="application/json")
    assert Device.objects.count() == 0


def test_there_are_not_too_many(ben: Player) -> None:
    for n in range(devices.MOST_DEVICES):
        device(ben, f"https://push.example.net/{n}")
    assert add(ben.client, subscription("https://push.example.net/more")).status_code == 422
    assert add(ben.client, subscription("https://push.example.net/3")).status_code == 201


def test_devices_are_ones_own(ana: Player, ben: Player) -> None:
    own = device(ben)
    for name in ("notify_device_test", "notify_device_remove"):
        url = reverse(f"desk:{name}", args=[own.pk])
        assert ana.client.post(url).status_code == 404
        assert Client().post(url).status_code == 302
    assert ben.client.post(reverse("desk:notify_device_test", args=[own.pk])).status_code == 302
    ben.client.post(reverse("desk:notify_device_test", args=[own.pk]))
    assert Push.objects.count() == 1
    assert ben.client.post(reverse("desk:notify_device_remove", args=[own.pk])).status_code == 302
    assert not Device.objects.exists()
