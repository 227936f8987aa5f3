"""Importing sign-ups: which column is what, what a row may become, and what counts as proof of consent.

Source: CTIA Messaging Principles and Best Practices 5.1 and 47 CFR 64.1200(f)(9): consent is the sender's to prove. A
row without proof comes in as a contact without consent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal

from twoway.lib.refusal import Invalid
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
    "number": ("Mobile number", ("number", "phone", "mobile", "cell", "telephone", "tel")),
    "name": ("Name", ("name", "full name", "first name", "contact")),
    "proof": ("Proof of consent", ("proof", "consent", "consent proof", "how", "evidence")),
    "given_at": ("Date of consent", ("date", "consent date", "opted in", "given", "signed up", "timestamp")),
    "source": ("Where they agreed", ("source", "page", "form", "url")),
}
"""Each field of a row: its label, and headings it is recognised by."""

ATTESTATION = (
    "These people agreed to get these texts from us, the proof column says how and when, and we keep the originals."
)

Outcome = Literal["joined", "already", "needs_proof", "opted_out", "repeated", "invalid"]
OUTCOMES: Mapping[str, str] = {
    "joined": "With consent",
    "already": "Joined already",
    "needs_proof": "Needs proof",
    "opted_out": "Opted out",
    "repeated": "Twice in the file",
    "invalid": "Can't be read",
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
    """The file as text: UTF-8 with or without its mark, else Windows Latin. Raises `Invalid`."""
    if len(content) > MOST_BYTES:
        raise Invalid(f"A file has at most {MOST_BYTES // 1_048_576} MB.", field="file")
    if b"\0" in content:
        raise Invalid("This is no CSV file. Save the sheet as CSV (comma separated) and choose that.", field="file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def lines(text: str) -> Iterator[list[str]]:
    """The rows of a CSV file, whatever parts its columns: comma, semicolon or tab. Raises `Invalid`."""
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                yield row
    except csv.Error as error:
        raise Invalid(f"This file can't be read as CSV: {error}.", field="file") from None


def header(text: str) -> list[str]:
    """The headings of the columns. Raises `Invalid` for an empty file."""
    first = next(lines(text), None)
    if first is None:
        raise Invalid("This file is empty.", field="file")
    if len(first) > MOST_COLUMNS:
        raise Invalid(f"A file has at most {MOST_COLUMNS} columns.", field="file")
    return [cell.strip()[:80] for cell in first]


def guess(headings: Sequence[str]) -> dict[str, int]:
    """Which column is probably what; each column once."""
    low = [heading.lower().replace("_", " ") for heading in headings]
    found: dict[str, int] = {}
    for field, (_, names) in FIELDS.items():
        exact = (n for name in names for n, heading in enumerate(low) if heading == name)
        near = (n for name in names for n, heading in enumerate(low) if name in heading)
        place = next((n for n in (*exact, *near) if n not in found.values()), None)
        if place is not None:
            found[field] = place
    return found


def clean_mapping(mapping: Mapping[str, int | None], *, columns: int) -> dict[str, int]:
    """The columns that were chosen. Raises `Invalid` without a column of numbers."""
    chosen = {field: place for field, place in mapping.items() if place is not None}
    if any(field not in FIELDS or not 0 <= place < columns for field, place in chosen.items()):
        raise Invalid("Choose columns of this file.", field="number")
    if "number" not in chosen:
        raise Invalid("Choose the column with the mobile numbers.", field="number")
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
        return Row(line=line, number=None, typed=typed, outcome="invalid", why="This is not a mobile number.")
    proof, said = cell("proof")[:LONGEST_PROOF], cell("given_at")
    given_at = day(said)
    why = _missing(proof, said, given_at, at)
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


def _missing(proof: str, said: str, given_at: datetime | None, at: datetime) -> str:
    if not proof:
        return "There is no proof of consent."
    if len(proof) < LEAST_PROOF:
        return "The proof doesn't say how they agreed."
    if said and given_at is None:
        return "The date of consent can't be read. Write it as 2026-02-11."
    return "The date of consent is in the future." if given_at is not None and given_at > at else ""


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
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for line, typed, outcome, why in found:
        writer.writerow([line, _harmless(typed), OUTCOMES.get(outcome, outcome), why])
    return out.getvalue()


PROBLEM_HEADER = "Line,Number,Outcome,Why\r\n"


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. A number with its plus is none."""
    is_number = cell.startswith("+") and cell[1:].replace(" ", "").replace("-", "").isdigit()
    return cell if is_number or not cell.startswith(("=", "+", "-", "@", "\t", "\r")) else f"'{cell}"
