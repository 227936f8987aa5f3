"""Where files are kept, under which addresses they can be had, and that they go with their message."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import storages
from moto.server import ThreadedMotoServer

from tests import make, pictures
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.lib import env
from twoway.messaging.media import actions, addresses, files, serving, tasks
from twoway.messaging.media.serving import Answer, Asked
from twoway.messaging.models import MediaFile, Message

pytestmark = pytest.mark.django_db
BUCKET = "pictures"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """A store that speaks S3, on this machine, with an empty bucket."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"{host}:{port}"
    client = boto3.client(
        "s3",
        endpoint_url=f"http://{address}",
        region_name="us-east-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
    )
    client.create_bucket(Bucket=BUCKET)
    client.close()
    yield f"s3://key:secret@{address}/{BUCKET}/desk?region=us-east-1&tls=0"
    server.stop()


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> None:
    """Each of the two kinds of stores."""
    url = "" if request.param == "folder" else request.getfixturevalue("s3")
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "media": env.media_store(url, folder=tmp_path)}


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


@pytest.fixture
def row(store: None, ana: Player, talk: Conversation, tmp_path: Path) -> MediaFile:
    """A picture beside Ana's text."""
    return put(ana, talk, tmp_path)


def put(by: Player, talk: Conversation, folder: Path, data: bytes = b"", at: datetime = NOW) -> MediaFile:
    path = folder / secrets.token_hex(8)
    path.write_bytes(data or pictures.picture(900, 600))
    return actions.add_upload(conversation=talk, path=path, name="Bay 14 – ü.jpg", by=by.actor, at=at)


def of(message: Message, row: MediaFile) -> None:
    actions.attach(media_ids=[row.pk], message=message)


def is_there(row: MediaFile) -> bool:
    return any(files.store().exists(files.name(row.key, copy)) for copy in files.COPIES)


def body(answer: Answer) -> bytes:
    whole = b"".join(answer)
    answer.close()
    return whole


def test_a_file_can_be_read_again_whole_and_small(row: MediaFile) -> None:
    with files.opened(row.key, "whole") as whole:
        assert whole.read() == pictures.picture(900, 600)
    with files.on_disk(row.key, "small") as path:
        assert 0 < path.stat().st_size < 20_000
    assert row.has_thumbnail


def test_parts_of_it_can_be_had(row: MediaFile) -> None:
    data = pictures.picture(900, 600)

    def ask(span: str) -> Answer:
        return serving.answer(row, "whole", Asked(range=span), cache="no-store", is_public=True)

    for span, first, last in [
        ("bytes=0-9", 0, 9),
        ("bytes=10-", 10, len(data) - 1),
        ("bytes=-7", len(data) - 7, len(data) - 1),
        ("bytes=5-999999999", 5, len(data) - 1),
    ]:
        answer = ask(span)
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes {first}-{last}/{len(data)}"
        assert answer.headers["Content-Length"] == str(last - first + 1)
        assert body(answer) == data[first : last + 1]
    for span in ("", "bytes=0-", "bytes=9-3", "lines=1-2", "bytes=0-1,5-6"):
        answer = ask(span)
        assert (answer.status, body(answer)) == (200, data)
    answer = ask(f"bytes={len(data)}-")
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(data)}")


def test_what_is_answered_says_what_it_is_and_can_do_no_harm(row: MediaFile) -> None:
    answer = serving.answer(row, "whole", Asked(), cache="private", is_public=False)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    disposition = answer.headers["Content-Disposition"]
    assert disposition == "inline; filename=\"Bay 14 _ _.jpg\"; filename*=UTF-8''Bay%2014%20%E2%80%93%20%C3%BC.jpg"
    answer.close()
    known = serving.answer(row, "whole", Asked(if_none_match=answer.headers["ETag"]), cache="private", is_public=False)
    assert (known.status, body(known)) == (304, b"")
    asked = serving.answer(row, "whole", Asked(is_head=True), cache="private", is_public=False)
    assert (asked.headers["Content-Length"], body(asked)) == (str(row.size), b"")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (pictures.HTML, "application/octet-stream"),
        (pictures.SVG, "application/octet-stream"),
        (pictures.PDF, "application/pdf"),
        (pictures.VCARD, "text/vcard"),
        (b"plain words", "text/plain; charset=utf-8"),
    ],
)
def test_nothing_but_pictures_and_sounds_is_shown_by_a_browser(
    ana: Player, talk: Conversation, tmp_path: Path, data: bytes, content_type: str
) -> None:
    row = put(ana, talk, tmp_path, data)
    answer = serving.answer(row, "whole", Asked(), cache="private", is_public=True)
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert body(answer) == data


# Addresses


def test_a_token_says_one_thing_to_one_audience_for_some_time() -> None:
    until = NOW + timedelta(days=1)
    token = addresses.issue(2**40, copy="sent", audience="public", good_until=until)
    assert addresses.read(token, audience="public", at=NOW) == addresses.Token(media_id=2**40, copy="sent")
    with pytest.raises(addresses.Expired):
        addresses.read(token, audience="public", at=until + timedelta(hours=2))
    with pytest.raises(addresses.Forged):
        addresses.read(token, audience="desk", at=NOW)


