"""What the fields of the API take, and what they make of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from twoway.api import fields, paging

TIME = TypeAdapter(fields.Time)
ID = TypeAdapter(fields.QueryId)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-14T09:30:00Z", datetime(2026, 3, 14, 9, 30, tzinfo=UTC)),
        ("2026-03-14t09:30:00z", datetime(2026, 3, 14, 9, 30, tzinfo=UTC)),
        ("2026-03-14 09:30:00.25+02:00", datetime(2026, 3, 14, 7, 30, 0, 250_000, tzinfo=UTC)),
        ("2026-03-14T09:30:00.123456789Z", datetime(2026, 3, 14, 9, 30, 0, 123_456, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", fields.FIRST_MOMENT),
        ("9999-12-31T23:59:59-14:00", fields.LAST_MOMENT),
    ],
)
def test_times(written: str, meant: datetime) -> None:
    assert TIME.validate_python(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "2026-03-14",
        "2026-03-14T09:30:00",
        "2026-13-14T09:30:00Z",
        "tomorrow",
        1773480600,
        None,
        "２026-03-14T09:30:00Z",
    ],
)
def test_what_is_no_time(written: object) -> None:
    with pytest.raises(ValidationError):
        TIME.validate_python(written)


@pytest.mark.parametrize("written", ["0", "-1", "1.0", " 1", "1_0", "٣", "true", "", str(2**63)])
def test_what_is_no_id(written: str) -> None:
    with pytest.raises(ValidationError):
        ID.validate_python(written)


def test_ids_reach_as_far_as_the_database() -> None:
    assert ID.validate_python(str(2**63 - 1)) == 2**63 - 1


class Row:
    def __init__(self, pk: int) -> None:
        self.pk = pk


def test_a_page_ends_where_the_next_begins() -> None:
    rows = [Row(pk) for pk in (2**62, 7, 3)]
    shown, following = paging.page(rows, 2)
    assert [row.pk for row in shown] == [2**62, 7]
    assert paging.before_id(following) == 7
    assert paging.page(rows, 3)[1] is None
    assert paging.page([], 3) == ([], None)
