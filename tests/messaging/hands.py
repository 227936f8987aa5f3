"""Hands for these tests: signed Twilio webhooks, and an intake that runs on the test's database."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import itertools
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.conf import settings

from tests import make
from tests.conftest import NOW
from twoway.channels.models import Channel
from twoway.messaging import database
from twoway.messaging.directory import Directory
from twoway.messaging.intake import Intake
from twoway.providers.base import HttpResponse, RawRequest
from twoway.teams.models import Workspace

AUTH_TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC22222222222222222222222222222222"
CUSTOMER = "+14155550101"
_sid = itertools.count(1)


def sid() -> str:
    return f"SM{next(_sid):032x}"


def twilio_channel(workspace: Workspace, address: str = "+14155550199", **fields: Any) -> Channel:
    return make.make_channel(
        workspace,
        at=NOW,
        provider="twilio",
        address=address,
        credentials={"account_sid": ACCOUNT, "auth_token": AUTH_TOKEN},
        **fields,
    )


def url(channel: Channel, kind: str = "inbound", query: str = "") -> str:
    return f"{settings.PUBLIC_URL}/hooks/{channel.provider}/{channel.hook}/{kind}" + (f"?{query}" if query else "")


def sign(address: str, form: dict[str, str], token: str = AUTH_TOKEN) -> str:
    """Twilio's documented scheme, written again here so that the tests do not lean on our own."""
    words = address + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), words.encode(), hashlib.sha1).digest()).decode()


def webhook(
    channel: Channel, form: dict[str, str], *, kind: str = "inbound", query: str = "", **other: Any
) -> RawRequest:
    """A form as Twilio posts it to one of this channel's addresses, signed."""
    address = url(channel, kind, query)
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-twilio-signature": other.get("signature") or sign(address, form),
    }
    at: datetime = other.get("at", NOW)
    return RawRequest(
        method="POST", url=address, headers=headers, body=urlencode(form).encode(), received_at=at, remote="127.0.0.1"
    )


def text(
    channel: Channel, body: str, *, sender: str = CUSTOMER, message_sid: str = "", **fields: str
) -> dict[str, str]:
    """The form of one inbound text."""
    return {
        "MessageSid": message_sid or sid(),
        "AccountSid": ACCOUNT,
        "From": sender,
        "To": channel.address,
        "Body": body,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        **fields,
    }


def with_intake(use: Callable[[Intake], Awaitable[Any]], *, queue_limit: int = 2000) -> Any:
    """Run `use` beside a writer, then let it finish."""

    async def whole() -> Any:
        directory = Directory(settings.SEALING_KEY)
        async with await psycopg.AsyncConnection.connect(database.dsn(), autocommit=True) as connection:
            await directory.refresh(connection)
        intake = Intake(dsn=database.dsn(), directory=directory, queue_limit=queue_limit)
        writer = asyncio.create_task(intake.run())
        try:
            return await use(intake)
        finally:
            intake.close()
            await writer

    return asyncio.run(whole())


def post(requests: Sequence[tuple[Channel, RawRequest]], *, kind: str = "inbound") -> list[HttpResponse]:
    """Deliver webhooks all at once; the answers, in order."""

    async def use(intake: Intake) -> list[HttpResponse]:
        takes = [intake.take(provider=c.provider, hook=c.hook, kind=kind, raw=raw) for c, raw in requests]
        return list(await asyncio.gather(*takes))

    answers: list[HttpResponse] = with_intake(use)
    return answers


def receive(channel: Channel, *bodies: str, sender: str = CUSTOMER) -> None:
    """Texts from one customer, one after another."""
    for body in bodies:
        (answer,) = post([(channel, webhook(channel, text(channel, body, sender=sender)))])
        assert answer.status == 200


def receipt(
    channel: Channel, status: str, *, message_id: int | None = None, message_sid: str = "", **fields: str
) -> RawRequest:
    """What Twilio says later about a text of ours; `message_id` is our own reference, in the address it calls."""
    form = {
        "MessageSid": message_sid or sid(),
        "MessageStatus": status,
        "AccountSid": ACCOUNT,
        "From": channel.address,
        "To": CUSTOMER,
        **fields,
    }
    return webhook(channel, form, kind="status", query="" if message_id is None else f"m={message_id}")


def hear(channel: Channel, *receipts: RawRequest, together: bool = False) -> None:
    """Receipts as intake takes them: one after another, or all at once."""
    groups = [list(receipts)] if together else [[one] for one in receipts]
    for group in groups:
        answers = post([(channel, one) for one in group], kind="status")
        assert {answer.status for answer in answers} == {200}