def test_no_other_token_is_believed() -> None:
    token = addresses.issue(7, copy="whole", audience="public", good_until=NOW)
    changed = [token[:n] + ("A" if token[n] != "A" else "B") + token[n + 1 :] for n in range(len(token) - 1)]
    for wrong in ["", "x", "é" * 20, token[:-4], token + "AAAA", "A" * 100, *changed]:
        with pytest.raises(addresses.Forged):
            addresses.read(wrong, audience="public", at=NOW - timedelta(days=1))


def test_the_desk_s_addresses_stay_the_same_for_a_while() -> None:
    at = datetime(2026, 3, 14, 13, 5, tzinfo=UTC)
    assert addresses.desk_token(7, copy="small", at=at) == addresses.desk_token(
        7, copy="small", at=at + timedelta(hours=5)
    )


# Going with their message


def test_files_are_deleted_with_their_messages(row: MediaFile, ana: Player, talk: Conversation, tmp_path: Path) -> None:
    message, other = (make.make_message(talk, at=NOW, direction="out", media=[{"media": 1}]) for _ in range(2))
    kept = put(ana, talk, tmp_path)
    of(message, row)
    of(other, kept)
    assert actions.delete_media(message_ids=[message.pk]) == 1
    assert not is_there(row)
    assert is_there(kept)
    assert list(MediaFile.objects.all()) == [kept]
    message.refresh_from_db()
    assert message.media == []


def test_what_a_store_in_trouble_keeps_back_is_deleted_later(
    row: MediaFile, talk: Conversation, settings: Any, tmp_path: Path
) -> None:
    message = make.make_message(talk, at=NOW, direction="out")
    of(message, row)
    good = settings.STORAGES
    settings.STORAGES = {**good, "media": env.media_store("s3://key:secret@127.0.0.1:9/gone?tls=0", folder=tmp_path)}
    storages["media"].connection.meta.client.meta.config.retries = {"max_attempts": 0}  # type: ignore[attr-defined]
    assert actions.delete_media(message_ids=[message.pk]) == 0
    settings.STORAGES = good
    message.delete()
    assert actions.sweep(at=NOW) == 1
    assert not is_there(row)


def test_what_was_never_sent_is_swept_after_two_days(
    row: MediaFile, ana: Player, talk: Conversation, tmp_path: Path
) -> None:
    fresh = put(ana, talk, tmp_path, at=NOW + timedelta(days=2))
    assert actions.sweep(at=NOW + timedelta(days=2, hours=1)) == 1
    assert list(MediaFile.objects.all()) == [fresh]
    assert not is_there(row)


def test_halves_of_downloads_are_swept(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    with files.scratch() as path:
        path.write_bytes(b"half")
        actions.sweep(at=datetime.now(UTC))
        assert path.exists()
        actions.sweep(at=datetime.now(UTC) + actions.KEEP_INCOMING + timedelta(minutes=1))
        assert not path.exists()


def test_a_file_that_cannot_be_kept_leaves_nothing(
    ana: Player, talk: Conversation, settings: Any, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("not a folder")
    settings.STORAGES = {**settings.STORAGES, "media": env.media_store("", folder=tmp_path / "file")}
    with pytest.raises(Exception, match="could not be kept"):
        put(ana, talk, tmp_path)
    assert not MediaFile.objects.filter(state="ready").exists()


def test_the_sweep_is_a_periodic_job() -> None:
    assert tasks.sweep.name == "messaging.media.sweep"
    assert "twoway.messaging.media.tasks" in django_settings.PROCRASTINATE_IMPORT_PATHS


# The setting


@pytest.mark.parametrize(
    ("url", "endpoint", "bucket", "prefix"),
    [
        ("s3://k:s@minio.internal:9000/b?tls=0", "http://minio.internal:9000", "b", ""),
        ("s3://k:s%2Fx@s3.example.com/b/some/folder?region=eu-central-1", "https://s3.example.com", "b", "some/folder"),
        ("s3:///b?region=eu-central-1", None, "b", ""),
        ("s3://k:s@/b", None, "b", ""),
    ],
)
def test_a_store_is_named_by_its_address(url: str, endpoint: str | None, bucket: str, prefix: str) -> None:
    options: Any = env.media_store(url, folder=Path("/nowhere"))["OPTIONS"]
    assert (options["endpoint_url"], options["bucket_name"], options["location"]) == (endpoint, bucket, prefix)


@pytest.mark.parametrize("url", ["s3://k:s@host", "https://example.com/b", "s3://k:s@host/b?what=1", "/var/media"])
def test_a_store_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(env.BadSetting, match="TWOWAY_MEDIA_STORE"):
        env.media_store(url, folder=Path("/nowhere"))


def test_names_are_spread_over_folders() -> None:
    key = uuid4()
    assert files.name(key, "small") == f"{key.hex[:2]}/{key.hex[2:4]}/{key.hex}.small"
