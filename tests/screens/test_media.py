"""Pictures and files on the screens of the inbox and the simulator, who may have them, and under which headers."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests import make, pictures
from tests.conftest import NOW, Player
from twoway.channels import simulator
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.media import actions, addresses
from twoway.messaging.models import MediaFile, Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


def upload(client: Client, talk: Conversation, data: bytes, name: str = "bay.jpg") -> Any:
    return client.post(
        f"/c/{talk.pk}/files/",
        data,
        content_type="application/octet-stream",
        headers={**HTMX, "X-File-Name": name},
    )


def page(client: Client, talk: Conversation) -> str:
    return client.get(f"/c/{talk.pk}/").content.decode()


def sent(client: Client, talk: Conversation, body: str = "", *rows: MediaFile) -> Message:
    ids = ",".join(str(row.pk) for row in rows)
    answer = client.post(f"/c/{talk.pk}/reply/", {"body": body, "key": "k", "files": ids}, headers=HTMX)
    assert answer.status_code == 200, answer.content
    return Message.objects.get(direction="out")


def read(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_a_file_is_put_beside_the_text_and_sent_with_it(clients: Any, talk: Conversation) -> None:
    answer = upload(clients.ana, talk, pictures.picture(1500, 1100, noise=True, quality=95), "bay%20one.jpg")
    html = answer.content.decode()
    row = MediaFile.objects.get()
    assert (answer.status_code, row.name) == (200, "bay one.jpg")
    assert f'data-ids="{row.pk}"' in html
    assert re.search(r"JPEG, \d+ KB, was \d", html)
    assert f'data-ids="{row.pk}"' in page(clients.ana, talk)
    message = sent(clients.ana, talk, "Here", row)
    assert message.media[0]["media"] == row.pk
    html = page(clients.ana, talk)
    assert 'data-ids=""' in html
    assert f'id="file-{row.pk}"' in html
    assert 'alt="Photo: bay one.jpg"' in html


def test_where_no_picture_goes_the_link_is_shown_before_it_is_sent(clients: Any, channel: Channel) -> None:
    contact = make.make_contact(channel.workspace, at=NOW)
    identity = make.make_identity(contact, at=NOW, value="+447911123456")
    abroad = make.make_conversation(channel, at=NOW, identity=identity, messages=1)
    html = upload(clients.ana, abroad, pictures.picture()).content.decode()
    links = re.search(r'data-links="([^"]+)"', html)
    assert links
    assert "it gets a link" in html
    message = sent(clients.ana, abroad, "See", MediaFile.objects.get())
    assert message.body == f"See\n{links[1]}"


@pytest.mark.parametrize(("data", "words"), [(b"", "This file is empty."), (b"x" * 2_000_000, "Send up to 1 MB.")])
def test_what_can_t_be_taken_is_said_plainly(
    clients: Any, talk: Conversation, settings: Any, data: bytes, words: str
) -> None:
    settings.MEDIA_MOST_BYTES = 1_048_576
    answer = upload(clients.ana, talk, data)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not MediaFile.objects.exists()


def test_a_file_is_taken_away_again(clients: Any, talk: Conversation) -> None:
    upload(clients.ana, talk, pictures.picture())
    row = MediaFile.objects.get()
    assert clients.ben.post(f"/c/{talk.pk}/files/{row.pk}/remove/", headers=HTMX).status_code == 404
    answer = clients.ana.post(f"/c/{talk.pk}/files/{row.pk}/remove/", headers=HTMX)
    assert 'data-ids=""' in answer.content.decode()
    assert not MediaFile.objects.exists()


def test_a_refused_text_comes_back_with_its_files(clients: Any, talk: Conversation) -> None:
    upload(clients.ana, talk, pictures.picture())
    row = MediaFile.objects.get()
    answer = clients.ana.post(f"/c/{talk.pk}/reply/", {"body": "Hi", "files": f"{row.pk},999"}, headers=HTMX)
    assert answer.status_code == 422
    assert f'data-ids="{row.pk}"' in answer.content.decode()


def test_the_files_of_a_text_that_failed_can_be_used_again(clients: Any, talk: Conversation) -> None:
    upload(clients.ana, talk, pictures.picture(), "bay.jpg")
    message = sent(clients.ana, talk, "", MediaFile.objects.get())
    Message.objects.filter(pk=message.pk).update(status="failed", error="unreachable")
    assert 'data-reuse data-body=""' in page(clients.ana, talk)
    answer = clients.ana.post(f"/c/{talk.pk}/files/again/", {"message": message.pk}, headers=HTMX)
    copy = MediaFile.objects.exclude(message=message).get()
    assert f'data-ids="{copy.pk}"' in answer.content.decode()
    elsewhere = make.make_conversation(talk.channel, at=NOW, messages=1)
    asked = clients.ana.post(f"/c/{elsewhere.pk}/files/again/", {"message": message.pk}, headers=HTMX)
    assert asked.status_code == 404


# Having a file


@pytest.fixture
def row(talk: Conversation, ana: Player, tmp_path: Path) -> MediaFile:
    """A picture Ana has sent."""
    path = tmp_path / "upload"
    path.write_bytes(pictures.picture())
    made = actions.add_upload(conversation=talk, path=path, name="bay.jpg", by=ana.actor, at=NOW)
    actions.attach(media_ids=[made.pk], message=make.make_message(talk, at=NOW, direction="out", media=[{"media": 1}]))
    made.refresh_from_db()
    return made


def address(row: MediaFile, **more: Any) -> str:
    token = addresses.desk_token(row.pk, copy=more.pop("copy", "whole"), at=more.pop("at", timezone.now()))
    return f"/files/{token}/bay.jpg"


def test_whoever_may_see_the_message_has_its_file(clients: Any, row: MediaFile) -> None:
    for client in (clients.ana, clients.ben):
        answer = client.get(address(row))
        assert (answer.status_code, read(answer)) == (200, pictures.picture())
        assert answer["Content-Type"] == "image/jpeg"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"].startswith("private")
        assert answer["X-Frame-Options"] == "DENY"
    small = clients.ben.get(address(row, copy="small"))
    assert small["Content-Type"] == "image/jpeg"
    small.close()


def test_nobody_else_has_it(clients: Any, row: MediaFile, client: Client) -> None:
    assert clients.cleo.get(address(row)).status_code == 404
    assert client.get(address(row)).status_code == 302
    assert clients.ana.get(address(row, at=timezone.now() - timedelta(days=3))).status_code == 410
    assert clients.ana.get("/files/AAAAAAAAAAAAAAAAAAAAAAAAAAAA/bay.jpg").status_code == 404
    public = addresses.issue(row.pk, copy="whole", audience="public", good_until=timezone.now() + timedelta(days=1))
    assert clients.ana.get(f"/files/{public}/bay.jpg").status_code == 404


def test_who_sees_their_own_team_s_conversations_only_has_no_other_file(
    row: MediaFile, talk: Conversation, ben: Player, clients: Any
) -> None:
    team = make.make_team(talk.workspace, "Roadside", at=NOW)
    Conversation.objects.filter(pk=talk.pk).update(team=team)
    ben.member.sees_own_teams_only = True
    ben.member.save()
    assert clients.ben.get(address(row)).status_code == 404


def test_a_part_of_a_video_can_be_asked_for(clients: Any, row: MediaFile) -> None:
    answer = clients.ana.get(address(row), headers={"Range": "bytes=2-5"})
    assert (answer.status_code, read(answer)) == (206, pictures.picture()[2:6])
    assert answer["Content-Range"].endswith(f"/{len(pictures.picture())}")
    head = clients.ana.head(address(row))
    assert (head.status_code, head["Content-Length"]) == (200, str(len(pictures.picture())))


def test_who_may_do_what_with_files(
    clients: Any, client: Client, row: MediaFile, talk: Conversation, workspace: Workspace
) -> None:
    """Not in this workspace: nothing is there. A viewer: may look, and change nothing. Nobody: to the sign-in."""
    viewer = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW)).client
    base = f"/c/{talk.pk}/files/"
    asked: list[tuple[str, dict[str, str]]] = [
        (base, {}),
        (f"{base}again/", {"message": str(row.message_id)}),
        (f"{base}{row.pk}/remove/", {}),
        (f"{base}{row.pk}/retry/", {}),
    ]
    for url, fields in asked:
        assert clients.cleo.post(url, fields, headers=HTMX).status_code == 404
        assert viewer.post(url, fields, headers=HTMX).status_code in {403, 404}
        assert client.post(url, fields, headers=HTMX).status_code == 401
        assert client.post(url, fields).status_code == 302
    assert viewer.get(base, headers=HTMX).status_code == 403
    seen = viewer.get(address(row))
    assert (seen.status_code, read(seen)) == (200, pictures.picture())
    assert clients.ana.get(f"{base}again/").status_code == 405
    row.refresh_from_db()
    assert (row.state, MediaFile.objects.count()) == ("ready", 1)


# In the log


def inbound(talk: Conversation, **fields: Any) -> MediaFile:
    message = make.make_message(talk, at=NOW, body="", media=[{"url": "https://example.com/a"}])
    return MediaFile.objects.create(
        workspace=talk.workspace, message=message, created_at=NOW, **{"state": "ready", "kind": "image", **fields}
    )


def test_every_kind_is_shown_in_its_way(clients: Any, talk: Conversation) -> None:
    inbound(talk, state="waiting")
    failed = inbound(talk, state="failed", error="too_big")
    inbound(talk, kind="video", content_type="video/mp4", name="bay.mp4")
    inbound(talk, kind="audio", content_type="audio/ogg", name="voice.ogg")
    inbound(talk, kind="pdf", content_type="application/pdf", name="<b>plan</b>.pdf", size=4096)
    inbound(talk, kind="contact", content_type="text/vcard", name="Dana.vcf", detail="+1 503 555 0178", size=200)
    inbound(talk, kind="location", name="Bay B14", source_url="geo:45.52,-122.67")
    html = page(clients.ana, talk)
    assert "Getting it from the carrier" in html
    assert "It is bigger than this desk takes." in html
    assert f"/files/{failed.pk}/retry/" in html
    assert "<video" in html
    assert "<audio" in html
    assert "&lt;b&gt;plan&lt;/b&gt;.pdf" in html
    assert "PDF, 4 KB" in html
    assert "+1 503 555 0178, 1 KB" in html
    assert "https://www.openstreetmap.org/?mlat=45.520000&amp;mlon=-122.670000" in html


def test_a_failed_one_is_asked_for_again(clients: Any, talk: Conversation) -> None:
    row = inbound(talk, state="failed", error="gone", attempts=40)
    assert clients.cleo.post(f"/c/{talk.pk}/files/{row.pk}/retry/", headers=HTMX).status_code == 404
    answer = clients.ben.post(f"/c/{talk.pk}/files/{row.pk}/retry/", headers=HTMX)
    assert answer.status_code == 200
    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("waiting", 0, "")


# The simulator


def test_the_phone_sends_and_shows_pictures(clients: Any, channel: Channel, row: MediaFile) -> None:
    simulator.register(channel)
    handset = "+19715550123"
    where = {"channel": channel.pk, "handset": handset}
    files = [SimpleUploadedFile("bay.png", pictures.picture(form="PNG")), SimpleUploadedFile("c.vcf", pictures.VCARD)]
    answer = clients.ana.post("/simulator/text/", {**where, "body": "", "files": files}, headers=HTMX)
    assert answer.status_code == 200
    (text,) = simulator.thread(channel, handset)
    assert [url.rpartition(".")[2] for url in text.media_urls] == ["png", "vcf"]
    assert simulator.file_of(text.media_urls[0]) == ("image/png", pictures.picture(form="PNG"))
    html = answer.content.decode()
    shown = re.search(r'<img src="(/simulator/files/[^"]+)"', html)
    assert shown
    picture = clients.ana.get(shown[1].replace("&amp;", "&"))
    assert (picture.status_code, picture["Content-Type"], picture.content) == (
        200,
        "image/png",
        pictures.picture(form="PNG"),
    )
    assert clients.cleo.get(shown[1].replace("&amp;", "&")).status_code == 404
    assert clients.ana.post("/simulator/text/", {**where, "photo": "1"}, headers=HTMX).status_code == 200
    assert simulator.thread(channel, handset)[-1].media_urls[0].endswith(".jpg")


def test_a_phone_does_not_send_everything(clients: Any, channel: Channel) -> None:
    simulator.register(channel)
    large = SimpleUploadedFile("film.mp4", b"x" * (5 * 1024 * 1024 + 1))
    answer = clients.ana.post("/simulator/text/", {"channel": channel.pk, "body": "", "files": [large]}, headers=HTMX)
    assert answer.status_code == 422
    assert "up to 5 MB" in answer.content.decode()
