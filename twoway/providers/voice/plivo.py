"""Plivo's calls: webhooks as forms, instructions as Plivo XML, calls by the Call resource.

Sources: plivo.com/docs on voice webhooks, XML and the Call resource; the official SDK writes the same documents. Every
address of ours carries the address secret, as with texts. Numbers come without a plus.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as Xml

import orjson

from twoway.lib.words import noted
from twoway.providers import plivo_signature, reading, url_secret
from twoway.providers.base import Account, HttpRequest, HttpResponse, Malformed, RawRequest, Rejected, Uncertain
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.voice import base
from twoway.providers.voice.base import Ask, Dial, Heard, Instruction, Outgoing, Play, Record, Say, Stage, Step

API = "https://api.plivo.com"
STAGES = {
    "ringing": Stage.RINGING,
    "in-progress": Stage.ANSWERED,
    "answer": Stage.ANSWERED,
    "completed": Stage.COMPLETED,
    "busy": Stage.BUSY,
    "no-answer": Stage.NO_ANSWER,
    "timeout": Stage.NO_ANSWER,
    "failed": Stage.FAILED,
    "rejected": Stage.BUSY,
    "cancel": Stage.CANCELED,
}


class PlivoVoice:
    """The translator of Plivo's calls."""

    slug = "plivo"

    def verify(self, account: Account, request: RawRequest) -> bool:
        """By V3, which signs every field, or V2; the address must carry our secret."""
        return plivo_signature.is_valid(account, request)

    def parse(self, request: RawRequest) -> Heard:
        """A form; `s` in the address says which step ended."""
        told = base.lower(request.query if request.method == "GET" else request.form)
        step, ref = base.asked(request)
        found = told.get("calluuid") or told.get("call_uuid")
        if not found:
            raise Malformed(noted("A call must have CallUUID."))
        status = told.get("callstatus", "").lower()
        is_over = told.get("event", "").lower() == "hangup"
        step = step or (Step.CALLED if not is_over and told.get("direction", "inbound") == "inbound" else Step.STATUS)
        return Heard(
            step=step,
            provider_id=found,
            ref=ref,
            caller=reading.plus(told.get("from", "")),
            called=reading.plus(told.get("to", "")),
            stage=STAGES.get((_dialled(told) if step == Step.DIALLED else status).lower(), Stage.UNKNOWN),
            seconds=_seconds(told, step),
            recording_url=told.get("recordurl") or told.get("record_url", ""),
            recording_id=told.get("recordingid") or told.get("recording_id", ""),
            transcript=told.get("transcription", ""),
            digits=base.keys(told.get("digits")) if step == Step.KEYED else "",
            is_inbound=told.get("direction", "").lower() == "inbound",
        )

    def write(self, account: Account, told: Sequence[Instruction], *, url: str, ref: str) -> HttpResponse:
        """Plivo XML; `<Response />` says nothing."""
        root = Xml.Element("Response")
        for one in told:
            _element(root, one, _Doors(account.credentials, url, ref))
        body = b'<?xml version="1.0" encoding="UTF-8"?>' + Xml.tostring(root)
        return HttpResponse(status=200, headers={"content-type": "application/xml; charset=utf-8"}, body=body)

    def place(self, account: Account, call: Outgoing) -> HttpRequest:
        """POST Call/; the answered leg asks at `answer_url`, and how it ends is told at `hangup_url`."""
        doors = _Doors(account.credentials, call.url, call.ref)
        told = {
            "from": reading.digits_only(call.sender),
            "to": reading.digits_only(call.to),
            "answer_url": doors.of(Step.AGENT),
            "answer_method": "POST",
            "hangup_url": doors.of(Step.STATUS),
            "hangup_method": "POST",
            "ring_timeout": call.ring,
        }
        return _request(account, "POST", "/Call/", told)

    def read_place(self, response: HttpResponse) -> str:
        """The call's request UUID, which becomes its call UUID."""
        _raise_for(response)
        found = json_object(response).get("request_uuid")
        found = found[0] if isinstance(found, list) and found else found
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("Plivo's answer names no call."), provider_code=str(response.status))
        return found

    def end(self, account: Account, provider_id: str) -> HttpRequest:
        """DELETE Call/{uuid}/."""
        return _request(account, "DELETE", f"/Call/{quote(provider_id, safe='')}/", None)


