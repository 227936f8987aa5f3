"""Calls at the simulated carrier: somebody's phone rings, words are heard instead of a voice, a message is typed.

A person does every step: the phone that rings is answered or not, what is said after the tone is written. The carrier
asks the desk what to do as a real one does, and tells it what came of each step. Kept beside the texts, in one file.
"""

from __future__ import annotations

import io
import math
import secrets
import struct
import wave
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from twoway.providers import http
from twoway.providers.base import HttpRequest, SendError
from twoway.providers.simulator_carrier.store import CarrierStore
from twoway.providers.voice.base import STEP, keys
from twoway.providers.voice.simulator import SIGNATURE, sign

KEPT = 100
WITHIN = 10.0  # seconds a desk has to answer
LONGEST_WORDS = 500
WORDS_A_SECOND = 2.5
RATE = 8000
LIVE = ("ringing", "asking", "dialling", "talking", "recording")

_PUT = "INSERT OR REPLACE INTO call (id, desk, handset, told, at) VALUES (?, ?, ?, ?, ?)"
_FORGET = "DELETE FROM call WHERE id NOT IN (SELECT id FROM call ORDER BY at DESC LIMIT ?)"


@dataclass(frozen=True, kw_only=True)
class CarrierCall:
    """One call. `from_desk`: the desk placed it, and `handset` is the phone of who works there.

    `state` is ringing, asking (for keys), dialling, talking, recording or over. `heard` are the words so far, `rings`
    the phone that rings now. `doors` are the desk's addresses for what comes next: answer, status, then, file, words.
    """

    id: str
    desk: str
    handset: str
    from_desk: bool
    state: str
    at: float
    heard: tuple[str, ...] = ()
    rings: str = ""
    since: float = 0.0
    doors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether somebody is on the phone, or it rings."""
        return self.state in LIVE


class Unheard(Exception):
    """The desk did not say what the call is to do; the sentence says why."""


class Calls:
    """The calls of one carrier. `base` is where the desk fetches files from."""

    def __init__(self, store: CarrierStore, key: str, base: str = "") -> None:
        self.store, self.key, self.base = store, key, base.rstrip("/")

    def of(self, *, desk: str, handset: str) -> list[CarrierCall]:
        """What goes on at this number, and the last call of this phone, newest first."""
        rows = self.store.read("SELECT told FROM call WHERE desk = ? ORDER BY at DESC LIMIT ?", (desk, KEPT))
        known = [_from(row["told"]) for row in rows]
        last = next((call for call in known if call.handset == handset), None)
        return [call for call in known if call.is_live or call is last]

    def find(self, call_id: str) -> CarrierCall | None:
        """One call."""
        rows = self.store.read("SELECT told FROM call WHERE id = ?", (call_id,))
        return _from(rows[0]["told"]) if rows else None

    def place(self, told: Mapping[str, Any]) -> CarrierCall:
        """The desk calls: the first phone rings, until somebody answers it. Raises `ValueError`."""
        if not all(isinstance(told.get(name), str) and told[name] for name in ("to", "from", "answer_url")):
            raise ValueError("A call needs to, from and answer_url.")
        doors = {"answer": told["answer_url"], "status": str(told.get("status_url") or "")}
        made = self._made(desk=told["from"], handset=told["to"], from_desk=True, doors=doors)
        return self._keep(replace(made, state="ringing", rings=told["to"]))

    def call(self, *, handset: str, desk: str) -> CarrierCall:
        """A person calls the desk. Raises `UnknownNumber`, `Unheard`."""
        url = self.store.inbound_url(desk).removesuffix("inbound") + "voice"
        made = self._keep(self._made(desk=desk, handset=handset, from_desk=False, doors={"status": url}))
        return self._follow(made, self._ask(made, url, "called", stage="ringing"))

    def _made(self, *, desk: str, handset: str, from_desk: bool, doors: Mapping[str, str]) -> CarrierCall:
        now = datetime.now(UTC).timestamp()
        return CarrierCall(
            id=f"CA{secrets.token_hex(12)}",
            desk=desk,
            handset=handset,
            from_desk=from_desk,
            state="talking",
            at=now,
            since=now,
            doors=doors,
        )

    def answer(self, call: CarrierCall) -> CarrierCall:
        """Whoever is rung picks up. Raises `Unheard`."""
        if call.state == "ringing":
            return self._follow(call, self._ask(call, call.doors["answer"], "agent", stage="answered"))
        if call.state != "dialling":
            return call
        self._ask(call, call.doors["then"], "dialled", stage="answered")
        return self._keep(replace(call, state="talking", rings="", since=datetime.now(UTC).timestamp()))

    def press(self, call: CarrierCall, typed: str) -> CarrierCall:
        """Keys on the phone that was asked for some; none of them is an answer too. Raises `Unheard`."""
        if call.state != "asking":
            return call
        return self._follow(call, self._ask(call, call.doors["then"], "keyed", digits=keys(typed)))

    def ignore(self, call: CarrierCall) -> CarrierCall:
        """Nobody picks up. Raises `Unheard`."""
        if call.state == "ringing":
            return self._end(call, stage="no_answer")
        if call.state != "dialling":
            return call
        return self._follow(call, self._ask(call, call.doors["then"], "dialled", stage="no_answer"))

    def speak(self, call: CarrierCall, words: str) -> CarrierCall:
        """Words after the tone: a file of their length, and the words themselves where they are asked for."""
        said = " ".join(words.split())[:LONGEST_WORDS]
        if call.state != "recording" or not said:
            return call
        length = max(1, math.ceil(len(said.split()) / WORDS_A_SECOND))
        name = self.store.keep_file(content=tone(length), name="voicemail.wav", content_type="audio/wav")
        told = {"recording_url": f"{self.base}/files/{name}.wav", "recording_id": name, "seconds": length}
        heard = replace(call, heard=(*call.heard, f"“{said}”"))
        answer = self._ask(heard, call.doors["then"], "recorded", **told)
        self._ask(heard, call.doors["file"], "recording", **told)
        if call.doors.get("words"):
            self._ask(heard, call.doors["words"], "transcribed", transcript=said)
        return self._follow(heard, answer)

    def hang_up(self, call: CarrierCall) -> CarrierCall:
        """Somebody on the phone has enough. Raises `Unheard`."""
        if not call.is_live:
            return call
        if call.state == "dialling" and call.doors.get("then"):
            self._ask(call, call.doors["then"], "dialled", stage="canceled")
        if call.state == "talking" and call.doors.get("then"):
            length = max(1, round(datetime.now(UTC).timestamp() - call.since))
            self._ask(call, call.doors["then"], "dialled", stage="completed", seconds=length)
        return self._end(call, stage="no_answer" if call.state == "ringing" else "completed")

    def _follow(self, call: CarrierCall, told: list[dict[str, Any]]) -> CarrierCall:
        """Do what the desk says, until somebody has to do something."""
        for one in told:
            if one.get("do") == "say":
                call = replace(call, heard=(*call.heard, str(one.get("words"))))
            elif one.get("do") == "play":
                call = replace(call, heard=(*call.heard, "♪"))
            elif one.get("do") == "ask":
                heard, doors = (*call.heard, str(one.get("words"))), {**call.doors, "then": str(one["then"])}
                return self._keep(replace(call, state="asking", rings="", heard=heard, doors=doors))
            elif one.get("do") == "dial":
                doors = {**call.doors, "then": str(one["then"])}
                return self._keep(replace(call, state="dialling", rings=str(one["to"]), doors=doors))
            elif one.get("do") == "record":
                doors = {**call.doors, **{name: str(one.get(name) or "") for name in ("then", "file", "words")}}
                return self._keep(replace(call, state="recording", rings="", doors=doors))
        return self._end(call, stage="completed")

    def _end(self, call: CarrierCall, *, stage: str) -> CarrierCall:
        ended = self._keep(replace(call, state="over", rings=""))
        if call.doors.get("status"):
            length = max(1, round(datetime.now(UTC).timestamp() - call.at))
            self._ask(call, call.doors["status"], "status", stage=stage, seconds=length)
        return ended

    def _ask(self, call: CarrierCall, url: str, step: str, **more: object) -> list[dict[str, Any]]:
        """Tell the desk of one step; what it answers. Raises `Unheard`."""
        ends = ("desk", "handset") if call.from_desk else ("handset", "desk")
        named = {"id": call.id, "from": getattr(call, ends[0]), "to": getattr(call, ends[1])}
        named["direction"] = "outbound" if call.from_desk else "inbound"
        body = orjson.dumps({"type": f"call.{step}", **named, **more})
        moment = int(datetime.now(UTC).timestamp())
        headers = {
            SIGNATURE: f"{moment}," + sign(self.key, moment, url, body).decode(),
            "content-type": "application/json",
        }
        asked = HttpRequest(method="POST", url=url, headers=headers, body=body, timeout=WITHIN)
        try:
            answer = http.call_sync(asked)
        except SendError as error:
            raise Unheard(f"The desk didn't answer ({STEP}={step}): {error}") from error
        if not 200 <= answer.status < 300:
            raise Unheard(f"The desk answered {answer.status}.")
        found = orjson.loads(answer.body or b"[]")
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def _keep(self, call: CarrierCall) -> CarrierCall:
        told = orjson.dumps(asdict(call)).decode()
        self.store.change(_PUT, (call.id, call.desk, call.handset, told, call.at))
        self.store.change(_FORGET, (KEPT,))
        return call


def _from(told: str) -> CarrierCall:
    known = orjson.loads(told)
    return CarrierCall(**{**known, "heard": tuple(known["heard"])})


def tone(length: int) -> bytes:
    """A quiet hum of some seconds as a WAV file: a voice, as far as a machine is concerned."""
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        count = RATE * min(length, 300)
        file.writeframes(b"".join(struct.pack("<h", int(1500 * math.sin(at / 8))) for at in range(count)))
    return target.getvalue()
