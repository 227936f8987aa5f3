"""Changing contacts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from twoway.contacts import rules
from twoway.contacts.fields.queries import cleaned
from twoway.contacts.models import BlockReason, Contact, ContactNote, Identity
from twoway.contacts.queries import find_identity
from twoway.events.actions import audit, publish
from twoway.events.types import ContactBlocked, ContactChanged, ContactRenamed, ContactUnblocked
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import t
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

LONGEST_NAME = 120
LONGEST_KEY = 60
LONGEST_VALUE = 500
MOST_PROPERTIES = 50
MOST_ADDRESSES = 20
LONGEST_NOTE = 5_000
LONGEST_BLOCK_NOTE = 200
BLOCK_FIELDS = ("blocked_until", "block_reason", "block_note", "blocked_by")
NOTHING: Mapping[str, str] = {}


def find_or_create(*, identity: phone.Identity, by: Actor, at: datetime, name: str = "") -> tuple[Identity, bool]:
    """The identity of this address with its contact, and whether it is new. A name is only given to a new contact.

    Two at once make one contact. Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.REPLY)
    name = _clean_name(name)
    found = find_identity(by.workspace_id, identity)
    if found is not None:
        return found, False
    try:
        with transaction.atomic():
            contact = _known_by_number(by, identity) or Contact.objects.create(
                workspace_id=by.workspace_id, name=name, created_at=at
            )
            made = Identity.objects.create(
                workspace_id=by.workspace_id, contact=contact, kind=identity.kind, value=identity.value, created_at=at
            )
    except IntegrityError:
        return Identity.objects.select_related("contact").get(
            workspace_id=by.workspace_id, kind=identity.kind, value=identity.value
        ), False
    return made, True


def _known_by_number(by: Actor, identity: phone.Identity) -> Contact | None:
    """Somebody whose phone number we know is the same person on WhatsApp."""
    if identity.kind != "whatsapp":
        return None
    found = find_identity(by.workspace_id, phone.Identity("phone", identity.value))
    return found.contact if found else None


@transaction.atomic
def create(
    *,
    name: str,
    addresses: Sequence[phone.Identity],
    by: Actor,
    at: datetime,
    properties: Mapping[str, str] = NOTHING,
) -> Contact:
    """Add a person by hand, with what is known of them. Raises `NotAllowed`, `Invalid` when somebody has an address."""
    require(by, Right.MANAGE_CONTACTS)
    name = _clean_name(name)
    if not name and not addresses:
        raise Invalid(t("Write a name or a number."), field="name")
    contact = Contact.objects.create(workspace_id=by.workspace_id, name=name, created_at=at)
    for address in addresses:
        add_identity(contact=contact, identity=address, by=by, at=at)
    if properties:
        contact = set_properties(contact=contact, changes=properties, by=by, at=at)
    _audit(by, "contact.added", contact, at)
    return contact


@transaction.atomic
def make_first(*, identity: Identity, by: Actor, at: datetime) -> None:
    """Make an address the one that stands for the person. Raises `NotAllowed`."""
    require(by, Right.MANAGE_CONTACTS)
    contact = _open(identity.contact, by)
    contact.identities.exclude(id=identity.id).filter(is_first=True).update(is_first=False)
    contact.identities.filter(id=identity.id).update(is_first=True)
    _changed(by, contact, at, "addresses")
    _audit(by, "contact.first_address", contact, at, {"identity": str(identity.id)})


@transaction.atomic
def add_identity(*, contact: Contact, identity: phone.Identity, by: Actor, at: datetime) -> Identity:
    """Give a contact one more address, blocked when they are. Raises `NotAllowed`, `Invalid` when somebody has it."""
    contact = _open(contact, by)
    found = find_identity(by.workspace_id, identity)
    if found is not None and found.contact_id != contact.id:
        raise Invalid(t("Another contact has this number."), field="number", code="number_taken")
    if found is None and contact.identities.count() >= MOST_ADDRESSES:
        raise Invalid(t("A contact has at most {most} numbers and addresses.", most=MOST_ADDRESSES), field="number")
    if found is not None:
        return found
    _changed(by, contact, at, "addresses")
    return Identity.objects.create(
        workspace_id=by.workspace_id,
        contact=contact,
        kind=identity.kind,
        value=identity.value,
        is_blocked=contact.blocked_at is not None,
        blocked_until=contact.blocked_until,
        created_at=at,
    )


