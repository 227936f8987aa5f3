"""The system lines of a thread: what happened, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from twoway.channels.pools import rules as pools
from twoway.desk.builders.chips import short
from twoway.desk.context import EventItem, log_sort
from twoway.desk.words import until_words
from twoway.events import types
from twoway.events.queries import Recorded
from twoway.sms import phone

_TOLD = (
    types.ContactOptedOut
    | types.ContactOptedIn
    | types.HelpAsked
    | types.TopicJoined
    | types.TopicLeft
    | types.DoubtRaised
    | types.DoubtSettled
)


@dataclass(frozen=True, slots=True)
class Line:
    """An icon, the words, and the parts of them set in bold."""

    icon: str
    words: str
    strong: tuple[str, ...] = ()


def event_item(recorded: Recorded) -> EventItem | None:
    """The line of one event, or None for one that needs no words here."""
    line = line_of(recorded.event, at=recorded.at)
    if line is None:
        return None
    return EventItem(
        id=recorded.id,
        icon=line.icon,
        words=line.words,
        at=recorded.at,
        sort=log_sort(at=recorded.at, kind=_place(recorded.event), key=recorded.id),
        strong=tuple(part for part in line.strong if part),
    )


def _place(event: types.Happened) -> str:
    """Beside what happened at the same moment: what a text brought about stands under it, the rest above."""
    return "told" if isinstance(event, _TOLD) else "event"


def line_of(event: types.Happened, *, at: datetime) -> Line | None:
    """The words of an event that happened at `at`."""
    write = _WRITERS.get(type(event))
    return write(event, at) if write else None


def _assigned(event: types.ConversationAssigned, at: datetime) -> Line:
    by, to, team = short(event.by_name), short(event.assignee_name), event.team_name
    if to and event.by_name == event.assignee_name and not team:
        return Line("user", f"{by} took it", (by,))
    if to and team:
        words = f"{by} gave it to {to} in {team}" if by else f"Given to {to} in {team}"
        return Line("branch", words, (by, to, team))
    if to:
        return Line("user", f"{by} assigned it to {to}" if by else f"Assigned to {to}", (by, to))
    return Line("branch", f"{by} moved it to {team}" if by else f"Routed to {team}", (by, team))


def _unassigned(event: types.ConversationUnassigned, at: datetime) -> Line:
    by, held, team = short(event.by_name), short(event.assignee_name), event.team_name
    if held and event.by_name == event.assignee_name:
        return Line("user-none", f"{by} gave it back", (by,))
    gone = " and ".join(part for part in (held, team) if part)
    words = f"{by} unassigned {gone}" if by else f"No longer with {gone}"
    return Line("user-none", words, (by, held, team))


def _snoozed(event: types.ConversationSnoozed, at: datetime) -> Line:
    by = short(event.by_name)
    until = "they reply"
    if event.until is not None:
        until = until_words(timezone.localtime(event.until), now=timezone.localtime(at))
    return Line("moon", f"{by} snoozed it until {until}" if by else f"Snoozed until {until}", (by,))


def _woken(event: types.ConversationWoken, at: datetime) -> Line:
    by = short(event.by_name)
    if event.why == "text":
        return Line("inbox", "Back in the inbox: they wrote")
    if event.why == "time" or not by:
        return Line("inbox", "Back in the inbox: the snooze is over")
    return Line("inbox", f"{by} took it out of snooze", (by,))


def _backfilled(event: types.MessageBackfilled, at: datetime) -> Line:
    return Line("clock", "This text came late: its webhook never reached us, the provider's list had it")


def _done(event: types.ConversationDone, at: datetime) -> Line:
    by = short(event.by_name)
    return Line("check", f"{by} marked it done" if by else "Marked done", (by,))


def _reopened(event: types.ConversationReopened, at: datetime) -> Line:
    by = short(event.by_name)
    if event.why == "text":
        return Line("undo", "Open again: they wrote")
    return Line("undo", f"{by} reopened it" if by else "Reopened", (by,))


def _tagged(event: types.ConversationTagged, at: datetime) -> Line:
    by = short(event.by_name)
    return Line("tag", f"{by} added {event.tag_name}" if by else f"Tagged {event.tag_name}", (by, event.tag_name))


def _untagged(event: types.ConversationUntagged, at: datetime) -> Line:
    by = short(event.by_name)
    words = f"{by} removed {event.tag_name}" if by else f"{event.tag_name} removed"
    return Line("tag", words, (by, event.tag_name))


_SOURCES: Mapping[str, str] = {
    "words": " in their own words",
    "provider": ", the provider says",
    "carrier": ", the carrier says",
    "api": ", recorded by a program",
}


def _opted_out(event: types.ContactOptedOut, at: datetime) -> Line:
    by, keyword = short(event.by_name), event.keyword.upper()
    if event.source == "keyword" and keyword:
        return Line("ban", f"They texted {keyword} and opted out of texts", (keyword,))
    if event.source == "member" and by:
        return Line("ban", f"{by} recorded that they opted out of texts", (by,))
    return Line("ban", f"They opted out of texts{_SOURCES.get(event.source, '')}")


def _opted_in(event: types.ContactOptedIn, at: datetime) -> Line:
    by, keyword = short(event.by_name), event.keyword.upper()
    if event.source == "keyword" and keyword:
        return Line("shield-check", f"They texted {keyword} and can be texted again", (keyword,))
    if event.source == "member" and by:
        return Line("shield-check", f"{by} recorded that they can be texted again", (by,))
    return Line("shield-check", f"They can be texted again{_SOURCES.get(event.source, '')}")


def _help(event: types.HelpAsked, at: datetime) -> Line:
    keyword = event.keyword.upper() or "HELP"
    return Line("info", f"They texted {keyword}", (keyword,))


def _doubt(event: types.DoubtRaised, at: datetime) -> Line:
    return Line("alert", "This may ask us to stop texting. Texts to them wait until that is answered")


def _doubt_settled(event: types.DoubtSettled, at: datetime) -> Line:
    by = short(event.by_name)
    if event.answer == "kept":
        return Line("shield-check", f"{by} says they want texts" if by else "They still want texts", (by,))
    return Line("ban", f"{by} says they want no more texts" if by else "They want no more texts", (by,))


def _sender(event: types.SenderChanged, at: datetime) -> Line:
    ours, theirs = phone.pretty(event.sender), phone.pretty(event.instead_of)
    return Line("branch", f"Sent from {ours} because {pools.because(event.why, number=theirs)}", (ours,))


def _later(event: types.LaterStopped, at: datetime) -> Line:
    who = short(event.writer)
    return Line("clock", f"The text {who} scheduled wasn't sent. {event.why}".rstrip("."), (who,))


_METHODS: Mapping[str, str] = {"form": " by a form", "import": " by an import", "api": ", recorded by a program"}


def _joined(event: types.TopicJoined, at: datetime) -> Line:
    words = f"They joined {event.label}{_METHODS.get(event.method, ' by text')}"
    return Line("shield-check", words, (event.label,))


def _left(event: types.TopicLeft, at: datetime) -> Line:
    return Line("ban", f"They left {event.label}", (event.label,))


_WRITERS: Mapping[type[types.Happened], Callable[[Any, datetime], Line]] = {
    types.ConversationAssigned: _assigned,
    types.ConversationUnassigned: _unassigned,
    types.ConversationSnoozed: _snoozed,
    types.ConversationWoken: _woken,
    types.MessageBackfilled: _backfilled,
    types.ConversationDone: _done,
    types.ConversationReopened: _reopened,
    types.ConversationTagged: _tagged,
    types.ConversationUntagged: _untagged,
    types.ContactOptedOut: _opted_out,
    types.ContactOptedIn: _opted_in,
    types.HelpAsked: _help,
    types.DoubtRaised: _doubt,
    types.DoubtSettled: _doubt_settled,
    types.TopicJoined: _joined,
    types.TopicLeft: _left,
    types.SenderChanged: _sender,
    types.LaterStopped: _later,
}
WORDED = frozenset(_WRITERS)
"""The events that have words: every one a thread shows."""
