"""The types of fields, so that what the OpenAPI document says and what is accepted are the same thing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StrictBool, StrictInt, StrictStr
from pydantic.json_schema import WithJsonSchema

MOST_ID = 2**63 - 1
LONGEST_TEXT = 10_000
FIRST_MOMENT = datetime(1, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)

_WHOLE = re.compile(r"-?[0-9]{1,19}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)


def _whole(value: Any) -> Any:
    """A whole number written with digits only; anything else is left for the type to refuse."""
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise ValueError("Write a whole number.")
        return int(value)
    return value


def _time(value: Any) -> datetime:
    """A moment as RFC 3339 writes it, in UTC; what is beyond our calendar becomes its first or last moment."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("Write a time such as 2026-03-14T09:30:00Z, with its zone.")
    text = re.sub(r":60(?=[.Zz+-])", ":59", value.upper(), count=1)
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    moment = datetime.fromisoformat(_padded(text))
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return FIRST_MOMENT if moment.year == 1 else LAST_MOMENT


def _padded(text: str) -> str:
    """`fromisoformat` of Python 3.11 takes any number of decimals but wants T and upper case, which it now has."""
    return text.replace(" ", "T", 1)


def _is_true(value: Any) -> bool:
    if value in ("true", "false"):
        return bool(value == "true")
    raise ValueError("Write true or false.")


def _write_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


Id = Annotated[StrictInt, Field(ge=1, le=MOST_ID)]
IdOrNone = Annotated[StrictInt, Field(ge=0, le=MOST_ID)]
PathId = Annotated[int, Field(ge=1, le=MOST_ID), BeforeValidator(_whole)]
QueryId = Annotated[int, Field(ge=1, le=MOST_ID), BeforeValidator(_whole)]
QueryBool = Annotated[
    bool,
    BeforeValidator(_is_true),
    WithJsonSchema({"type": "boolean"}),
]
Limit = Annotated[
    int,
    Field(ge=1, le=200, description="How many items at most."),
    BeforeValidator(_whole),
]
Time = Annotated[
    datetime,
    BeforeValidator(_time),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
TimeOut = Annotated[
    datetime,
    PlainSerializer(_write_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Text = Annotated[StrictStr, Field(min_length=1, max_length=LONGEST_TEXT)]
MaybeText = Annotated[StrictStr, Field(max_length=LONGEST_TEXT)]
Flag = StrictBool
OptionalText = Annotated[StrictStr, AfterValidator(str.strip)]
