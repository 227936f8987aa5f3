"""Calls while the database is away or stuck: the caller is answered all the same, and nothing of the call is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from tests.cast import NOW, Player
from tests.messaging import call_hands as calls
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import Event
from twoway.lib import sealing
from twoway.lib.refusal import Refused
from twoway.messaging import database, quarantine
from twoway.messaging.calls import due, rules
from twoway.messaging.calls.hearing import key_of
from twoway.messaging.calls.models import Call
from twoway.messaging.intake import Intake
from twoway.messaging.models import MediaFile, Message, QuarantineEntry
from twoway.messaging.spool import Spool
from twoway.providers.base import HttpResponse, RawRequest
from twoway.teams.models import Workspace
from twoway.webhooks.hooks import Hooks

pytestmark = pytest.mark.django_db(transaction=True)

ROOM = 1_000_000
Use = Callable[[Hooks, Spool], Awaitable[None]]


@pytest.fixture
def twilio(workspace: Workspace) -> Channel:
    return calls.number(workspace, "twilio")


@contextmanager
def stuck() -> Iterator[None]:
    """Nobody gets at the calls: the database answers nothing about them until this ends."""
    with psycopg.connect(database.dsn()) as other:
        other.execute("LOCK TABLE phone_call IN ACCESS EXCLUSIVE MODE")
        yield
        other.rollback()


def play(folder: Path, use: Use, *, most_bytes: int = ROOM) -> None:
    """Run `use` beside the doors for calls with a spool."""

    async def whole(intake: Intake) -> None:
        spool = Spool(folder / "spool_calls", most_bytes=most_bytes)
        hooks = Hooks(take=intake, public_url=settings.PUBLIC_URL, call_spool=spool)
        running = asyncio.create_task(hooks.voice.run())
        await until(lambda: spool.is_open and bool(hooks.voice.standby.languages) and not spool.entries)
        try:
            await use(hooks, spool)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            await asyncio.to_thread(hooks.voice.threads.shutdown)

    hands.with_intake(whole)


async def offer(hooks: Hooks, raw: RawRequest) -> HttpResponse:
    provider, hook = raw.url.removeprefix(f"{settings.PUBLIC_URL}/hooks/").split("/")[:2]
    return await hooks.voice.take(provider=provider, hook=hook, raw=raw)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # noqa: ASYNC110 - it watches what a loop does
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("provider", ["twilio", "plivo", "vonage"])
def test_a_call_is_answered_by_its_plan_and_taken_in_later(workspace: Workspace, provider: str, tmp_path: Path) -> None:
    """Passed on, not picked up, a message left, hung up: all of it while the database is stuck."""
    channel = calls.number(workspace, provider)
    calls.plan(channel, does="forward", forward_to=calls.FORWARDED, then="voicemail")
    key = key_of(channel.hook, "CA1").hex
    run: list[tuple[dict[str, Any], str, bytes]] = [
        (calls.called(provider), "", calls.FORWARDED.removeprefix("+").encode()),
        (calls.dialled(provider, "no-answer"), calls.step("dialled", key), b"after the tone"),
        (calls.recorded(provider), calls.step("recorded", key), b"Thank you"),
        (calls.recorded(provider), calls.step("recording", key), b""),
        (calls.over(provider), calls.step("status", key), b""),
    ]

    async def use(hooks: Hooks, spool: Spool) -> None:
        with stuck():
            for told, query, words in run:
                answer = await offer(hooks, calls.signed(channel, told, query))
                assert answer.status in (200, 204)
                assert words in answer.body
            assert spool.entries == len(run)
        await until(lambda: not spool.entries)

    play(tmp_path, use)
    call = Call.objects.get()
    assert (call.key.hex, call.state, call.phone, call.started_at) == (key, "voicemail", calls.CALLER, NOW)
    assert (call.ended_at, call.recording_seconds, MediaFile.objects.get().pk) == (NOW, 9, call.recording_id)
    assert Conversation.objects.get().needs_reply
    assert Event.objects.filter(type="call_started").count() == Event.objects.filter(type="call_missed").count() == 1


def test_what_was_kept_survives_a_restart(twilio: Channel, tmp_path: Path) -> None:
    calls.plan(twilio, does="text")

    async def away(hooks: Hooks, spool: Spool) -> None:
        with stuck():
            answer = await offer(hooks, calls.signed(twilio, calls.called("twilio")))
            assert b"sending you a text" in answer.body
            assert spool.entries == 1
            spool.close()

    async def back(hooks: Hooks, spool: Spool) -> None:
        assert not spool.entries

    play(tmp_path, away)
    play(tmp_path, back)
    assert Call.objects.get().state == "ringing"


def test_without_room_the_caller_is_answered_and_what_nobody_waits_for_comes_again(
    twilio: Channel, tmp_path: Path
) -> None:
    async def use(hooks: Hooks, spool: Spool) -> None:
        with stuck():
            assert b"takes text messages" in (await offer(hooks, calls.signed(twilio, calls.called("twilio")))).body
            assert (await offer(hooks, calls.signed(twilio, calls.over("twilio")))).status == 503

    play(tmp_path, use, most_bytes=10)


def test_connections_that_broke_cost_no_call(twilio: Channel, tmp_path: Path) -> None:
    """As after a restart of the database: the pool's connections are dead."""
    calls.plan(twilio, does="text")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (own,) = cursor.fetchone()

    async def use(hooks: Hooks, spool: Spool) -> None:
        with psycopg.connect(database.dsn(), autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name <> 'twoway intake' AND NOT pid = ANY(%s)",
                [[own, other.info.backend_pid]],
            )
        answer = await offer(hooks, calls.signed(twilio, calls.called("twilio")))
        assert b"sending you a text" in answer.body
        await until(lambda: not spool.entries)

    play(tmp_path, use)
    assert Call.objects.count() == 1


