"""One bound connection to an SMSC: its PDUs out and in, its window, and whether it still lives.

Source: SMPP v3.4, sections 2.2 (session states), 2.7 (pending responses) and 7.2 (timers).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final, Self

import structlog

from twoway.providers import smpp_codes as codes
from twoway.providers.base import NotConnected, SendError, Uncertain
from twoway.providers.smpp import pdu
from twoway.providers.smpp.setup import Setup

log = structlog.get_logger(__name__)

READ_AT_ONCE: Final = 65_536
_WITHOUT_ANSWER = frozenset({0x0B, 0x102})
"""outbind and alert_notification."""


@dataclass(frozen=True, kw_only=True)
class Timing:
    """How long to wait, in seconds. `again` is the longest rest between two attempts to connect."""

    connect: float = 15.0
    answer: float = 60.0
    enquiry: float = 15.0
    unbind: float = 3.0
    look: float = 1.0
    again: float = 60.0
    resume: float = 20.0
    throttled: float = 60.0


class BindRefused(Exception):
    """The SMSC said no to the bind; `status` is its command_status."""

    def __init__(self, status: int) -> None:
        super().__init__(f"The SMSC refused the bind: {codes.named(status)}.")
        self.status = status


class Forbidden(Exception):
    """This host may not be connected to."""


Deliver = Callable[["Line", pdu.Pdu], None]


class Line:
    """One connection after its bind. `run` reads until it ends; `submit` may be called by many at once."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, setup: Setup, timing: Timing, deliver: Deliver
    ) -> None:
        self._reader, self._writer = reader, writer
        self._setup, self._timing, self._deliver = setup, timing, deliver
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[pdu.Pdu]] = {}
        self._window = asyncio.Semaphore(setup.window)
        self._is_over = False
        self._heard_at = asyncio.get_running_loop().time()
        self._left = b""
        self._early: list[pdu.Pdu] = []
        self.why = ""

    @classmethod
    async def open(cls, setup: Setup, command: int, *, timing: Timing, deliver: Deliver) -> Self:
        """Connect and bind. Raises `BindRefused`, `Forbidden`, `OSError` and `TimeoutError`."""
        async with asyncio.timeout(timing.connect):
            reader, writer = await _connect(setup)
            line = cls(reader, writer, setup, timing, deliver)
            try:
                await line._bind(command)
            except BaseException:
                line.end("the bind failed")
                raise
        return line

    async def _bind(self, command: int) -> None:
        setup = self._setup
        bind = pdu.Bind(system_id=setup.system_id, password=setup.password, system_type=setup.system_type)
        asked = pdu.Pdu(command, 0, self._next(), bind.octets())
        self._write(asked)
        while True:
            found = await self._read()
            for place, one in enumerate(found):
                if one.is_response and one.sequence == asked.sequence:
                    if one.status != codes.OK:
                        raise BindRefused(one.status)
                    self._early = found[place + 1 :]
                    return

    # Reading

    async def run(self) -> str:
        """Read until the line is over; why it is."""
        alive = asyncio.create_task(self._stay_alive())
        try:
            for found in self._early:
                self._take(found)
            while not self._is_over:
                for found in await self._read():
                    self._take(found)
        except (OSError, EOFError) as error:
            self.end(str(error) or "the SMSC closed the connection")
        except pdu.PduError as error:
            self._write(pdu.Pdu(pdu.GENERIC_NACK, codes.INVALID_COMMAND_LENGTH, 0))
            self.end(f"the SMSC sent what is no PDU: {error}")
        finally:
            alive.cancel()
            self.end("it was given up")
        return self.why

    async def _read(self) -> list[pdu.Pdu]:
        """The whole PDUs among what came next. Raises `EOFError`, `OSError`, `pdu.PduError`."""
        octets = await self._reader.read(READ_AT_ONCE)
        if not octets:
            raise EOFError
        self._heard_at = asyncio.get_running_loop().time()
        buffer, at, found = self._left + octets, 0, []
        while len(buffer) - at >= pdu.HEADER_OCTETS:
            length = int.from_bytes(buffer[at : at + 4], "big")
            if not pdu.HEADER_OCTETS <= length <= pdu.MOST_OCTETS:
                raise pdu.PduError(f"a length of {length}")
            if len(buffer) - at < length:
                break
            found.append(pdu.read(buffer[at : at + length]))
            at += length
        self._left = buffer[at:]
        return found

    def _take(self, found: pdu.Pdu) -> None:
        if found.is_response:
            waiting = self._waiting.get(found.sequence)
            if waiting is None:
                log.info("smpp_answer_to_nothing", place=self._setup.place, status=codes.named(found.status))
            elif not waiting.done():
                waiting.set_result(found)
        elif found.command == pdu.DELIVER_SM:
            self._deliver(self, found)
        elif found.command == pdu.ENQUIRE_LINK:
            self._write(found.answer())
        elif found.command == pdu.UNBIND:
            self._write(found.answer())
            self.end("the SMSC unbound")
        elif found.command not in _WITHOUT_ANSWER:
            self._write(pdu.Pdu(pdu.GENERIC_NACK, codes.INVALID_COMMAND, found.sequence))

    def answer(self, found: pdu.Pdu, status: int) -> None:
        """Answer a deliver_sm; nothing when the line is over, on which the SMSC delivers it again."""
        self._write(found.answer(status, b"\0"))

    async def _stay_alive(self) -> None:
        """Ask when nothing was heard for a while; without any word after that the line is over."""
        clock = asyncio.get_running_loop().time
        while not self._is_over:
            quiet = clock() - self._heard_at
            if quiet < self._setup.enquire_link:
                await asyncio.sleep(self._setup.enquire_link - quiet)
                continue
            asked_at = clock()
            self._write(pdu.Pdu(pdu.ENQUIRE_LINK, 0, self._next()))
            await asyncio.sleep(self._timing.enquiry)
            if self._heard_at < asked_at:
                self.end("the SMSC did not answer enquire_link")

    # Writing

    @property
    def is_over(self) -> bool:
        return self._is_over

    async def submit(self, body: bytes) -> pdu.Pdu:
        """The answer to a submit_sm, whatever it says. Waits for room in the window.

        Raises `NotConnected` when nothing was sent, and `Uncertain` when it was and no answer came.
        """
        async with self._window:
            if self._is_over:
                raise NotConnected(self.why)
            return await self._ask(pdu.SUBMIT_SM, body, self._timing.answer)

    async def _ask(self, command: int, body: bytes, seconds: float) -> pdu.Pdu:
        asked = pdu.Pdu(command, 0, self._next(), body)
        waiting: asyncio.Future[pdu.Pdu] = asyncio.get_running_loop().create_future()
        self._waiting[asked.sequence] = waiting
        try:
            self._write(asked)
            async with asyncio.timeout(seconds):
                return await waiting
        except TimeoutError:
            raise Uncertain(f"No answer within {seconds:g} seconds.") from None
        finally:
            del self._waiting[asked.sequence]

    def _write(self, one: pdu.Pdu) -> None:
        if not self._is_over:
            self._writer.write(one.octets())

    def _next(self) -> int:
        self._sequence = self._sequence % 0x7FFF_FFFF + 1
        return self._sequence

    async def unbind(self) -> None:
        """Say goodbye, wait a moment for the answer, and close."""
        if not self._is_over:
            with suppress(SendError):
                await self._ask(pdu.UNBIND, b"", self._timing.unbind)
        self.end("we unbound")

    def end(self, why: str) -> None:
        """Close the connection. What still waits for an answer may have been taken."""
        if self._is_over:
            return
        self._is_over, self.why = True, why
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(Uncertain(f"The line broke before the answer: {why}."))


async def _connect(setup: Setup) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect to the host's address that was looked at, so that the name can't lead elsewhere a moment later."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(setup.host, setup.port, type=socket.SOCK_STREAM)
    addresses = [str(place[4][0]) for place in found]
    if not setup.may_be_private and any(not ip_address(one).is_global for one in addresses):
        raise Forbidden(f"{setup.host} is in a private network; only the command twoway channel can name such a host.")
    context = ssl.create_default_context() if setup.tls else None
    name = setup.host if setup.tls else None
    last: OSError = OSError(f"{setup.host} has no address")
    for one in addresses:
        try:
            return await asyncio.open_connection(one, setup.port, ssl=context, server_hostname=name)
        except OSError as error:
            last = error
    raise last
