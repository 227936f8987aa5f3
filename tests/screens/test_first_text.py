"""The first text to a number: what it meets is said while it is written; files go with it; nobody is texted twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests import make, pictures
from tests.cast import Player
from tests.screens_html import HTMX, html_of, plain, post
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import Source
from twoway.messaging.models import MediaFile, Message
from twoway.sms import phone
from twoway.teams.models import Workspace

TO = "(503) 555-0178"
NUMBER = "+15035550178"


def facts(player: Player, channel: Channel, /, **fields: str) -> str:
    given = {"channel": str(channel.pk), "to": TO, "body": "Your car is ready.", **fields}
    answer = post(player.client, "/new/check/", given)
    assert answer.status_code == 200
    return plain(html_of(answer))


def known(channel: Channel, workspace: Workspace, **fields: Any) -> Any:
    identity = make.make_identity(
        make.make_contact(workspace, at=timezone.now(), name="Dana Whitfield"), at=timezone.now(), value=NUMBER
    )
    return make.make_conversation(channel, at=timezone.now(), identity=identity, **fields)


def test_half_a_number_says_nothing(ben: Player, channel: Channel) -> None:
    assert facts(ben, channel, to="503").strip() == ""
    assert facts(ben, channel, channel="999999").strip() == ""


def test_segments_and_warnings(ben: Player, channel: Channel) -> None:
    told = facts(ben, channel, body="Your car is ready “now”.")
    assert "Unicode" in told
    assert "1 segment" in told
    assert "card number" in facts(ben, channel, body="Is it 4242 4242 4242 4242?")


def test_whom_we_talk_with_already(ben: Player, channel: Channel, workspace: Workspace) -> None:
    talk = known(channel, workspace, messages=1)
    html = html_of(post(ben.client, "/new/check/", {"channel": str(channel.pk), "to": TO}))
    assert "You have a conversation with Dana Whitfield already." in plain(html)
    assert f'href="/c/{talk.pk}/"' in html
    assert f'name="seen" value="{talk.last_message_id}"' in html


def test_whoever_may_not_see_it_hears_nothing_of_it(channel: Channel, workspace: Workspace) -> None:
    known(channel, workspace, messages=1)
    team = make.make_team(workspace, "Near", at=timezone.now())
    dee = Player(member=make.make_member(workspace, "Dee", at=timezone.now(), teams=[team], sees_own_teams_only=True))
    assert "Dana" not in facts(dee, channel)


def test_an_opt_out_is_said_before_send(ben: Player, channel: Channel, workspace: Workspace) -> None:
    talk = known(channel, workspace, messages=1)
    compliance.opt_out(identity=talk.identity, channel=channel, source=Source.MEMBER, at=timezone.now(), by=ben.actor)
    assert "opted out" in facts(ben, channel)


def test_a_viewer_and_a_stranger(workspace: Workspace, channel: Channel, cleo: Player) -> None:
    vera = Player(member=make.make_member(workspace, "Vera", role="viewer", at=timezone.now()))
    assert post(vera.client, "/new/check/", {"channel": str(channel.pk), "to": TO}).status_code == 403
    assert facts(cleo, channel).strip() == ""


def test_files_go_with_it_and_stay_when_it_is_refused(ben: Player, channel: Channel) -> None:
    picture = SimpleUploadedFile("bay.jpg", pictures.picture(60, 40), content_type="image/jpeg")
    given = {"channel": str(channel.pk), "to": "nobody", "body": "Here.", "key": "k", "file": picture}
    refused = ben.client.post("/new/", given, headers=HTMX)
    file = MediaFile.objects.get()
    assert refused.status_code == 422
    assert "bay.jpg" in html_of(refused)
    assert f'name="files" value="{file.pk}"' in html_of(refused)
    again = post(ben.client, "/new/", {**given, "to": TO, "file": "", "files": str(file.pk)})
    assert again.status_code == 204
    file.refresh_from_db()
    assert file.message_id == Message.objects.get().pk


def test_a_file_of_a_colleague_does_not_go(ben: Player, ana: Player, channel: Channel) -> None:
    picture = SimpleUploadedFile("bay.jpg", pictures.picture(60, 40), content_type="image/jpeg")
    ana.client.post("/new/", {"channel": str(channel.pk), "to": "x", "body": "B", "key": "a", "file": picture})
    file = MediaFile.objects.get()
    taken = post(
        ben.client, "/new/", {"channel": str(channel.pk), "to": TO, "body": "B", "key": "b", "files": str(file.pk)}
    )
    assert taken.status_code == 422
    assert not Message.objects.exists()


def test_somebody_was_first(ben: Player, ana: Player, channel: Channel) -> None:
    given = {"channel": str(channel.pk), "to": TO, "body": "Your car is ready.", "seen": "0"}
    assert post(ana.client, "/new/", {**given, "key": "a"}).status_code == 204
    stopped = post(ben.client, "/new/", {**given, "key": "b"})
    message = Message.objects.get()
    assert stopped.status_code == 422
    assert "Ana replied while you were typing. Read it before you send." in plain(html_of(stopped))
    assert f'name="seen" value="{message.pk}">Send anyway' in html_of(stopped)
    assert post(ben.client, "/new/", {**given, "key": "b", "seen": str(message.pk)}).status_code == 204
    assert Message.objects.filter(recipient=phone.identify(NUMBER, region="US").value).count() == 2


@pytest.mark.parametrize("fields", [{"files": "1,2,x"}, {"seen": "x"}, {"seen": "-1"}])
def test_nonsense_sends_nothing_it_should_not(ben: Player, channel: Channel, fields: dict[str, str]) -> None:
    given = {"channel": str(channel.pk), "to": TO, "body": "Hi.", "key": "k", **fields}
    assert post(ben.client, "/new/", given).status_code in {204, 422}
