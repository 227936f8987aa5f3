"""Erasing one person: everything they wrote and we wrote about them goes, what the law wants kept stays.

Goes: words, files, notes, drafts, scheduled texts, name, properties, addresses, what was quoted of them in events, raw
webhooks with their number, copies made for them, where they are, what a form noted. Stays: the rows of texts with
times, states, receipts and prices (the totals are billing records), the conversation as an empty shell, opt-outs and
the suppression by a keyed hash (GDPR Art. 17(3)(b), CAN-SPAM and TCPA practice), the consent ledger with its proofs
minimised, and the audit trail, which knows people by number of contact only.

Their addresses are replaced by a mark nobody can text from or to, so that a later text from the same number is a new
contact, and a receipt that comes late finds its text by the provider's id and has nothing to bring back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote_plus

from django.db import connection, transaction
from django.db.models import Q

from twoway.compliance.consent import actions as consent
from twoway.compliance.content.models import ContentWarning
from twoway.compliance.models import OptOut
from twoway.compliance.optin.models import Import, Membership, Submission
from twoway.compliance.optin.people.actions import forget_rows
from twoway.compliance.quiet.models import Place
from twoway.compliance.retention.actions import lock_holds, refuse_under_hold
from twoway.compliance.revocation.models import Doubt
from twoway.contacts.models import Contact, ContactEvent, ContactNote, Identity, IdentityKind
from twoway.conversations.models import Conversation, Draft, Note, State
from twoway.conversations.together.models import Handover, Mention, UnseenMention
from twoway.events.actions import audit, notify
from twoway.lib.refusal import NotAllowed, Refused
from twoway.lib.words import noted, t
from twoway.messaging.callbacks.models import Callback
from twoway.messaging.calls.models import Call
from twoway.messaging.deflection.actions import forget_person
from twoway.messaging.greeting.settling import forget as forget_waits
from twoway.messaging.media.actions import delete_media, remove
from twoway.messaging.merging.models import Merge
from twoway.messaging.models import MediaFile, Message
from twoway.messaging.part_models import InboundPart
from twoway.messaging.retention import copies
from twoway.messaging.scheduling.models import Later, Undo
from twoway.sla import actions as clocks
from twoway.teams.actor import Actor
from twoway.teams.approvals.actions import forget
from twoway.teams.rules import Right, require

ERASED_NAME = "Erased person"
NO_STORE = noted("The store of pictures and files can't be used now. Nothing else was erased yet.")
FILES_AT_ONCE = 200

_EMPTY = """
    UPDATE message SET body = '', template = NULL, media = '[]', redacted_at = %(at)s,
        sender = CASE WHEN direction = 'in' THEN '' ELSE sender END,
        recipient = CASE WHEN direction = 'out' THEN '' ELSE recipient END,
        error = CASE WHEN status IN ('queued', 'scheduled') THEN 'erased' ELSE error END,
        status = CASE WHEN status IN ('queued', 'scheduled') THEN 'canceled' ELSE status END
    WHERE conversation_id = ANY(%(threads)s)
"""
_QUOTED = """
    UPDATE event SET data = data || (SELECT coalesce(jsonb_object_agg(key, ''), '{}') FROM jsonb_each(data)
                                     WHERE key = ANY(%(keys)s) AND jsonb_typeof(value) = 'string')
    WHERE data ?| %(keys)s AND (contact_id = %(contact)s OR conversation_id = ANY(%(threads)s))
"""
QUOTING = ["before", "after", "keyword", "words", "text", "body", "alias", "name", "number", "value"]
"""Fields of events that may repeat a name, an address or words of the person."""
_RAW = """
    DELETE FROM quarantine_entry q WHERE (q.workspace_id = %(workspace)s OR q.workspace_id IS NULL)
      AND EXISTS (SELECT FROM unnest(%(needles)s::text[]) AS needle
                  WHERE position(convert_to(needle, 'UTF8') IN q.body) > 0 OR position(needle IN q.url) > 0)
"""
SHORTEST_NEEDLE = 7
"""Characters: a shorter address (a short code) would be found in webhooks of others too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Erased:
    """What went, for the audit trail."""

    texts: int
    files: int
    notes: int
    webhooks: int


def erase(*, contact_id: int, by: Actor, at: datetime) -> Erased:
    """Erase one person for good. Doing it again takes what a crash left.

    Slow looks through everything are outside the transaction that holds the ledger, so that no STOP waits for them.
    Raises `NotAllowed`, `Refused` (legal_hold; no_store when the media store can't be used: nothing else is gone then).
    """
    require(by, Right.MANAGE_COMPLIANCE)
    contact = Contact.objects.filter(id=contact_id, workspace_id=by.workspace_id).first()
    if contact is None:
        raise NotAllowed(t("This contact is not in this workspace."))
    with _unheld(contact):
        threads = list(Conversation.objects.filter(contact_id=contact_id).values_list("id", flat=True))
        files = _files(threads)
        copies.delete_of(contact_id)
    with _unheld(contact):
        webhooks = _raw(contact, at=at)
    with _unheld(contact):
        texts, notes = _rows(contact, by=by, at=at)
        done = Erased(texts=texts, files=files, notes=notes, webhooks=webhooks)
        if contact.erased_at is None:
            _tell(contact_id, done, by=by, at=at)
    with _unheld(contact):
        _quoted(contact_id, threads)
    forget(contact_id=contact_id)
    return done


@contextmanager
def _unheld(contact: Contact) -> Iterator[None]:
    """One transaction during which no legal hold is open and none can be placed. Raises `Refused`."""
    with transaction.atomic():
        lock_holds(contact.workspace_id, is_shared=True)
        refuse_under_hold(workspace_id=contact.workspace_id, contact_id=contact.pk)
        yield


