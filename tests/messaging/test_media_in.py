"""Pictures and files that come in: written down with their text, fetched soon, tried again, given up in sight."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings

from tests import pictures
from tests.conftest import NOW, Player
from tests.fakes.http_server import HANG_UP, Answer, Listener, Request
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.lib.safe_fetch import Fetcher
from twoway.messaging import database
from twoway.messaging.directory import Directory
from twoway.messaging.media import actions, fetching, files, queries, rules
from twoway.messaging.media.fetching import Fetching
from twoway.messaging.models import MediaFile, Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)


class Storehouse:
    """Where a provider keeps files, on this machine."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request)
        return self.answers.get(request.path, Answer(404))


def media_of(*urls: str, content_type: str = "image/jpeg") -> dict[str, str]:
    """The fields of a form with pictures."""
    told = {"NumMedia": str(len(urls))}
    for number, url in enumerate(urls):
        told |= {f"MediaUrl{number}": url, f"MediaContentType{number}": content_type}
    return told


def receive(channel: Channel, body: str, *urls: str, repeat: int = 1, **more: Any) -> None:
    form = hands.text(channel, body, **media_of(*urls, **more))
    hands.post([(channel, hands.webhook(channel, form))] * repeat)


async def _connection() -> psycopg.AsyncConnection[Any]:
    return await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True)


def _at(channel: Channel, base: str) -> None:
    """From now on the provider is there."""
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        connection.execute(
            "UPDATE channel SET settings = jsonb_build_object('api_base', %s::text) WHERE id = %s", (base, channel.pk)
        )


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


@pytest.fixture
def house() -> Storehouse:
    return Storehouse({"/m/1": Answer(body=pictures.picture(), content_type="image/jpeg")})


def pull(house: Storehouse, channel: Channel, *, rounds: int = 1) -> None:
    """Start the storehouse where the waiting files say it is, and let the loop look."""

    async def whole() -> None:
        server = await Listener(house).start()
        base = f"http://127.0.0.1:{server.port}"
        try:
            async with await _connection() as connection, Fetcher() as fetcher:
                moves = "UPDATE media SET source_url = replace(source_url, 'http://house', %s)"
                await connection.execute(moves, (base,))
                await asyncio.to_thread(_at, channel, base)
                loop = Fetching(dsn=database.dsn(), directory=Directory(settings.SEALING_KEY), fetcher=fetcher)
                for _ in range(rounds):
                    await connection.execute(
                        "UPDATE media SET next_try_at = now() - interval '1 s' WHERE state = 'waiting'"
                    )
                    await loop.step(connection)
                    await loop.finish()
        finally:
            await server.stop()

    asyncio.run(whole())


def test_all_pictures_of_a_text_are_written_down_with_it(twilio: Channel) -> None:
    receive(twilio, "", "http://house/m/1", "http://house/m/2", "http://house/m/3")
    rows = list(MediaFile.objects.order_by("position"))
    assert [(row.position, row.state, row.kind) for row in rows] == [(n, "waiting", "image") for n in range(3)]
    assert {row.message_id for row in rows} == {Message.objects.get().pk}
    assert len({row.key for row in rows}) == 3
    assert Conversation.objects.get().preview == "3 photos"


def test_a_text_delivered_many_times_has_its_pictures_once(twilio: Channel) -> None:
    receive(twilio, "Look", "http://house/m/1", repeat=10)
    assert MediaFile.objects.count() == Message.objects.count() == 1


def test_a_plain_text_writes_nothing_down(twilio: Channel) -> None:
    hands.receive(twilio, "Hello")
    assert not MediaFile.objects.exists()


def test_a_picture_is_fetched_with_the_account_s_credentials(twilio: Channel, house: Storehouse) -> None:
    receive(twilio, "Look", "http://house/m/1")
    pull(house, twilio)
    row = MediaFile.objects.get()
    assert (row.state, row.kind, row.content_type, row.width, row.height) == ("ready", "image", "image/jpeg", 60, 40)
    assert (row.name, row.size, row.has_thumbnail) == ("photo.jpg", len(pictures.picture()), True)
    with files.opened(row.key, "whole") as file:
        assert file.read() == pictures.picture()
    assert house.asked[0].headers["authorization"].startswith("Basic ")


def test_what_it_is_is_told_by_its_content(twilio: Channel) -> None:
    """Whatever the provider says it is."""
    contents = {"/m/1": pictures.HTML, "/m/2": pictures.VCARD, "/m/3": pictures.OGG, "/m/4": b"JPEG, they say"}
    house = Storehouse({path: Answer(body=body, content_type="image/jpeg") for path, body in contents.items()})
    receive(twilio, "", *(f"http://house{path}" for path in contents))
    pull(house, twilio)
    rows = list(MediaFile.objects.order_by("position"))
    assert [(row.kind, row.content_type) for row in rows] == [
        ("file", "text/html"),
        ("contact", "text/vcard"),
        ("audio", "audio/ogg"),
        ("file", "text/plain"),
    ]
    assert (rows[1].name, rows[1].detail) == ("Dana Whitfield.vcf", "+1 503 555 0178")
    assert not any(row.has_thumbnail for row in rows)


