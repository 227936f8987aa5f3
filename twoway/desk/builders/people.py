"""What is known of a person, as lines that can be changed where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from twoway.contacts.fields.queries import ContactField
from twoway.contacts.outside.queries import ContactEvent
from twoway.contacts.queries import Contact, Identity, shown_address, shown_name, shown_property
from twoway.desk.context import AddressLine, EditLine, OutsideLine
from twoway.desk.words import date_words
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams.actor import Actor

LABELS = {
    "phone": noted("Mobile"),
    "short_code": noted("Short code"),
    "alpha": noted("Sender"),
    "email": noted("Email"),
    "whatsapp": noted("WhatsApp"),
}
LANGUAGES = (
    ("", noted("Unknown")),
    ("en", noted("English")),
    ("es", noted("Spanish")),
    ("fr", noted("French")),
    ("de", noted("German")),
    ("pt", noted("Portuguese")),
    ("pt-BR", noted("Portuguese (Brazil)")),
    ("it", noted("Italian")),
    ("nl", noted("Dutch")),
    ("pl", noted("Polish")),
    ("ru", noted("Russian")),
    ("uk", noted("Ukrainian")),
    ("tr", noted("Turkish")),
    ("ar", noted("Arabic")),
    ("he", noted("Hebrew")),
    ("hi", noted("Hindi")),
    ("zh", noted("Chinese")),
    ("ja", noted("Japanese")),
    ("ko", noted("Korean")),
    ("vi", noted("Vietnamese")),
    ("tl", noted("Tagalog")),
    ("ht", noted("Haitian Creole")),
)
PROPERTY = "property:"
_INPUTS = {"number": "text", "date": "date", "link": "url", "email": "email", "phone": "tel"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who looks, where, and whether they may change what they see."""

    to: Actor
    region: str
    may_edit: bool


def lines(contact: Contact, fields: Sequence[ContactField], *, reader: Reader, whole: bool = False) -> list[EditLine]:
    """Name, the defined properties, what else there is, language and time zone.

    In a panel (not `whole`) properties stand that are defined for it, and others only when they have a value.
    """
    may_edit = reader.may_edit and not contact.is_anonymous
    found = [EditLine(key="name", label=t("Name"), value=shown_name(contact), raw=contact.name, may_edit=may_edit)]
    if not contact.is_anonymous:
        found += _properties(contact, fields, reader=reader, whole=whole)
    languages = [(key, t(name)) for key, name in LANGUAGES]
    found.append(
        EditLine(
            key="language",
            label=t("Language"),
            value=dict(languages).get(contact.language, contact.language) if contact.language else "",
            raw=contact.language,
            kind="choice",
            choices=_with(contact.language, languages),
            may_edit=may_edit,
        )
    )
    zone = contact.time_zone.replace("_", " ")
    found.append(
        EditLine(
            key="time_zone",
            label=t("Time zone"),
            value=zone,
            raw=contact.time_zone,
            kind="zone",
            help=t("A place on the same clock, such as {zone}.", zone="America/New_York"),
            may_edit=may_edit,
        )
    )
    return found


def _properties(contact: Contact, fields: Sequence[ContactField], *, reader: Reader, whole: bool) -> Iterable[EditLine]:
    known = {field.key: field for field in fields}
    for field in fields:
        if whole or field.is_in_panel or contact.properties.get(field.key):
            yield _line(contact, field.key, field, reader)
    for key in contact.properties:
        if key not in known:
            yield _line(contact, str(key), None, reader)


def _line(contact: Contact, key: str, field: ContactField | None, reader: Reader) -> EditLine:
    raw = str(contact.properties.get(key, ""))
    kind = field.kind if field else "text"
    shown = shown_property(contact, raw, kind=kind, to=reader.to, region=reader.region) if raw else ""
    choices = tuple((str(word), str(word)) for word in field.choices) if field else ()
    if kind == "yes_no":
        choices = (("yes", t("Yes")), ("no", t("No")))
        shown = dict(choices).get(shown, shown)
    if choices:
        choices = _with(raw, (("", t("Not set")), *choices))
    is_hidden = bool(raw) and not reader.to.sees_numbers and shown != raw and kind in {"text", "link", "email", "phone"}
    return EditLine(
        key=f"{PROPERTY}{key}",
        label=field.name if field else key,
        value=shown,
        raw="" if is_hidden else raw,
        kind="choice" if choices else kind,
        input_type=_INPUTS.get(kind, "text"),
        choices=choices,
        help=field.help if field else "",
        is_number=kind in {"number", "phone"},
        href=raw if kind == "link" and not is_hidden and raw.startswith(("http://", "https://")) else "",
        may_edit=reader.may_edit and not is_hidden,
    )


def _with(raw: str, choices: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The choices, and the value that is there although it is none of them."""
    return tuple(choices) if raw in {value for value, _ in choices} else (*choices, (raw, raw))


def addresses(contact: Contact, identities: Sequence[Identity], *, reader: Reader) -> tuple[AddressLine, ...]:
    """Their numbers and addresses, the first one first; none of anonymous people."""
    if contact.is_anonymous:
        return ()
    return tuple(
        AddressLine(
            id=one.pk,
            label=t(LABELS.get(one.kind, noted("Address"))),
            value=shown_address(contact, one.value, to=reader.to, region=reader.region),
            is_number=one.kind in {"phone", "short_code", "whatsapp"},
            is_first=place == 0,
            place=_place(one.value),
        )
        for place, one in enumerate(identities)
    )


def _place(value: str) -> str:
    """Where a number is from, when it isn't from here: its country's two letters."""
    return phone.country(value) or ""


def outside(rows: Sequence[ContactEvent], *, this_year: int) -> tuple[OutsideLine, ...]:
    """What happened elsewhere, the latest first."""
    return tuple(
        OutsideLine(
            id=row.pk,
            title=row.title,
            kind=row.kind,
            url=row.url,
            at=row.at,
            day=date_words(row.at, this_year=this_year),
            details=tuple((str(key), str(value)) for key, value in list(row.data.items())[:12]),
        )
        for row in rows
    )
