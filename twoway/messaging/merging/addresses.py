"""Taking an address away from a person."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.compliance.models import OptOut
from twoway.contacts.models import Contact, Identity
from twoway.conversations.actions import tell_of_contact
from twoway.conversations.models import Conversation
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import noted, t
from twoway.messaging.models import Message
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

HAS_TEXTS = noted(
    "Texts were exchanged with it, so it stays. If it is somebody else's now, use “Wrong number” in the conversation."
)


@transaction.atomic
def remove_address(*, identity: Identity, by: Actor, at: datetime) -> None:
    """Forget an address nothing hangs on. Raises `NotAllowed`, `Invalid` when texts or an opt-out do."""
    require(by, Right.MANAGE_CONTACTS)
    if identity.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    contact = Contact.objects.select_for_update().get(id=identity.contact_id)
    talks = Conversation.objects.filter(contact=contact)
    if (
        talks.filter(identity=identity).exists()
        or Message.objects.filter(conversation__in=talks.values("id"), identity=identity).exists()
    ):
        raise Invalid(t(HAS_TEXTS), field="remove", code="has_texts")
    if OptOut.objects.filter(identity=identity).exists():
        raise Invalid(t("It opted out, which must stay on record."), field="remove", code="opted_out")
    if not contact.name and contact.identities.count() == 1:
        raise Invalid(t("It is all that is known of them. Add a name or another number first."), field="remove")
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="contact.address_removed",
        subject=f"contact {contact.pk}",
        data={"identity": identity.pk},
        at=at,
    )
    identity.delete()
    tell_of_contact(workspace_id=contact.workspace_id, contact_id=contact.pk)