def test_a_picture_that_is_not_there_yet_is_tried_again(twilio: Channel, house: Storehouse) -> None:
    receive(twilio, "", "http://house/m/late")
    MediaFile.objects.update(created_at=datetime.now(NOW.tzinfo))
    pull(house, twilio, rounds=2)
    row = MediaFile.objects.get()
    assert (row.state, row.error, row.attempts) == ("waiting", "gone", 2)
    assert row.next_try_at is not None
    house.answers["/m/late"] = house.answers["/m/1"]
    MediaFile.objects.update(source_url="http://house/m/late")
    pull(house, twilio)
    assert MediaFile.objects.get().state == "ready"


@pytest.mark.parametrize("answer", [Answer(500), Answer(403), HANG_UP])
def test_after_a_day_it_is_given_up_and_an_agent_may_ask_again(twilio: Channel, ana: Player, answer: Answer) -> None:
    house = Storehouse({"/m/1": answer})
    receive(twilio, "", "http://house/m/1")
    MediaFile.objects.update(created_at=datetime.now(NOW.tzinfo) - rules.GIVE_UP_AFTER)
    pull(house, twilio, rounds=2)
    row = MediaFile.objects.get()
    assert (row.state, row.next_try_at) == ("failed", None)
    assert queries.why(row.error).endswith(".")
    house.answers["/m/1"] = Answer(body=pictures.picture())
    actions.retry(media=row, by=ana.actor, at=NOW)
    MediaFile.objects.update(source_url="http://house/m/1")
    pull(house, twilio)
    assert MediaFile.objects.get().state == "ready"


def test_what_is_too_big_is_given_up_at_once(twilio: Channel, settings: Any) -> None:
    settings.MEDIA_MOST_BYTES = 1000
    receive(twilio, "", "http://house/m/1")
    pull(Storehouse({"/m/1": Answer(body=b"x" * 1001)}), twilio)
    row = MediaFile.objects.get()
    assert (row.state, row.error, row.attempts) == ("failed", "too_big", 1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8080/x", "http://169.254.169.254/", "https://localhost/"])
def test_a_webhook_cannot_make_us_ask_a_private_address(twilio: Channel, url: str) -> None:
    receive(twilio, "", url)
    pull(Storehouse({}), twilio)
    row = MediaFile.objects.get()
    assert (row.state, row.error) == ("failed", "not_public")


def test_a_claim_that_nobody_finished_is_taken_up_again(twilio: Channel, house: Storehouse) -> None:
    receive(twilio, "", "http://house/m/1")
    MediaFile.objects.update(attempts=1, next_try_at=datetime.now(NOW.tzinfo) + fetching.LEASE)

    async def claims(at: timedelta) -> int:
        async with await _connection() as connection:
            moment = datetime.now(NOW.tzinfo) + at
            cursor = await connection.execute(fetching.CLAIM, {"at": moment, "until": moment, "limit": 9})
            return len(await cursor.fetchall())

    assert asyncio.run(claims(timedelta())) == 0
    assert asyncio.run(claims(fetching.LEASE * 2)) == 1


def test_a_number_that_is_gone_keeps_its_files_waiting(twilio: Channel, house: Storehouse) -> None:
    receive(twilio, "", "http://house/m/1")
    Message.objects.update(channel_id=twilio.pk + 1000)
    pull(house, twilio)
    row = MediaFile.objects.get()
    assert (row.state, row.error) == ("waiting", "no_channel")
    assert not house.asked


def test_a_place_needs_no_fetching(twilio: Channel) -> None:
    receive(twilio, "", "geo:45.52,-122.67", content_type="")
    row = MediaFile.objects.get()
    assert (row.kind, row.state, queries.location(row)) == ("location", "ready", (45.52, -122.67))
    assert Conversation.objects.get().preview == "Location"


def test_the_worker_s_loop_fetches_by_itself(twilio: Channel, house: Storehouse) -> None:
    async def whole() -> None:
        server = await Listener(house).start()
        base = f"http://127.0.0.1:{server.port}"
        stop = asyncio.Event()
        try:
            await asyncio.to_thread(_at, twilio, base)
            loop = asyncio.create_task(fetching.run(stop))
            await asyncio.sleep(0.2)
            await asyncio.to_thread(_write_down, base)
            for _ in range(400):
                if await asyncio.to_thread(_states) == ["ready"]:
                    break
                await asyncio.sleep(0.05)
            stop.set()
            await loop
        finally:
            await server.stop()

    receive(twilio, "", "http://house/m/1")
    asyncio.run(whole())
    assert MediaFile.objects.get().state == "ready"


def _write_down(base: str) -> None:
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        connection.execute("UPDATE media SET source_url = replace(source_url, 'http://house', %s)", (base,))
        connection.execute("UPDATE media SET state = 'waiting', next_try_at = now()")
        connection.execute("NOTIFY twoway_media")


def _states() -> list[str]:
    with psycopg.connect(database.dsn()) as connection:
        return [row[0] for row in connection.execute("SELECT state FROM media").fetchall()]
