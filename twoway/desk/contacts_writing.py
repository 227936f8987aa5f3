"""What forms about a person change, wherever they stand: on their page or beside a conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from twoway.compliance.retention.actions import log_request
from twoway.contacts import actions
from twoway.contacts.fields.queries import ContactField
from twoway.contacts.queries import Contact
from twoway.desk.builders.people import PROPERTY
from twoway.lib.refusal import Invalid
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
        actions.set_locale(contact=contact, time_zone=value.strip(), by=by, at=at)
    elif key.startswith(PROPERTY):
        actions.set_property(contact=contact, key=key.removeprefix(PROPERTY), value=value, by=by, at=at)
    else:
        raise Invalid("There is no such line.", field="key")


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
def erase_now(contact: Contact, *, law: str, confirmation: str, by: Actor, at: datetime) -> None:
    """Log that a person is to be erased, and begin it. Raises `NotAllowed`, `Invalid`, `Refused` (legal_hold)."""
    request = log_request(contact=contact, kind="erase", law=law, asked_at=at, by=by, at=at)
    start(request=request, by=by, at=at, confirmation=confirmation)
