"""Parting a person from a number that turned out not to be theirs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.compliance.actions import opt_out
from twoway.contacts.models import Contact, Identity
from twoway.conversations.actions.states import done
from twoway.conversations.models import Conversation
from twoway.events.actions import audit
from twoway.lib.refusal import NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

NOTE = "Wrong number: whoever has it now is not the person we meant."


@transaction.atomic
def wrong_number(*, conversation: Conversation, by: Actor, at: datetime) -> Contact:
    """Part the contact from the address of this conversation; who the address belongs to now, as somebody unknown.

    The number keeps its texts and its opt-outs and gets one more, so that it is not texted again: whoever has it now
    never agreed to anything (47 CFR 64.1200(m) is about reassigned numbers). The person keeps name,
    properties and other addresses. The conversation is done. Raises `NotAllowed`.
    """
    require(by, Right.REPLY)
    if conversation.workspace_id != by.workspace_id:
        raise NotAllowed(t("This conversation is not in this workspace."))
    before = Contact.objects.select_for_update(no_key=True).get(id=conversation.contact_id)
    identity = Identity.objects.select_for_update(no_key=True).get(id=conversation.identity_id)
    opt_out(
        identity=identity,
        channel=conversation.channel,
        source="member",
        at=at,
        by=by,
        conversation_id=conversation.id,
        note=NOTE,
    )
    after = Contact.objects.create(
        workspace_id=by.workspace_id, name="", is_anonymous=before.is_anonymous, created_at=at
    )
    Identity.objects.filter(id=identity.id).update(contact=after, is_blocked=False, blocked_until=None)
    Conversation.objects.filter(contact=before, identity=identity).update(contact=after)
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="contact.wrong_number",
        subject=f"contact {before.id}",
        data={"identity": identity.id, "now": after.id},
        at=at,
    )
    conversation.refresh_from_db()
    done(conversation=conversation, by=by, at=at)
    return after
