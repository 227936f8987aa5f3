"""When it opens next, as a customer reads it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from twoway.teams.hours.opening import opening_words

CHICAGO = ZoneInfo("America/Chicago")
FRIDAY = datetime(2026, 1, 2, 17, 30, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("opening", "english", "spanish", "in_24"),
    [
        ("2026-01-02T20:00", "at 8:00 PM", "a las 8:00 p. m.", "at 20:00"),
        ("2026-01-03T09:00", "tomorrow at 9:00 AM", "mañana a las 9:00 a. m.", "tomorrow at 9:00"),
        ("2026-01-03T13:00", "tomorrow at 1:00 PM", "mañana a la 1:00 p. m.", "tomorrow at 13:00"),
        ("2026-01-03T00:00", "tomorrow at 12:00 AM", "mañana a las 12:00 a. m.", "tomorrow at 0:00"),
        ("2026-01-05T09:00", "Monday at 9:00 AM", "el lunes a las 9:00 a. m.", "Monday at 9:00"),
        ("2026-01-08T12:05", "Thursday at 12:05 PM", "el jueves a las 12:05 p. m.", "Thursday at 12:05"),
        (
            "2026-01-09T09:00",
            "Friday, January 9 at 9:00 AM",
            "el viernes 9 de enero a las 9:00 a. m.",
            "Friday, January 9 at 9:00",
        ),
    ],
)
def test_words_of_an_opening(opening: str, english: str, spanish: str, in_24: str) -> None:
    at = datetime.fromisoformat(opening).replace(tzinfo=CHICAGO)
    for zone_of_the_moment in (CHICAGO, ZoneInfo("UTC")):
        moment = at.astimezone(zone_of_the_moment)
        assert opening_words(moment, FRIDAY, CHICAGO, "en", True) == english
        assert opening_words(moment, FRIDAY, CHICAGO, "es", True) == spanish
        assert opening_words(moment, FRIDAY, CHICAGO, "en", False) == in_24


def test_the_language_by_its_first_letters() -> None:
    at = datetime(2026, 1, 3, 13, tzinfo=CHICAGO)
    assert opening_words(at, FRIDAY, CHICAGO, "es-MX", False) == "mañana a las 13:00"
    assert opening_words(at, FRIDAY, CHICAGO, "fr", True) == "tomorrow at 1:00 PM"
    late = at.replace(hour=1)
    assert opening_words(late, FRIDAY, CHICAGO, "es", False) == "mañana a la 1:00"
