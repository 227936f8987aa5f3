"""Reading contacts and their addresses."""

from __future__ import annotations

import re
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from twoway.contacts.models import Contact, ContactNote, Identity
from twoway.lib.refusal import NotFound
from twoway.sms import phone
from twoway.teams.actor import Actor

__all__ = [
    "Contact",
    "ContactNote",
    "Identity",
    "access_contact",
    "access_identity",
    "find_identity",
    "identities",
    "matching",
    "notes",
    "search",
    "visible_to",
]

LEAST_FOR_INSIDE = 3
"""Letters: shorter words are looked for at the beginning only, which is what a trigram index can still find."""
MOST_HITS = 50


def visible_to(actor: Actor) -> QuerySet[Contact]:
    """The contacts this actor may see: all, or those of whom they may see a conversation."""
    every = Contact.objects.filter(workspace_id=actor.workspace_id)
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


def identities(contact: Contact) -> list[Identity]:
    """The addresses of a contact, the oldest first."""
    return list(Identity.objects.filter(contact=contact).order_by("id"))


def notes(contact: Contact) -> list[ContactNote]:
    """The remarks about a contact with their writers, newest first."""
    return list(ContactNote.objects.filter(contact=contact).select_related("by__user").order_by("-id"))


def find_identity(workspace_id: int, wanted: phone.Identity) -> Identity | None:
    """The identity of this address in a workspace, with its contact."""
    rows = Identity.objects.filter(workspace_id=workspace_id, kind=wanted.kind, value=wanted.value)
    return rows.select_related("contact").first()


def search(actor: Actor, text: str, *, region: str | None = None, limit: int = 20) -> list[Contact]:
    """Contacts by name or by number in any notation, newest first, with their identities; none for an empty text."""
    condition = matching(actor.workspace_id, text, region=region)
    if condition is None:
        return []
    rows = visible_to(actor).filter(condition).prefetch_related(_identities())
    return list(rows.order_by("-id")[: min(limit, MOST_HITS)])


def matching(workspace_id: int, text: str, *, region: str | None, contact: str = "") -> Q | None:
    """The condition that a contact is meant by `text`, or None when the text is empty.

    `contact` is the path to the contact for queries about something else, such as "contact__".
    """
    words = " ".join(text.replace("\0", "").split())[:120]
    if not words:
        return None
    named = _named(workspace_id, words)
    digits = re.sub(r"\D", "", words)
    if len(digits) >= LEAST_FOR_INSIDE and not re.search(r"[^\W\d_]", words):
        ids = named.union(_numbered(workspace_id, words, digits, region))
    elif "@" in words or len(words) >= LEAST_FOR_INSIDE:
        ids = named.union(_addressed(workspace_id, words))
    else:
        ids = named
    return Q(**{f"{contact}id__in": ids})


def _named(workspace_id: int, words: str) -> QuerySet[Any, int]:
    how = "icontains" if len(words) >= LEAST_FOR_INSIDE else "istartswith"
    rows = Contact.objects.filter(workspace_id=workspace_id, **{f"name__{how}": words}).exclude(name="")
    return rows.values_list("id", flat=True)


def _numbered(workspace_id: int, words: str, digits: str, region: str | None) -> QuerySet[Any, int]:
    """By the whole number as it was typed, or by a stretch of its digits."""
    condition = Q(value__icontains=digits)
    try:
        typed = phone.parse_typed(words, region=region)
        condition |= Q(kind=typed.kind, value=typed.value)
    except phone.NotANumber:
        pass
    rows = Identity.objects.filter(condition, workspace_id=workspace_id)
    return rows.values_list("contact_id", flat=True)


def _addressed(workspace_id: int, words: str) -> QuerySet[Any, int]:
    """By a part of an email address or of a sender's name."""
    rows = Identity.objects.filter(workspace_id=workspace_id, value__icontains=words).exclude(kind="phone")
    return rows.values_list("contact_id", flat=True)


def _identities() -> Prefetch[str, QuerySet[Identity], str]:
    return Prefetch("identities", queryset=Identity.objects.order_by("id"))
