"""Settings, Numbers: the templates of a WhatsApp number, and fetching them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from twoway.channels import queries
from twoway.channels.queries import Channel
from twoway.channels.templates import queries as templates
from twoway.channels.templates import refreshing, rules
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import tn
from twoway.teams.rules import Right


@guard(Right.MANAGE_CHANNELS)
@require_POST
def fetch(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Ask the provider for the templates now."""
    found = queries.access_channel(actor_of(request), channel_id)
    try:
        kept = refreshing.refresh(channel=found, at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        usable = sum(rules.can_be_sent(status=one.status, why_not=one.why_not) for one in kept)
        say(
            request,
            tn(
                "{n} template fetched, {usable} of them ready to send.",
                "{n} templates fetched, {usable} of them ready to send.",
                len(kept),
                usable=usable,
            ),
        )
    return redirect("desk:settings_channel", channel_id)


def shown(channel: Channel) -> dict[str, Any]:
    """The templates of a number as its page lists them; nothing for one that isn't on WhatsApp."""
    if channel.kind != "whatsapp":
        return {}
    known = templates.templates_of(channel)
    rows = [{"template": one, "why_not": rules.why_not_sent(status=one.status, why_not=one.why_not)} for one in known]
    return {"templates": rows, "fetched_at": max((one.fetched_at for one in known), default=None)}
