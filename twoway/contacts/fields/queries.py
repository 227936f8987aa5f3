"""Reading a workspace's properties."""

from __future__ import annotations

from collections.abc import Mapping

from twoway.contacts.fields import rules
from twoway.contacts.fields.models import ContactField, FieldKind
from twoway.lib.conditions import Field
from twoway.lib.refusal import NotFound
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor

__all__ = ["ContactField", "FieldKind", "access_field", "by_key", "cleaned", "condition_fields", "fields", "usual"]

PREFIX = "property."
_USUAL = (("Email", noted("Email"), "email"), ("Company", noted("Company"), "text"))


def fields(workspace_id: int) -> list[ContactField]:
    """The properties a workspace defined, in their order."""
    return list(ContactField.objects.filter(workspace_id=workspace_id).order_by("position", "id"))


def by_key(workspace_id: int) -> dict[str, ContactField]:
    """The same by key."""
    return {field.key: field for field in fields(workspace_id)}


def usual(workspace_id: int, *, is_defined: bool = True) -> list[ContactField]:
    """What contact forms offer: the defined properties, or an email address and a company where nothing is defined.

    The two are not stored; they have no id. `is_defined` is false where it is known that nothing is.
    """
    return (fields(workspace_id) if is_defined else []) or [
        ContactField(workspace_id=workspace_id, key=key, name=t(name), kind=kind) for key, name, kind in _USUAL
    ]


def access_field(actor: Actor, field_id: int) -> ContactField:
    """One property. Raises `NotFound`."""
    found = ContactField.objects.filter(workspace_id=actor.workspace_id, id=field_id).first()
    if found is None:
        raise NotFound("property", field_id)
    return found


def condition_fields(workspace_id: int) -> dict[str, Field]:
    """The properties as conditions know them, under "property." and their key."""
    return {f"{PREFIX}{field.key}": _condition(field) for field in fields(workspace_id)}


def _condition(field: ContactField) -> Field:
    key, label = f"{PREFIX}{field.key}", field.name
    if field.kind == "choice":
        return Field(key=key, label=label, kind="choice", choices=tuple((word, word) for word in field.choices))
    if field.kind == "number":
        return Field(key=key, label=label, kind="number")
    if field.kind == "date":
        return Field(key=key, label=label, kind="date")
    return Field(key=key, label=label, kind="yes_no" if field.kind == "yes_no" else "text")


def cleaned(changes: Mapping[str, str], *, workspace_id: int, region: str | None) -> dict[str, str]:
    """Changes of properties in their written form, "" for what goes. Raises `Invalid`.

    What a workspace defined is checked by its kind; anything else stays the text it is.
    """
    known = by_key(workspace_id)
    found = {}
    for key, value in changes.items():
        field = known.get(key)
        if field is None:
            found[key] = value
        else:
            choices = [str(word) for word in field.choices]
            found[key] = rules.clean(field.kind, value, name=field.name, choices=choices, region=region)
    return found
