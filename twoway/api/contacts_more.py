"""Contacts, continued: their properties, addresses, what happened elsewhere, and merging two that are one person."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Query, Router, Schema, Status

from twoway.api import errors, numbers, paging, shapes, shapes_contacts
from twoway.api.auth import ApiRequest
from twoway.api.fields import Limit, PathId
from twoway.api.outlines import contact_document
from twoway.contacts import actions
from twoway.contacts import queries as contacts
from twoway.contacts.audiences.queries import audiences
from twoway.contacts.fields.queries import fields
from twoway.contacts.outside.actions import Outside, record
from twoway.contacts.outside.queries import ContactEvent, latest
from twoway.messaging.merging import actions as merging
from twoway.messaging.merging import queries as merges
from twoway.messaging.merging.queries import Merge
from twoway.sms import phone
from twoway.teams.rules import Right, require

router = Router(tags=["Contacts"])


class Page(Schema):
    """How many, from where on."""

    limit: Limit = 50
    cursor: paging.Cursor | None = None


@router.get(
    "/contact-fields",
    response={200: shapes_contacts.ContactFieldPage, **errors.READ},
    operation_id="list_contact_fields",
)
def list_contact_fields(request: ApiRequest) -> dict[str, Any]:
    """The properties the workspace defined, in its order."""
    rows = [
        {"key": row.key, "name": row.name, "type": row.kind, "help": row.help, "choices": row.choices}
        for row in fields(request.actor.workspace_id)
    ]
    return {"items": rows, "next": None}


@router.get("/audiences", response={200: shapes_contacts.AudiencePage, **errors.READ}, operation_id="list_audiences")
def list_audiences(request: ApiRequest) -> dict[str, Any]:
    """The saved audiences, by name. `GET /contacts?audience=` lists who is in one."""
    return {"items": [{"id": row.pk, "name": row.name} for row in audiences(request.actor)], "next": None}


@router.post(
    "/contacts/{int:contact_id}/identities",
    response={200: shapes.ContactOut, **errors.WRITE_ONE},
    operation_id="add_identity",
)
def add_identity(
    request: ApiRequest, contact_id: Annotated[PathId, Path()], body: shapes_contacts.IdentityIn
) -> dict[str, Any]:
    """Give a contact one more number or email address; one it has already changes nothing."""
    actor = request.actor
    require(actor, Right.MANAGE_CONTACTS)
    contact = contacts.access_contact(actor, contact_id)
    email = phone.identify(body.address)
    wanted = email if email.kind == "email" else numbers.read(actor, body.address, field="address")
    actions.add_identity(contact=contact, identity=wanted, by=actor, at=request.at)
    return contact_document(contacts.access_contact(actor, contact_id), to=actor, at=request.at)


@router.get(
    "/contacts/{int:contact_id}/events",
    response={200: shapes_contacts.OutsideEventPage, **errors.READ_ONE},
    operation_id="list_contact_events",
)
def list_events(
    request: ApiRequest, contact_id: Annotated[PathId, Path()], query: Annotated[Page, Query()]
) -> dict[str, Any]:
    """What happened to a contact elsewhere, the latest first."""
    contact = contacts.access_contact(request.actor, contact_id)
    rows = latest(contact, limit=query.limit + 1, before_id=paging.before_id(query.cursor))
    shown, following = paging.page(rows, query.limit)
    return {"items": [_event(row) for row in shown], "next": following}


@router.post(
    "/contacts/{int:contact_id}/events",
    response={200: shapes_contacts.OutsideEventOut, 201: shapes_contacts.OutsideEventOut, **errors.WRITE_ONE},
    operation_id="add_contact_event",
)
def add_event(
    request: ApiRequest, contact_id: Annotated[PathId, Path()], body: shapes_contacts.OutsideEventIn
) -> Status[dict[str, Any]]:
    """Keep what happened to a contact elsewhere: 201. A key that is known is answered as it was kept: 200."""
    actor = request.actor
    require(actor, Right.REPLY)
    contact = contacts.access_contact(actor, contact_id)
    told = Outside(key=body.key, kind=body.kind, title=body.title, at=body.at, url=body.url, data=body.data)
    row, is_new = record(contact=contact, told=told, by=actor, at=request.at)
    return Status(201 if is_new else 200, _event(row))


@router.post(
    "/contacts/{int:contact_id}/merge",
    response={200: shapes_contacts.MergeOut, **errors.SEND_ONE},
    operation_id="merge_contacts",
)
def merge(request: ApiRequest, contact_id: Annotated[PathId, Path()], body: shapes_contacts.MergeIn) -> dict[str, Any]:
    """Make two contacts one: the other becomes part of this one. It can be undone for 30 days."""
    actor = request.actor
    require(actor, Right.MANAGE_CONTACTS)
    kept, gone = contacts.access_contact(actor, contact_id), contacts.access_contact(actor, body.contact_id)
    return _merge(request, merging.merge(kept=kept, gone=gone, by=actor, at=request.at))


@router.post(
    "/merges/{int:merge_id}/undo",
    response={200: shapes_contacts.MergeOut, **errors.SEND_ONE},
    operation_id="undo_merge",
)
def undo(request: ApiRequest, merge_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """Take a merge back: both contacts have what they had."""
    actor = request.actor
    require(actor, Right.MANAGE_CONTACTS)
    row = merges.access_merge(actor, merge_id)
    return _merge(request, merging.unmerge(merge=row, by=actor, at=request.at))


def _merge(request: ApiRequest, row: Merge) -> dict[str, Any]:
    contact = contacts.access_contact(request.actor, row.kept_id)
    shown = contact_document(contact, to=request.actor, at=request.at)
    return {"id": row.pk, "undo_until": row.until, "contact": shown}


def _event(row: ContactEvent) -> dict[str, Any]:
    return {
        "id": row.pk,
        "key": row.key,
        "kind": row.kind,
        "title": row.title,
        "url": row.url,
        "at": row.at,
        "data": row.data,
    }
