"""Quarantine: webhooks nobody could use, why, and what can be done about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.compliance.modes.queries import raw_sight
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.messaging import comparing, quarantine
from twoway.teams.rules import Right

PAGE = 50
SHOWN_BYTES = 20_000
BLANK = noted("(not shown)")
_SECRET_WORDS = ("authorization", "cookie", "signature", "token", "secret", "api-key", "password")

ADVICE = {
    "bad_signature": noted(
        "Somebody else may have sent it, the credentials changed, or the provider calls another public "
        "address than the one Twoway knows. Check the number, then take it in again."
    ),
    "unknown_hook": noted(
        "The provider calls an address no number of yours has. Paste the webhook address of the right "
        "number at the provider."
    ),
    "unknown_number": noted("Add this number, or switch it on again, then take it in again."),
    "malformed": noted("It was signed, but it isn't what this provider is known to send."),
    "refused": noted("The database refused it. Take it in again; if it stays, report it with the reference."),
}


@guard(Right.SEE_QUARANTINE)
@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    """What waits, or with ?handled=1 what was handled; newest first."""
    return _page(request)


@guard(Right.SEE_QUARANTINE)
@require_safe
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One webhook beside the list."""
    actor = actor_of(request)
    found = quarantine.access_entry(actor, entry_id)
    body = bytes(found.body)
    sight = raw_sight(actor)
    return _page(
        request,
        is_open=found.resolved_at is None,
        panel="entry",
        chosen=found,
        advice=t(ADVICE.get(found.reason, "")),
        detail=sight.of(found.detail),
        path=sight.of(urlsplit(found.url).path),
        headers=[(name, sight.of(value)) for name, value in shown_headers(found.headers)],
        fields=[(name, sight.of(value)) for name, value in shown_fields(found.headers, body)],
        body=sight.of(shown_body(body)),
        is_cut=len(body) > SHOWN_BYTES,
    )


@guard(Right.SEE_QUARANTINE)
@require_POST
def replay(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take the webhook in again."""
    actor = actor_of(request)
    found = quarantine.access_entry(actor, entry_id)
    try:
        say(request, quarantine.replay(entry=found, by=actor, at=timezone.now()))
    except Refused as refused:
        warn(request, refused.sentence)
        return redirect("desk:quarantine_entry", entry_id)
    return redirect("desk:quarantine")


@guard(Right.SEE_QUARANTINE)
@require_POST
def resolve(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Mark as handled by hand."""
    actor = actor_of(request)
    quarantine.resolve(entry=quarantine.access_entry(actor, entry_id), by=actor, at=timezone.now())
    say(request, t("Marked as handled."))
    return redirect("desk:quarantine")


def shown_headers(headers: Mapping[str, str]) -> list[tuple[str, str]]:
    """Headers by name; what could sign or sign in as somebody is blanked."""
    return [(name, t(BLANK) if _is_secret(name) else value) for name, value in sorted(headers.items())]


def shown_fields(headers: Mapping[str, str], body: bytes) -> list[tuple[str, str]]:
    """The fields of a form, decoded; empty when the body is something else."""
    if not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return []
    pairs = parse_qsl(body[:SHOWN_BYTES].decode("utf-8", "replace"), keep_blank_values=True)
    return [(name, t(BLANK) if _is_secret(name) else value) for name, value in pairs]


def shown_body(body: bytes) -> str:
    """The first bytes as text, with what can't be printed replaced."""
    text = body[:SHOWN_BYTES].decode("utf-8", "replace")
    return "".join(char if char.isprintable() or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)


def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in _SECRET_WORDS)


def _page(request: HttpRequest, *, is_open: bool | None = None, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    if is_open is None:
        is_open = request.GET.get("handled") != "1"
    before = request.GET.get("before", "")
    reason, words = request.GET.get("reason", ""), request.GET.get("q", "")
    rows = quarantine.entries(
        actor,
        is_open=is_open,
        reason=reason if reason in quarantine.REASONS else "",
        words=words,
        before_id=int(before) if before.isdecimal() else None,
        limit=PAGE + 1,
    )
    sight = raw_sight(actor)
    for row in rows:
        row.detail = sight.of(row.detail)
    context = {
        "rows": rows[:PAGE],
        "next": rows[PAGE - 1].pk if len(rows) > PAGE else None,
        "is_open": is_open,
        "count": quarantine.count_open(actor),
        "reasons": quarantine.REASONS.items(),
        "reason": reason,
        "words": words,
        "kept": urlencode({name: value for name, value in (("reason", reason), ("q", words)) if value}),
        "checks": comparing.latest(actor),
        "panel": "",
        "close_url": reverse("desk:quarantine"),
        **extra,
    }
    return render(request, "desk/quarantine/page.html", context)
