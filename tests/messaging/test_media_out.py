"""Pictures and files that go out: made to fit, or a link; sent once, with the text they belong to."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from PIL import Image

from tests import make, pictures
from tests.conftest import NOW, Player
from tests.fakes.http_server import Answer, Listener
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.messaging import outbound
from twoway.messaging.media import actions, addresses, files, queries, remote, rules, sending
from twoway.messaging.models import MediaFile, Message
from twoway.providers.base import Attachment
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1)


@pytest.fixture
def abroad(channel: Channel) -> Conversation:
    """Somebody in England, where no MMS of ours goes."""
    identity = make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW, value="+447911123456")
    return make.make_conversation(channel, at=NOW, identity=identity, messages=1)


@pytest.fixture
def put(ana: Player, tmp_path: Path) -> Any:
    """Puts a file beside Ana's text."""

    def put(talk: Conversation, data: bytes, name: str = "", by: Player = ana) -> MediaFile:
        path = tmp_path / "upload"
        path.write_bytes(data)
        return actions.add_upload(conversation=talk, path=path, name=name, by=by.actor, at=NOW)

    return put


def send(by: Player, talk: Conversation, body: str = "", *rows: MediaFile, **more: Any) -> Message:
    ids = [row.pk for row in rows]
    return outbound.queue_text(by=by.actor, conversation=talk, body=body, at=NOW, media_ids=ids, **more).message


def code(act: Any) -> str:
    with pytest.raises(Refused) as caught:
        act()
    return caught.value.code


def given(message: Message) -> tuple[Attachment, ...]:
    """What the provider would be given."""
    return sending.attachments(message.media, at=NOW)


def test_a_picture_leaves_with_its_text(ana: Player, talk: Conversation, put: Any) -> None:
    row = put(talk, pictures.picture(), "bay.jpg")
    message = send(ana, talk, "Here it is", row)
    row.refresh_from_db()
    assert (row.message_id, row.position) == (message.pk, 0)
    (attachment,) = given(message)
    assert (attachment.content_type, attachment.name, attachment.size) == ("image/jpeg", "bay.jpg", row.size)
    token = attachment.url.split("/m/")[1].partition("/")[0]
    assert addresses.read(token, audience="public", at=NOW + timedelta(days=2)).media_id == row.pk
    with pytest.raises(addresses.Expired):
        addresses.read(token, audience="public", at=NOW + timedelta(days=4))


def test_a_picture_needs_no_text_and_the_list_says_photo(ana: Player, talk: Conversation, put: Any) -> None:
    send(ana, talk, "", put(talk, pictures.picture()))
    talk.refresh_from_db()
    assert (talk.preview, talk.preview_by) == ("Photo", "Ana")


