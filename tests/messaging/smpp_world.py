"""A worker over SMPP in a thread of the test, and what tests ask of it."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.conftest import Player
from tests.fakes.smsc_running import FakeSmsc
from tests.messaging.relay import Relay
from tests.messaging.smpp_hands import CUSTOMER, smpp_channel
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging import database, outbound
from twoway.messaging.delivery import Delivery
from twoway.messaging.directory import Directory
from twoway.messaging.models import Message
from twoway.messaging.sessions.line import Timing
from twoway.providers.http import Transport
from twoway.teams.models import Workspace

DESK = "+14155550199"
PATIENCE = 60.0
QUICK = Timing(answer=3.0, enquiry=0.5, unbind=1.0, look=0.1, again=0.5, resume=5.0, throttled=10.0)


@contextmanager
def worker(timing: Timing = QUICK) -> Iterator[Callable[[str], None]]:
    """One worker's delivery, in a thread of the test; what is given cuts and mends its way to the database."""
    begun = threading.Event()
    hold: dict[str, Any] = {}

    async def whole() -> None:
        hold["loop"], hold["stop"] = asyncio.get_running_loop(), asyncio.Event()
        folder = Path(tempfile.mkdtemp(prefix="tw-"))
        async with Transport() as transport, Relay(folder, database.dsn()) as relay:
            hold["relay"] = relay
            delivery = Delivery(
                dsn=relay.dsn, directory=Directory(settings.SEALING_KEY), transport=transport, timing=timing
            )
            begun.set()
            await delivery.run(hold["stop"])

    def way(how: str) -> None:
        asyncio.run_coroutine_threadsafe(getattr(hold["relay"], how)(), hold["loop"]).result(PATIENCE)

    thread = threading.Thread(target=lambda: asyncio.run(whole()))
    thread.start()
    assert begun.wait(PATIENCE)
    try:
        yield way
    finally:
        hold["loop"].call_soon_threadsafe(hold["stop"].set)
        thread.join(PATIENCE)
        assert not thread.is_alive()


def wait_for(question: Callable[[], Any]) -> Any:
    """The first true answer."""
    ends = time.monotonic() + PATIENCE
    while not (answer := question()):
        assert time.monotonic() < ends, f"still {answer!r}"
        time.sleep(0.03)
    return answer


def number(workspace: Workspace, smsc: FakeSmsc, **given: str) -> Channel:
    return smpp_channel(workspace, DESK, credentials={"port": str(smsc.port), **given})


def bound(smsc: FakeSmsc) -> None:
    wait_for(lambda: smsc.state()["bound"])


def heard(smsc: FakeSmsc, *bodies: str, sender: str = CUSTOMER) -> Conversation:
    """Texts of one customer, once they are here."""
    for body in bodies:
        smsc.text(body, sender=sender, recipient=DESK)
    wait_for(lambda: Message.objects.filter(direction="in", sender=sender).count() >= len(bodies))
    return Conversation.objects.get(identity__value=sender)


def reply(by: Player, conversation: Conversation, body: str) -> Message:
    return outbound.queue_text(by=by.actor, conversation=conversation, body=body, at=datetime.now(UTC)).message


def reached(message: Message, *statuses: str) -> Message:
    """The message when it is in one of these states."""

    def look() -> bool:
        message.refresh_from_db()
        return message.status in statuses

    wait_for(look)
    return message


def taken(message: Message) -> Message:
    """The message when the SMSC has it."""

    def look() -> bool:
        message.refresh_from_db()
        return bool(message.provider_id)

    wait_for(look)
    return message
