"""Calls of all four providers: what their own SDKs sign and write, both ways."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as Xml

import pytest
from plivo import plivoxml  # type: ignore[import-untyped]
from twilio.twiml.voice_response import Dial as TwilioDial  # type: ignore[import-untyped]
from twilio.twiml.voice_response import Gather, VoiceResponse

from tests.providers.cases import plivo as plivo_case
from tests.providers.cases import twilio as twilio_case
from tests.providers.cases import vonage as vonage_case
from twoway.providers.base import Account, HttpResponse, Malformed, RawRequest, Rejected, Uncertain
from twoway.providers.voice import registry, simulator
from twoway.providers.voice.base import (
    Ask,
    Dial,
    Hangup,
    Heard,
    Instruction,
    Outgoing,
    Play,
    Record,
    Say,
    Stage,
    Step,
    Voice,
)

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SIMULATED = Account(
    address="+15550100199", credentials={"key": "carrier-key"}, settings={"api_base": "http://c/carrier"}
)
ACCOUNTS = {
    "twilio": twilio_case.ACCOUNT,
    "plivo": plivo_case.ACCOUNT,
    "vonage": vonage_case.ACCOUNT,
    "simulator": SIMULATED,
}
GREETING = "Thanks for calling Acme & Co. <b>"
TOLD: list[Instruction] = [
    Say(GREETING, "en-US"),
    Ask(words="Press 1", keys=1),
    Play("https://desk.example.com/hello.mp3"),
    Dial(number="+14155550123", caller_id="+14155550199", ring=25),
    Record(most=90, is_transcribed=True),
    Hangup(),
]
CALL = Outgoing(to="+14155550123", sender="+14155550199", url="https://desk.example.com/v", ref="r1", ring=30)


def voice(slug: str) -> Voice:
    found = registry.get(slug)
    assert found is not None
    return found


def url_of(slug: str, query: str = "") -> str:
    secret = "key=a-long-secret-in-the-address" if slug == "plivo" else ""
    asked = "&".join(filter(None, (query, secret)))
    return f"https://desk.example.com/hooks/{slug}/k7q2k7q2/voice" + (f"?{asked}" if asked else "")


def signed(slug: str, told: dict[str, Any], query: str = "", method: str = "POST") -> RawRequest:
    """A webhook as the provider's own SDK signs it."""
    is_form = slug in ("twilio", "plivo")
    body = urlencode(told).encode() if is_form else json.dumps(told).encode()
    kind = "application/x-www-form-urlencoded" if is_form else "application/json"
    bare = RawRequest(method=method, url=url_of(slug, query), headers={"content-type": kind}, body=body, received_at=AT)
    if slug == "simulator":
        moment = int(AT.timestamp())
        made = simulator.sign("carrier-key", moment, bare.url, body).decode()
        more: Any = {simulator.SIGNATURE: f"{moment},{made}"}
    else:
        more = {"twilio": twilio_case, "plivo": plivo_case, "vonage": vonage_case}[slug].sign(bare)
    return RawRequest(method=method, url=bare.url, headers={**bare.headers, **more}, body=body, received_at=AT)


CALLED = {
    "twilio": {
        "CallSid": "CA1", "AccountSid": "AC" + "2" * 32, "From": "+14155550101", "To": "+14155550199",
        "CallStatus": "ringing", "Direction": "inbound", "ApiVersion": "2010-04-01",
    },
    "plivo": {
        "CallUUID": "CA1", "From": "14155550101", "To": "14155550199", "CallStatus": "ringing",
        "Direction": "inbound", "Event": "StartApp",
    },
    "vonage": {"uuid": "CA1", "conversation_uuid": "CON-1", "from": "14155550101", "to": "14155550199"},
    "simulator": {"type": "call.called", "id": "CA1", "from": "+14155550101", "to": "+14155550199", "stage": "ringing"},
}  # fmt: skip


@pytest.mark.parametrize("slug", sorted(CALLED))
def test_somebody_calls(slug: str) -> None:
    request = signed(slug, CALLED[slug])
    assert voice(slug).verify(ACCOUNTS[slug], request)
    heard = voice(slug).parse(request)
    assert (heard.step, heard.provider_id, heard.caller, heard.called) == (
        Step.CALLED, "CA1", "+14155550101", "+14155550199"
    )  # fmt: skip


@pytest.mark.parametrize("slug", sorted(CALLED))
def test_another_body_or_address_is_not_signed(slug: str) -> None:
    request = signed(slug, CALLED[slug])
    other = RawRequest(
        method="POST", url=request.url, headers=request.headers, body=request.body.replace(b"0101", b"0102"),
        received_at=AT,
    )  # fmt: skip
    assert not voice(slug).verify(ACCOUNTS[slug], other)
    if slug != "vonage":  # a Vonage token names the body only
        moved = RawRequest(
            method="POST", url=request.url.replace("k7q2k7q2", "k7q2k7q3"), headers=request.headers,
            body=request.body, received_at=AT,
        )  # fmt: skip
        assert not voice(slug).verify(ACCOUNTS[slug], moved)


