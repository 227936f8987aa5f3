"""What forms about a person change, wherever they stand: on their page or beside a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from twoway.compliance.retention.actions import log_request
from twoway.contacts import actions
from twoway.contacts import queries as contacts
from twoway.contacts.fields.queries import ContactField
from twoway.contacts.queries import Contact
from twoway.desk.builders.people import PROPERTY
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.messaging.merging.addresses import remove_address
from twoway.messaging.retention.actions import start
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of


def change_line(
    contact: Contact, key: str, value: str, *, by: Actor, at: datetime, conversation_id: int | None = None
) -> None:
    """Change one line of `builders.people.lines`. Raises `NotAllowed`, `Invalid`."""
    if key == "name":
        actions.rename(contact=contact, name=value, by=by, at=at, conversation_id=conversation_id)
    elif key == "language":
        actions.set_locale(contact=contact, language=value.strip(), by=by, at=at)
    elif key == "time_zone":
        actions.set_locale(contact=contact, time_zone=value.strip().replace(" ", "_"), by=by, at=at)
    elif key.startswith(PROPERTY):
        actions.set_property(contact=contact, key=key.removeprefix(PROPERTY), value=value, by=by, at=at)
    else:
        raise Invalid(t("There is no such line."), field="key")


def created(given: Mapping[str, str], *, fields: Sequence[ContactField], by: Actor, at: datetime) -> Contact:
    """The person a form describes. Raises `NotAllowed`, `Invalid`, `NotANumber`."""
    region = workspace_of(by).region
    typed = given.get("number", "").strip()
    addresses = [phone.parse_typed(typed, region=region)] if typed else []
    values = {field.key: given.get(f"{PROPERTY}{field.key}", "") for field in fields}
    return actions.create(
        name=given.get("name", ""),
        addresses=addresses,
        properties={key: value for key, value in values.items() if value.strip()},
        by=by,
        at=at,
    )


@transaction.atomic
def erase_now(
    contact: Contact, *, law: str, confirmation: str, by: Actor, at: datetime, asked_at: datetime | None = None
) -> None:
    """Log that a person is to be erased, and begin it; `asked_at` when it isn't now that they asked.

    Raises `NotAllowed`, `Invalid`, `Refused` (legal_hold), `SecondPersonNeeded`.
    """
    request = log_request(contact=contact, kind="erase", law=law, asked_at=asked_at or at, by=by, at=at)
    start(request=request, by=by, at=at, confirmation=confirmation)


def change_address(found: Contact, given: Any, *, by: Actor) -> str:
    """Do what a form about addresses says; what to say of it. Raises `Invalid`, `NotANumber`, `NotFound`."""
    at = timezone.now()
    if typed := given.get("add", "").strip():
        email = phone.identify(typed)
        wanted = email if email.kind == "email" else phone.parse_typed(typed, region=workspace_of(by).region)
        actions.add_identity(contact=found, identity=wanted, by=by, at=at)
        return t("Added.")
    key = given.get("first") or given.get("remove") or ""
    one = contacts.access_identity(by, int(key)) if key.isdecimal() and len(key) < 19 else None
    if one is None or one.contact_id != found.pk:
        raise Invalid(t("Write a number or an email address."), field="add")
    if given.get("first"):
        actions.make_first(identity=one, by=by, at=at)
        return t("This one stands first now.")
    remove_address(identity=one, by=by, at=at)
    return t("Removed.")
