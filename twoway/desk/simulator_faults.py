"""The faults of the simulated carrier as the simulator page offers them: a few choices each instead of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from twoway.lib.words import noted, t

SHARES = (("0", noted("Never")), ("0.1", noted("1 in 10")), ("0.5", noted("Every other")), ("1", noted("Always")))
CODES = (
    ("", noted("Never")),
    ("30003", noted("Phone is off (30003)")),
    ("30005", noted("Number doesn't exist (30005)")),
    ("30006", noted("Landline (30006)")),
    ("30007", noted("Filtered as spam (30007)")),
    ("21610", noted("Opted out at the carrier (21610)")),
)
DELAYS = (
    ("0", noted("None")),
    ("1000", noted("1 second")),
    ("5000", noted("5 seconds")),
    ("30000", noted("30 seconds")),
)
THROTTLES = (("0", noted("No limit")), ("1", noted("1 a second")), ("5", noted("5 a second")))
OUTAGES = (("0", noted("None")), ("30", noted("For 30 seconds")), ("120", noted("For 2 minutes")))


class Faults(Protocol):
    """What can go wrong, as the carrier keeps it."""

    def to_json(self) -> dict[str, Any]: ...

    def is_out(self, at: datetime) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One fault: its name in the form, its question, its answers, the one that is on."""

    name: str
    label: str
    options: tuple[tuple[str, str], ...]
    value: str


_QUESTIONS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("delay_ms", noted("Everything is slow by"), DELAYS),
    ("lost", noted("A text never arrives"), SHARES),
    ("drop", noted("The connection breaks after accepting"), SHARES),
    ("duplicate", noted("Webhooks come twice"), SHARES),
    ("unheard", noted("Webhooks are lost"), SHARES),
    ("reorder", noted("Receipts come in the wrong order"), SHARES),
    ("reject_code", noted("The carrier refuses"), CODES),
    ("throttle", noted("It takes at most"), THROTTLES),
    ("outage", noted("It is down"), OUTAGES),
)


def form(faults: Faults) -> tuple[Choice, ...]:
    """The questions with what is on now. An outage runs out by itself, so it always starts at none."""
    now = faults.to_json()
    return tuple(
        Choice(
            name=name,
            label=t(label),
            options=tuple((value, t(words)) for value, words in options),
            value=_shown(now.get(name, 0)),
        )
        for name, label, options in _QUESTIONS
    )


def told(given: Mapping[str, str], *, at: datetime) -> dict[str, Any]:
    """The form's answers as the carrier takes them; what isn't one of the answers counts as the first."""
    values: dict[str, Any] = {}
    for name, _, options in _QUESTIONS:
        picked = given.get(name, "")
        answer = picked if picked in dict(options) else options[0][0]
        if name == "reject_code":
            values |= {"reject_code": answer, "reject": 1.0 if answer else 0.0}
        elif name == "outage":
            values["outage_until"] = (at + timedelta(seconds=int(answer))).isoformat() if answer != "0" else ""
        else:
            values[name] = float(answer)
    return values


def count_on(faults: Faults, *, at: datetime) -> int:
    """How many faults are on."""
    now = faults.to_json()
    plain = sum(1 for name, _, _ in _QUESTIONS if name != "outage" and now.get(name))
    return plain + int(faults.is_out(at))


def _shown(value: object) -> str:
    """A kept number as the form's answers spell it."""
    return value if isinstance(value, str) else f"{value:g}"