def test_the_end_of_a_call_nobody_heard_begin_is_a_missed_call(twilio: Channel) -> None:
    """The first webhook was lost, or comes after the last."""
    over = {**calls.called("twilio"), "CallStatus": "completed", "CallDuration": "9"}
    (answer,) = calls.send(calls.signed(twilio, over))
    assert answer.status == 200
    assert (Call.objects.get().state, Call.objects.get().phone) == ("missed", calls.CALLER)
    (answer,) = calls.send(calls.signed(twilio, calls.called("twilio")))
    assert answer.body.endswith(b"<Response><Hangup /></Response>")
    assert Call.objects.count() == 1


def test_a_recording_of_a_call_nobody_knows_is_set_aside_and_taken_in_once_it_is_known(
    ana: Player, twilio: Channel
) -> None:
    calls.plan(twilio, does="voicemail")
    query = calls.step("recording", key_of(twilio.hook, "CA1").hex)
    calls.send(calls.signed(twilio, calls.recorded("twilio"), query))
    entry = QuarantineEntry.objects.get()
    assert (entry.kind, entry.detail) == ("voice", "It is about a call nobody here knows.")
    with pytest.raises(Refused) as refused:
        quarantine.replay(entry=entry, by=ana.actor, at=NOW)
    assert refused.value.code == "unknown_call"
    calls.send(calls.signed(twilio, calls.called("twilio")))
    quarantine.replay(entry=entry, by=ana.actor, at=NOW)
    assert (Call.objects.get().state, MediaFile.objects.count()) == ("voicemail", 1)


def test_a_call_whose_signature_did_not_match_can_be_taken_in_after_the_fix(ana: Player, twilio: Channel) -> None:
    """Nobody is on the line any more; that they called is kept, and six hours later nobody is texted."""
    calls.plan(twilio, does="text")
    right = calls.signed(twilio, calls.called("twilio"))
    twilio.sealed_credentials, kept = make_wrong(twilio), twilio.sealed_credentials
    twilio.save(update_fields=["sealed_credentials"])
    assert [answer.status for answer in calls.send(right)] == [403]
    entry = QuarantineEntry.objects.get()
    with pytest.raises(Refused) as refused:
        quarantine.replay(entry=entry, by=ana.actor, at=NOW)
    assert refused.value.code == "bad_signature"
    twilio.sealed_credentials = kept
    twilio.save(update_fields=["sealed_credentials"])
    quarantine.replay(entry=entry, by=ana.actor, at=NOW)
    later = NOW + rules.TOO_LATE * 2
    due.round_of(at=later)
    due.round_of(at=later)
    call = Call.objects.get()
    assert (call.state, call.text_code, Message.objects.exists()) == ("missed", "too_late", False)
    assert Conversation.objects.get().needs_reply


def make_wrong(channel: Channel) -> bytes:
    """Credentials with another token."""
    known = sealing.unseal(bytes(channel.sealed_credentials), key=settings.SEALING_KEY)
    return sealing.seal({**known, "auth_token": "another"}, key=settings.SEALING_KEY)


def test_a_former_secret_still_proves_a_call(twilio: Channel) -> None:
    """While one token replaces the other both are accepted."""
    known = sealing.unseal(bytes(twilio.sealed_credentials), key=settings.SEALING_KEY)
    both = {**known, "auth_token": f"a-new-token,{known['auth_token']}"}
    request = calls.signed(twilio, calls.called("twilio"))
    Channel.objects.filter(id=twilio.pk).update(sealed_credentials=sealing.seal(both, key=settings.SEALING_KEY))
    (answer,) = calls.send(request)
    assert answer.status == 200
    assert Call.objects.count() == 1


def test_numbers_that_share_an_address_at_the_provider_are_told_apart(workspace: Workspace) -> None:
    """One application of Plivo or Vonage serves several numbers: a call is for the one that was called."""
    first = calls.number(workspace, "vonage")
    second = calls.number_beside(first, address="+14155550198")
    calls.plan(second, does="voicemail")
    (answer,) = calls.send(calls.signed(first, calls.called("vonage", to="+14155550198")))
    assert b"after the tone" in answer.body
    assert second.hook.encode() in answer.body
    call = Call.objects.get()
    assert call.channel_id == second.pk
    over = {**calls.over("vonage"), "direction": "inbound", "from": "14155550101", "to": "14155550198"}
    calls.send(calls.signed(first, over))
    call.refresh_from_db()
    assert call.state == "missed"


def test_what_an_erased_person_said_and_comes_late_is_not_kept(twilio: Channel) -> None:
    calls.plan(twilio, does="voicemail", is_transcribed=True)
    calls.send(calls.signed(twilio, calls.called("twilio")))
    call = Call.objects.get()
    call.conversation.contact.erased_at = NOW
    call.conversation.contact.save(update_fields=["erased_at"])
    told = {"CallSid": "CA1", "TranscriptionText": "Please call me back"}
    calls.send(calls.signed(twilio, told, calls.step("transcribed", call.key.hex)))
    calls.send(calls.signed(twilio, calls.recorded("twilio"), calls.step("recording", call.key.hex)))
    call.refresh_from_db()
    assert (call.transcript, call.recording_id, MediaFile.objects.exists()) == ("", None, False)
