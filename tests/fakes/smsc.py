"""An SMSC that speaks SMPP 3.4 over TCP, with faults. Its codec is smpplib's, so it shares no line with the program.

    python -m tests.fakes.smsc --throttle 0.1 --drop 0.05

prints `listening on PORT` for its controls, which are HTTP, and `smpp on PORT` for SMPP. What it took from us is at
GET /_accepted, how it stands at GET /_state; POST /_faults changes faults, POST /_deliver has customers text, POST
/_hang_up drops every connection and POST /_unbind says goodbye first. A text that is not answered with ESME_ROK is
delivered again, as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import struct
from collections import deque
from dataclasses import dataclass, field, fields
from typing import Any

from aiosmpplib.codec import find_codec_info  # type: ignore[import-untyped]
from smpplib import command as smpplib_command  # type: ignore[import-untyped]
from smpplib import smpp

from tests.fakes.http_server import Answer, Listener, Request

BINDS = ("bind_transceiver", "bind_transmitter", "bind_receiver")
THROTTLED, INVALID_PASSWORD, INVALID_DESTINATION = 0x58, 0x0E, 0x0B
GSM = find_codec_info("gsm0338", None)
STATES = {"ENROUTE": 1, "DELIVRD": 2, "EXPIRED": 3, "DELETED": 4, "UNDELIV": 5, "ACCEPTD": 6, "REJECTD": 8}


@dataclass
class Faults:
    """Shares from 0 to 1; `refuse` and `refuse_bind` are a command_status; `slow` and `late` are seconds.

    `drop` takes the text and drops the connection before the answer. `receipts` is none, after, before (the answer) or
    shuffled; `as_tlvs` has them in optional parameters only. `refuse_from_part` refuses parts of that number and above.
    `ids` is same or hex-decimal. `mute` leaves enquire_link unanswered, and `silent` texts.
    """

    throttle: float = 0.0
    drop: float = 0.0
    refuse: int = 0
    refuse_bind: int = 0
    refuse_from_part: int = 0
    throttle_parts: float = 0.0
    slow: float = 0.0
    receipts: str = "none"
    stat: str = "DELIVRD"
    as_tlvs: bool = False
    ids: str = "same"
    mute: bool = False
    silent: bool = False
    drop_answer_of_delivery: bool = False


@dataclass
class Smsc:
    """All connections and texts."""

    faults: Faults
    system_id: str = "ridgeway"
    password: str = "s3cret"
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    accepted: list[dict[str, Any]] = field(default_factory=list)
    sessions: set[Session] = field(default_factory=set)
    to_deliver: deque[dict[str, Any]] = field(default_factory=deque)
    answers: list[int] = field(default_factory=list)
    binds: int = 0
    enquiries: int = 0
    throttled: int = 0
    most_waiting: int = 0

    def take(self, told: Any) -> str:
        """Keep one submit; its id in the answer."""
        number = len(self.accepted) + 1
        named = f"{number + 255:X}" if self.faults.ids == "hex-decimal" else f"m{number}"
        self.accepted.append(read(told) | {"id": named, "number": number})
        return named

    def receipt(self, taken: dict[str, Any]) -> dict[str, Any]:
        """What the phone network says about it later."""
        named = str(int(taken["id"], 16)).zfill(10) if self.faults.ids == "hex-decimal" else taken["id"]
        stat = self.faults.stat
        words = (
            f"id:{named} sub:001 dlvrd:001 submit date:2603101200 done date:2603101201 stat:{stat} "
            f"err:{'000' if stat == 'DELIVRD' else '027'} text:{taken['text'][:20]}"
        )
        told: dict[str, Any] = {"source": taken["destination"], "destination": taken["source"], "esm_class": 4}
        if self.faults.as_tlvs:
            return told | {"octets": "", "receipted_message_id": named, "message_state": STATES[stat]}
        return told | {"octets": words.encode("ascii", "replace").hex()}

    def push(self) -> None:
        """Deliver what waits over any connection that receives."""
        for session in self.sessions:
            while self.to_deliver and session.receives:
                session.deliver(self.to_deliver.popleft())


def read(told: Any) -> dict[str, Any]:
    """A submit in plain words; the text is that of this part alone."""
    octets, header = told.short_message or b"", b""
    if told.esm_class & 0x40:
        header, octets = octets[: 1 + octets[0]], octets[1 + octets[0] :]
    if getattr(told, "message_payload", None):
        octets = told.message_payload
    text = octets.decode("utf-16-be") if told.data_coding == 8 else GSM.decode(octets)[0]
    part = [header[-3], header[-2], header[-1]] if header else None
    if getattr(told, "sar_total_segments", None):
        part = [told.sar_msg_ref_num, told.sar_total_segments, told.sar_segment_seqnum]
    return {
        "source": told.source_addr.decode(),
        "destination": told.destination_addr.decode(),
        "text": text,
        "part": part,
        "data_coding": told.data_coding,
        "octets": octets.hex(),
        "validity": (told.validity_period or b"").decode(),
        "registered_delivery": told.registered_delivery,
    }


class Session:
    """One connection."""

    def __init__(self, smsc: Smsc, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.smsc, self.reader, self.writer = smsc, reader, writer
        self.kind = ""
        self.sequence = 0
        self.waiting: dict[int, dict[str, Any]] = {}
        self.at_once = 0
        self.tasks: set[asyncio.Task[None]] = set()

    @property
    def receives(self) -> bool:
        return self.kind in {"bind_transceiver", "bind_receiver"} and not self.writer.is_closing()

    async def run(self) -> None:
        self.smsc.sessions.add(self)
        try:
            while True:
                size = await self.reader.readexactly(4)
                rest = await self.reader.readexactly(struct.unpack("!I", size)[0] - 4)
                self.take(smpp.parse_pdu(size + rest, client=self, allow_unknown_opt_params=True))
                self.smsc.push()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            self.smsc.sessions.discard(self)
            self.smsc.to_deliver.extendleft(reversed(self.waiting.values()))
            self.waiting = {}
            self.writer.close()

    def take(self, told: Any) -> None:
        if told.command in BINDS:
            self.bind(told)
        elif told.command == "submit_sm":
            self.submit(told)
        elif told.command == "deliver_sm_resp":
            self.delivered(told)
        elif told.command == "enquire_link":
            self.smsc.enquiries += 1
            if not self.smsc.faults.mute:
                self.say("enquire_link_resp", told.sequence)
        elif told.command == "unbind":
            self.say("unbind_resp", told.sequence)
            self.writer.close()

    def bind(self, told: Any) -> None:
        given = (told.system_id.decode(), told.password.decode())
        status = self.smsc.faults.refuse_bind
        if given != (self.smsc.system_id, self.smsc.password):
            status = INVALID_PASSWORD
        self.say(f"{told.command}_resp", told.sequence, status=status, system_id="smsc")
        if status == 0:
            self.kind = told.command
            self.smsc.binds += 1

    def submit(self, told: Any) -> None:
        faults, chance = self.smsc.faults, self.smsc.chance
        part = read(told)["part"]
        is_later = part is not None and part[2] > 1
        if faults.refuse or (part and 0 < faults.refuse_from_part <= part[2]):
            self.say("submit_sm_resp", told.sequence, status=faults.refuse or INVALID_DESTINATION)
        elif chance.random() < faults.throttle or (is_later and chance.random() < faults.throttle_parts):
            self.smsc.throttled += 1
            self.say("submit_sm_resp", told.sequence, status=THROTTLED)
        else:
            named = self.smsc.take(told)
            taken = self.smsc.accepted[-1]
            if chance.random() < faults.drop:
                self.writer.transport.abort()
                self.receipt_soon(taken)
            elif not faults.silent:
                self.answer(told, named, taken)

    def answer(self, told: Any, named: str, taken: dict[str, Any]) -> None:
        faults = self.smsc.faults
        if faults.receipts == "before":
            self.smsc.to_deliver.append(self.smsc.receipt(taken))
            self.smsc.push()
        self.at_once += 1
        self.smsc.most_waiting = max(self.smsc.most_waiting, self.at_once)
        if faults.slow:
            asyncio.get_running_loop().call_later(faults.slow, self.answered, told, named, taken)
        else:
            self.answered(told, named, taken)

    def answered(self, told: Any, named: str, taken: dict[str, Any]) -> None:
        self.at_once -= 1
        self.say("submit_sm_resp", told.sequence, message_id=named)
        if self.smsc.faults.receipts in {"after", "shuffled"}:
            self.receipt_soon(taken)

    def receipt_soon(self, taken: dict[str, Any]) -> None:
        """In order, or each after a while of its own."""
        if self.smsc.faults.receipts == "none":
            return
        wait = self.smsc.chance.random() * 0.5 if self.smsc.faults.receipts == "shuffled" else 0.02

        def later() -> None:
            self.smsc.to_deliver.append(self.smsc.receipt(taken))
            self.smsc.push()

        asyncio.get_running_loop().call_later(wait, later)

    def deliver(self, told: dict[str, Any]) -> None:
        self.sequence += 1
        self.waiting[self.sequence] = told
        self.say(
            "deliver_sm",
            self.sequence,
            source_addr=told["source"].removeprefix("+"),
            source_addr_ton=1,
            source_addr_npi=1,
            destination_addr=told["destination"].removeprefix("+"),
            dest_addr_ton=1,
            dest_addr_npi=1,
            esm_class=told.get("esm_class", 0),
            data_coding=told.get("data_coding", 0),
            short_message=bytes.fromhex(told["octets"]),
            **{name: told[name] for name in told if name.startswith(("sar_", "message_state", "receipted"))},
        )

    def delivered(self, told: Any) -> None:
        self.smsc.answers.append(told.status)
        if self.smsc.faults.drop_answer_of_delivery:
            self.smsc.faults.drop_answer_of_delivery = False
            self.writer.transport.abort()
            return
        kept = self.waiting.pop(told.sequence)
        if told.status != 0:
            self.smsc.to_deliver.append(kept)
            asyncio.get_running_loop().call_later(0.3, self.smsc.push)

    def next_sequence(self) -> int:
        """What the codec asks for and `say` replaces."""
        return 1

    def say(self, name: str, sequence: int, **values: Any) -> None:
        made = smpplib_command.factory(name, client=self, **values)
        made.sequence, made.status = sequence, values.get("status", 0)
        if not self.writer.is_closing():
            self.writer.write(made.generate())


def controls(smsc: Smsc, request: Request) -> Answer:
    """What tests ask of it."""
    told = json.loads(request.body) if request.body else {}
    if request.path == "/_faults":
        for name, value in told.items():
            setattr(smsc.faults, name, value)
    elif request.path == "/_deliver":
        smsc.to_deliver.extend(told["texts"])
        smsc.push()
    elif request.path == "/_hang_up":
        for session in list(smsc.sessions):
            session.writer.transport.abort()
    elif request.path == "/_unbind":
        for session in list(smsc.sessions):
            session.say("unbind", 9999)
    elif request.path == "/_accepted":
        return Answer(body=json.dumps({"messages": smsc.accepted}).encode())
    state = {
        "bound": sorted(session.kind for session in smsc.sessions if session.kind),
        "binds": smsc.binds,
        "waiting": len(smsc.to_deliver) + sum(len(session.waiting) for session in smsc.sessions),
        "answers": smsc.answers,
        "enquiries": smsc.enquiries,
        "throttled": smsc.throttled,
        "most_waiting": smsc.most_waiting,
    }
    return Answer(body=json.dumps(state).encode())


async def serve(smsc: Smsc, port: int) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(smsc, reader, writer).run()

    server = await asyncio.start_server(connected, "127.0.0.1", port)
    listener = await Listener(lambda request: controls(smsc, request)).start()
    print(f"listening on {listener.port}", flush=True)
    print(f"smpp on {server.sockets[0].getsockname()[1]}", flush=True)
    await listener.forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    for one in fields(Faults):
        name = f"--{one.name.replace('_', '-')}"
        if isinstance(one.default, bool):
            parser.add_argument(name, action="store_true")
        else:
            parser.add_argument(name, type=type(one.default), default=one.default)
    given = vars(parser.parse_args())
    port = given.pop("port")
    asyncio.run(serve(Smsc(Faults(**given)), port))


if __name__ == "__main__":
    main()
