"""Recorded webhooks and answers of every provider, and how each provider signs: what the contract suite runs over.

A new provider adds its account and its signature here; the suite asks for the rest.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from twoway.providers.base import Account, HttpResponse, RawRequest

RECORDED = Path(__file__).parent / "recorded"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

ACCOUNTS = {
    "simulator": Account(address="+15035550100", credentials={"key": "carrier-key-0123456789"}),
    "twilio": Account(
        address="+14155550199",
        credentials={"account_sid": "AC" + "2" * 32, "auth_token": "0123456789abcdef0123456789abcdef"},
    ),
}


def _simulator(request: RawRequest) -> Mapping[str, str]:
    moment = int(request.received_at.timestamp())
    signed = f"{moment}.{request.url}.".encode() + request.body
    key = ACCOUNTS["simulator"].credentials["key"]
    return {"x-carrier-signature": f"{moment},{hmac.new(key.encode(), signed, hashlib.sha256).hexdigest()}"}


def _twilio(request: RawRequest) -> Mapping[str, str]:
    form = {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}
    validator = RequestValidator(ACCOUNTS["twilio"].credentials["auth_token"])
    return {"x-twilio-signature": validator.compute_signature(request.url, form)}


SIGNATURES: dict[str, Callable[[RawRequest], Mapping[str, str]]] = {"simulator": _simulator, "twilio": _twilio}


def webhook_names(slug: str) -> list[str]:
    """The recorded webhooks of a provider."""
    return sorted(path.stem for path in (RECORDED / slug).glob("*.json"))


def answer_names(slug: str, call: str) -> list[str]:
    """The recorded answers to one kind of call."""
    return sorted(path.stem for path in (RECORDED / slug / "answers").glob("*.json") if _answer(path)["call"] == call)


def webhook(slug: str, name: str) -> tuple[RawRequest, list[dict[str, Any]]]:
    """A recorded webhook, signed now, and what it says."""
    told = json.loads((RECORDED / slug / f"{name}.json").read_text())
    request = RawRequest(
        method="POST", url=told["url"], headers=told["headers"], body=told["body"].encode(), received_at=AT
    )
    return signed(slug, request), told["expect"]


def signed(slug: str, request: RawRequest) -> RawRequest:
    """The request with its provider's signature."""
    return replace(request, headers={**request.headers, **SIGNATURES[slug](request)})


def answer(slug: str, name: str) -> tuple[HttpResponse, Any]:
    """A recorded answer and what it means."""
    told = _answer(RECORDED / slug / "answers" / f"{name}.json")
    body = told["body"] if isinstance(told["body"], str) else json.dumps(told["body"])
    return HttpResponse(status=told["status"], headers=told["headers"], body=body.encode()), told["expect"]


def _answer(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def plain(record: Any) -> dict[str, Any]:
    """One of our records as JSON has it, with its class as `kind`."""
    told: dict[str, Any] = json.loads(json.dumps(asdict(record), default=lambda value: value.isoformat()))
    return {"kind": type(record).__name__, **told}
