"""Pictures kept to be sent again: whose they are, how many, what a text gets, and what is left when they go."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import pictures
from tests.cast import Player
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.messaging.media import actions as media
from twoway.messaging.media import files
from twoway.messaging.media import queries as media_queries
from twoway.messaging.models import MediaFile
from twoway.replies import actions, picture_queries
from twoway.replies.models import Picture


@pytest.fixture(autouse=True)
def store(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "media": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}},
    }


def keep(by: Player, at: datetime, tmp_path: Path, *, name: str = "price_list.jpg", is_shared: bool = False) -> Picture:
    path = tmp_path / "incoming.jpg"
    path.write_bytes(pictures.picture(form="GIF" if name.endswith(".gif") else "JPEG"))
    return actions.add_picture(path=path, name=name, is_shared=is_shared, by=by.actor, at=at)


def names(by: Player, q: str = "") -> list[str]:
    return sorted(row.name for row, _ in picture_queries.found(by.actor, q, limit=60))


def test_mine_are_mine_and_everybodys_are_everybodys(
    ana: Player, ben: Player, cleo: Player, now: datetime, tmp_path: Path
) -> None:
    own = keep(ben, now, tmp_path)
    shared = keep(ana, now, tmp_path, name="wave-hello.gif", is_shared=True)
    assert names(ben) == ["price list", "wave hello"]
    assert names(ana) == ["wave hello"]
    assert names(cleo) == []
    assert names(ben, "LIST") == ["price list"]
    assert names(ben, "hello list") == []
    with pytest.raises(NotFound):
        picture_queries.access_picture(ana.actor, own.pk)
    assert media_queries.access_media(ben.actor, shared.media_id).content_type == "image/gif"
    for nosy, media_id in ((ana, own.media_id), (cleo, shared.media_id)):
        with pytest.raises(NotFound):
            media_queries.access_media(nosy.actor, media_id)
    assert [one.action for one in AuditEntry.objects.order_by("id")] == ["picture.added", "picture.added"]


def test_agents_keep_their_own_and_managers_everybodys(ana: Player, ben: Player, now: datetime, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        keep(ben, now, tmp_path, is_shared=True)
    shared = keep(ana, now, tmp_path, is_shared=True)
    with pytest.raises(NotAllowed):
        actions.remove_picture(picture=shared, by=ben.actor, at=now)
    assert names(ben) == ["price list"]


def test_a_text_gets_a_copy_that_stays_when_the_picture_goes(
    ben: Player, talk: Conversation, now: datetime, tmp_path: Path
) -> None:
    picture = keep(ben, now, tmp_path)
    for _ in range(2):
        actions.use_picture(picture=picture, conversation=talk, by=ben.actor, at=now)
    beside = media_queries.drafts(ben.actor, talk.pk)
    assert [one.name for one in beside] == ["price_list.jpg"] * 2
    assert picture.media_id not in {one.pk for one in beside}
    picture.refresh_from_db()
    assert (picture.uses, picture.last_used_at) == (2, now)
    key = MediaFile.objects.get(id=picture.media_id).key
    actions.remove_picture(picture=picture, by=ben.actor, at=now)
    assert not MediaFile.objects.filter(key=key).exists()
    with pytest.raises(FileNotFoundError), files.on_disk(key):
        pass
    for one in beside:
        with files.on_disk(one.key) as path:
            assert path.stat().st_size > 0
    assert not Picture.objects.exists()


def test_the_sweep_leaves_them(ben: Player, now: datetime, tmp_path: Path) -> None:
    picture = keep(ben, now, tmp_path)
    assert media.sweep(at=now + timedelta(days=400)) == 0
    assert MediaFile.objects.filter(id=picture.media_id, is_kept=True).exists()


def test_a_picture_whose_file_is_gone_is_not_offered(
    ben: Player, talk: Conversation, now: datetime, tmp_path: Path
) -> None:
    picture = keep(ben, now, tmp_path)
    files.delete(MediaFile.objects.get(id=picture.media_id).key)
    with pytest.raises(Refused, match="gone"):
        actions.use_picture(picture=picture, conversation=talk, by=ben.actor, at=now)
    MediaFile.objects.all().delete()
    assert names(ben) == []


@pytest.mark.parametrize(("content", "why"), [(b"", "empty"), (b"%PDF-1.4 words", "Only pictures"), (b"x", "Only")])
def test_only_pictures_are_kept(content: bytes, why: str, ben: Player, now: datetime, tmp_path: Path) -> None:
    path = tmp_path / "incoming"
    path.write_bytes(content)
    with pytest.raises(Invalid, match=why):
        actions.add_picture(path=path, name="list.pdf", is_shared=False, by=ben.actor, at=now)
    assert not MediaFile.objects.exists()


def test_there_is_room_for_so_many(ben: Player, now: datetime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_queries, "MOST_OWN", 2)
    keep(ben, now, tmp_path)
    keep(ben, now, tmp_path)
    with pytest.raises(Invalid, match="2 pictures already"):
        keep(ben, now, tmp_path)
    assert MediaFile.objects.count() == 2
