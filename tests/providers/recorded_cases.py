"""Recorded webhooks and answers of every provider, and how each provider signs: what the contract suite runs over.

A new provider adds a module in `cases` with its ACCOUNT and `sign(request)`, which returns the headers its signature
adds, or a whole request when it signs otherwise; the suite asks for the rest. What a provider does not sign is listed
in `UNSIGNED` (longer, shorter, empty, query, host: see TAMPERED in the suite) and said on its page; `PROVES` names the
credentials that prove a webhook, where they are not simply the secret ones; `strip(request)` takes a signature out that
is not in the headers.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from twoway.providers import registry
from twoway.providers.base import Account, HttpResponse, RawRequest

RECORDED = Path(__file__).parent / "recorded"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

HTTP = tuple(slug for slug in registry.slugs() if not registry.get(slug).is_session)
"""The providers that are called and call us; what speaks over a session has tests of its own."""
CASES = {slug: import_module(f"tests.providers.cases.{slug}") for slug in HTTP}
ACCOUNTS: dict[str, Account] = {slug: case.ACCOUNT for slug, case in CASES.items()}


def leaves_unsigned(slug: str) -> frozenset[str]:
    """What of a webhook this provider doesn't sign, in the words of the suite's TAMPERED."""
    return frozenset(getattr(CASES[slug], "UNSIGNED", ()))


def proves_webhooks(slug: str) -> frozenset[str]:
    """The credentials that prove a webhook; every secret one unless the case says otherwise."""
    secret = {field.key for field in registry.get(slug).fields if field.secret}
    return frozenset(getattr(CASES[slug], "PROVES", secret))


def stripped(slug: str, request: RawRequest) -> RawRequest:
    """The request without a signature that is in its parameters."""
    strip = getattr(CASES[slug], "strip", None)
    found: RawRequest = request if strip is None else strip(request)
    return found


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
        method=told.get("method", "POST"),
        url=told["url"],
        headers=told["headers"],
        body=told["body"].encode(),
        received_at=AT,
    )
    return signed(slug, request), [bare(record) for record in told["expect"]]


def signed(slug: str, request: RawRequest) -> RawRequest:
    """The request with its provider's signature."""
    given = CASES[slug].sign(request)
    return given if isinstance(given, RawRequest) else replace(request, headers={**request.headers, **given})


def answer(slug: str, name: str) -> tuple[HttpResponse, Any]:
    """A recorded answer and what it means."""
    told = _answer(RECORDED / slug / "answers" / f"{name}.json")
    body = told["body"] if isinstance(told["body"], str) else json.dumps(told["body"])
    return HttpResponse(status=told["status"], headers=told["headers"], body=body.encode()), bare(told["expect"])


def _answer(path: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def plain(record: Any) -> Any:
    """One of our records as JSON has it, with its class as `kind` and without what is empty."""
    told = json.loads(json.dumps(asdict(record), default=_word))
    return bare({"kind": type(record).__name__, **told})


def bare(told: Any) -> Any:
    """Without what is empty: a record that gains a field changes no recording."""
    if isinstance(told, dict):
        return {name: bare(value) for name, value in told.items() if value not in (None, "", [], {})}
    return [bare(value) for value in told] if isinstance(told, list) else told


def _word(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
