"""Keeping what a provider says about the templates of a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from twoway.channels.models import Channel, Template
from twoway.providers.templates import ListedTemplate

WORDS = ("provider_id", "category", "status", "header", "body", "footer", "buttons", "places", "why_not", "fetched_at")
LONGEST_TEXT = 4096


@transaction.atomic
def keep(*, channel: Channel, listed: Sequence[ListedTemplate], at: datetime) -> list[Template]:
    """Write a provider's whole list over the one before; templates it no longer names are deleted."""
    rows = {(one.name, one.language): _row(channel, one, at) for one in listed if one.name and one.language}
    Template.objects.bulk_create(
        rows.values(), update_conflicts=True, unique_fields=["channel", "name", "language"], update_fields=WORDS
    )
    gone = Template.objects.filter(channel=channel).exclude(fetched_at=at)
    gone.delete()
    return list(Template.objects.filter(channel=channel).order_by("name", "language"))


def _row(channel: Channel, one: ListedTemplate, at: datetime) -> Template:
    return Template(
        channel=channel,
        provider_id=one.id[:80],
        name=_clean(one.name)[:512],
        language=_clean(one.language)[:20],
        category=_clean(one.category)[:30],
        status=_clean(one.status)[:30],
        header=_clean(one.header)[:LONGEST_TEXT],
        body=_clean(one.body)[:LONGEST_TEXT],
        footer=_clean(one.footer)[:LONGEST_TEXT],
        buttons=[_clean(label)[:200] for label in one.buttons],
        places=[_clean(place)[:80] for place in one.places],
        why_not=one.why_not[:200],
        fetched_at=at,
    )


def _clean(text: str) -> str:
    return text.replace("\0", "")
