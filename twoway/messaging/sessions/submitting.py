"""Handing one text over a session, part by part."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Protocol

from twoway.messaging.sessions.line import Line, Timing
from twoway.providers import smpp_codes as codes
from twoway.providers.base import (
    Accepted,
    NotConnected,
    OutboundText,
    Rejected,
    SendError,
    Status,
    Throttled,
    Uncertain,
)
from twoway.providers.smpp import incoming, outgoing, pdu
from twoway.providers.smpp.setup import Setup

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0


class Lines(Protocol):
    """Where the line to send on comes from."""

    async def sender(self, seconds: float) -> Line:
        """The bound line to send on, waiting so long for one. Raises `NotConnected`."""


async def hand_over(lines: Lines, setup: Setup, text: OutboundText, *, address: str, timing: Timing) -> Accepted:
    """Submit all parts of a text in order, each after the one before was taken; accepted when all are.

    Raises a `SendError`. Once a part was taken the text is never sent again as a whole: when a later one is refused for
    good it is `Rejected` as incomplete, and when the last one's answer is missing it is `Uncertain`. Both name the ids
    of the parts that were taken.
    """
    bodies = _bodies(setup, text, address)
    ids: list[str] = []
    for body in bodies:
        try:
            if ids:
                ids.append(await _until_taken(lines, setup, body, timing))
            else:
                ids.append(await _submit(await lines.sender(0), setup, body))
        except SendError as error:
            if not ids:
                raise
            raise _with_parts(error, ids, len(bodies)) from None
    is_counted = setup.concatenation != "payload"
    return Accepted(
        provider_id=ids[0],
        status=Status.QUEUED,
        segments=len(ids) if is_counted else None,
        part_ids=tuple(ids) if len(ids) > 1 else (),
    )


def _bodies(setup: Setup, text: OutboundText, address: str) -> list[bytes]:
    """All parts, made before the first leaves. Raises `Rejected`."""
    try:
        return [one.octets() for one in outgoing.submissions(setup, text, address=address)]
    except pdu.PduError as error:
        raise Rejected("sender_invalid", str(error)) from error


async def _submit(line: Line, setup: Setup, body: bytes) -> str:
    """The id of one part. Raises a `SendError`."""
    said = await line.submit(body)
    if said.status != codes.OK:
        raise codes.refusal(said.status)
    found = incoming.canonical(pdu.read_word(said.body), setup.ids, is_receipt=False)
    if not found:
        raise Uncertain("The answer names no message.")
    return found[:120]


async def _until_taken(lines: Lines, setup: Setup, body: bytes, timing: Timing) -> str:
    """The id of a later part, sent again while the SMSC asks for patience or the line is made anew."""
    clock = asyncio.get_running_loop().time
    gives_up_at, pause = clock() + timing.throttled, FIRST_PAUSE
    while True:
        try:
            return await _submit(await lines.sender(timing.resume), setup, body)
        except (Throttled, NotConnected):
            if clock() + pause > gives_up_at:
                raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)


def _with_parts(error: SendError, ids: Sequence[str], total: int) -> SendError:
    is_last = len(ids) == total - 1
    if not (isinstance(error, Uncertain) and is_last):
        detail = f"{len(ids)} of {total} parts were taken. {error}"
        error = Rejected("incomplete", detail, provider_code=error.provider_code)
    error.part_ids = tuple(ids)
    return error
