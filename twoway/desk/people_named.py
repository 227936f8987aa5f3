"""How a contact is called on pages outside the inbox."""

from __future__ import annotations

from twoway.contacts.queries import Contact, identities, shown_address, shown_name
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of


def person_words(actor: Actor, contact: Contact) -> str:
    """The name or the alias, else the first address as this actor may see it, else the number of the contact."""
    name = shown_name(contact)
    if name:
        return name
    known = identities(contact)
    region = workspace_of(actor).region
    return (
        shown_address(contact, known[0].value, to=actor, region=region)
        if known
        else t("Contact {number}", number=contact.pk)
    )
