"""A contact as the rules of merging look at one."""

from __future__ import annotations

from twoway.contacts.models import Contact
from twoway.messaging.merging.rules import Person

FIELDS = tuple(Person.__dataclass_fields__)


def person(contact: Contact) -> Person:
    """What a contact says of a person."""
    return Person(**{name: getattr(contact, name) for name in FIELDS})