def test_vonage_must_call_with_post() -> None:
    assert not voice("vonage").verify(ACCOUNTS["vonage"], signed("vonage", CALLED["vonage"], method="GET"))


LATER = [
    ("twilio", {"CallSid": "CA1", "CallStatus": "in-progress", "DialCallStatus": "no-answer"}, "dialled",
     Heard(step=Step.DIALLED, provider_id="CA1", ref="r1", stage=Stage.NO_ANSWER)),
    ("twilio", {"CallSid": "CA1", "CallStatus": "completed", "DialCallStatus": "completed", "DialCallDuration": "71"},
     "dialled", Heard(step=Step.DIALLED, provider_id="CA1", ref="r1", stage=Stage.COMPLETED, seconds=71)),
    ("twilio", {"CallSid": "CA2", "ParentCallSid": "CA1", "CallStatus": "in-progress"}, "dialled",
     Heard(step=Step.DIALLED, provider_id="CA2", ref="r1", stage=Stage.ANSWERED)),
    ("plivo", {"CallUUID": "CA1", "DialAction": "answer", "DialBLegStatus": "answer"}, "dialled",
     Heard(step=Step.DIALLED, provider_id="CA1", ref="r1", stage=Stage.ANSWERED)),
    ("plivo", {"CallUUID": "CA1", "DialAction": "hangup", "DialBLegStatus": "hangup"}, "dialled",
     Heard(step=Step.DIALLED, provider_id="CA1", ref="r1")),
    ("twilio", {"CallSid": "CA1", "CallStatus": "completed", "CallDuration": "88"}, "status",
     Heard(step=Step.STATUS, provider_id="CA1", ref="r1", stage=Stage.COMPLETED, seconds=88)),
    ("twilio", {"CallSid": "CA1", "RecordingSid": "RE1", "RecordingUrl": "https://api.twilio.com/RE1",
                "RecordingDuration": "12", "RecordingStatus": "completed"}, "recording",
     Heard(step=Step.RECORDING, provider_id="CA1", ref="r1", seconds=12, recording_id="RE1",
           recording_url="https://api.twilio.com/RE1.mp3")),
    ("twilio", {"CallSid": "CA1", "TranscriptionText": "Call me back", "TranscriptionStatus": "completed"},
     "transcribed", Heard(step=Step.TRANSCRIBED, provider_id="CA1", ref="r1", transcript="Call me back")),
    ("plivo", {"CallUUID": "CA1", "DialStatus": "busy", "CallStatus": "in-progress"}, "dialled",
     Heard(step=Step.DIALLED, provider_id="CA1", ref="r1", stage=Stage.BUSY)),
    ("plivo", {"CallUUID": "CA1", "Event": "Hangup", "CallStatus": "completed", "Duration": "33"}, "status",
     Heard(step=Step.STATUS, provider_id="CA1", ref="r1", stage=Stage.COMPLETED, seconds=33)),
    ("plivo", {"CallUUID": "CA1", "RecordUrl": "https://media.plivo.com/1.mp3", "RecordingID": "RE1",
               "RecordingDuration": "9"}, "recording",
     Heard(step=Step.RECORDING, provider_id="CA1", ref="r1", seconds=9, recording_id="RE1",
           recording_url="https://media.plivo.com/1.mp3")),
    ("plivo", {"call_uuid": "CA1", "transcription": "Call me back", "recording_id": "RE1"}, "transcribed",
     Heard(step=Step.TRANSCRIBED, provider_id="CA1", ref="r1", recording_id="RE1", transcript="Call me back")),
    ("vonage", {"uuid": "LEG-2", "status": "timeout"}, "dialled",
     Heard(step=Step.DIALLED, ref="r1", stage=Stage.NO_ANSWER)),
    ("vonage", {"recording_url": "https://api.nexmo.com/v1/files/1", "recording_uuid": "RE1",
                "start_time": "2026-01-02T03:04:05Z", "end_time": "2026-01-02T03:04:19Z"}, "recording",
     Heard(step=Step.RECORDING, ref="r1", seconds=14, recording_id="RE1",
           recording_url="https://api.nexmo.com/v1/files/1")),
    ("plivo", {"call_uuid": "CA1", "record_url": "https://media.plivo.com/1.mp3", "recording_id": "RE1",
               "recording_duration": "9"}, "recording",
     Heard(step=Step.RECORDING, provider_id="CA1", ref="r1", seconds=9, recording_id="RE1",
           recording_url="https://media.plivo.com/1.mp3")),
    ("twilio", {"CallSid": "CA1", "CallStatus": "in-progress", "Digits": "4711"}, "keyed",
     Heard(step=Step.KEYED, provider_id="CA1", ref="r1", stage=Stage.ANSWERED, digits="4711")),
    ("plivo", {"CallUUID": "CA1", "CallStatus": "in-progress", "Digits": "1"}, "keyed",
     Heard(step=Step.KEYED, provider_id="CA1", ref="r1", stage=Stage.ANSWERED, digits="1")),
    ("vonage", {"uuid": "LEG-1", "dtmf": {"digits": "1", "timed_out": False}}, "keyed",
     Heard(step=Step.KEYED, ref="r1", digits="1")),
    ("vonage", {"uuid": "LEG-1", "dtmf": {"digits": None, "timed_out": True}}, "keyed",
     Heard(step=Step.KEYED, ref="r1")),
    ("vonage", {"uuid": "LEG-1", "status": "answered"}, "agent",
     Heard(step=Step.AGENT, provider_id="LEG-1", ref="r1", stage=Stage.ANSWERED)),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "told", "step", "expected"), LATER)
