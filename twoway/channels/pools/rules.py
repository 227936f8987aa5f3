"""Which number of a pool a text leaves from, as pure functions.

A person keeps the number they know: a new sender is a stranger to them, and carriers watch for senders that change
("snowshoeing", CTIA Messaging Principles 5.3.3). Another number is used only when theirs can't send.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from twoway.lib.words import noted, t
from twoway.sms import phone

Stand = Literal["up", "paused", "down", "retiring", "retired", "off"]
"""`up` also covers a number whose provider is just being tried again. From a retired one leave only notes about it."""
Why = Literal["", "paused", "down", "retiring", "retired", "off"]

SENDS = frozenset({"up", "retiring"})
"""How a number must stand to be chosen."""
COUNTRY_BOUND_DIGITS = 7
"""Short codes have fewer; they work in their own country only."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One number of a pool as the choice sees it. `load` is how many segments it has waiting, in seconds of its rate.

    `is_held`: a limit of the day is reached. `is_unregistered`: carriers in the US and Canada block what it sends.
    """

    channel_id: int
    address: str
    kind: str
    stand: Stand = "up"
    load: float = 0.0
    is_held: bool = False
    is_unregistered: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """The number to use, and why it is not the one the person knows; "" when it is, or when they know none."""

    channel_id: int
    why: Why = ""


def choose(
    members: Sequence[Member],
    *,
    recipient: str,
    sticky_id: int | None = None,
    last_id: int | None = None,
    prefers_local: bool = True,
    named_id: int | None = None,
    is_first: bool = False,
) -> Choice | None:
    """The number for one person, or None when none can send now.

    First the one their conversation is with, then the one last used with them, then one with their area code, then the
    one that was named, then the least loaded; the same question has the same answer. With `is_first` a number that
    retires is not begun with. All numbers considered are of the kind of the sticky one.
    """
    sticky = next((member for member in members if member.channel_id == sticky_id), None)
    kind = sticky.kind if sticky is not None else None
    fit = [
        member
        for member in members
        if (kind is None or member.kind == kind) and can_send(member, recipient, is_first=is_first)
    ]
    for wanted in (sticky_id, last_id):
        for member in fit:
            if member.channel_id == wanted:
                return Choice(channel_id=member.channel_id, why=why_not(sticky, member))
    if not fit:
        return None
    local = area_code(recipient) if prefers_local else ""

    def rank(member: Member) -> tuple[bool, bool, bool, float, str]:
        is_local = bool(local) and area_code(member.address) == local
        is_named = member.channel_id == named_id
        return not is_local, not is_named, member.stand == "retiring", member.load, member.address

    best = min(fit, key=rank)
    return Choice(channel_id=best.channel_id, why=why_not(sticky, best))


def can_send(member: Member, recipient: str, *, is_first: bool = False) -> bool:
    """Whether a text to this person may leave from this number now."""
    if member.is_held or member.stand not in SENDS:
        return False
    if is_first and member.stand == "retiring":
        return False
    if member.is_unregistered and recipient.startswith("+1"):
        return False
    return reaches(member.address, recipient)


def why_not(sticky: Member | None, chosen: Member) -> Why:
    """Why the number the person knows was not taken."""
    if sticky is None or sticky.channel_id == chosen.channel_id or sticky.stand == "up":
        return ""
    return sticky.stand


def reaches(address: str, recipient: str) -> bool:
    """Whether texts from this address arrive there at all: short codes and toll-free numbers don't leave their region.

    Source: providers' sender tables; a US or Canadian toll-free number or a short code texts +1 numbers only.
    """
    digits = address.removeprefix("+")
    if digits.isdigit() and len(digits) < COUNTRY_BOUND_DIGITS:
        return recipient.startswith("+1") or not recipient.startswith("+")
    if phone.is_toll_free_us(address):
        return recipient.startswith("+1")
    return True


def area_code(number: str) -> str:
    """The area code of a North American number in E.164, "" for any other."""
    digits = number.removeprefix("+1")
    return digits[:3] if number.startswith("+1") and len(digits) == 10 and digits.isdigit() else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Marks:
    """What is kept about one number; see `models.ChannelState`."""

    is_active: bool = True
    paused_at: datetime | None = None
    paused_until: datetime | None = None
    down_since: datetime | None = None
    probe_at: datetime | None = None
    retiring_at: datetime | None = None
    retires_at: datetime | None = None


def stand(marks: Marks, *, at: datetime) -> Stand:
    """How a number stands at a time: what a person decided comes before what was measured."""
    if not marks.is_active:
        return "off"
    if is_paused(marks, at=at):
        return "paused"
    if marks.down_since is not None and marks.probe_at is not None:
        return "down"
    if marks.retires_at is not None and marks.retires_at <= at:
        return "retired"
    if marks.retiring_at is not None and marks.retiring_at <= at:
        return "retiring"
    return "up"


def is_paused(marks: Marks, *, at: datetime) -> bool:
    """Whether nothing is sent: since `paused_at`, until somebody resumes it or its time is over."""
    return marks.paused_at is not None and (marks.paused_until is None or at < marks.paused_until)


WORDS: dict[str, str] = {
    "paused": noted("{number} is paused"),
    "down": noted("{number} can't be reached"),
    "retiring": noted("{number} is being retired"),
    "retired": noted("{number} has retired"),
    "off": noted("{number} is switched off"),
}


def because(why: str, *, number: str) -> str:
    """Why another number was used, as a clause: the number and what is the matter with it."""
    return t(WORDS.get(why, noted("{number} can't send now")), number=number)


FIRST_PROBE = timedelta(seconds=2)
LONGEST_PROBE = timedelta(seconds=60)
TRIPS_AT = 5
"""Texts in a row that could not be handed over."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breaker:
    """The circuit breaker of one provider account, as one worker sees it.

    closed: texts go. open: none go until `probe_at`. half: one at a time may try. `probes` counts the failed tries
    since it opened, so that each waits longer.
    """

    state: Literal["closed", "open", "half"] = "closed"
    failures: int = 0
    probes: int = 0
    since: datetime | None = None
    probe_at: datetime | None = None

    def worked(self) -> Breaker:
        """After the provider took a text, or refused one in so many words: it can be reached."""
        return Breaker()

    def failed(self, *, at: datetime) -> Breaker:
        """After a text that could not be handed over, or a probe that got no answer."""
        if self.state == "open":
            return self
        if self.state == "half":
            return self._opened(at, probes=self.probes + 1)
        failures = self.failures + 1
        if failures < TRIPS_AT:
            return Breaker(failures=failures)
        return self._opened(at, probes=0)

    def answered(self) -> Breaker:
        """After a probe that was answered: one text may try."""
        if self.state != "open":
            return self
        return Breaker(state="half", failures=self.failures, probes=self.probes, since=self.since)

    def unanswered(self, *, at: datetime) -> Breaker:
        """After a probe that was not."""
        return self._opened(at, probes=self.probes + 1) if self.state == "open" else self.failed(at=at)

    def is_due(self, *, at: datetime) -> bool:
        """Whether it is time for a probe."""
        return self.state == "open" and self.probe_at is not None and self.probe_at <= at

    def _opened(self, at: datetime, *, probes: int) -> Breaker:
        return Breaker(
            state="open",
            failures=max(self.failures, TRIPS_AT),
            probes=probes,
            since=self.since or at,
            probe_at=at + probe_wait(probes),
        )


def probe_wait(probes: int) -> timedelta:
    """How long an open breaker waits after so many probes in vain: 2 s, doubling to a minute."""
    doubled: int = 2 ** min(probes, 10)
    return min(FIRST_PROBE * doubled, LONGEST_PROBE)


def same_kind(kinds: Iterable[str]) -> bool:
    """Whether numbers may share a pool: WhatsApp and text messages are different conversations to a customer."""
    return len(set(kinds)) <= 1
