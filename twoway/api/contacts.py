"""Contacts: find, add and change them, and see whether they may be texted."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from twoway.api import errors, numbers, paging, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, PathId
from twoway.api.outlines import consent_document, contact_document
from twoway.channels import queries as channels
from twoway.compliance import queries as compliance
from twoway.contacts import actions
from twoway.contacts import queries as contacts
from twoway.contacts.queries import Contact
from twoway.conversations import queries as conversations
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

router = Router(tags=["Contacts"])


class Page(Schema):
    """Which contacts: all, or those whose name or number has `search` in it."""

    search: Annotated[str, Field(max_length=120)] | None = None
    limit: Limit = 50
    cursor: paging.Cursor | None = None


@router.get("", response={200: shapes.ContactPage, **errors.READ}, operation_id="list_contacts")
def list_contacts(request: ApiRequest, query: Annotated[Page, Query()]) -> dict[str, Any]:
    """Contacts, the latest added first."""
    actor = request.actor
    found = contacts.visible_to(actor)
    if query.search is not None:
        region = teams.workspace_of(actor).region
        condition = contacts.matching(actor, query.search, region=region)
        found = found.none() if condition is None else found.filter(condition)
    below = paging.before_id(query.cursor)
    if below is not None:
        found = found.filter(id__lt=below)
    rows = list(found.prefetch_related("identities").order_by("-id")[: query.limit + 1])
    shown, following = paging.page(rows, query.limit)
    return {"items": [contact_document(row, to=actor, at=request.at) for row in shown], "next": following}


@router.post(
    "",
    response={200: shapes.ContactOut, 201: shapes.ContactOut, **errors.WRITE},
    operation_id="add_contact",
)
def add_contact(request: ApiRequest, body: shapes.ContactIn) -> Status[dict[str, Any]]:
    """Add a person by number: 201. Somebody who is known already is answered as they are, unchanged: 200."""
    actor = request.actor
    require(actor, Right.REPLY)
    identity = numbers.read(actor, body.phone, field="phone")
    with transaction.atomic():
        found, is_new = actions.find_or_create(identity=identity, by=actor, at=request.at, name=body.name)
        if is_new and body.properties:
            actions.set_properties(contact=found.contact, changes=body.properties, by=actor, at=request.at)
    contact = contacts.access_contact(actor, found.contact_id)
    return Status(201 if is_new else 200, contact_document(contact, to=actor, at=request.at))


@router.get("/{int:contact_id}", response={200: shapes.ContactOut, **errors.READ_ONE}, operation_id="get_contact")
def get_contact(request: ApiRequest, contact_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """One contact."""
    return contact_document(contacts.access_contact(request.actor, contact_id), to=request.actor, at=request.at)


@router.patch("/{int:contact_id}", response={200: shapes.ContactOut, **errors.WRITE_ONE}, operation_id="change_contact")
def patch_contact(
    request: ApiRequest, contact_id: Annotated[PathId, Path()], body: shapes.ContactPatch
) -> dict[str, Any]:
    """Change the name, properties, or whether they are blocked: all that is asked, or nothing."""
    actor = request.actor
    require(actor, Right.REPLY)
    contact = contacts.access_contact(actor, contact_id)
    with transaction.atomic():
        _change(contact, body, request)
    return contact_document(contacts.access_contact(actor, contact_id), to=actor, at=request.at)


def _change(contact: Contact, body: shapes.ContactPatch, request: ApiRequest) -> None:
    if body.name is not None:
        actions.rename(contact=contact, name=body.name, by=request.actor, at=request.at)
    if body.properties:
        changes = {key: value or "" for key, value in body.properties.items()}
        actions.set_properties(contact=contact, changes=changes, by=request.actor, at=request.at)
    if body.is_blocked is False:
        actions.unblock(contact=contact, by=request.actor, at=request.at)
    elif body.is_blocked:
        actions.block(
            contact=contact,
            by=request.actor,
            at=request.at,
            reason=body.block_reason or "other",
            until=body.blocked_until,
        )


@router.get(
    "/{int:contact_id}/consent",
    response={200: shapes.ConsentOut, **errors.READ_ONE},
    operation_id="get_consent",
)
def get_consent(request: ApiRequest, contact_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Whether each of their addresses may be texted from each of our channels, and since when not."""
    contact = contacts.access_contact(request.actor, contact_id)
    return {"items": list(_consent(request.actor, contact))}


def _consent(actor: Actor, contact: Contact) -> list[dict[str, Any]]:
    ours = list(channels.visible_channels(actor).filter(is_active=True).order_by("id"))
    theirs = contacts.identities(contact)
    threads = conversations.visible_to(actor).filter(contact=contact).exclude(last_inbound_at=None)
    written = set(threads.values_list("identity_id", "channel_id"))
    pairs = [(who, channel) for who in theirs for channel in ours]
    states = compliance.consent_states((who.id, channel.pk, (who.id, channel.pk) in written) for who, channel in pairs)
    ledger = [entry for entry in compliance.ledger([who.id for who in theirs]) if entry.lifted_at is None]
    return [consent_document(who, channel, states[who.id, channel.pk], ledger, to=actor) for who, channel in pairs]
