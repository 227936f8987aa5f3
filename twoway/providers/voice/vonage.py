"""Vonage's calls: webhooks as JSON, instructions as an NCCO, calls by the Voice API.

Sources: developer.vonage.com on the Voice API, NCCO actions and signed webhooks. A webhook carries a token that names
the SHA-256 of its body, so the application must call us with POST; GET says its words in the address, which nobody
signs, and is refused. Numbers come without a plus. A recording's webhook names no call: our address does. Nothing is
transcribed: Vonage tells only where a transcript is, so it is not asked (and not paid) for one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import orjson

from twoway.lib.words import noted
from twoway.providers import reading, vonage_jwt
from twoway.providers.base import Account, HttpRequest, HttpResponse, Malformed, RawRequest, Rejected, Uncertain
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.voice import base
from twoway.providers.voice.base import Ask, Dial, Heard, Instruction, Outgoing, Play, Record, Say, Stage, Step

API = "https://api.nexmo.com"
LONGEST_CALL = 7200  # seconds
STAGES = {
    "started": Stage.RINGING,
    "ringing": Stage.RINGING,
    "answered": Stage.ANSWERED,
    "human": Stage.ANSWERED,
    "machine": Stage.ANSWERED,
    "completed": Stage.COMPLETED,
    "busy": Stage.BUSY,
    "rejected": Stage.BUSY,
    "timeout": Stage.NO_ANSWER,
    "unanswered": Stage.NO_ANSWER,
    "failed": Stage.FAILED,
    "cancelled": Stage.CANCELED,
}


class VonageVoice:
    """The translator of Vonage's calls."""

    slug = "vonage"

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Whether Vonage signed this body for this account and application."""
        return request.method != "GET" and vonage_jwt.is_valid(account, request)

    def parse(self, request: RawRequest) -> Heard:
        """A JSON object; one with a `status` is an event, one with a `recording_url` tells of a file."""
        told = reading.json_of(request.body)
        if not isinstance(told, dict):
            raise Malformed(noted("There is no JSON object in this webhook."))
        step, ref = base.asked(request)
        words = reading.word
        if step is None:
            step = Step.STATUS if told.get("status") else Step.CALLED
        if not ref and not words(told.get("uuid")):
            raise Malformed(noted("A call must have a uuid."))
        return Heard(
            step=step,
            # The other leg of a call has an id of its own; our address names ours.
            provider_id="" if ref and step != Step.AGENT else words(told.get("uuid")),
            ref=ref,
            caller=reading.plus(told.get("from")),
            called=reading.plus(told.get("to")),
            stage=STAGES.get(words(told.get("status")).lower(), Stage.UNKNOWN),
            seconds=_seconds(told),
            recording_url=words(told.get("recording_url")),
            recording_id=words(told.get("recording_uuid")),
            digits=_digits(told),
            is_inbound=words(told.get("direction")).lower() == "inbound",
        )

    def write(self, account: Account, told: Sequence[Instruction], *, url: str, ref: str) -> HttpResponse:
        """An NCCO; 204 lets the call go on as it is. An NCCO that ends hangs up."""
        if not told:
            return HttpResponse(status=204)
        actions = [found for one in told for found in _actions(one, url, ref)]
        return HttpResponse(
            status=200, headers={"content-type": "application/json; charset=utf-8"}, body=orjson.dumps(actions)
        )

    def place(self, account: Account, call: Outgoing) -> HttpRequest:
        """POST /v1/calls."""
        told = {
            "to": [{"type": "phone", "number": reading.digits_only(call.to)}],
            "from": {"type": "phone", "number": reading.digits_only(call.sender)},
            "answer_url": [base.door(call.url, Step.AGENT, call.ref)],
            "answer_method": "POST",
            "event_url": [base.door(call.url, Step.STATUS, call.ref)],
            "event_method": "POST",
            "ringing_timer": call.ring,
        }
        return _request(account, "POST", "/v1/calls", told)

    def read_place(self, response: HttpResponse) -> str:
        """The call's UUID."""
        _raise_for(response)
        found = json_object(response).get("uuid")
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("Vonage's answer names no call."), provider_code=str(response.status))
        return found

    def end(self, account: Account, provider_id: str) -> HttpRequest:
        """PUT /v1/calls/{uuid}, action hangup."""
        return _request(account, "PUT", f"/v1/calls/{quote(provider_id, safe='')}", {"action": "hangup"})


def _seconds(told: dict[str, Any]) -> int | None:
    """The length of a call, or the recording's from its times."""
    if told.get("recording_url"):
        begun, ended = reading.moment(told.get("start_time")), reading.moment(told.get("end_time"))
        return max(round((ended - begun).total_seconds()), 0) if begun and ended else None
    return base.seconds(told.get("duration"))


def _digits(told: dict[str, Any]) -> str:
    """The keys of an input's webhook: `dtmf` is an object, and was a word before."""
    pressed = told.get("dtmf")
    return base.keys(pressed.get("digits") if isinstance(pressed, dict) else pressed)


def _actions(told: Instruction, url: str, ref: str) -> list[dict[str, Any]]:
    if isinstance(told, Ask):
        asks = {
            "action": "input",
            "type": ["dtmf"],
            "dtmf": {"maxDigits": told.keys, "timeOut": base.KEYS_WITHIN},
            "eventUrl": [base.door(url, Step.KEYED, ref)],
            "eventMethod": "POST",
        }
        words = {"text": base.speakable(told.words), "language": told.language}
        return [{"action": "talk", **words, "bargeIn": True}, asks]
    found = _action(told, url, ref)
    return [] if found is None else [found]


def _action(told: Instruction, url: str, ref: str) -> dict[str, Any] | None:
    if isinstance(told, Say):
        return {"action": "talk", "text": base.speakable(told.words), "language": told.language}
    if isinstance(told, Play):
        return {"action": "stream", "streamUrl": [told.url]}
    if isinstance(told, Dial):
        return {
            "action": "connect",
            "from": reading.digits_only(told.caller_id),
            "timeout": told.ring,
            "limit": LONGEST_CALL,
            "eventType": "synchronous",
            "eventUrl": [base.door(url, Step.DIALLED, ref)],
            "eventMethod": "POST",
            "endpoint": [{"type": "phone", "number": reading.digits_only(told.number)}],
        }
    if isinstance(told, Record):
        return _record(told, url, ref)
    return None


def _record(told: Record, url: str, ref: str) -> dict[str, Any]:
    return {
        "action": "record",
        "format": "mp3",
        "endOnSilence": base.SILENCE,
        "endOnKey": base.END_OF_MESSAGE,
        "timeOut": told.most,
        "beepStart": True,
        "eventUrl": [base.door(url, Step.RECORDING, ref)],
        "eventMethod": "POST",
    }


def _request(account: Account, method: str, path: str, told: dict[str, Any]) -> HttpRequest:
    return HttpRequest(
        method=method,
        url=(account.api_base or API).rstrip("/") + path,
        headers={
            "authorization": vonage_jwt.authorization(account),
            "content-type": "application/json",
            "accept": "application/json",
        },
        body=orjson.dumps(told),
    )


def _raise_for(response: HttpResponse) -> None:
    def said(answer: HttpResponse) -> Rejected | None:
        told = maybe_json_object(answer) or {}
        words = str(told.get("detail") or told.get("title") or told.get("error_title") or "")[:300]
        code = "auth" if answer.status == 401 else "call_refused"
        return Rejected(code, words, provider_code=str(answer.status)) if words else None

    raise_for(response, said)
