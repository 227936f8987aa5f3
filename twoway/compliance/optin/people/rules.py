"""What a column of a file may become, and what one row says of a person. Nothing is asked of the database."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from twoway.contacts.fields import rules as fields
from twoway.lib import sheets
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.sms import phone

MOST_BYTES = 50 * 1_048_576
MOST_ROWS = 100_000
STRETCH = 250
"""Rows in one transaction."""
AT_ONCE = 500
"""Rows of a file that is worked through while somebody waits; longer ones go to the worker."""
PROPERTY = "property:"
NEW = "new"

Match = Literal["number", "email", "external_id"]
Empty = Literal["leave", "clear"]
MATCHES: tuple[tuple[Match, str], ...] = (
    ("number", noted("Their number")),
    ("email", noted("Their email address")),
    ("external_id", noted("Their number with you (external_id)")),
)
EMPTIES: tuple[tuple[Empty, str], ...] = (
    ("leave", noted("An empty cell leaves what is there")),
    ("clear", noted("An empty cell clears what is there")),
)
TARGETS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "number": (
        noted("Number"),
        ("number", "phone", "mobile", "cell", "telephone", "tel", "phone number", "móvil", "teléfono"),
    ),
    "number2": (
        noted("Another number"),
        ("phone 2", "second phone", "other phone", "work phone", "home phone", "landline"),
    ),
    "email": (noted("Email"), ("email", "e mail", "email address", "mail", "correo")),
    "name": (noted("Name"), ("name", "full name", "contact", "contact name", "customer", "nombre")),
    "first": (noted("First name"), ("first name", "first", "given name", "firstname")),
    "last": (noted("Last name"), ("last name", "last", "surname", "family name", "lastname")),
    "language": (noted("Language"), ("language", "lang", "locale", "idioma")),
    "time_zone": (noted("Time zone"), ("time zone", "timezone", "tz")),
    "external_id": (
        noted("Their number with you"),
        ("external id", "id", "customer id", "customer number", "account number"),
    ),
    "proof": (noted("Proof of consent"), ("proof", "consent", "consent proof", "evidence", "opt in")),
    "given_at": (noted("Date of consent"), ("consent date", "opted in", "given", "signed up", "opt in date")),
    "source": (noted("Where they agreed"), ("source", "consent source", "form", "opt in source")),
}
"""Each fixed thing a column may be: its label, and headings it is recognised by."""

OUTCOMES: Mapping[str, str] = {
    "new": noted("New"),
    "updated": noted("Updated"),
    "unchanged": noted("Unchanged"),
    "skipped": noted("Known, left as they are"),
    "error": noted("With an error"),
    "with_consent": noted("Of those, with proof of consent"),
    "without_proof": noted("Of those, without proof, so without consent"),
    "opted_out": noted("Of those, opted out before"),
}
_LANGUAGES = {"english": "en", "spanish": "es", "español": "es", "french": "fr", "german": "de", "portuguese": "pt"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """A property a column may become: its key, name, kind and choices."""

    key: str
    name: str
    kind: str = "text"
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What each column becomes ("" for nothing), in the order of the columns, and how values are read."""

    columns: tuple[str, ...]
    headings: tuple[str, ...]
    properties: Mapping[str, Property]
    region: str
    match: Match = "number"
    empty: Empty = "leave"
    is_update: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a row says. None: nothing is said; "": there is nothing. `why` is what is wrong with the row, or ""."""

    line: int
    numbers: tuple[phone.Identity, ...] = ()
    email: str = ""
    external_id: str = ""
    name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    properties: Mapping[str, str] = field(default_factory=dict)
    proof: str = ""
    given_at: str = ""
    source: str = ""
    why: str = ""

    def key(self, match: Match) -> str:
        """What the person is known by."""
        if match == "number":
            return self.numbers[0].value if self.numbers else ""
        return self.email if match == "email" else self.external_id


def guessed(headings: Sequence[str], samples: Sequence[Sequence[str]], *, known: Mapping[str, Property]) -> list[str]:
    """What each column probably becomes: by its heading, else by what its cells look like."""
    found = sheets.guess(headings, {name: words for name, (_, words) in TARGETS.items()})
    columns = [""] * len(headings)
    for name, place in found.items():
        columns[place] = name
    by_name = {name.casefold(): key for key, one in known.items() for name in (key, one.name)}
    for place, heading in enumerate(headings):
        own = by_name.get(heading.casefold().strip())
        if own is not None and (not columns[place] or columns[place] not in {"number", "name", "email"}):
            columns[place] = f"{PROPERTY}{own}"
    for place in range(len(headings)):
        if not columns[place]:
            columns[place] = _by_cells([row[place] for row in samples if place < len(row) and row[place]], columns)
    return columns


def _by_cells(cells: Sequence[str], taken: Sequence[str]) -> str:
    if cells and "email" not in taken and all(phone.identify(cell).kind == "email" for cell in cells):
        return "email"
    digits = [re.sub(r"\D", "", cell) for cell in cells]
    looks = all(
        10 <= len(bare) <= 15 and re.fullmatch(r"[+\d\s().-]+", cell) for bare, cell in zip(digits, cells, strict=True)
    )
    return "number" if cells and looks and "number" not in taken else ""


def clean_columns(columns: Sequence[str], *, headings: Sequence[str], known: Mapping[str, Property]) -> list[str]:
    """The choices a form made. Raises `Invalid`."""
    if len(columns) != len(headings):
        raise Invalid(t("Choose for each column what it becomes."), field="columns")
    for column in columns:
        own = column.removeprefix(PROPERTY)
        if column not in {"", NEW, *TARGETS} and not (column.startswith(PROPERTY) and own in known):
            raise Invalid(t("Choose what each column becomes."), field="columns")
    chosen = [column for column in columns if column not in {"", NEW}]
    twice = next((column for column in chosen if chosen.count(column) > 1), None)
    if twice is not None:
        label = t(TARGETS[twice][0]) if twice in TARGETS else known[twice.removeprefix(PROPERTY)].name
        raise Invalid(t("Two columns become “{label}”.", label=label), field="columns")
    if not {"number", "email", "external_id"} & set(columns):
        raise Invalid(t("Choose the column with their numbers, or one with email addresses."), field="columns")
    return list(columns)


def read(line: int, cells: Sequence[str], plan: Plan) -> Told:
    """What a row says, or why it can't be taken."""
    by_target = {
        column: cells[place] if place < len(cells) else ""
        for place, column in enumerate(plan.columns)
        if column and column != NEW
    }
    try:
        numbers = tuple(_number(by_target[name], plan.region) for name in ("number", "number2") if by_target.get(name))
        email = fields.clean("email", by_target.get("email", ""), name=t("Email"))
        told = Told(
            line=line,
            numbers=numbers if by_target.get("number") else (),
            email=email,
            external_id=by_target.get("external_id", "")[:200],
            name=_name(by_target, plan),
            language=_language(by_target, plan),
            time_zone=_said(by_target, "time_zone", plan),
            properties=_properties(by_target, cells, plan),
            proof=by_target.get("proof", "")[:1000],
            given_at=by_target.get("given_at", "")[:60],
            source=by_target.get("source", "")[:300],
        )
    except Invalid as wrong:
        return Told(line=line, why=wrong.sentence)
    except phone.NotANumber as wrong:
        return Told(line=line, why=str(wrong))
    if not told.key(plan.match):
        return Told(line=line, why=t("{what} is missing.", what=t(dict(MATCHES)[plan.match])))
    return told