@transaction.atomic
def rename(*, contact: Contact, name: str, by: Actor, at: datetime, conversation_id: int | None = None) -> Contact:
    """Give a contact another name; an empty one shows the number instead. Raises `NotAllowed`, `Invalid`."""
    contact = _open(contact, by)
    before, after = contact.name, _clean_name(name)
    if before == after or (contact.is_anonymous and not after):
        return contact
    if contact.is_anonymous:
        raise Invalid(t("They stay anonymous: their alias can't be changed."), field="name", code="anonymous")
    contact.name = after
    contact.save(update_fields=["name"])
    publish(
        ContactRenamed(
            workspace_id=by.workspace_id,
            conversation_id=conversation_id,
            contact_id=contact.id,
            member_id=by.member_id,
            before=before,
            after=after,
            by_name=by.name,
        ),
        at=at,
    )
    return contact


@transaction.atomic
def update(
    *,
    contact: Contact,
    name: str,
    changes: Mapping[str, str],
    by: Actor,
    at: datetime,
    conversation_id: int | None = None,
) -> Contact:
    """Name and properties at once, as the form gives them. Raises `NotAllowed`, `Invalid`."""
    rename(contact=contact, name=name, by=by, at=at, conversation_id=conversation_id)
    return set_properties(contact=contact, changes=changes, by=by, at=at)


@transaction.atomic
def set_property(*, contact: Contact, key: str, value: str, by: Actor, at: datetime) -> Contact:
    """Set one property; an empty value removes it. Raises `NotAllowed`, `Invalid`."""
    return set_properties(contact=contact, changes={key: value}, by=by, at=at)


@transaction.atomic
def set_properties(*, contact: Contact, changes: Mapping[str, str], by: Actor, at: datetime) -> Contact:
    """Set several properties; an empty value removes one. Raises `NotAllowed`, `Invalid`."""
    contact = _open(contact, by)
    properties: dict[str, str] = dict(contact.properties)
    region = Workspace.objects.values_list("region", flat=True).get(id=contact.workspace_id) if changes else ""
    for key, value in cleaned(changes, workspace_id=contact.workspace_id, region=region).items():
        clean_key, clean_value = _clean_property(key, value)
        if clean_value:
            properties[clean_key] = clean_value
        else:
            properties.pop(clean_key, None)
    if len(properties) > MOST_PROPERTIES:
        raise Invalid(t("A contact has at most {most} properties.", most=MOST_PROPERTIES), field="properties")
    if properties != contact.properties:
        contact.properties = properties
        contact.save(update_fields=["properties"])
        _changed(by, contact, at, "properties")
    return contact


@transaction.atomic
def set_locale(
    *, contact: Contact, by: Actor, at: datetime, time_zone: str | None = None, language: str | None = None
) -> Contact:
    """Set where a contact lives (IANA zone) and what they speak (ISO 639), "" when unknown; None leaves it as it is.

    Raises `NotAllowed`, `Invalid`.
    """
    contact = _open(contact, by)
    language = _clean_language(language)
    if time_zone is not None:
        if time_zone and time_zone not in available_timezones():
            raise Invalid(t("Choose a time zone such as America/New_York."), field="time_zone")
        contact.time_zone = time_zone
    if language is not None:
        contact.language = language
    contact.save(update_fields=["time_zone", "language"])
    _changed(by, contact, at, "locale")
    return contact


@transaction.atomic
def add_note(*, contact: Contact, body: str, by: Actor, at: datetime) -> ContactNote:
    """Write a remark about the person. Raises `NotAllowed`, `Invalid`."""
    contact = _open(contact, by)
    text = body.replace("\0", "").strip()
    if not text:
        raise Invalid(t("Write a note."), field="body")
    if len(text) > LONGEST_NOTE:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NOTE), field="body")
    _changed(by, contact, at, "notes")
    return ContactNote.objects.create(contact=contact, body=text, by_id=by.member_id, created_at=at)


