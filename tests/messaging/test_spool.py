"""While the database is away, verified webhooks are kept on disk, and brought in once and in order when it is back."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from tests.messaging import hands
from tests.messaging.relay import Relay
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.lib.journal import Journal
from twoway.messaging import database
from twoway.messaging.directory import Directory
from twoway.messaging.intake import Intake
from twoway.messaging.models import Message, QuarantineEntry
from twoway.messaging.spool import Spool
from twoway.providers.base import HttpResponse, RawRequest
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = 10_000_000
Use = Callable[[Intake, Relay, Spool], Awaitable[None]]


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return hands.twilio_channel(workspace)


def play(folder: Path, use: Use, *, most_bytes: int = ROOM) -> None:
    """Run `use` beside an intake whose way to the database is a relay."""

    async def whole() -> None:
        directory = Directory(settings.SEALING_KEY)
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            await directory.refresh(connection)
        async with Relay(folder, database.dsn()) as relay:
            spool = Spool(folder / "spool", most_bytes=most_bytes)
            intake = Intake(dsn=relay.dsn, directory=directory, queue_limit=2000, spool=spool)
            running = asyncio.create_task(intake.run())
            try:
                await use(intake, relay, spool)
            finally:
                intake.close()
                await running

    asyncio.run(whole())


async def deliver(intake: Intake, channel: Channel, *requests: RawRequest) -> list[int]:
    takes = [intake.take(provider=channel.provider, hook=channel.hook, kind="inbound", raw=raw) for raw in requests]
    answers: list[HttpResponse] = list(await asyncio.gather(*takes))
    return [answer.status for answer in answers]


def texts(channel: Channel, *bodies: str) -> list[RawRequest]:
    return [hands.webhook(channel, hands.text(channel, body)) for body in bodies]


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 - it watches what a thread does
            await asyncio.sleep(0.02)


def bodies() -> list[str]:
    return [message.body for message in Message.objects.order_by("id")]


def test_texts_that_come_while_the_database_is_away_are_answered_and_brought_in_in_order(
    twilio: Channel, tmp_path: Path
) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        assert await deliver(intake, twilio, *texts(twilio, "before")) == [200]
        await relay.cut()
        assert await deliver(intake, twilio, *texts(twilio, "one", "two")) == [200, 200]
        assert await deliver(intake, twilio, *texts(twilio, "three")) == [200]
        assert spool.entries == 3
        await relay.mend()
        assert await deliver(intake, twilio, *texts(twilio, "four")) == [200]
        await until(lambda: spool.entries == 0)
        assert await deliver(intake, twilio, *texts(twilio, "after")) == [200]
        await until(lambda: (spool.entries, spool.size) == (0, 0))

    play(tmp_path, use)
    assert bodies() == ["before", "one", "two", "three", "four", "after"]
    assert Conversation.objects.get().unanswered == 6


def test_what_a_process_left_on_disk_is_brought_in_by_the_next_one(twilio: Channel, tmp_path: Path) -> None:
    async def first(intake: Intake, relay: Relay, spool: Spool) -> None:
        await relay.cut()
        assert await deliver(intake, twilio, *texts(twilio, "kept", "kept too")) == [200, 200]

    async def second(intake: Intake, relay: Relay, spool: Spool) -> None:
        await until(lambda: Path(tmp_path / "spool").exists() and spool.is_open and spool.entries == 0)

    play(tmp_path, first)
    assert bodies() == []
    play(tmp_path, second)
    assert bodies() == ["kept", "kept too"]


def test_a_database_that_hangs_is_left_alone_and_nothing_is_stored_twice(twilio: Channel, tmp_path: Path) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        assert await deliver(intake, twilio, *texts(twilio, "before")) == [200]
        relay.freeze()
        assert await deliver(intake, twilio, *texts(twilio, "one", "two")) == [200, 200]
        assert spool.entries == 2
        await relay.mend()
        await until(lambda: spool.entries == 0)

    play(tmp_path, use)
    assert bodies() == ["before", "one", "two"]


def test_the_same_webhook_before_and_during_an_outage_is_one_text(twilio: Channel, tmp_path: Path) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        (request,) = texts(twilio, "once")
        assert await deliver(intake, twilio, request) == [200]
        await relay.cut()
        assert await deliver(intake, twilio, request, request) == [200, 200]
        await relay.mend()
        await until(lambda: spool.entries == 0)

    play(tmp_path, use)
    assert bodies() == ["once"]


def test_beyond_its_size_the_provider_is_told_to_come_again(twilio: Channel, tmp_path: Path) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        await relay.cut()
        (first, second) = texts(twilio, "fits", "does not fit")
        assert await deliver(intake, twilio, first) == [200]
        assert await deliver(intake, twilio, second) == [503]
        await relay.mend()
        await until(lambda: spool.entries == 0)
        assert await deliver(intake, twilio, second) == [200]

    play(tmp_path, use, most_bytes=1000)
    assert bodies() == ["fits", "does not fit"]


@contextmanager
def no_room_on_disk() -> Iterator[None]:
    """Every file may hold a few bytes only, for this process."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (300, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_to_the_provider_and_half_a_write_is_taken_back(twilio: Channel, tmp_path: Path) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        await relay.cut()
        (first, second) = texts(twilio, "no room", "room again")
        with no_room_on_disk():
            assert await deliver(intake, twilio, first) == [503]
        assert await deliver(intake, twilio, second) == [200]
        await relay.mend()
        await until(lambda: spool.entries == 0)

    play(tmp_path, use)
    assert bodies() == ["room again"]