def _dialled(told: Mapping[str, str]) -> str:
    """How the dialled phone stands: at its end, or in what its callback tells, that it was answered."""
    return told.get("dialstatus") or told.get("dialblegstatus", "")


class _Doors:
    """Our addresses for the steps of one call, with the secret in them."""

    def __init__(self, credentials: Mapping[str, str], url: str, ref: str) -> None:
        self._credentials, self._url, self._ref = credentials, url, ref

    def of(self, step: Step) -> str:
        """One of them."""
        return url_secret.within(base.door(self._url, step, self._ref), self._credentials)


def _seconds(told: Mapping[str, str], step: Step) -> int | None:
    names = {
        Step.DIALLED: ("dialblegduration", "dialduration"),
        Step.STATUS: ("duration", "billduration"),
    }.get(step, ("recordingduration", "recording_duration", "duration"))
    found = [base.seconds(told.get(name)) for name in names if told.get(name)]
    return found[0] if found else None


def _element(root: Xml.Element, told: Instruction, doors: _Doors) -> None:
    if isinstance(told, Say):
        Xml.SubElement(root, "Speak", {"language": told.language}).text = base.speakable(told.words)
    elif isinstance(told, Play):
        Xml.SubElement(root, "Play").text = told.url
    elif isinstance(told, Ask):
        asked = {"action": doors.of(Step.KEYED), "method": "POST", "numDigits": str(told.keys)}
        keys = Xml.SubElement(root, "GetDigits", {**asked, "timeout": str(base.KEYS_WITHIN), "playBeep": "false"})
        _element(keys, Say(told.words, told.language), doors)
    elif isinstance(told, Dial):
        then = doors.of(Step.DIALLED)
        named = {"action": then, "method": "POST", "timeout": str(told.ring)}
        answered = {"callbackUrl": then, "callbackMethod": "POST"}
        dial = Xml.SubElement(root, "Dial", {**named, **answered, "callerId": reading.digits_only(told.caller_id)})
        Xml.SubElement(dial, "Number").text = reading.digits_only(told.number)
    elif isinstance(told, Record):
        Xml.SubElement(root, "Record", _record(told, doors))
    else:
        Xml.SubElement(root, "Hangup")


def _record(told: Record, doors: _Doors) -> dict[str, str]:
    named = {
        "action": doors.of(Step.RECORDED),
        "method": "POST",
        "fileFormat": "mp3",
        "maxLength": str(told.most),
        "timeout": str(base.SILENCE),
        "finishOnKey": base.END_OF_MESSAGE,
        "playBeep": "true",
        "callbackUrl": doors.of(Step.RECORDING),
        "callbackMethod": "POST",
    }
    if told.is_transcribed:
        transcribed = {"transcriptionUrl": doors.of(Step.TRANSCRIBED), "transcriptionMethod": "POST"}
        named |= {"transcriptionType": "auto", **transcribed}
    return named


def _request(account: Account, method: str, path: str, told: Mapping[str, Any] | None) -> HttpRequest:
    known = account.credentials
    pair = f"{known['auth_id']}:{reading.first(known['auth_token'])}"
    headers = {
        "authorization": "Basic " + base64.b64encode(pair.encode()).decode("ascii"),
        "accept": "application/json",
    }
    body = b""
    if told is not None:
        headers["content-type"], body = "application/json", orjson.dumps(told)
    at = (account.api_base or API).rstrip("/")
    url = f"{at}/v1/Account/{quote(known['auth_id'], safe='')}{path}"
    return HttpRequest(method=method, url=url, headers=headers, body=body)


def _raise_for(response: HttpResponse) -> None:
    def said(answer: HttpResponse) -> Rejected | None:
        words = str((maybe_json_object(answer) or {}).get("error") or "")[:300]
        code = "auth" if answer.status == 401 else "call_refused"
        return Rejected(code, words, provider_code=str(answer.status)) if words else None

    raise_for(response, said)
