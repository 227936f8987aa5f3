"""When it opens next, in words for a customer: "tomorrow at 9:00 AM". Not in the reader's language but in theirs."""

from __future__ import annotations

from datetime import datetime, tzinfo

_DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
_MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "es": (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
}  # fmt: skip
_WEEK = 7


def opening_words(opening: datetime, now: datetime, zone: tzinfo, language: str, hours12: bool) -> str:
    """When it opens, seen from `now` on the clock of `zone`: whole words that follow "We open" or "Abrimos".

    "at 2:00 PM" today, "tomorrow at 9:00 AM", "Monday at 9:00 AM" within a week, "Monday, January 5 at 9:00 AM" later.
    `language` is a tag of which the first letters count; what is not known is answered in English. `hours12`: with AM
    and PM rather than 14:00.
    """
    there, here = opening.astimezone(zone), now.astimezone(zone)
    days = (there.date() - here.date()).days
    if language.lower().partition("-")[0].partition("_")[0] == "es":
        return _spanish(there, days, hours12=hours12)
    clock = f"at {_clock(there, 'AM', 'PM', hours12=hours12)}"
    weekday = _DAYS["en"][there.weekday()]
    if days <= 0:
        return clock
    if days == 1:
        return f"tomorrow {clock}"
    return f"{weekday} {clock}" if days < _WEEK else f"{weekday}, {_MONTHS['en'][there.month - 1]} {there.day} {clock}"


def _spanish(there: datetime, days: int, *, hours12: bool) -> str:
    """The hour one is singular: a la 1:00."""
    one = (there.hour % 12 if hours12 else there.hour) == 1
    clock = f"{'a la' if one else 'a las'} {_clock(there, 'a. m.', 'p. m.', hours12=hours12)}"
    weekday = _DAYS["es"][there.weekday()]
    if days <= 0:
        return clock
    if days == 1:
        return f"mañana {clock}"
    date = "" if days < _WEEK else f" {there.day} de {_MONTHS['es'][there.month - 1]}"
    return f"el {weekday}{date} {clock}"


def _clock(there: datetime, before: str, after: str, *, hours12: bool) -> str:
    if hours12:
        return f"{there.hour % 12 or 12}:{there.minute:02d} {before if there.hour < 12 else after}"
    return f"{there.hour}:{there.minute:02d}"
