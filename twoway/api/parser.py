"""Bodies and queries as plain values, with what a database cannot hold refused before anything else sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from twoway.api import problems

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_WHY = "Has a NUL character or half a surrogate pair, which cannot be stored."


class StrictParser(Parser):
    """JSON as RFC 8259 has it: UTF-8, no NaN, no infinity."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The decoded body. Raises `problems.Problem`."""
        if len(request.body) > problems.MOST_BYTES:
            raise problems.too_large()
        try:
            value = json.loads(request.body.decode(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise problems.malformed() from None
        bad = [problems.FieldError(where, _WHY) for where in _unstorable(value, "")]
        if bad:
            raise problems.invalid(bad[:20])
        return value

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """The last value of each parameter. Raises `problems.Problem`."""
        values = super().parse_querydict(data, list_fields, request)
        bad = [problems.FieldError(where, _WHY) for where in _unstorable(values, "")]
        if bad:
            raise problems.invalid(bad[:20])
        return values


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(word)


def _unstorable(value: Any, where: str) -> Iterator[str]:
    """The paths of strings, and of names of members, that cannot be stored."""
    if isinstance(value, str):
        if _UNSTORABLE.search(value):
            yield where
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unstorable(item, f"{where}.{position}".lstrip("."))
    elif isinstance(value, dict):
        for name, item in value.items():
            if _UNSTORABLE.search(name):
                yield where
            else:
                yield from _unstorable(item, f"{where}.{name}".lstrip("."))
