"""Settings, Delivery problems: why texts did not arrive, how often, from which numbers, and what to do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.channels import queries as channels
from twoway.contacts.queries import shown_address, shown_name
from twoway.desk.settings_frame import actor_of, guard
from twoway.lib.words import t
from twoway.messaging import problems
from twoway.messaging.queries import Message
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/problems.html"
SPANS = (7, 30)


@guard(Right.SEE_QUARANTINE)
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every reason of the last 7 or 30 days, the most frequent first."""
    return _page(request)


@guard(Right.SEE_QUARANTINE)
@require_safe
def reason(request: HttpRequest, reason: str) -> HttpResponse:
    """One reason beside the list: what it means, what to do, codes, numbers and texts to look at."""
    if not problems.is_reason(reason):
        raise Http404
    return _page(request, chosen=reason)


def _page(request: HttpRequest, *, chosen: str = "") -> HttpResponse:
    actor = actor_of(request)
    region = teams.workspace_of(actor).region
    days = 30 if request.GET.get("days") == "30" else SPANS[0]
    since = timezone.now() - timedelta(days=days)
    told = problems.report(actor, since=since)
    context: dict[str, Any] = {
        "report": told,
        "days": days,
        "spans": SPANS,
        "panel": "",
        "close_url": f"{reverse('desk:problems')}?days={days}",
    }
    if chosen:
        found = next((one for one in told.problems if one.reason == chosen), None)
        context |= {"panel": "reason", "chosen": found, "numbers": _numbers(actor, found.numbers if found else ())}
        context["examples"] = [
            {
                "conversation_id": text.conversation_id,
                "name": _person(text, to=actor, region=region),
                "created_at": text.created_at,
            }
            for text in problems.examples(actor, reason=chosen, since=since)
        ]
    return render(request, TEMPLATE, context)


def _person(text: Message, *, to: Actor, region: str) -> str:
    """Whom a text was for, as this actor may see them."""
    contact = text.conversation.contact
    return shown_name(contact) or shown_address(contact, text.recipient, to=to, region=region)


def _numbers(actor: Actor, counted: tuple[tuple[int, int], ...]) -> list[dict[str, Any]]:
    """Our numbers with how many failed; one this actor may not see has no name."""
    region = teams.workspace_of(actor).region
    known = {each.pk: each for each in channels.visible_channels(actor)}
    return [
        {
            "name": known[key].name or phone.pretty(known[key].address, region=region)
            if key in known
            else t("Another"),
            "url": reverse("desk:settings_channel", args=[key]) if key in known else "",
            "count": count,
        }
        for key, count in counted
    ]
