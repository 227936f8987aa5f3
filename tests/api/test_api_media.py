"""Pictures and files as programs see and send them."""

from __future__ import annotations

from typing import Any

import pytest

from tests import make, pictures
from tests.api.conftest import Program
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.messaging.media import actions
from twoway.messaging.models import MediaFile, Message

pytestmark = pytest.mark.django_db
DANA = "+14155550178"


@pytest.fixture
def photo(channel: Channel, ana: Player, tmp_path: Any) -> MediaFile:
    """A picture somebody sent us."""
    path = tmp_path / "photo"
    path.write_bytes(pictures.picture())
    talk = make.make_conversation(channel, at=NOW, messages=0)
    message = make.make_message(talk, at=NOW, body="", media=[{"url": "https://api.example.com/secret?token=x"}])
    row = actions.add_upload(conversation=talk, path=path, name="bay.jpg", by=ana.actor, at=NOW)
    actions.attach(media_ids=[row.pk], message=message)
    return row


def test_a_text_lists_its_files(program: Program, photo: MediaFile) -> None:
    (text,) = program.get("/messages").json["items"]
    (media,) = text["media"]
    url = media.pop("url")
    assert media == {
        "id": photo.pk,
        "type": "image",
        "content_type": "image/jpeg",
        "name": "bay.jpg",
        "size": len(pictures.picture()),
        "state": "ready",
        "error": None,
        "latitude": None,
        "longitude": None,
    }
    assert "/m/" in url
    assert "secret" not in str(text)
    assert program.get(f"/messages/{text['id']}").json["media"][0]["id"] == photo.pk


def test_a_file_that_is_not_here_has_no_address(program: Program, photo: MediaFile) -> None:
    MediaFile.objects.update(state="failed", error="gone")
    (media,) = program.get("/messages").json["items"][0]["media"]
    assert (media["url"], media["state"], media["error"]) == ("", "failed", "gone")


def test_a_place_has_its_coordinates(program: Program, photo: MediaFile) -> None:
    MediaFile.objects.update(kind="location", source_url="geo:45.52,-122.67", name="Bay B14")
    (media,) = program.get("/messages").json["items"][0]["media"]
    assert (media["type"], media["latitude"], media["longitude"], media["url"]) == ("location", 45.52, -122.67, "")


def test_a_file_is_sent_without_words(program: Program, channel: Channel, photo: MediaFile, settings: Any) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    url = program.get("/messages").json["items"][0]["media"][0]["url"]
    told = {"from": channel.address, "to": DANA, "media_urls": [url]}
    answer = program.post("/messages", told, key="one")
    assert answer.status == 201
    assert [media["type"] for media in answer.json["media"]] == ["image"]
    assert program.post("/messages", told, key="one").status == 200
    assert Message.objects.filter(direction="out").count() == 1
    assert program.post("/messages", {**told, "media_urls": []}, key="two").code == "empty"


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://10.0.0.1/a.png", "media_unreachable"),
        ("https://localhost/a.png", "media_unreachable"),
        ("http://example.com/a.png", "invalid"),
        ("file:///etc/passwd", "invalid"),
    ],
)
def test_what_can_t_be_fetched_refuses_the_text(program: Program, channel: Channel, url: str, code: str) -> None:
    told = {"from": channel.address, "to": DANA, "body": "Look", "media_urls": [url]}
    assert program.post("/messages", told).code == code
    assert not Message.objects.exists()


def test_a_stranger_s_file_is_not_sent(
    stranger: Program, program: Program, photo: MediaFile, cleo: Player, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    url = program.get("/messages").json["items"][0]["media"][0]["url"]
    theirs = make.make_channel(cleo.member.workspace, at=NOW)
    told = {"from": theirs.address, "to": DANA, "body": "Mine", "media_urls": [url]}
    assert stranger.post("/messages", told).code == "media_unreachable"