def test_what_comes_later(slug: str, told: dict[str, Any], step: str, expected: Heard) -> None:
    request = signed(slug, told, f"s={step}&c=r1")
    assert voice(slug).verify(ACCOUNTS[slug], request)
    assert voice(slug).parse(request) == expected


@pytest.mark.parametrize(("slug", "told"), [
    ("twilio", {"From": "+14155550101"}), ("plivo", {"From": "14155550101"}), ("vonage", {"from": "1"}),
    ("simulator", {"type": "call.called"}), ("simulator", {"type": "call.sung", "id": "1"}),
])  # fmt: skip
def test_without_a_name_it_is_no_call(slug: str, told: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        voice(slug).parse(signed(slug, told))


def test_an_unknown_step_is_malformed() -> None:
    with pytest.raises(Malformed):
        voice("twilio").parse(signed("twilio", CALLED["twilio"], "s=sing&c=r1"))


def xml(text: str | bytes) -> list[tuple[str, dict[str, str], str]]:
    return [(one.tag, dict(one.attrib), (one.text or "").strip()) for one in Xml.fromstring(text).iter()]  # noqa: S314


def at(step: str) -> str:
    return f"https://desk.example.com/v?s={step}&c=r1"


def test_twilio_instructions_are_what_its_sdk_writes() -> None:
    sdk = VoiceResponse()
    sdk.say(GREETING, language="en-US")
    gather = Gather(input="dtmf", num_digits=1, timeout=8, action=at("keyed"), method="POST")
    gather.say("Press 1", language="en-US")
    sdk.append(gather)
    sdk.play("https://desk.example.com/hello.mp3")
    dial = TwilioDial(action=at("dialled"), method="POST", timeout=25, caller_id="+14155550199", answer_on_bridge=True)
    dial.number("+14155550123", status_callback=at("dialled"), status_callback_event="answered")
    sdk.append(dial)
    sdk.record(
        action=at("recorded"), method="POST", max_length=90, timeout=6, finish_on_key="#", play_beep=True,
        trim="trim-silence", recording_status_callback=at("recording"), recording_status_callback_event="completed",
        transcribe=True, transcribe_callback=at("transcribed"),
    )  # fmt: skip
    sdk.hangup()
    written = voice("twilio").write(ACCOUNTS["twilio"], TOLD, url="https://desk.example.com/v", ref="r1")
    assert written.headers["content-type"].startswith("text/xml")
    assert xml(written.body) == xml(str(sdk))


def test_plivo_instructions_are_what_its_sdk_writes() -> None:
    def keyed(step: str) -> str:
        return f"{at(step)}&key=a-long-secret-in-the-address"

    sdk = plivoxml.ResponseElement()
    sdk.add(plivoxml.SpeakElement(GREETING, language="en-US"))
    keys = plivoxml.GetDigitsElement(action=keyed("keyed"), method="POST", num_digits=1, timeout=8, play_beep=False)
    keys.add(plivoxml.SpeakElement("Press 1", language="en-US"))
    sdk.add(keys)
    sdk.add(plivoxml.PlayElement("https://desk.example.com/hello.mp3"))
    dial = plivoxml.DialElement(
        action=keyed("dialled"), method="POST", timeout=25, caller_id="14155550199", callback_url=keyed("dialled"),
        callback_method="POST",
    )  # fmt: skip
    dial.add(plivoxml.NumberElement("14155550123"))
    sdk.add(dial)
    sdk.add(
        plivoxml.RecordElement(
            action=keyed("recorded"), method="POST", file_format="mp3", max_length=90, timeout=6, finish_on_key="#",
            play_beep=True, callback_url=keyed("recording"), callback_method="POST", transcription_type="auto",
            transcription_url=keyed("transcribed"), transcription_method="POST",
        )
    )  # fmt: skip
    sdk.add(plivoxml.HangupElement())
    written = voice("plivo").write(ACCOUNTS["plivo"], TOLD, url="https://desk.example.com/v", ref="r1")
    assert xml(written.body) == xml(sdk.to_string())


def test_vonage_instructions() -> None:
    written = voice("vonage").write(ACCOUNTS["vonage"], TOLD, url="https://desk.example.com/v", ref="r1")
    assert json.loads(written.body) == [
        {"action": "talk", "text": "Thanks for calling Acme & Co. <b>", "language": "en-US"},
        {"action": "talk", "text": "Press 1", "language": "en-US", "bargeIn": True},
        {
            "action": "input", "type": ["dtmf"], "dtmf": {"maxDigits": 1, "timeOut": 8},
            "eventUrl": [at("keyed")], "eventMethod": "POST",
        },
        {"action": "stream", "streamUrl": ["https://desk.example.com/hello.mp3"]},
        {
            "action": "connect", "from": "14155550199", "timeout": 25, "limit": 7200, "eventType": "synchronous",
            "eventUrl": [at("dialled")], "eventMethod": "POST",
            "endpoint": [{"type": "phone", "number": "14155550123"}],
        },
        {
            "action": "record", "format": "mp3", "endOnSilence": 6, "endOnKey": "#", "timeOut": 90, "beepStart": True,
            "eventUrl": [at("recording")], "eventMethod": "POST",
        },
    ]  # fmt: skip
    assert voice("vonage").write(ACCOUNTS["vonage"], (), url="https://desk.example.com/v", ref="r1").status == 204


def test_words_an_xml_document_cannot_hold_are_left_out() -> None:
    written = voice("twilio").write(ACCOUNTS["twilio"], [Say("a\x00b\x08c\ufffe")], url="https://d/v", ref="r")
    assert xml(written.body)[1][2] == "a b c"


@pytest.mark.parametrize(("slug", "method", "url"), [
    ("twilio", "POST", "https://api.twilio.com/2010-04-01/Accounts/AC" + "2" * 32 + "/Calls.json"),
    ("plivo", "POST", "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Call/"),
    ("vonage", "POST", "https://api.nexmo.com/v1/calls"),
    ("simulator", "POST", "http://c/carrier/calls"),
])  # fmt: skip
def test_placing_a_call(slug: str, method: str, url: str) -> None:
    request = voice(slug).place(ACCOUNTS[slug], CALL)
    assert (request.method, request.url) == (method, url)
    assert b"14155550123" in request.body
    assert b"s%3Dagent%26c%3Dr1" in request.body or b"s=agent&c=r1" in request.body
    assert request.headers["authorization"]


ACCEPTED = {
    "twilio": {"sid": "CA9", "status": "queued"},
    "plivo": {"request_uuid": "CA9", "message": "call fired"},
    "vonage": {"uuid": "CA9", "status": "started"},
    "simulator": {"id": "CA9"},
}
REFUSED = {
    "twilio": {"code": 21219, "message": "The number is unverified."},
    "plivo": {"error": "The number is unverified."},
    "vonage": {"title": "Bad Request", "detail": "The number is unverified."},
    "simulator": {"message": "The number is unverified."},
}


@pytest.mark.parametrize("slug", sorted(ACCEPTED))
def test_reading_the_answer(slug: str) -> None:
    taken = HttpResponse(status=201, body=json.dumps(ACCEPTED[slug]).encode())
    assert voice(slug).read_place(taken) == "CA9"
    with pytest.raises(Uncertain):
        voice(slug).read_place(HttpResponse(status=201, body=b"{}"))
    with pytest.raises(Rejected, match="unverified"):
        voice(slug).read_place(HttpResponse(status=400, body=json.dumps(REFUSED[slug]).encode()))


@pytest.mark.parametrize(("slug", "method", "end"), [
    ("twilio", "POST", "/Calls/CA9.json"), ("plivo", "DELETE", "/Call/CA9/"), ("vonage", "PUT", "/v1/calls/CA9"),
    ("simulator", "POST", "/calls/CA9/end"),
])  # fmt: skip
def test_ending_a_call(slug: str, method: str, end: str) -> None:
    request = voice(slug).end(ACCOUNTS[slug], "CA9")
    assert request.method == method
    assert request.url.endswith(end)


def test_providers_without_calls() -> None:
    assert registry.get("telnyx") is None