def _files(threads: Sequence[int]) -> int:
    """The files of these conversations, and those beside texts that are being written. Raises `Refused`."""
    sent = Message.objects.filter(conversation_id__in=threads)
    found = MediaFile.objects.filter(message__in=sent.values("id"))
    ids = sorted(set(sent.filter(id__in=found.values("message_id")).values_list("id", flat=True)))
    gone = 0
    for start in range(0, len(ids), FILES_AT_ONCE):
        gone += delete_media(message_ids=ids[start : start + FILES_AT_ONCE])
    for row in MediaFile.objects.filter(message=None, conversation_id__in=threads):
        remove(media=row)
        gone += 1
    if MediaFile.objects.filter(message__in=sent.values("id")).exists():
        raise Refused(t(NO_STORE), code="no_store")
    return gone


def _raw(contact: Contact, *, at: datetime) -> int:
    """Raw webhooks, pieces of long texts and rejected rows of imports that name one of the person's addresses."""
    values = list(Identity.objects.filter(contact=contact).values_list("value", flat=True))
    InboundPart.objects.filter(channel__workspace_id=contact.workspace_id, sender__in=values).delete()
    needles = [needle for value in values for needle in _needles(value)]
    for needle in needles:
        Import.objects.filter(workspace_id=contact.workspace_id, problems__contains=needle).update(problems="")
    forget_rows(workspace_id=contact.workspace_id, values=values, at=at)
    with connection.cursor() as cursor:
        cursor.execute(_RAW, {"workspace": contact.workspace_id, "needles": needles})
        gone: int = cursor.rowcount
    return gone


def _needles(value: str) -> list[str]:
    """How an address may stand in a request: its digits; anything else as it is and as a form writes it."""
    bare = value.removeprefix("+")
    forms = {bare} if bare.isdigit() else {value, quote_plus(value)}
    return sorted(form for form in forms if len(form) >= SHORTEST_NEEDLE)


def _rows(contact: Contact, *, by: Actor, at: datetime) -> tuple[int, int]:
    """The rows of the person themselves; how many texts were emptied, how many notes and drafts went."""
    consent.hold(by.workspace_id)
    Contact.objects.select_for_update().get(id=contact.pk)
    people = list(Identity.objects.select_for_update().filter(contact=contact).order_by("id"))
    talks = list(Conversation.objects.select_for_update().filter(contact=contact).order_by("id"))
    threads = [talk.pk for talk in talks]
    consent.minimise(identity_ids=[one.pk for one in people], at=at, by=by)
    with connection.cursor() as cursor:
        cursor.execute(_EMPTY, {"at": at, "threads": threads})
        texts = cursor.rowcount
    Mention.objects.filter(conversation_id__in=threads).delete()
    UnseenMention.objects.filter(conversation_id__in=threads).delete()
    notes = sum(
        rows.delete()[0]
        for rows in (
            Note.objects.filter(conversation_id__in=threads),
            Draft.objects.filter(conversation_id__in=threads),
            Later.objects.filter(conversation_id__in=threads),
            ContactNote.objects.filter(contact=contact),
            Handover.objects.filter(conversation_id__in=threads),
        )
    )
    forget_waits(conversation_ids=threads, at=at)
    _beside(contact, people)
    _person(contact, people, at=at)
    Conversation.objects.filter(id__in=threads).update(
        state=State.DONE, needs_reply=False, unanswered=0, snoozed_until=None, preview="", preview_by=""
    )
    clocks.look_again(conversation_ids=threads, at=at)
    notify(workspace_id=by.workspace_id, conversations=[(one.pk, one.team_id, one.assignee_id) for one in talks])
    return texts, notes


def _beside(contact: Contact, people: Sequence[Identity]) -> None:
    """What other subjects keep about them: where they are, what a form noted, how a doubt was worded."""
    Place.objects.filter(contact=contact).delete()
    ContactEvent.objects.filter(contact=contact).delete()
    Merge.objects.filter(Q(kept=contact) | Q(gone=contact)).update(before={}, moved={})
    Submission.objects.filter(identity__in=people).update(address="", user_agent="", source_url="")
    Membership.objects.filter(identity__in=people).update(evidence={})
    Doubt.objects.filter(identity__in=people).update(why="")
    OptOut.objects.filter(identity__in=people).update(keyword="")
    Call.objects.filter(conversation__contact=contact).update(phone="", transcript="", error="", recording_id=None)
    Callback.objects.filter(conversation__contact=contact).delete()
    forget_person(contact=contact, identities=people)
    texts = Message.objects.filter(conversation__contact=contact)
    Undo.objects.filter(message_id__in=texts.values("id")).delete()
    ContentWarning.objects.filter(message_id__in=texts.values("id")).update(warnings=[])


def _person(contact: Contact, people: Sequence[Identity], *, at: datetime) -> None:
    for one in people:
        one.kind, one.value, one.reach, one.reach_at = IdentityKind.ALPHA, f"erased {one.pk}", "", None
        one.save(update_fields=["kind", "value", "reach", "reach_at"])
    fields = {"name": ERASED_NAME, "properties": {}, "time_zone": "", "language": ""}
    Contact.objects.filter(id=contact.pk).update(**fields, erased_at=contact.erased_at or at)


def _tell(contact_id: int, done: Erased, *, by: Actor, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="contact.erased",
        subject=f"contact {contact_id}",
        data={"texts": done.texts, "files": done.files, "notes": done.notes, "webhooks": done.webhooks},
        at=at,
    )


def _quoted(contact_id: int, threads: Sequence[int]) -> None:
    """Names, addresses and words in events are blanked; that something happened, and when, stays."""
    with connection.cursor() as cursor:
        cursor.execute(_QUOTED, {"keys": QUOTING, "contact": contact_id, "threads": list(threads)})
