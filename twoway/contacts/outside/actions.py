"""Writing down what happened to a person elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import orjson
from django.db import transaction

from twoway.contacts.models import Contact, ContactEvent
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

MOST_KEPT = 500
"""Of one person; the oldest go."""
LONGEST_DATA = 4_000
"""Bytes of JSON."""
LATEST = timedelta(days=366)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """An order, a booking, a payment. `key` makes it one event, however often it is sent; `data` is shown as lines."""

    key: str
    kind: str
    title: str
    at: datetime
    url: str = ""
    data: Mapping[str, object] = field(default_factory=dict)


@transaction.atomic
def record(*, contact: Contact, told: Outside, by: Actor, at: datetime) -> tuple[ContactEvent, bool]:
    """Keep an event; it, and whether it is new. The same key again changes nothing. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.REPLY)
    if contact.workspace_id != by.workspace_id:
        raise NotAllowed(t("This contact is not in this workspace."))
    Contact.objects.select_for_update(no_key=True).get(id=contact.pk)
    key, kind, title = (_line(value) for value in (told.key, told.kind, told.title))
    _check(key, kind, title, told, at)
    row, is_new = ContactEvent.objects.get_or_create(
        contact=contact,
        key=key,
        defaults={
            "kind": kind,
            "title": title,
            "url": told.url,
            "data": dict(told.data),
            "by_name": by.audit_name[:120],
            "at": told.at,
            "created_at": at,
        },
    )
    if is_new:
        _trim(contact)
    return row, is_new


def _check(key: str, kind: str, title: str, told: Outside, at: datetime) -> None:
    for name, value, most in (("key", key, 120), ("kind", kind, 40), ("title", title, 200)):
        if not 1 <= len(value) <= most:
            raise Invalid(t("Give it a {name} of at most {most} characters.", name=name, most=most), field=name)
    if told.url and (len(told.url) > 500 or not _is_link(told.url)):
        raise Invalid(t("A link begins with https:// or http:// and has at most 500 characters."), field="url")
    if len(orjson.dumps(dict(told.data))) > LONGEST_DATA or not all(map(_is_plain, told.data.values())):
        raise Invalid(t("Use at most 4,000 bytes of plain values: texts, numbers, true or false."), field="data")
    if any("\0" in part for pair in told.data.items() for part in pair if isinstance(part, str)):
        raise Invalid(t("A text has a character that can't be kept."), field="data")
    if told.at > at + LATEST:
        raise Invalid(t("It can't be more than a year ahead."), field="at")


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and url.isprintable() and " " not in url


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int, float, bool))


def _line(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def _trim(contact: Contact) -> None:
    rows = ContactEvent.objects.filter(contact=contact).order_by("-at", "-id")
    old = list(rows.values_list("id", flat=True)[MOST_KEPT : MOST_KEPT + 100])
    if old:
        ContactEvent.objects.filter(id__in=old).delete()
