"""Scheduled texts in words, and the times one may pick for them: on the customer's clock, with their quiet hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from twoway.compliance.deciding.rules import is_exchange
from twoway.compliance.quiet import rules as quiet
from twoway.compliance.quiet.rules import QuietFacts
from twoway.conversations.queries import Conversation
from twoway.desk.builders import chips
from twoway.desk.builders.clocks import ANY
from twoway.desk.context.later import LaterChoice, LaterMenu, LaterRow, LaterStrip
from twoway.desk.words import clock_words, until_words
from twoway.lib.words import t
from twoway.messaging.rules import preview
from twoway.messaging.scheduling import rules
from twoway.messaging.scheduling.queries import Later


@dataclass(frozen=True, kw_only=True, slots=True)
class Clocks:
    """The zone of whoever reads, and the customer's where it is known."""

    mine: ZoneInfo
    theirs: ZoneInfo | None

    @property
    def first(self) -> ZoneInfo:
        """The one times are offered on: the customer's, when it is known."""
        return self.theirs or self.mine

    def differ(self, at: datetime) -> bool:
        """Whether they show different times just then."""
        return (
            self.theirs is not None and at.astimezone(self.theirs).utcoffset() != at.astimezone(self.mine).utcoffset()
        )


def clocks(facts: QuietFacts | None, *, known: str = "") -> Clocks:
    """The two clocks. Theirs is the zone set for the contact, else the only one their number allows."""
    zones = (known,) if known else facts.zones if facts is not None else ()
    mine = ZoneInfo(timezone.get_current_timezone_name())
    return Clocks(mine=mine, theirs=ZoneInfo(zones[0]) if len(zones) == 1 else None)


def strip(
    rows: Sequence[Later], conversation: Conversation, *, clock: Clocks, now: datetime, may_change: bool
) -> LaterStrip:
    """What is scheduled in one conversation."""
    shown = tuple(_row(row, conversation, clock=clock, now=now) for row in rows)
    return LaterStrip(conversation_id=conversation.pk, rows=shown, may_change=may_change)


def _row(row: Later, conversation: Conversation, *, clock: Clocks, now: datetime) -> LaterRow:
    is_answered = row.cancels_on_answer and (conversation.last_inbound_id or 0) > row.after_id
    waits = row.state == "waiting"
    return LaterRow(
        id=row.pk,
        when=when_words(row.due_at, clock.mine, now=now),
        theirs=t("{time} for them", time=clock_words(row.due_at.astimezone(clock.first)))
        if clock.differ(row.due_at)
        else "",
        words=preview(row.body),
        writer=chips.short(str(row.member)),
        files=len(row.media_ids),
        waits_for_answer=row.cancels_on_answer,
        stopped="" if waits else t(row.why),
        warning=t("They wrote since, so it won't go out.") if waits and is_answered else "",
    )


def when_words(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """A moment to come on one clock."""
    return until_words(at.astimezone(zone), now=now.astimezone(zone))


def menu(
    conversation: Conversation,
    *,
    person: str,
    clock: Clocks,
    facts: QuietFacts | None,
    now: datetime,
    later_id: int = 0,
    error: str = "",
) -> LaterMenu:
    """The times one mostly wants, each with what quiet hours say of it, and any other."""
    local = now.astimezone(clock.first)
    zones = [("mine", t("My time"))]
    if clock.theirs is not None and clock.differ(now):
        zones.insert(0, ("theirs", t("{name}'s time", name=person)))
    return LaterMenu(
        conversation_id=conversation.pk,
        clock=t("{name}'s time, {zone}", name=person, zone=_zone_words(clock.theirs))
        if clock.theirs
        else t("Your time, {zone}", zone=_zone_words(clock.mine)),
        choices=tuple(_choice(one, conversation, clock=clock, facts=facts, local=local) for one in rules.offers(local)),
        zones=tuple(zones),
        earliest=f"{local + timedelta(minutes=2):%Y-%m-%dT%H:%M}",
        latest=f"{local + rules.FURTHEST:%Y-%m-%dT%H:%M}",
        later_id=later_id,
        person=person,
        error=error,
    )


def _choice(
    one: rules.Offer, conversation: Conversation, *, clock: Clocks, facts: QuietFacts | None, local: datetime
) -> LaterChoice:
    mine = clock_words(one.at.astimezone(clock.mine)) if clock.differ(one.at) else ""
    return LaterChoice(
        label=t(one.label),
        value=one.at.isoformat(),
        words=until_words(one.at, now=local),
        icon=one.icon,
        mine=t("{time} for you", time=mine) if mine else "",
        quiet=quiet_words(facts, conversation, at=one.at, zone=clock.first),
    )


def quiet_words(facts: QuietFacts | None, conversation: Conversation, *, at: datetime, zone: ZoneInfo) -> str:
    """What quiet hours say of a time; "" when they allow it, or when it answers what they wrote lately."""
    if facts is None or is_exchange(conversation.last_inbound_at, at=at):
        return ""
    answer = quiet.verdict(facts, rule=ANY, at=at)
    if answer.kind == "allow":
        return ""
    if answer.until is None:
        return t("Nothing says where they are, so nobody knows whether it's quiet there.")
    opens = until_words(answer.until.astimezone(zone), now=at.astimezone(zone))
    return t("It's quiet there then. Earliest after that: {time}.", time=opens)


def _zone_words(zone: ZoneInfo | None) -> str:
    """Such as "Los Angeles"."""
    return str(zone).rpartition("/")[2].replace("_", " ")