def _number(typed: str, region: str) -> phone.Identity:
    found = phone.parse_typed(typed[:60], region=region)
    if found.kind != "phone":
        raise Invalid(t("This is not a phone number of a person."), field="number")
    return found


def _said(by_target: Mapping[str, str], name: str, plan: Plan) -> str | None:
    value = by_target.get(name)
    return None if value is None or (not value and plan.empty == "leave") else value


def _name(by_target: Mapping[str, str], plan: Plan) -> str | None:
    if "name" not in by_target and not {"first", "last"} & set(by_target):
        return None
    whole = by_target.get("name") or " ".join(
        part for part in (by_target.get("first", ""), by_target.get("last", "")) if part
    )
    name = " ".join(whole.split())[:120]
    return name if name or plan.empty == "clear" else None


def _language(by_target: Mapping[str, str], plan: Plan) -> str | None:
    said = _said(by_target, "language", plan)
    if not said:
        return said
    short = _LANGUAGES.get(said.casefold(), said)
    if not (short.isascii() and short.replace("-", "").isalnum() and len(short) <= 12):
        raise Invalid(t("Write a language such as en or pt-BR."), field="language")
    return short


def _properties(by_target: Mapping[str, str], cells: Sequence[str], plan: Plan) -> dict[str, str]:
    found: dict[str, str] = {}
    for column, value in by_target.items():
        if column.startswith(PROPERTY):
            one = plan.properties[column.removeprefix(PROPERTY)]
            clean = fields.clean(one.kind, value, name=one.name, choices=one.choices, region=plan.region)
            found |= {one.key: clean} if clean or plan.empty == "clear" else {}
    for place, column in enumerate(plan.columns):
        if column == NEW:
            value = cells[place][: fields.LONGEST_VALUE] if place < len(cells) else ""
            found |= {plan.headings[place][:60]: value} if value or plan.empty == "clear" else {}
    if by_target.get("email"):
        found |= {email_key(plan): fields.clean("email", by_target["email"], name=t("Email"))}
    if by_target.get("external_id"):
        found["external_id"] = by_target["external_id"][:200]
    return found


def email_key(plan: Plan) -> str:
    """The property that holds an email address: the workspace's own, else the usual one."""
    return next((one.key for one in plan.properties.values() if one.kind == "email"), "Email")
