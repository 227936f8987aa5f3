"""Reading contacts and their addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, Q, QuerySet, TextField
from django.db.models.functions import Cast, Upper

from twoway.contacts import rules
from twoway.contacts.models import BlockReason, Contact, ContactNote, Identity
from twoway.lib.refusal import NotFound
from twoway.sms import phone
from twoway.teams.actor import Actor

__all__ = [
    "BlockReason",
    "Contact",
    "ContactNote",
    "Identity",
    "access_contact",
    "access_identity",
    "alias_of",
    "blocked",
    "find_identity",
    "identities",
    "matching",
    "merged_into",
    "notes",
    "people",
    "search",
    "shown_address",
    "shown_name",
    "shown_property",
    "visible_to",
]

LEAST_FOR_INSIDE = 3
"""Letters: shorter words are looked for at the beginning only, which is what a trigram index can still find."""
MOST_HITS = 50


def visible_to(actor: Actor) -> QuerySet[Contact]:
    """The contacts this actor may see: all, or those of whom they may see a conversation. Merged ones are gone."""
    every = Contact.objects.filter(workspace_id=actor.workspace_id, merged_into=None)
    if not actor.sees_own_teams_only:
        return every
    theirs = Q(conversations__team_id__in=actor.team_ids) | Q(conversations__assignee_id=actor.member_id)
    return every.filter(id__in=Contact.objects.filter(theirs, workspace_id=actor.workspace_id).values("id"))


def access_contact(actor: Actor, contact_id: int) -> Contact:
    """A contact with its identities. Raises `NotFound`."""
    contact = visible_to(actor).filter(id=contact_id).prefetch_related(_identities()).first()
    if contact is None:
        raise NotFound("contact", contact_id)
    return contact


def access_identity(actor: Actor, identity_id: int) -> Identity:
    """An address with its contact. Raises `NotFound`."""
    identity = Identity.objects.filter(
        id=identity_id, workspace_id=actor.workspace_id, contact__in=visible_to(actor)
    ).select_related("contact")
    found = identity.first()
    if found is None:
        raise NotFound("number", identity_id)
    return found


def merged_into(actor: Actor, contact_id: int) -> int | None:
    """Who a merged contact turned out to be, if this actor may see them."""
    row = Contact.objects.filter(workspace_id=actor.workspace_id, id=contact_id, merged_into__isnull=False).first()
    into = row.merged_into_id if row is not None else None
    return into if into is not None and visible_to(actor).filter(id=into).exists() else None


def identities(contact: Contact) -> list[Identity]:
    """The addresses of a contact, their first one first and then the oldest."""
    return list(Identity.objects.filter(contact=contact).select_related("contact").order_by("-is_first", "id"))


def blocked(actor: Actor, *, at: datetime, words: str = "", region: str | None = None) -> QuerySet[Contact]:
    """The contacts whose block holds now, the latest first, with their addresses; those that `words` are about."""
    rows = visible_to(actor).filter(Q(blocked_until=None) | Q(blocked_until__gt=at), blocked_at__isnull=False)
    condition = matching(actor, words, region=region)
    if condition is not None:
        rows = rows.filter(condition)
    return rows.prefetch_related(_identities()).order_by("-blocked_at", "-id")


def people(identity_ids: Iterable[int]) -> dict[int, Contact]:
    """Who these addresses belong to, by address; one query."""
    rows = Identity.objects.filter(id__in=set(identity_ids)).select_related("contact")
    return {row.id: row.contact for row in rows}


def notes(contact: Contact) -> list[ContactNote]:
    """The remarks about a contact with their writers, newest first."""
    return list(ContactNote.objects.filter(contact=contact).select_related("by__user").order_by("-id"))


def find_identity(workspace_id: int, wanted: phone.Identity) -> Identity | None:
    """The identity of this address in a workspace, with its contact."""
    rows = Identity.objects.filter(workspace_id=workspace_id, kind=wanted.kind, value=wanted.value)
    return rows.select_related("contact").first()


def alias_of(contact_id: int) -> str:
    """What a person is called who stays anonymous."""
    return rules.alias(contact_id, key=settings.SEALING_KEY)


def shown_name(contact: Contact) -> str:
    """The name of a person as anybody may see it: their alias if they are anonymous, "" when they have none."""
    return alias_of(contact.id) if contact.is_anonymous else contact.name


def shown_address(contact: Contact, value: str, *, to: Actor, region: str | None = None) -> str:
    """An address of a person as this actor may see it. Everything that shows or exports one asks here.

    Their alias if they are anonymous; for an actor who doesn't see numbers the last four digits; else the number, as
    people of `region` write it, or as it is stored (E.164) without one.
    """
    if contact.is_anonymous:
        return alias_of(contact.id)
    if not to.sees_numbers:
        return rules.masked(value, region=region)
    return phone.pretty(value, region=region) if region else value


def shown_property(contact: Contact, value: object, *, kind: str = "text", to: Actor, region: str | None = None) -> str:
    """A property as this actor may see it: nothing of anonymous people, addresses and numbers in it masked for those
    who don't see numbers. `kind` is that of `contacts.fields`.
    """
    text = str(value)
    if contact.is_anonymous:
        return ""
    if kind in {"phone", "email"}:
        return shown_address(contact, text, to=to, region=region)
    if not to.sees_numbers and kind in {"text", "link"}:
        return rules.masked(text) if "@" in text else rules.without_numbers(text)
    return text


def search(actor: Actor, text: str, *, region: str | None = None, limit: int = 20) -> list[Contact]:
    """Contacts by name or by number in any notation, newest first, with their identities; none for an empty text."""
    condition = matching(actor, text, region=region)
    if condition is None:
        return []
    rows = visible_to(actor).filter(condition).prefetch_related(_identities())
    return list(rows.order_by("-id")[: min(limit, MOST_HITS)])


def matching(actor: Actor, text: str, *, region: str | None, contact: str = "") -> Q | None:
    """The condition that a contact is meant by `text`, or None when the text is empty.

    `contact` is the path to the contact for queries about something else, such as "contact__". Anonymous people are
    found by their alias only, and an actor who doesn't see numbers finds people by the last four digits.
    """
    words = " ".join(text.replace("\0", "").split())[:120]
    if not words:
        return None
    aliased = rules.contact_of_alias(words, key=settings.SEALING_KEY)
    if aliased is not None:
        one = Contact.objects.filter(workspace_id=actor.workspace_id, id=aliased, is_anonymous=True)
        if one.exists():
            return Q(**{f"{contact}id": aliased})
    named = _named(actor.workspace_id, words)
    digits = re.sub(r"\D", "", words)
    if len(digits) >= LEAST_FOR_INSIDE and not re.search(r"[^\W\d_]", words):
        ids = named.union(_numbered(actor, words, digits, region))
    elif "@" in words or len(words) >= LEAST_FOR_INSIDE:
        ids = named.union(_addressed(actor, words), *_propertied(actor, words))
    else:
        ids = named
    return Q(**{f"{contact}id__in": ids})


def _named(workspace_id: int, words: str) -> QuerySet[Any, int]:
    how = "icontains" if len(words) >= LEAST_FOR_INSIDE else "istartswith"
    rows = Contact.objects.filter(workspace_id=workspace_id, is_anonymous=False, **{f"name__{how}": words})
    return rows.exclude(name="").values_list("id", flat=True)


def _propertied(actor: Actor, words: str) -> list[QuerySet[Any, int]]:
    """By a part of a property; nobody's for who doesn't see numbers, since a property may hold one."""
    if not actor.sees_numbers:
        return []
    rows = Contact.objects.filter(workspace_id=actor.workspace_id, is_anonymous=False).exclude(properties={})
    held = rows.alias(held=Upper(Cast("properties", TextField()))).filter(held__contains=words.upper())
    return [held.values_list("id", flat=True)]


def _numbered(actor: Actor, words: str, digits: str, region: str | None) -> QuerySet[Any, int]:
    """By the whole number as it was typed, or by a stretch of its digits."""
    rows = Identity.objects.filter(workspace_id=actor.workspace_id, contact__is_anonymous=False)
    if not actor.sees_numbers:
        is_end = len(digits) == rules.SHOWN_DIGITS
        rows = rows.filter(value__iendswith=digits) if is_end else rows.none()
        return rows.values_list("contact_id", flat=True)
    condition = Q(value__icontains=digits)
    try:
        typed = phone.parse_typed(words, region=region)
        condition |= Q(kind=typed.kind, value=typed.value)
    except phone.NotANumber:
        pass
    return rows.filter(condition).values_list("contact_id", flat=True)


def _addressed(actor: Actor, words: str) -> QuerySet[Any, int]:
    """By a part of an email address or of a sender's name."""
    rows = Identity.objects.filter(workspace_id=actor.workspace_id, contact__is_anonymous=False)
    rows = rows.filter(value__icontains=words).exclude(kind="phone")
    return (rows if actor.sees_numbers else rows.filter(kind="alpha")).values_list("contact_id", flat=True)


def _identities() -> Prefetch[str, QuerySet[Identity], str]:
    return Prefetch("identities", queryset=Identity.objects.order_by("-is_first", "id"))