def test_a_large_photo_is_made_to_fit_and_its_maker_s_words_stay_here(
    ana: Player, talk: Conversation, put: Any
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Maker of phones"
    row = put(talk, pictures.picture(1500, 1100, noise=True, quality=95, exif=exif), "IMG_1.JPG")
    with files.opened(row.key, "whole") as file:
        assert not Image.open(io.BytesIO(file.read())).getexif()
    message = send(ana, talk, "", row)
    (attachment,) = given(message)
    assert attachment.size <= rules.PICTURE_BUDGET < row.size
    with files.opened(row.key, "sent") as file:
        assert len(file.read()) == attachment.size


def test_several_pictures_share_what_the_carrier_takes(ana: Player, talk: Conversation, put: Any) -> None:
    rows = [put(talk, pictures.picture(900, 900, noise=True, quality=90)) for _ in range(3)]
    message = send(ana, talk, "Three", *rows)
    assert sum(one.size for one in given(message)) <= 1024 * 1024
    assert len(given(message)) == 3
    talk.refresh_from_db()
    assert talk.preview == "Three"


def test_the_order_is_the_sender_s(ana: Player, talk: Conversation, put: Any) -> None:
    first, second = put(talk, pictures.picture(), "a.jpg"), put(talk, pictures.picture(), "b.jpg")
    message = send(ana, talk, "", second, first)
    assert [row.name for row in queries.of_messages([message])[message.pk]] == ["b.jpg", "a.jpg"]


def test_where_mms_is_not_possible_a_link_is_added(ana: Player, abroad: Conversation, put: Any) -> None:
    row = put(abroad, pictures.picture(), "bay.jpg")
    (planned,) = sending.plan([row], limits=sending.limits_of(abroad.channel, abroad.identity.value), at=NOW)
    assert planned.why == rules.LINK_WORDS["no_mms"]
    message = send(ana, abroad, "Here it is", row)
    assert message.body == f"Here it is\n{planned.link}"
    assert given(message) == ()
    token = planned.link.split("/m/")[1]
    assert addresses.read(token, audience="public", at=NOW + timedelta(days=29)).media_id == row.pk
    abroad.refresh_from_db()
    assert abroad.preview == "Here it is"


def test_a_file_the_carrier_does_not_take_becomes_a_link_and_the_picture_stays_one(
    ana: Player, talk: Conversation, put: Any
) -> None:
    message = send(ana, talk, "", put(talk, b"PK\x03\x04" + b"\0" * 400, "plans.zip"), put(talk, pictures.picture()))
    assert message.body.count("/m/") == 1
    assert [one.content_type for one in given(message)] == ["image/jpeg"]


def test_the_same_key_sends_the_same_files_once(
    ana: Player, talk: Conversation, abroad: Conversation, put: Any
) -> None:
    for where in (talk, abroad):
        row, other = put(where, pictures.picture()), put(where, pictures.picture())
        key = f"key-{where.pk}"
        message = send(ana, where, "Look", row, idempotency_key=key)
        assert send(ana, where, "Look", row, idempotency_key=key) == message
        assert code(lambda: send(ana, where, "Look", other, idempotency_key=key)) == "idempotency_key_reused"  # noqa: B023
        assert code(lambda: send(ana, where, "Look", idempotency_key=key)) == "idempotency_key_reused"  # noqa: B023


def test_a_file_is_sent_once_and_by_who_put_it_there(
    ana: Player, ben: Player, cleo: Player, talk: Conversation, put: Any
) -> None:
    row = put(talk, pictures.picture())
    assert code(lambda: send(ben, talk, "Mine now", row)) == "media_gone"
    send(ana, talk, "", row)
    assert code(lambda: send(ana, talk, "Again", row)) == "media_gone"
    assert Message.objects.filter(direction="out").count() == 1


def test_a_refused_text_leaves_its_files_where_they_were(ana: Player, talk: Conversation, put: Any) -> None:
    row = put(talk, pictures.picture())
    compliance.opt_out(identity=talk.identity, channel=talk.channel, source="keyword", by=ana.actor, at=NOW)
    assert code(lambda: send(ana, talk, "Hi", row)) == "opted_out"
    assert [one.pk for one in queries.drafts(ana.actor, talk.pk)] == [row.pk]


def test_uploads_are_bounded(ana: Player, talk: Conversation, put: Any, settings: Any) -> None:
    assert code(lambda: put(talk, b"")) == "empty"
    settings.MEDIA_MOST_BYTES = 100
    assert code(lambda: put(talk, pictures.picture())) == "too_big"
    settings.MEDIA_MOST_BYTES = 10_000
    for _ in range(rules.MOST_FILES):
        put(talk, pictures.picture())
    with pytest.raises(Invalid, match="up to 10"):
        put(talk, pictures.picture())


def test_a_viewer_puts_nothing_beside_a_text(workspace: Workspace, talk: Conversation, put: Any) -> None:
    viewer = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    with pytest.raises(NotAllowed):
        put(talk, pictures.picture(), by=viewer)


def test_who_may_see_a_file(ana: Player, ben: Player, cleo: Player, talk: Conversation, put: Any) -> None:
    """A draft is its writer's; a sent one belongs to everybody who may see its message."""
    row = put(talk, pictures.picture())
    assert queries.access_media(ana.actor, row.pk) == row
    for other in (ben, cleo):
        with pytest.raises(NotFound):
            queries.access_media(other.actor, row.pk)
    send(ana, talk, "", row)
    assert queries.access_media(ben.actor, row.pk) == row
    with pytest.raises(NotFound):
        queries.access_media(cleo.actor, row.pk)
    with pytest.raises(NotFound):
        queries.access_draft(ana.actor, talk.pk, row.pk)


# Files that a program names by their address


@pytest.mark.django_db(transaction=True)
def test_files_at_addresses_are_fetched_and_kept(ana: Player) -> None:
    async def serve() -> list[MediaFile]:
        server = await Listener(lambda request: Answer(body=pictures.picture(), content_type="text/html")).start()
        base = f"http://127.0.0.1:{server.port}"
        urls = [f"{base}/bay%20one.jpg", f"{base}/two"]
        try:
            return await asyncio.to_thread(_fetched, urls, ana, [base])
        finally:
            await server.stop()

    rows = asyncio.run(serve())
    assert [(row.kind, row.content_type, row.name) for row in rows] == [
        ("image", "image/jpeg", "bay one.jpg"),
        ("image", "image/jpeg", "two.jpg"),
    ]


def _fetched(urls: list[str], by: Player, trusted: list[str]) -> list[MediaFile]:
    """In a thread of its own, as the web process does it, which lets go of its connection."""
    try:
        return remote.fetched(urls, by=by.actor, at=NOW, trusted=trusted)
    finally:
        connection.close()


@pytest.mark.parametrize("url", ["https://10.0.0.1/a.png", "https://localhost/a.png", "https://169.254.169.254/x"])
def test_an_address_that_is_not_public_refuses_the_text(ana: Player, talk: Conversation, url: str) -> None:
    assert code(lambda: send(ana, talk, "Look", media_urls=[url])) == "media_unreachable"
    assert not Message.objects.filter(direction="out").exists()
    assert not MediaFile.objects.exists()


def test_what_came_in_can_be_sent_on_by_its_address(
    ana: Player, cleo: Player, talk: Conversation, put: Any, channel: Channel
) -> None:
    now = datetime.now(UTC)
    send(ana, talk, "", put(talk, pictures.picture(), "bay.jpg"))
    url = queries.api_url(MediaFile.objects.get(), at=now)
    queued = outbound.queue_text(by=ana.actor, conversation=talk, body="Again", at=now, media_urls=[url])
    assert len(given(queued.message)) == 1
    assert MediaFile.objects.count() == 2
    again = outbound.queue_text(
        by=ana.actor, conversation=talk, body="More", at=now, media_urls=[url], idempotency_key="k"
    ).message
    same = outbound.queue_text(
        by=ana.actor, conversation=talk, body="More", at=now, media_urls=[url], idempotency_key="k"
    ).message
    assert same == again
    theirs = make.make_conversation(make.make_channel(cleo.member.workspace, at=NOW), at=NOW, messages=1)
    refused = code(lambda: outbound.queue_text(by=cleo.actor, conversation=theirs, body="x", at=now, media_urls=[url]))
    assert refused == "media_unreachable"


# The claim


def test_a_claimed_message_carries_addresses_of_that_moment(ana: Player, talk: Conversation, put: Any) -> None:
    message = send(ana, talk, "Look", put(talk, pictures.picture(), "bay.jpg"))
    later = NOW + timedelta(days=20)
    (attachment,) = sending.attachments(message.media, at=later)
    token = attachment.url.split("/m/")[1].partition("/")[0]
    assert addresses.read(token, audience="public", at=later + timedelta(days=1)).copy == "whole"
