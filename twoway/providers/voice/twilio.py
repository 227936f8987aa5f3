"""Twilio's calls: webhooks as forms, instructions as TwiML, calls by the Calls resource.

Sources: twilio.com/docs on voice webhooks, TwiML and the Call resource; the official SDK writes the same documents.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from urllib.parse import quote, urlencode
from xml.etree import ElementTree as Xml

from twoway.lib.words import noted
from twoway.providers import reading, twilio_signature
from twoway.providers.base import Account, HttpRequest, HttpResponse, Malformed, RawRequest, Rejected, Uncertain
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for
from twoway.providers.voice import base
from twoway.providers.voice.base import Ask, Dial, Heard, Instruction, Outgoing, Play, Record, Say, Stage, Step

API = "https://api.twilio.com"
LONGEST_TRANSCRIBED = 120  # seconds; Twilio transcribes nothing longer
STAGES = {
    "queued": Stage.RINGING,
    "initiated": Stage.RINGING,
    "ringing": Stage.RINGING,
    "in-progress": Stage.ANSWERED,
    "answered": Stage.ANSWERED,
    "completed": Stage.COMPLETED,
    "busy": Stage.BUSY,
    "no-answer": Stage.NO_ANSWER,
    "failed": Stage.FAILED,
    "canceled": Stage.CANCELED,
}
NEW = ("ringing", "queued", "initiated", "in-progress")


class TwilioVoice:
    """The translator of Twilio's calls."""

    slug = "twilio"

    def verify(self, account: Account, request: RawRequest) -> bool:
        """Signed as a text is."""
        return twilio_signature.is_valid(account.credentials, request)

    def parse(self, request: RawRequest) -> Heard:
        """A form; `s` in the address says which step ended."""
        told = base.lower(request.query if request.method == "GET" else request.form)
        step, ref = base.asked(request)
        if not told.get("callsid"):
            raise Malformed(noted("A call must have CallSid."))
        status = told.get("callstatus", "").lower()
        step = step or (Step.CALLED if status in NEW and told.get("direction", "inbound") == "inbound" else Step.STATUS)
        # What the dialled phone's own leg tells, that it was answered, says CallStatus of itself.
        word = told.get("dialcallstatus") or (status if "parentcallsid" in told else "")
        word = word if step == Step.DIALLED else status
        lengths = {Step.DIALLED: "dialcallduration", Step.STATUS: "callduration"}
        recording = told.get("recordingurl", "")
        return Heard(
            step=step,
            provider_id=told["callsid"],
            ref=ref,
            caller=told.get("from", ""),
            called=told.get("to", ""),
            stage=STAGES.get(word.lower(), Stage.UNKNOWN),
            seconds=base.seconds(told.get(lengths.get(step, "recordingduration"))),
            recording_url=f"{recording}.mp3" if recording and not recording.endswith(".mp3") else recording,
            recording_id=told.get("recordingsid", ""),
            transcript=told.get("transcriptiontext", ""),
            digits=base.keys(told.get("digits")) if step == Step.KEYED else "",
            is_inbound=told.get("direction", "").lower() == "inbound",
        )

    def write(self, account: Account, told: Sequence[Instruction], *, url: str, ref: str) -> HttpResponse:
        """TwiML; `<Response/>` says nothing."""
        root = Xml.Element("Response")
        for one in told:
            _element(root, one, url, ref)
        body = b'<?xml version="1.0" encoding="UTF-8"?>' + Xml.tostring(root)
        return HttpResponse(status=200, headers={"content-type": "text/xml; charset=utf-8"}, body=body)

    def place(self, account: Account, call: Outgoing) -> HttpRequest:
        """POST Calls.json; the answered leg asks at `Url`, and how it ends is told at `StatusCallback`."""
        form = [
            ("To", call.to),
            ("From", call.sender),
            ("Url", base.door(call.url, Step.AGENT, call.ref)),
            ("StatusCallback", base.door(call.url, Step.STATUS, call.ref)),
            ("Timeout", str(call.ring)),
        ]
        return _request(account, "/Calls.json", form)

    def read_place(self, response: HttpResponse) -> str:
        """The call's SID."""
        _raise_for(response)
        found = json_object(response).get("sid")
        if not isinstance(found, str) or not found:
            raise Uncertain(noted("Twilio's answer names no call."), provider_code=str(response.status))
        return found

    def end(self, account: Account, provider_id: str) -> HttpRequest:
        """POST Calls/{sid}.json, Status=completed."""
        return _request(account, f"/Calls/{quote(provider_id, safe='')}.json", [("Status", "completed")])


def _element(root: Xml.Element, told: Instruction, url: str, ref: str) -> None:
    if isinstance(told, Say):
        Xml.SubElement(root, "Say", {"language": told.language}).text = base.speakable(told.words)
    elif isinstance(told, Play):
        Xml.SubElement(root, "Play").text = told.url
    elif isinstance(told, Ask):
        asked = {"input": "dtmf", "numDigits": str(told.keys), "timeout": str(base.KEYS_WITHIN)}
        doors = {"action": base.door(url, Step.KEYED, ref), "method": "POST"}
        gather = Xml.SubElement(root, "Gather", {**asked, **doors})
        _element(gather, Say(told.words, told.language), url, ref)
    elif isinstance(told, Dial):
        action = {"action": base.door(url, Step.DIALLED, ref), "method": "POST", "timeout": str(told.ring)}
        dial = Xml.SubElement(root, "Dial", {**action, "callerId": told.caller_id, "answerOnBridge": "true"})
        answered = {"statusCallback": base.door(url, Step.DIALLED, ref), "statusCallbackEvent": "answered"}
        Xml.SubElement(dial, "Number", answered).text = told.number
    elif isinstance(told, Record):
        Xml.SubElement(root, "Record", _record(told, url, ref))
    else:
        Xml.SubElement(root, "Hangup")


def _record(told: Record, url: str, ref: str) -> dict[str, str]:
    named = {
        "action": base.door(url, Step.RECORDED, ref),
        "method": "POST",
        "maxLength": str(told.most),
        "timeout": str(base.SILENCE),
        "finishOnKey": base.END_OF_MESSAGE,
        "playBeep": "true",
        "trim": "trim-silence",
        "recordingStatusCallback": base.door(url, Step.RECORDING, ref),
        "recordingStatusCallbackEvent": "completed",
    }
    if told.is_transcribed and told.most <= LONGEST_TRANSCRIBED:
        named |= {"transcribe": "true", "transcribeCallback": base.door(url, Step.TRANSCRIBED, ref)}
    return named


def _request(account: Account, path: str, form: Sequence[tuple[str, str]]) -> HttpRequest:
    known = account.credentials
    user, secret = known.get("api_key_sid", ""), known.get("api_key_secret", "")
    if not user or not secret:
        user, secret = known["account_sid"], reading.first(known["auth_token"])
    at = (account.api_base or API).rstrip("/")
    return HttpRequest(
        method="POST",
        url=f"{at}/2010-04-01/Accounts/{quote(known['account_sid'], safe='')}{path}",
        headers={
            "authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii"),
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        },
        body=urlencode(form).encode("ascii"),
    )


def _raise_for(response: HttpResponse) -> None:
    def said(answer: HttpResponse) -> Rejected | None:
        told = maybe_json_object(answer) or {}
        words, code = str(told.get("message") or "")[:300], str(told.get("code") or "")
        return (
            Rejected("auth" if answer.status == 401 else "call_refused", words, provider_code=code) if words else None
        )

    raise_for(response, said)
