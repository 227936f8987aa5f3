"""Defining the properties of contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from twoway.contacts.fields import rules
from twoway.contacts.fields.models import ContactField, FieldKind
from twoway.contacts.models import Contact
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace
from twoway.teams.rules import Right, require

MOST_CHECKED = 20_000
"""Values that were free text get their written form when a property is defined: at most so many at once."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldWish:
    """What a property is to be. `key` is only asked of a new one; "" makes it from the name."""

    name: str
    kind: str = "text"
    key: str = ""
    help: str = ""
    choices: Sequence[str] = ()
    is_in_panel: bool = True


@transaction.atomic
def add_field(*, wish: FieldWish, by: Actor, at: datetime) -> tuple[ContactField, int]:
    """Define a property; it, and how many contacts have a value that isn't one of its kind. They keep it until it is
    changed. Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_WORKSPACE)
    if wish.kind not in FieldKind.values:
        raise Invalid(t("Choose a type."), field="kind")
    held = ContactField.objects.filter(workspace_id=by.workspace_id)
    if held.count() >= rules.MOST_FIELDS:
        raise Invalid(t("Use at most {most} properties.", most=rules.MOST_FIELDS), field="name")
    name = _name(wish.name)
    key = " ".join(wish.key.replace("\0", "").split()) or rules.key_of(name) or f"property_{held.count() + 1}"
    if len(key) > 60:
        raise Invalid(t("A key has at most 60 characters."), field="key")
    try:
        with transaction.atomic():
            field = ContactField.objects.create(
                workspace_id=by.workspace_id,
                key=key,
                name=name,
                kind=wish.kind,
                help=_help(wish.help),
                choices=rules.clean_choices(wish.choices) if wish.kind == "choice" else [],
                position=held.count(),
                is_in_panel=wish.is_in_panel,
                created_at=at,
            )
    except IntegrityError:
        raise Invalid(t("There is a property with this key."), field="key", code="key_taken") from None
    _record(by, "contact_field.added", field, at)
    return field, _rewrite(field)


@transaction.atomic
def change_field(*, field: ContactField, wish: FieldWish, by: Actor, at: datetime) -> ContactField:
    """Another name, help or list of choices; the type and the key stay. Contacts keep a value that is no choice any
    more until it is changed. Raises `NotAllowed`, `Invalid`.
    """
    field = _lock(field, by)
    field.name, field.help, field.is_in_panel = _name(wish.name), _help(wish.help), wish.is_in_panel
    if field.kind == FieldKind.CHOICE:
        field.choices = rules.clean_choices(wish.choices)
    field.save(update_fields=["name", "help", "is_in_panel", "choices"])
    _record(by, "contact_field.changed", field, at)
    return field


@transaction.atomic
def move_field(*, field: ContactField, up: bool, by: Actor, at: datetime) -> None:
    """Put a property one place up or down. Raises `NotAllowed`."""
    field = _lock(field, by)
    every = list(
        ContactField.objects.select_for_update().filter(workspace_id=by.workspace_id).order_by("position", "id")
    )
    place = next(n for n, one in enumerate(every) if one.pk == field.pk)
    other = place - 1 if up else place + 1
    if 0 <= other < len(every):
        every[place], every[other] = every[other], every[place]
        for position, one in enumerate(every):
            ContactField.objects.filter(id=one.pk).update(position=position)
        _record(by, "contact_field.moved", field, at)


@transaction.atomic
def delete_field(*, field: ContactField, by: Actor, at: datetime) -> int:
    """Remove a property and what contacts have in it; how many had something. Raises `NotAllowed`."""
    field = _lock(field, by)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contact SET properties = properties - %(key)s WHERE workspace_id = %(workspace)s"
            " AND properties <> '{}' AND jsonb_exists(properties, %(key)s)",
            {"key": field.key, "workspace": by.workspace_id},
        )
        had: int = cursor.rowcount
    _record(by, "contact_field.deleted", field, at)
    field.delete()
    return had


def _rewrite(field: ContactField) -> int:
    """Bring the values that are there into their written form; how many aren't of the kind."""
    region = Workspace.objects.values_list("region", flat=True).get(id=field.workspace_id)
    rows = Contact.objects.filter(workspace_id=field.workspace_id, properties__has_key=field.key).order_by("id")
    wrong = 0
    for contact in rows.select_for_update(no_key=True)[:MOST_CHECKED]:
        value = str(contact.properties[field.key])
        try:
            clean = rules.clean(field.kind, value, name=field.name, choices=list(field.choices), region=region)
        except Invalid:
            wrong += 1
            continue
        if clean != value:
            contact.properties[field.key] = clean
            contact.save(update_fields=["properties"])
    return wrong


def _lock(field: ContactField, by: Actor) -> ContactField:
    require(by, Right.MANAGE_WORKSPACE)
    if field.workspace_id != by.workspace_id:
        raise NotAllowed(t("This property is not in this workspace."))
    return ContactField.objects.select_for_update().get(id=field.pk)


def _name(typed: str) -> str:
    name = " ".join(typed.replace("\0", "").split())
    if not name:
        raise Invalid(t("Name the property."), field="name")
    if len(name) > 60:
        raise Invalid(t("Use at most 60 characters."), field="name")
    return name


def _help(typed: str) -> str:
    text = " ".join(typed.replace("\0", "").split())
    if len(text) > 200:
        raise Invalid(t("Use at most 200 characters."), field="help")
    return text


def _record(by: Actor, action: str, field: ContactField, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"property {field.key}"[:120],
        data={"name": field.name, "kind": field.kind},
        at=at,
    )
