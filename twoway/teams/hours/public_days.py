"""Public holidays by country and state, from the `holidays` library: it comes in with the first country asked for.

Names are the library's in each country's own language; they are what a set of hours keeps. Without being told, the
library would name them in the language of the machine, which is another on the next one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

_NEW_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CODE = 2


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """Every country with known holidays: its two letters and its English name, by name."""
    rows = import_module("holidays.registry").COUNTRIES.values()
    return tuple(sorted(((row[1], _NEW_WORD.sub(" ", row[0])) for row in rows), key=lambda row: row[1]))


@lru_cache(maxsize=300)
def subdivisions(country: str) -> tuple[tuple[str, str], ...]:
    """The states or regions of a country that have holidays of their own: code and name, by name."""
    known = _known(country)
    if known is None:
        return ()
    names: dict[str, str] = {}
    for name, code in getattr(known, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    return tuple(sorted(((code, names.get(code, code)) for code in known.subdivisions), key=lambda row: row[1]))


def is_country(code: str) -> bool:
    """Whether the holidays of this country are known."""
    return any(code == known for known, _ in countries())


@lru_cache(maxsize=512)
def public_days(
    country: str, subdivision: str, years: tuple[int, ...], language: str = ""
) -> Mapping[date, tuple[str, ...]]:
    """The public holidays of these years by date, each with its names; observed days are days of their own.

    Empty for a country nobody knows; a subdivision nobody knows counts as none. In `language` (ISO 639-1) where the
    library has it, else in the country's own.
    """
    known = _known(country)
    if known is None:
        return {}
    tongues = [one for one in known.supported_languages if language and one.partition("_")[0] == language]
    found = known(
        subdiv=subdivision if subdivision in known.subdivisions else None,
        years=years,
        language=tongues[0] if tongues else known.default_language,
    )
    return {day: tuple(found.get_list(day)) for day in sorted(found)}


def closed_days(country: str, subdivision: str, years: Iterable[int], *, worked: Iterable[str]) -> list[date]:
    """The dates that a public holiday closes: those with any name that is not among `worked`."""
    leave = frozenset(worked)
    return [day for day, names in public_days(country, subdivision, tuple(years)).items() if set(names) - leave]


def _known(country: str) -> Any:
    if len(country) != _CODE or not is_country(country):
        return None
    return getattr(import_module("holidays"), country)
