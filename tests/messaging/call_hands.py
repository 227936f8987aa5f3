"""Hands for tests of calls: webhooks signed by the providers' own SDKs, through the doors."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from tests import make
from tests.cast import NOW
from tests.messaging import hands
from tests.providers.cases import plivo as plivo_case
from tests.providers.cases import twilio as twilio_case
from tests.providers.cases import vonage as vonage_case
from twoway.channels.models import Channel
from twoway.messaging.calls.models import NumberCalls
from twoway.messaging.intake import Intake
from twoway.providers.base import HttpResponse, RawRequest
from twoway.teams.models import Workspace
from twoway.webhooks.hooks import Hooks

CASES: dict[str, Any] = {"twilio": twilio_case, "plivo": plivo_case, "vonage": vonage_case}
CALLER, FORWARDED = "+14155550101", "+14155550123"


def number(workspace: Workspace, provider: str) -> Channel:
    """A number of ours at this provider, at the address its case is about."""
    case = CASES[provider]
    return make.make_channel(
        workspace, at=NOW, provider=provider, address="+14155550199", credentials=dict(case.ACCOUNT.credentials)
    )


def number_beside(first: Channel, *, address: str) -> Channel:
    """Another number of the same account."""
    case = CASES[first.provider]
    return make.make_channel(
        first.workspace,
        at=NOW,
        provider=first.provider,
        address=address,
        credentials=dict(case.ACCOUNT.credentials),
    )


def plan(channel: Channel, *, is_open: bool = True, **fields: Any) -> None:
    """What the number does with calls."""
    NumberCalls.objects.update_or_create(
        channel=channel, is_open=is_open, defaults={"changed_at": NOW, "texts_missed": False, **fields}
    )


def signed(channel: Channel, told: dict[str, Any], query: str = "", *, at: datetime = NOW) -> RawRequest:
    """A webhook about a call."""
    secret = "key=a-long-secret-in-the-address" if channel.provider == "plivo" else ""
    asked = "&".join(filter(None, (query, secret)))
    address = hands.url(channel, "voice", asked)
    is_json = channel.provider == "vonage"
    body = json.dumps(told).encode() if is_json else urlencode(told).encode()
    headers = {"content-type": "application/json" if is_json else "application/x-www-form-urlencoded"}
    bare = RawRequest(method="POST", url=address, headers=headers, body=body, received_at=at)
    more = CASES[channel.provider].sign(bare)
    return RawRequest(method="POST", url=address, headers={**headers, **more}, body=body, received_at=at)


def send(*requests: RawRequest, together: bool = False) -> list[HttpResponse]:
    """Deliver webhooks through the doors, one after the other or at once; the answers."""

    async def use(intake: Intake) -> list[HttpResponse]:
        hooks = Hooks(take=intake, public_url=settings.PUBLIC_URL)
        if together:
            return list(await asyncio.gather(*(_offer(hooks, one) for one in requests)))
        return [await _offer(hooks, one) for one in requests]

    answers: list[HttpResponse] = hands.with_intake(use)
    return answers


async def _offer(hooks: Hooks, raw: RawRequest) -> HttpResponse:
    """As the short road does, at the moment the request says."""
    provider, hook = raw.url.removeprefix(f"{settings.PUBLIC_URL}/hooks/").split("/")[:2]
    return await hooks.voice.take(provider=provider, hook=hook, raw=raw)


def called(provider: str, *, call_id: str = "CA1", caller: str = CALLER, to: str = "+14155550199") -> dict[str, str]:
    """Somebody calls."""
    bare = {"from": caller.removeprefix("+"), "to": to.removeprefix("+")}
    return {
        "twilio": {"CallSid": call_id, "From": caller, "To": to, "CallStatus": "ringing", "Direction": "inbound"},
        "plivo": {
            "CallUUID": call_id,
            "From": bare["from"],
            "To": bare["to"],
            "CallStatus": "ringing",
            "Direction": "inbound",
        },
        "vonage": {"uuid": call_id, "conversation_uuid": "CON-1", **bare},
    }[provider]


def dialled(provider: str, stage: str, *, call_id: str = "CA1", seconds: int = 0) -> dict[str, Any]:
    """What the phone it was passed on to did."""
    words = {"vonage": {"no-answer": "timeout"}}.get(provider, {}).get(stage, stage)
    return {
        "twilio": {
            "CallSid": call_id,
            "CallStatus": "in-progress",
            "DialCallStatus": words,
            "DialCallDuration": str(seconds),
        },
        "plivo": {"CallUUID": call_id, "DialStatus": words, "DialBLegDuration": str(seconds)},
        "vonage": {"uuid": "LEG-2", "status": words, "duration": str(seconds)},
    }[provider]


def pressed(provider: str, keys: str, *, call_id: str = "CA77") -> dict[str, Any]:
    """Keys on a phone that was asked for some."""
    told: dict[str, dict[str, Any]] = {
        "twilio": {"CallSid": call_id, "CallStatus": "in-progress", "Direction": "outbound-api", "Digits": keys},
        "plivo": {"CallUUID": call_id, "CallStatus": "in-progress", "Direction": "outbound", "Digits": keys},
        "vonage": {"uuid": call_id, "dtmf": {"digits": keys, "timed_out": not keys}},
    }
    return told[provider]


def over(provider: str, *, call_id: str = "CA1", stage: str = "completed", seconds: int = 5) -> dict[str, Any]:
    """The call is over."""
    return {
        "twilio": {"CallSid": call_id, "CallStatus": stage, "CallDuration": str(seconds)},
        "plivo": {"CallUUID": call_id, "Event": "Hangup", "CallStatus": stage, "Duration": str(seconds)},
        "vonage": {"uuid": call_id, "status": stage, "duration": str(seconds)},
    }[provider]


def recorded(provider: str, *, call_id: str = "CA1", seconds: int = 9) -> dict[str, Any]:
    """A message was left."""
    return {
        "twilio": {
            "CallSid": call_id,
            "RecordingSid": "RE1",
            "RecordingUrl": "https://api.twilio.com/RE1",
            "RecordingDuration": str(seconds),
        },
        "plivo": {
            "CallUUID": call_id,
            "RecordUrl": "https://media.plivo.com/1.mp3",
            "RecordingID": "RE1",
            "RecordingDuration": str(seconds),
        },
        "vonage": {
            "recording_url": "https://api.nexmo.com/v1/files/1",
            "recording_uuid": "RE1",
            "start_time": "2026-01-02T03:04:05Z",
            "end_time": f"2026-01-02T03:04:{5 + seconds:02d}Z",
        },
    }[provider]


def step(name: str, key: object) -> str:
    """The query of our address for one step of a call."""
    return f"s={name}&c={key}"


def bodies(answers: Sequence[HttpResponse]) -> list[bytes]:
    """What was answered."""
    return [answer.body for answer in answers]
