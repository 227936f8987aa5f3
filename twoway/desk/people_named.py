"""How a contact is called on pages outside the inbox."""

from __future__ import annotations

from twoway.contacts.queries import Contact, identities
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of


def person_words(actor: Actor, contact: Contact) -> str:
    """The name, else the first address, else the number of the contact. Anonymous and erased people have no address."""
    if contact.is_anonymous or contact.erased_at is not None:
        return "Erased person" if contact.erased_at is not None else f"Contact {contact.pk}"
    if contact.name:
        return contact.name
    known = identities(contact)
    return phone.pretty(known[0].value, region=workspace_of(actor).region) if known else f"Contact {contact.pk}"
