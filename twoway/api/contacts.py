"""Contacts: find, add and change them, and see whether they may be texted."""

from __future__ import annotations

from typing import Annotated, Any

from django.db import transaction
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from twoway.api import errors, numbers, paging, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, PathId, QueryId
from twoway.api.outlines import contact_document
from twoway.contacts import actions
from twoway.contacts import queries as contacts
from twoway.contacts.audiences import queries as audiences
from twoway.contacts.audiences.columns import fields_for
from twoway.contacts.audiences.queries import Wanted
from twoway.contacts.queries import Contact
from twoway.lib.conditions import read
from twoway.teams import queries as teams
from twoway.teams.rules import Right, require

router = Router(tags=["Contacts"])


class Page(Schema):
    """Which contacts: all, or those whose name or number has `search` in it."""

    search: Annotated[str, Field(max_length=120)] | None = None
    audience: QueryId | None = Field(default=None, description="Those of a saved audience.")
    limit: Limit = 50
    cursor: paging.Cursor | None = None


@router.get("", response={200: shapes.ContactPage, **errors.READ_ONE}, operation_id="list_contacts")
def list_contacts(request: ApiRequest, query: Annotated[Page, Query()]) -> dict[str, Any]:
    """Contacts, the latest added first."""
    actor = request.actor
    if query.audience is not None:
        return _of_audience(request, query, query.audience)
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


def _of_audience(request: ApiRequest, query: Page, audience_id: int) -> dict[str, Any]:
    """Who is in an audience now, page by page."""
    actor, workspace = request.actor, teams.workspace_of(request.actor)
    fields = fields_for(actor)
    wanted = Wanted(
        fields=fields,
        clock=audiences.clock_of(at=request.at, zone=workspace.time_zone),
        conditions=read(audiences.access_audience(actor, audience_id).conditions, fields=fields),
        words=query.search or "",
        region=workspace.region,
    )
    below = paging.before_id(query.cursor)
    found = audiences.newest(actor, wanted, below=below, limit=query.limit + 1)
    shown, following = paging.page(found, query.limit)
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
    if body.time_zone is not None or body.language is not None:
        actions.set_locale(
            contact=contact, time_zone=body.time_zone, language=body.language, by=request.actor, at=request.at
        )
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
