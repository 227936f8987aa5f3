"""Settings, Automatic replies and Promises kept, as pages."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.cast import NOW, Player
from tests.screens.access import ADMINS, MANAGERS, Matrix, Place
from twoway.channels.models import Channel
from twoway.desk import urls_greetings
from twoway.messaging.greeting import actions
from twoway.messaging.greeting.actions import Wish
from twoway.messaging.greeting.models import GreetingSettings, Promise, Wording

PLACES = {
    "settings_greetings": Place(methods=("GET",), roles=ADMINS),
    "settings_greetings_choose": Place(methods=("POST",), roles=ADMINS),
    "settings_greetings_meter": Place(methods=("POST",), roles=ADMINS),
    "settings_promises": Place(methods=("GET",), roles=MANAGERS),
    "settings_greeting": Place(methods=("POST",), roles=ADMINS, key="kind"),
}
MATRIX = Matrix(PLACES)
THINGS: dict[str, object] = {"kind": "welcome"}
PAGE = "desk:settings_greetings"


def test_every_address_is_in_the_matrix() -> None:
    assert {one.name for one in urls_greetings.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", ["owner", "admin", "manager", "agent", "viewer"])
def test_who_may(ben: Player, channel: Channel, role: str) -> None:
    ben.member.role = role
    ben.member.save()
    wrong = MATRIX.wrong_for_role(ben, THINGS)
    wrong.pop("POST settings_greetings_meter", None)  # without a kind in its address there is nothing to look at
    assert wrong == {}
    assert MATRIX.open_to_nobody(THINGS) == {}


def test_words_are_saved_shown_and_counted(ana: Player, channel: Channel) -> None:
    client = ana.client
    url = reverse("desk:settings_greeting", args=["welcome"])
    given = {"welcome-state": "on", "welcome-en": "Hola {first_name} ★", "welcome-es": ""}
    assert client.post(url, given).status_code == 302
    row = Wording.objects.get()
    assert (row.kind, row.is_on, row.texts) == ("welcome", True, {"en": "Hola {first_name} ★"})
    shown = client.get(reverse(PAGE)).content.decode()
    assert "Hola Dana ★" in shown
    assert "UCS-2" in shown


def test_words_that_cannot_be_used_stay_in_the_form(ana: Player, channel: Channel) -> None:
    url = reverse("desk:settings_greeting", args=["wait"])
    answer = ana.client.post(url, {"wait-state": "on", "wait-en": "We got it, {name}.", "wait-es": ""})
    assert answer.status_code == 422
    assert "There is no {name} in this text." in answer.content.decode()
    assert "We got it, {name}." in answer.content.decode()
    assert not Wording.objects.exists()


def test_a_number_has_words_of_its_own(ana: Player, channel: Channel, cleo: Player) -> None:
    place = f"?place=n{channel.pk}"
    url = reverse("desk:settings_greeting", args=["welcome"]) + place
    ana.client.post(url, {"welcome-state": "on", "welcome-en": "Riders, hello", "welcome-es": ""})
    assert Wording.objects.get().channel_id == channel.pk
    assert "Riders, hello" in ana.client.get(reverse(PAGE) + place).content.decode()
    assert cleo.client.get(reverse(PAGE) + place).status_code == 404
    ana.client.post(url, {"welcome-state": "above", "welcome-en": "", "welcome-es": ""})
    assert not Wording.objects.exists()


def test_what_somebody_would_get_now(ana: Player, channel: Channel) -> None:
    def shown(**asked: str) -> str:
        return ana.client.get(reverse(PAGE), {"try": str(channel.pk), **asked}).content.decode()

    assert "No automatic text is switched on for this." in shown()
    for kind in ("welcome", "wait"):
        actions.set_wording(wish=Wish(kind=kind, is_on=True, texts={}), by=ana.actor, at=NOW)
    assert "Thanks for texting Ridgeway Carshare!" in shown()
    assert "Gracias por escribir a Ridgeway Carshare." in shown(language="es")
    again = shown(first="0")
    assert "Not enough is known about how long it will take" in again
    assert "Only 0 answers at this hour are on record" in again


def test_numbers_are_checked_and_kept(ana: Player) -> None:
    url = reverse("desk:settings_greetings_choose")
    given = {"percentile": 90, "least_cases": 20, "grace_seconds": 30, "warn_minutes": 5, "language": "es"}
    assert ana.client.post(url, {f"all-{name}": value for name, value in given.items()}).status_code == 302
    assert GreetingSettings.objects.get().percentile == 90
    assert (
        ana.client.post(url, {f"all-{name}": value for name, value in (given | {"percentile": 99}).items()}).status_code
        == 422
    )


def test_segments_while_typing(ana: Player) -> None:
    url = reverse("desk:settings_greetings_meter") + "?kind=after_hours&language=es"
    shown = ana.client.post(url, {"after_hours-es": "Volvemos {opens}. <b>"}).content.decode()
    assert "Volvemos mañana a las 9:00. &lt;b&gt;" in shown
    assert ana.client.post(reverse("desk:settings_greetings_meter")).status_code == 404


def test_the_report_of_promises(ana: Player, channel: Channel) -> None:
    url = reverse("desk:settings_promises")
    assert "Nothing was promised yet." in ana.client.get(url).content.decode()
    now = timezone.now()
    Promise.objects.bulk_create(
        Promise(
            workspace_id=channel.workspace_id, channel=channel, episode=n, percentile=80, said_minutes=20,
            estimate_seconds=900, made_at=now - timedelta(days=3), due_at=now, waited_seconds=660,
            outcome="kept" if n < 16 else "broken", warned_at=None if n < 16 else now,
        )
        for n in range(20)
    )  # fmt: skip
    shown = ana.client.get(url).content.decode()
    for words in ("80%", "58% – 92%", "20 min", "11 min", "20 promises settled", "What is stated lies within"):
        assert words in shown, words
