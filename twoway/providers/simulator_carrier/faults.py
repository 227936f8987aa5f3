"""What can go wrong at the simulated carrier, and what that does to one text."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Literal

SENT_AFTER = 0.2  # seconds
DELIVERED_AFTER = 0.7  # seconds
_SHARES = ("drop", "lost", "duplicate", "unheard", "reorder", "reject", "hang")


@dataclass(frozen=True, kw_only=True)
class Faults:
    """Shares are from 0 (never) to 1 (always); nothing goes wrong by default.

    delay_ms: added before every receipt and every text from a handset.
    drop: the text is accepted, then the connection breaks instead of an answer.
    hang: the text is accepted, then no answer comes for a minute.
    lost: the text is sent but never arrives, and no further receipt comes.
    duplicate: a webhook comes twice.
    unheard: this share of webhooks is never sent; the carrier's lists still tell of it.
    reorder: the receipt `delivered` comes before `sent`.
    reject, reject_code: this share is refused with the code; codes that begin with 3 come later, as a receipt.
    throttle: texts accepted a second before the carrier answers 429; 0 is no limit.
    outage_until: until then (ISO 8601) the carrier answers 503 and sends nothing; "" is no outage.
    """

    delay_ms: int = 0
    drop: float = 0.0
    hang: float = 0.0
    lost: float = 0.0
    duplicate: float = 0.0
    unheard: float = 0.0
    reorder: float = 0.0
    reject: float = 0.0
    reject_code: str = ""
    throttle: float = 0.0
    outage_until: str = ""

    def is_out(self, at: datetime) -> bool:
        """Whether the carrier is down at this time."""
        return bool(self.outage_until) and at < datetime.fromisoformat(self.outage_until)

    def to_json(self) -> dict[str, Any]:
        """Every fault by name."""
        return asdict(self)


class NotAFault(ValueError):
    """The faults that were asked for make no sense; the text is a sentence."""


def changed(faults: Faults, told: Mapping[str, Any]) -> Faults:
    """These faults with some of them changed. Raises `NotAFault`. A `reject_code` alone means that all are refused."""
    known = {field.name for field in fields(Faults)}
    values = faults.to_json()
    for name, value in told.items():
        if name not in known:
            raise NotAFault(f"There is no fault “{name}”.")
        values[name] = _valid(name, value)
    if told.get("reject_code") and "reject" not in told:
        values["reject"] = 1.0
    return Faults(**values)


def _valid(name: str, value: object) -> object:
    if name == "outage_until":
        return _time(str(value or ""))
    if name == "reject_code":
        return str(value or "")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise NotAFault(f"{name} must be a number from 0.")
    if name in _SHARES and value > 1:
        raise NotAFault(f"{name} must be from 0 to 1.")
    return int(value) if name == "delay_ms" else float(value)


def _time(value: str) -> str:
    """A time with its offset, or nothing."""
    try:
        if value and datetime.fromisoformat(value).tzinfo is None:
            raise NotAFault("outage_until must have a UTC offset.")
    except ValueError:
        raise NotAFault("outage_until must be a time such as 2026-01-02T03:04:05+00:00.") from None
    return value


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A receipt to come, `after` seconds from the acceptance."""

    after: float
    status: str
    error_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to one text: refused at once with a code, or accepted and answered or not, and its receipts."""

    refused: str = ""
    answer: Literal["given", "cut", "hanging"] = "given"
    receipts: tuple[Receipt, ...] = ()


def fate(faults: Faults, dice: random.Random, *, accepted_last_second: int) -> Fate:
    """Throw the dice for one text."""
    if faults.throttle and accepted_last_second >= faults.throttle:
        return Fate(refused="20429")
    code = faults.reject_code if dice.random() < faults.reject else ""
    if code and not code.startswith("3"):
        return Fate(refused=code)
    answer: Literal["given", "cut", "hanging"] = "given"
    if dice.random() < faults.drop:
        answer = "cut"
    elif dice.random() < faults.hang:
        answer = "hanging"
    return Fate(answer=answer, receipts=_receipts(faults, dice, code))


def _receipts(faults: Faults, dice: random.Random, code: str) -> tuple[Receipt, ...]:
    wait = faults.delay_ms / 1000
    first, second = SENT_AFTER + wait, DELIVERED_AFTER + wait
    if code:
        return Receipt(after=first, status="sent"), Receipt(after=second, status="undelivered", error_code=code)
    if dice.random() < faults.lost:
        return (Receipt(after=first, status="sent"),)
    if dice.random() < faults.reorder:
        first, second = second, first
    return Receipt(after=first, status="sent"), Receipt(after=second, status="delivered")
