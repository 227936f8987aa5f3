"""The simulated carrier's calls: JSON both ways, signed as its texts are."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson

from twoway.lib.words import noted
from twoway.providers import reading
from twoway.providers.base import Account, HttpRequest, HttpResponse, Malformed, RawRequest, Rejected, Uncertain
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.voice import base
from twoway.providers.voice.base import Ask, Dial, Heard, Instruction, Outgoing, Play, Record, Say, Stage, Step

API = "http://127.0.0.1:8000/carrier"
SIGNATURE = "x-carrier-signature"
OLDEST = 300  # seconds


class SimulatorVoice:
    """The translator of the simulated carrier's calls."""

    slug = "simulator"

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether the carrier signed this time, URL and body within the last five minutes."""
        moment, _, given = request.headers.get(SIGNATURE, "").partition(",")
        if not reading.is_recent(moment, request.received_at, OLDEST):
            return False
        keys = reading.secrets(account.credentials.get("key", ""))
        told = given.encode("utf-8", "replace")
        return any(hmac.compare_digest(sign(key, int(moment), request.url, request.body), told) for key in keys)

    def parse(self, request: RawRequest) -> Heard:
        """A JSON object with the step in its `type`, such as call.called."""
        step, ref = base.asked(request)
        try:
            told = orjson.loads(request.body)
            named = str(told["type"]).removeprefix("call.")
            return Heard(
                step=step or Step(named),
                provider_id=str(told["id"]),
                ref=ref,
                caller=str(told.get("from") or ""),
                called=str(told.get("to") or ""),
                stage=Stage(str(told.get("stage") or "")),
                seconds=base.seconds(told.get("seconds")),
                recording_url=str(told.get("recording_url") or ""),
                recording_id=str(told.get("recording_id") or ""),
                transcript=str(told.get("transcript") or ""),
                digits=base.keys(told.get("digits")),
                is_inbound=told.get("direction") == "inbound",
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Malformed(noted("The carrier's message about a call can't be read.")) from error

    def write(self, account: Account, told: Sequence[Instruction], *, url: str, ref: str) -> HttpResponse:
        """A list of instructions, each with the address its end is told at."""
        body = orjson.dumps([_told(one, url, ref) for one in told])
        return HttpResponse(status=200, headers={"content-type": "application/json; charset=utf-8"}, body=body)

    def place(self, account: Account, call: Outgoing) -> HttpRequest:
        """POST /calls."""
        told = {
            "to": call.to,
            "from": call.sender,
            "answer_url": base.door(call.url, Step.AGENT, call.ref),
            "status_url": base.door(call.url, Step.STATUS, call.ref),
            "ring": call.ring,
        }
        return _request(account, "POST", "/calls", told)

    def read_place(self, response: HttpResponse) -> str:
        """The call's id."""
        raise_for(response, _said)
        found = json_object(response).get("id")
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("The carrier's answer names no call."), provider_code=str(response.status))
        return found

    def end(self, account: Account, provider_id: str) -> HttpRequest:
        """POST /calls/{id}/end."""
        return _request(account, "POST", f"/calls/{quote(provider_id, safe='')}/end", {})


def sign(key: str, moment: int, url: str, body: bytes) -> bytes:
    """The signature of a webhook made at this Unix time, in hex."""
    return hmac.digest(key.encode(), f"{moment}.{url}.".encode("utf-8", "replace") + body, "sha256").hex().encode()


def _told(told: Instruction, url: str, ref: str) -> dict[str, Any]:
    if isinstance(told, Say):
        return {"do": "say", "words": told.words, "language": told.language}
    if isinstance(told, Play):
        return {"do": "play", "url": told.url}
    if isinstance(told, Ask):
        then = base.door(url, Step.KEYED, ref)
        return {"do": "ask", "words": told.words, "language": told.language, "keys": told.keys, "then": then}
    if isinstance(told, Dial):
        then = base.door(url, Step.DIALLED, ref)
        return {"do": "dial", "to": told.number, "from": told.caller_id, "ring": told.ring, "then": then}
    if isinstance(told, Record):
        then, file = base.door(url, Step.RECORDED, ref), base.door(url, Step.RECORDING, ref)
        words = base.door(url, Step.TRANSCRIBED, ref) if told.is_transcribed else ""
        return {"do": "record", "most": told.most, "then": then, "file": file, "words": words}
    return {"do": "hangup"}


def _request(account: Account, method: str, path: str, told: dict[str, Any]) -> HttpRequest:
    return HttpRequest(
        method=method,
        url=(account.api_base or API).rstrip("/") + path,
        headers={
            "authorization": f"Bearer {reading.first(account.credentials['key'])}",
            "content-type": "application/json",
        },
        body=orjson.dumps(told),
    )


def _said(answer: HttpResponse) -> Rejected | None:
    words = str((maybe_json_object(answer) or {}).get("message") or "")[:300]
    return Rejected("call_refused", words, provider_code=str(answer.status)) if words else None
