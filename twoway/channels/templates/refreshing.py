"""Fetching the templates of WhatsApp numbers: one call or several to the provider, then one transaction."""

from __future__ import annotations

from datetime import datetime

import structlog

from twoway.channels.models import Channel, Template
from twoway.channels.templates.actions import keep
from twoway.channels.templates.queries import fetch
from twoway.lib.refusal import Refused

log = structlog.get_logger(__name__)


def refresh(*, channel: Channel, at: datetime) -> list[Template]:
    """Ask the provider and keep what it says; the templates there are now. Raises `Refused`."""
    return keep(channel=channel, listed=fetch(channel), at=at)


def refresh_all(*, at: datetime) -> int:
    """Refresh every WhatsApp number; how many were. One that fails keeps what it had and holds up no other."""
    done = 0
    for channel in Channel.objects.filter(kind="whatsapp", is_active=True).order_by("id"):
        try:
            refresh(channel=channel, at=at)
        except Refused as refused:
            log.warning("templates_not_fetched", channel_id=channel.pk, why=refused.sentence)
        else:
            done += 1
    return done
