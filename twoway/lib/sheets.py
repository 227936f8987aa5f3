"""Files of rows as spreadsheets save them: finding out how they are written, and reading them row by row.

One place for every import. Rows come from a stream, so that a long file never stands in memory as a whole.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Protocol

from twoway.lib.refusal import Invalid
from twoway.lib.words import noted, t

MOST_COLUMNS = 60
LONGEST_HEADING = 80
LONGEST_CELL = 4_000
SAMPLES = 5
_PEEK = 65_536
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NOT_CSV = noted("This is no CSV file. Save the sheet as CSV (comma separated) and choose that.")


class Source(Protocol):
    """A file that can be read from its beginning more than once."""

    def read(self, size: int = -1, /) -> bytes: ...
    def seek(self, place: int, /) -> object: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Written:
    """How a file is written."""

    encoding: str
    delimiter: str


def written(source: Source) -> Written:
    """How a file is written, from its beginning: UTF-8 or UTF-16 by their mark, UTF-8 or UTF-16 by their shape, else
    Windows Latin; parted by commas, semicolons or tabs. Raises `Invalid` for what is no text.
    """
    source.seek(0)
    start = source.read(_PEEK)
    encoding = _encoding(start)
    text = start[: len(start) // 2 * 2].decode(encoding, "ignore")
    if "\0" in text:
        raise Invalid(t(_NOT_CSV), field="file")
    return Written(encoding=encoding, delimiter=_delimiter(text))


def _encoding(start: bytes) -> str:
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise Invalid(t(_NOT_CSV), field="file")
    evens, odds = start[0:2_000:2].count(0), start[1:2_000:2].count(0)
    if max(evens, odds) > len(start[:2_000]) // 5:
        return "utf-16-be" if evens > odds else "utf-16-le"
    for cut in range(4):
        try:
            start[: len(start) - cut].decode("utf-8")
        except UnicodeDecodeError:
            continue
        return "utf-8"
    return "cp1252"


def _delimiter(text: str) -> str:
    """What parts the columns: what the first line outside quotes has most of."""
    bare = re.sub(r'"[^"]*"', "", text).lstrip("\r\n")
    first = re.split(r"[\r\n]", bare, maxsplit=1)[0]
    return max(",;\t", key=first.count)


def rows(source: Source, how: Written) -> Iterator[tuple[int, list[str]]]:
    """The rows that aren't blank with their number, counted as a sheet counts them, from 1. Raises `Invalid`."""
    source.seek(0)
    text = io.TextIOWrapper(io.BufferedReader(_Bytes(source)), encoding=how.encoding, errors="replace", newline="")
    try:
        for number, row in enumerate(csv.reader(_without_nuls(text), delimiter=how.delimiter), 1):
            if any(cell.strip() for cell in row):
                yield number, [cell.strip()[:LONGEST_CELL] for cell in row]
    except csv.Error as error:
        raise Invalid(t("This file can't be read as CSV: {error}.", error=error), field="file") from None
    finally:
        text.detach()


def _without_nuls(lines: IO[str]) -> Iterator[str]:
    for line in lines:
        yield line.replace("\0", "")


class _Bytes(io.RawIOBase):
    """A source as the text reader wants one; closing it leaves the source open."""

    def __init__(self, source: Source) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, target: bytearray | memoryview) -> int:  # type: ignore[override]
        got = self._source.read(len(target))
        target[: len(got)] = got
        return len(got)


def headings(found: Iterator[tuple[int, list[str]]]) -> list[str]:
    """The headings: the first row. Raises `Invalid` for an empty file."""
    first = next(found, None)
    if first is None:
        raise Invalid(t("This file is empty."), field="file")
    if len(first[1]) > MOST_COLUMNS:
        raise Invalid(t("A file has at most {most} columns.", most=MOST_COLUMNS), field="file")
    return [cell[:LONGEST_HEADING] for cell in first[1]]


def guess(found: Sequence[str], names: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Which column is probably which field, by its heading; each column once."""
    low = [heading.casefold().replace("_", " ").replace("-", " ").strip() for heading in found]
    guessed: dict[str, int] = {}
    for is_near in (False, True):
        for field, words in names.items():
            if field in guessed:
                continue
            places = (n for word in words for n, heading in enumerate(low) if _fits(word, heading, is_near))
            place = next((n for n in places if n not in guessed.values()), None)
            if place is not None:
                guessed[field] = place
    return guessed


def _fits(word: str, heading: str, is_near: bool) -> bool:
    return re.search(rf"\b{re.escape(word)}\b", heading) is not None if is_near else heading == word


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula. A number with its sign is none."""
    bare = cell[1:].replace(" ", "").replace("-", "").replace("(", "").replace(")", "").replace(".", "", 1)
    is_number = cell[:1] in {"+", "-"} and bare.isascii() and bare.isdigit()
    return cell if is_number or not cell.lstrip().startswith(("=", "+", "-", "@", "\t", "\r")) else f"'{cell}"


def line(cells: Iterable[object]) -> str:
    """One row as CSV, harmless to spreadsheets, with its line end."""
    out = io.StringIO(newline="")
    csv.writer(out).writerow([harmless(str(cell)) for cell in cells])
    return out.getvalue()
