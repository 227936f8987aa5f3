"""Who reads what: the member's language, else the workspace's, else the browser's; and programs in English."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.pseudo import PSEUDO, brackets, in_brackets
from tests.screens_html import html_of
from twoway.channels.models import Channel
from twoway.desk import setup
from twoway.notifications import actions, devices, digest, pushing
from twoway.notifications.actions import Choice
from twoway.notifications.models import Device, Notification, Push
from twoway.teams import actions as teams
from twoway.teams.models import User, Workspace

__all__ = ["brackets", "in_brackets"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_brackets")]
INBOX = "/inbox/open/"
SETTINGS = {"name": "Ridgeway", "time_zone": "America/Los_Angeles", "region": "US", "reply_validity": "3600"}
ASKS = {"Accept-Language": f"{PSEUDO}-MX,en;q=0.4"}


def language_of(html: str) -> str:
    found = re.search(r'<html lang="([\w-]+)"', html)
    return found[1] if found else ""


def choose(player: Player, language: str) -> None:
    User.objects.filter(pk=player.member.user_id).update(language=language)


def test_a_member_chooses(ana: Player, ben: Player) -> None:
    client = ben.client
    given = {"name": "Ben", "theme": "system", "undo_seconds": "0", "language": PSEUDO}
    answer = client.post(reverse("desk:profile"), given, follow=True)
    page = html_of(answer)
    assert language_of(page) == answer.headers["Content-Language"] == PSEUDO
    assert "⟦Saved.⟧" in page
    assert '<option value="xx" selected>' in page
    assert "⟦" not in html_of(ana.client.get(INBOX))
    assert client.post(reverse("desk:profile"), {**given, "language": "tlh"}).status_code == 422


def test_a_workspace_chooses_for_who_did_not(ana: Player, ben: Player) -> None:
    choose(ben, "en")
    ana.client.post(reverse("desk:settings_workspace"), {**SETTINGS, "language": PSEUDO})
    assert language_of(html_of(ana.client.get(INBOX))) == PSEUDO
    assert language_of(html_of(ben.client.get(INBOX))) == "en"
    ana.client.post(reverse("desk:settings_workspace"), SETTINGS)
    assert Workspace.objects.get().language == PSEUDO


def test_a_language_the_desk_no_longer_speaks_is_english(ana: Player) -> None:
    choose(ana, "tlh")
    assert language_of(html_of(ana.client.get(INBOX))) == "en"


def test_who_is_not_signed_in_reads_as_their_browser_asks(ana: Player) -> None:
    page = Client().get(reverse("account_login"), headers=ASKS)
    assert language_of(html_of(page)) == PSEUDO
    assert "Accept-Language" in page.headers["Vary"]
    assert language_of(html_of(Client().get(reverse("account_login")))) == "en"
    assert language_of(html_of(ana.client.get(INBOX, headers=ASKS))) == "en"


def test_a_new_workspace_speaks_as_it_was_set_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "_done", False)
    given = {"workspace": "Ridgeway", "name": "Ana", "email": "ana@example.com", "password": "purple stapler moon"}
    client = Client(HTTP_HOST="127.0.0.1:8000")
    assert "⟦" in html_of(client.get("/setup/", headers=ASKS))
    client.post("/setup/", {**given, "time_zone": "UTC"}, headers=ASKS)
    assert Workspace.objects.get().language == PSEUDO


def test_programs_are_answered_in_english(ana: Player) -> None:
    choose(ana, PSEUDO)
    _, token = teams.create_token(by=ana.actor, name="Booking", role="agent", at=NOW)
    answer = ana.client.get("/api/v1/conversations/987654", headers={**ASKS, "Authorization": f"Bearer {token}"})
    assert answer.status_code == 404
    assert "⟦" not in html_of(answer)


def test_scripts_get_their_words(ana: Player) -> None:
    assert 'id="words"' not in html_of(ana.client.get(INBOX))
    choose(ana, PSEUDO)
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', html_of(ana.client.get(INBOX)))
    assert found
    assert json.loads(found[1])["words"]["Undo"] == "⟦Undo⟧"
    worker = ana.client.get(reverse("service_worker"))
    if worker.status_code == 200:
        assert '"language": "xx"' in html_of(worker)


def test_an_invitation_is_written_for_whom_it_is(ana: Player, settings: LazySettings) -> None:
    settings.EMAIL_URL = "smtp://mail.example.com"
    Workspace.objects.update(language=PSEUDO)
    choose(ana, "en")
    User.objects.create_user("eve@example.com", "purple stapler moon", name="Eve")
    User.objects.filter(email="eve@example.com").update(language="en")
    for email in ("dee@example.com", "eve@example.com"):
        fields = {"email": email, "role": "agent", "days": "7"}
        ana.client.post(reverse("desk:settings_invite"), fields)
    assert ["⟦" in f"{one.subject}{one.body}" for one in mail.outbox] == [True, False]


def test_a_new_password_is_mailed_in_the_language_of_its_account(ben: Player) -> None:
    choose(ben, PSEUDO)
    Client().post(reverse("account_reset_password"), {"email": "ben@example.com"})
    (letter,) = mail.outbox
    assert "⟦" in letter.subject
    assert "⟦" in letter.body


def test_a_digest_is_in_its_readers_language(channel: Channel, ana: Player, ben: Player) -> None:
    choose(ben, PSEUDO)
    talk = make.make_conversation(channel, at=NOW, messages=1)
    for player in (ana, ben):
        actions.choose(by=player.actor, choice=Choice(ways={}, digest_minutes=60))
        Notification.objects.create(
            member=player.member, conversation=talk, kind="message", by_email=True, created_at=NOW, at=NOW
        )
    assert digest.send_due(at=NOW + timedelta(minutes=61)) == 2
    told = {one.to[0]: (one.subject, str(one.body)) for one in mail.outbox}
    assert ["⟦" in part for part in told[ana.member.user.email]] == [False, False]
    assert ["⟦" in part for part in told[ben.member.user.email]] == [True, True]


def test_a_push_is_in_its_readers_language(ben: Player) -> None:
    device = Device.objects.create(member=ben.member, digest="d", sealed=b"", host="", label="", created_at=NOW)
    row = Push.objects.create(device=device, notification=None, due_at=NOW)
    said = [json.loads(pushing._message(row, at=NOW) or b"{}")["title"]]
    choose(ben, PSEUDO)
    said.append(json.loads(pushing._message(Push.objects.get(), at=NOW) or b"{}")["title"])
    assert said == ["Notifications work", "⟦Notifications work⟧"]
    assert devices.label_of("")