@transaction.atomic
def block(
    *,
    contact: Contact,
    by: Actor,
    at: datetime,
    reason: str = "other",
    note: str = "",
    until: datetime | None = None,
    conversation_id: int | None = None,
) -> Contact:
    """Send nothing more to this person until a time, or until a member takes it back; their texts are kept but wait for
    nobody, and an opt-out among them counts. A block that holds takes the new reason and end.

    Raises `NotAllowed`, `Invalid`.
    """
    contact = _open(contact, by)
    if reason not in BlockReason.values:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(BlockReason.values)), field="reason")
    if until is not None and until <= at:
        raise Invalid(t("The end of a block must be in the future."), field="until")
    cleaned = " ".join(note.replace("\0", "").split())
    if len(cleaned) > LONGEST_BLOCK_NOTE:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_BLOCK_NOTE), field="note")
    told = {"reason": reason, "until": until.isoformat() if until else ""}
    held = rules.is_blocked(contact.blocked_at, contact.blocked_until, at=at)
    if held and (contact.block_reason, contact.block_note, contact.blocked_until) == (reason, cleaned, until):
        return contact
    contact.blocked_at = contact.blocked_at if held else at
    contact.blocked_until, contact.block_reason, contact.block_note = until, reason, cleaned
    contact.blocked_by = by.name[:80]
    contact.save(update_fields=["blocked_at", *BLOCK_FIELDS])
    contact.identities.update(is_blocked=True, blocked_until=until)
    if not held:
        ids = {"conversation_id": conversation_id, "contact_id": contact.id, "member_id": by.member_id}
        publish(ContactBlocked(workspace_id=by.workspace_id, by_name=by.name, **ids), at=at)
    _audit(by, "contact.blocked", contact, at, told)
    return contact


@transaction.atomic
def unblock(*, contact: Contact, by: Actor, at: datetime, conversation_id: int | None = None) -> Contact:
    """Take a block back. Raises `NotAllowed`."""
    contact = _open(contact, by)
    if contact.blocked_at is not None:
        contact.blocked_at = contact.blocked_until = None
        contact.block_reason = contact.block_note = contact.blocked_by = ""
        contact.save(update_fields=["blocked_at", *BLOCK_FIELDS])
        contact.identities.update(is_blocked=False, blocked_until=None)
        ids = {"conversation_id": conversation_id, "contact_id": contact.id, "member_id": by.member_id}
        publish(ContactUnblocked(workspace_id=by.workspace_id, by_name=by.name, **ids), at=at)
        _audit(by, "contact.unblocked", contact, at)
    return contact


def _open(contact: Contact, by: Actor) -> Contact:
    """The contact as it is now, locked against other changes."""
    require(by, Right.REPLY)
    if contact.workspace_id != by.workspace_id:
        raise NotAllowed(t("This contact is not in this workspace."))
    found = Contact.objects.select_for_update(no_key=True).get(id=contact.id)
    if found.merged_into_id is not None:
        raise Refused(t("This contact was merged with another one. Open it again."), code="merged")
    return found


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.replace("\0", "").split())
    if len(cleaned) > LONGEST_NAME:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NAME), field="name")
    return cleaned


def _clean_language(language: str | None) -> str | None:
    if language and not (language.isascii() and language.replace("-", "").isalnum() and len(language) <= 12):
        raise Invalid(t("Write a language such as en or pt-BR."), field="language")
    return language


def _clean_property(key: str, value: str) -> tuple[str, str]:
    clean_key = " ".join(key.replace("\0", "").split())
    clean_value = value.replace("\0", "").strip()
    if not clean_key:
        raise Invalid(t("Name the property."), field="properties")
    if len(clean_key) > LONGEST_KEY:
        raise Invalid(t("The name of a property has at most {most} characters.", most=LONGEST_KEY), field="properties")
    if len(clean_value) > LONGEST_VALUE:
        raise Invalid(
            t("“{key}” has at most {most} characters.", key=clean_key, most=LONGEST_VALUE),
            field="properties",
        )
    return clean_key, clean_value


def _changed(by: Actor, contact: Contact, at: datetime, what: str) -> None:
    ids = {"conversation_id": None, "contact_id": contact.id, "member_id": by.member_id}
    publish(ContactChanged(workspace_id=by.workspace_id, by_name=by.name, what=what, **ids), at=at)


def _audit(by: Actor, action: str, contact: Contact, at: datetime, data: Mapping[str, str] = NOTHING) -> None:
    subject = f"contact {contact.id}"
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=dict(data), at=at)
