"""Importing sign-ups: which column is what, what a row may become, and what counts as proof of consent.

Source: CTIA Messaging Principles and Best Practices 5.1 and 47 CFR 64.1200(f)(9): consent is the sender's to prove. A
row without proof comes in as a contact without consent.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from twoway.lib import sheets
from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t
from twoway.sms import phone

MOST_BYTES = 10 * 1_048_576
MOST_ROWS = 50_000
MOST_COLUMNS = 60
MOST_PROBLEMS = 5_000
"""Rows of the file of problems; beyond that the counts say enough."""
AT_ONCE = 300
"""Rows of a file that is worked through while somebody waits; longer ones go to the worker."""
LONGEST_PROOF = 1000
LEAST_PROOF = 8
"""Letters: "yes" and "x" prove nothing."""

FIELDS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "number": (noted("Mobile number"), ("number", "phone", "mobile", "cell", "telephone", "tel")),
    "name": (noted("Name"), ("name", "full name", "first name", "contact")),
    "proof": (noted("Proof of consent"), ("proof", "consent", "consent proof", "how", "evidence")),
    "given_at": (noted("Date of consent"), ("date", "consent date", "opted in", "given", "signed up", "timestamp")),
    "source": (noted("Where they agreed"), ("source", "page", "form", "url")),
}
"""Each field of a row: its label, and headings it is recognised by."""

ATTESTATION = noted(
    "These people agreed to get these texts from us, the proof column says how and when, and we keep the originals."
)

Outcome = Literal["joined", "already", "needs_proof", "opted_out", "repeated", "invalid"]
OUTCOMES: Mapping[str, str] = {
    "joined": noted("With consent"),
    "already": noted("Joined already"),
    "needs_proof": noted("Needs proof"),
    "opted_out": noted("Opted out"),
    "repeated": noted("Twice in the file"),
    "invalid": noted("Can't be read"),
}
_DATES = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d.%m.%Y", "%d %b %Y", "%b %d, %Y", "%B %d, %Y")


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row as it was read. `why` says what is wrong with it, `outcome` is invalid or needs_proof then; else ""."""

    line: int
    number: phone.Identity | None
    typed: str
    name: str = ""
    proof: str = ""
    given_at: datetime | None = None
    source: str = ""
    outcome: str = ""
    why: str = ""


def decoded(content: bytes) -> str:
    """The file as text, whatever it is written in. Raises `Invalid`."""
    if len(content) > MOST_BYTES:
        raise Invalid(t("A file has at most {most} MB.", most=MOST_BYTES // 1048576), field="file")
    return content.decode(sheets.written(io.BytesIO(content)).encoding, "replace").removeprefix("\ufeff")


def lines(text: str) -> Iterator[list[str]]:
    """The rows of a CSV file, whatever parts its columns: comma, semicolon or tab. Raises `Invalid`."""
    content = io.BytesIO(text.encode())
    yield from (cells for _, cells in sheets.rows(content, sheets.written(content)))


def header(text: str) -> list[str]:
    """The headings of the columns. Raises `Invalid` for an empty file."""
    return sheets.headings(enumerate(lines(text), 1))


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Which column is probably what; each column once."""
    return sheets.guess(headings, {field: names for field, (_, names) in FIELDS.items()})


def clean_mapping(mapping: Mapping[str, int | None], *, columns: int) -> dict[str, int]:
    """The columns that were chosen. Raises `Invalid` without a column of numbers."""
    chosen = {field: place for field, place in mapping.items() if place is not None}
    if any(field not in FIELDS or not 0 <= place < columns for field, place in chosen.items()):
        raise Invalid(t("Choose columns of this file."), field="number")
    if "number" not in chosen:
        raise Invalid(t("Choose the column with the mobile numbers."), field="number")
    return chosen


def rows(text: str, mapping: Mapping[str, int], *, region: str, at: datetime, skip: int = 0) -> Iterator[Row]:
    """The rows below the headings after the first `skip`, read; lines are counted as a sheet counts them, from 2."""
    for number, cells in enumerate(lines(text)):
        if number > skip:
            yield _row(number + 1, cells, mapping, region=region, at=at)


def _row(line: int, cells: Sequence[str], mapping: Mapping[str, int], *, region: str, at: datetime) -> Row:
    def cell(field: str) -> str:
        place = mapping.get(field)
        return "" if place is None or place >= len(cells) else cells[place].replace("\0", "").strip()

    typed = cell("number")[:60]
    try:
        found = phone.parse_typed(typed, region=region)
    except phone.NotANumber as error:
        return Row(line=line, number=None, typed=typed, outcome="invalid", why=str(error))
    if found.kind != "phone":
        return Row(line=line, number=None, typed=typed, outcome="invalid", why=t("This is not a mobile number."))
    proof, said = cell("proof")[:LONGEST_PROOF], cell("given_at")
    given_at = day(said)
    why = missing(proof, said, given_at, at)
    return Row(
        line=line,
        number=found,
        typed=typed,
        name=cell("name")[:120],
        proof=proof,
        given_at=given_at,
        source=cell("source")[:300],
        outcome="needs_proof" if why else "",
        why=why,
    )


def missing(proof: str, said: str, given_at: datetime | None, at: datetime) -> str:
    """Why a proof doesn't count as one; "" when it does."""
    if not proof:
        return t("There is no proof of consent.")
    if len(proof) < LEAST_PROOF:
        return t("The proof doesn't say how they agreed.")
    if said and given_at is None:
        return t("The date of consent can't be read. Write it as 2026-02-11.")
    return t("The date of consent is in the future.") if given_at is not None and given_at > at else ""


def day(text: str) -> datetime | None:
    """A date or time of consent, in UTC; None for what can't be read."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        found = next((parsed for style in _DATES if (parsed := _parsed(text, style)) is not None), None)
        return None if found is None else datetime.combine(found, time(), UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _parsed(text: str, style: str) -> date | None:
    try:
        return datetime.strptime(text, style).replace(tzinfo=UTC).date()
    except ValueError:
        return None


def problem_lines(found: Iterable[tuple[int, str, str, str]]) -> str:
    """Rows that didn't come in as they stood, as CSV: line, number, outcome in words, why."""
    return "".join(
        sheets.line([line, typed, t(OUTCOMES.get(outcome, outcome)), t(why)]) for line, typed, outcome, why in found
    )


PROBLEM_HEADER = "Line,Number,Outcome,Why\r\n"