def test_what_nobody_could_verify_is_not_kept(twilio: Channel, tmp_path: Path) -> None:
    async def use(intake: Intake, relay: Relay, spool: Spool) -> None:
        await relay.cut()
        forged = hands.webhook(twilio, hands.text(twilio, "forged"))
        forged = RawRequest(
            method=forged.method,
            url=forged.url,
            headers={**forged.headers, "x-twilio-signature": "bm8="},
            body=forged.body,
            received_at=forged.received_at,
        )
        assert await deliver(intake, twilio, forged) == [503]
        assert spool.entries == 0

    play(tmp_path, use)
    assert QuarantineEntry.objects.count() == 0


def test_an_entry_cut_short_by_a_crash_ends_its_file_and_harms_no_other(tmp_path: Path) -> None:
    journal = Journal.claim(tmp_path, most_bytes=ROOM)
    journal.append([b"one", b"two"])
    journal.close()
    (file,) = (tmp_path / "0").glob("*.journal")
    file.write_bytes(file.read_bytes()[:-1])
    again = Journal.claim(tmp_path, most_bytes=ROOM)
    again.append([b"three"])
    assert again.entries == 2
    assert again.peek(10) == [b"one"]
    again.drop(1)
    assert again.peek(10) == [b"three"]
    again.drop(1)
    assert (again.peek(10), again.entries, again.size) == ([], 0, 0)
    again.close()


def test_one_folder_belongs_to_one_process_and_what_others_left_is_taken_over(tmp_path: Path) -> None:
    first, second = (Journal.claim(tmp_path, most_bytes=ROOM) for _ in range(2))
    first.append([b"a"])
    second.append([b"b"])
    first.adopt()
    assert first.entries == 1, "the second still lives"
    second.close()
    first.adopt()
    assert first.entries == 2
    assert first.peek(1) == [b"a"]
    first.drop(1)
    assert first.peek(5) == [b"b"]
    first.close()


def test_a_journal_of_many_files_keeps_its_order(tmp_path: Path) -> None:
    journal = Journal.claim(tmp_path, most_bytes=100_000_000)
    for number in range(12):
        journal.append([b"%03d" % number + b"x" * 1_000_000])
    assert len(list((tmp_path / "0").glob("*.journal"))) > 2
    seen = []
    while found := journal.peek(5):
        seen += [int(entry[:3]) for entry in found]
        journal.drop(len(found))
    assert seen == list(range(12))
    journal.close()
