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
from twoway.desk.words import clock_words, until_words
from twoway.events import types
from twoway.events.queries import Recorded
from twoway.lib.words import noted, t, tn
from twoway.routing.words import why_words
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
    line = _given(event)
    why = why_words(event.why, event.queue_name)
    if not why:
        return line
    return Line(line.icon, t("{line}: {why}", line=line.words, why=why), (*line.strong, event.queue_name))


def _given(event: types.ConversationAssigned) -> Line:
    by, to, team = short(event.by_name), short(event.assignee_name), event.team_name
    if to and event.by_name == event.assignee_name and not team:
        return Line("user", t("{name} took it", name=by), (by,))
    if to and team:
        words = t("Given to {member} in {team}", member=to, team=team)
        if by:
            words = t("{name} gave it to {member} in {team}", name=by, member=to, team=team)
        return Line("branch", words, (by, to, team))
    if to:
        words = t("{name} assigned it to {member}", name=by, member=to) if by else t("Assigned to {member}", member=to)
        return Line("user", words, (by, to))
    words = t("{name} moved it to {team}", name=by, team=team) if by else t("Routed to {team}", team=team)
    return Line("branch", words, (by, team))


def _unassigned(event: types.ConversationUnassigned, at: datetime) -> Line:
    by, held, team = short(event.by_name), short(event.assignee_name), event.team_name
    if held and event.by_name == event.assignee_name:
        return Line("user-none", t("{name} gave it back", name=by), (by,))
    gone = t("{member} and {team}", member=held, team=team) if held and team else held or team
    words = t("{name} unassigned {gone}", name=by, gone=gone) if by else t("No longer with {gone}", gone=gone)
    return Line("user-none", words, (by, held, team))


def _snoozed(event: types.ConversationSnoozed, at: datetime) -> Line:
    by = short(event.by_name)
    if event.until is None:
        words = t("{name} snoozed it until they reply", name=by) if by else t("Snoozed until they reply")
        return Line("moon", words, (by,))
    until = until_words(timezone.localtime(event.until), now=timezone.localtime(at))
    words = t("{name} snoozed it until {time}", name=by, time=until) if by else t("Snoozed until {time}", time=until)
    return Line("moon", words, (by,))


def _woken(event: types.ConversationWoken, at: datetime) -> Line:
    by = short(event.by_name)
    if event.why == "text":
        return Line("inbox", t("Back in the inbox: they wrote"))
    if event.why == "time" or not by:
        return Line("inbox", t("Back in the inbox: the snooze is over"))
    return Line("inbox", t("{name} took it out of snooze", name=by), (by,))


def _backfilled(event: types.MessageBackfilled, at: datetime) -> Line:
    return Line("clock", t("This text came late: its webhook never reached us, the provider's list had it"))


def _done(event: types.ConversationDone, at: datetime) -> Line:
    by = short(event.by_name)
    return Line("check", t("{name} marked it done", name=by) if by else t("Marked done"), (by,))


def _reopened(event: types.ConversationReopened, at: datetime) -> Line:
    by = short(event.by_name)
    if event.why == "text":
        return Line("undo", t("Open again: they wrote"))
    return Line("undo", t("{name} reopened it", name=by) if by else t("Reopened"), (by,))


def _tagged(event: types.ConversationTagged, at: datetime) -> Line:
    by, tag = short(event.by_name), event.tag_name
    words = t("{name} added {tag}", name=by, tag=tag) if by else t("Tagged {tag}", tag=tag)
    return Line("tag", words, (by, tag))


def _untagged(event: types.ConversationUntagged, at: datetime) -> Line:
    by, tag = short(event.by_name), event.tag_name
    words = t("{name} removed {tag}", name=by, tag=tag) if by else t("{tag} removed", tag=tag)
    return Line("tag", words, (by, tag))


def _escalated(event: types.ConversationEscalated, at: datetime) -> Line:
    rule, to = event.rule_name, short(event.given_name) if event.given != "queue" else event.given_name
    why = t("Rule “{rule}”: {why}.", rule=rule, why=event.why) if event.why else t("Rule “{rule}”.", rule=rule)
    given = t("Escalated to {name}.", name=to) if to else ""
    if event.given == "manager" and not to:
        given = t("No manager can take it now.")
    tagged = t("Tagged {tag}.", tag=event.tag_name) if event.tag_name else ""
    raised = t("Priority {n}.", n=event.priority) if event.priority else ""
    return Line("flag", " ".join(part for part in (given, tagged, raised, why) if part), (to, rule))


_OUT: Mapping[str, str] = {
    "words": noted("They opted out of texts in their own words"),
    "provider": noted("They opted out of texts, the provider says"),
    "carrier": noted("They opted out of texts, the carrier says"),
    "api": noted("They opted out of texts, recorded by a program"),
}
_IN: Mapping[str, str] = {
    "words": noted("They can be texted again in their own words"),
    "provider": noted("They can be texted again, the provider says"),
    "carrier": noted("They can be texted again, the carrier says"),
    "api": noted("They can be texted again, recorded by a program"),
}


def _opted_out(event: types.ContactOptedOut, at: datetime) -> Line:
    by, keyword = short(event.by_name), event.keyword.upper()
    if event.source == "keyword" and keyword:
        return Line("ban", t("They texted {keyword} and opted out of texts", keyword=keyword), (keyword,))
    if event.source == "member" and by:
        return Line("ban", t("{name} recorded that they opted out of texts", name=by), (by,))
    return Line("ban", t(_OUT.get(event.source, noted("They opted out of texts"))))


def _opted_in(event: types.ContactOptedIn, at: datetime) -> Line:
    by, keyword = short(event.by_name), event.keyword.upper()
    if event.source == "keyword" and keyword:
        return Line("shield-check", t("They texted {keyword} and can be texted again", keyword=keyword), (keyword,))
    if event.source == "member" and by:
        return Line("shield-check", t("{name} recorded that they can be texted again", name=by), (by,))
    return Line("shield-check", t(_IN.get(event.source, noted("They can be texted again"))))


def _help(event: types.HelpAsked, at: datetime) -> Line:
    keyword = event.keyword.upper() or "HELP"
    return Line("info", t("They texted {keyword}", keyword=keyword), (keyword,))


def _doubt(event: types.DoubtRaised, at: datetime) -> Line:
    return Line("alert", t("This may ask us to stop texting. Texts to them wait until that is answered"))


def _doubt_settled(event: types.DoubtSettled, at: datetime) -> Line:
    by = short(event.by_name)
    if event.answer == "kept":
        words = t("{name} says they want texts", name=by) if by else t("They still want texts")
        return Line("shield-check", words, (by,))
    words = t("{name} says they want no more texts", name=by) if by else t("They want no more texts")
    return Line("ban", words, (by,))


def _sender(event: types.SenderChanged, at: datetime) -> Line:
    ours, theirs = phone.pretty(event.sender), phone.pretty(event.instead_of)
    why = pools.because(event.why, number=theirs)
    return Line("branch", t("Sent from {number} because {why}", number=ours, why=why), (ours,))


def _later(event: types.LaterStopped, at: datetime) -> Line:
    who = short(event.writer)
    words = t("The text {name} scheduled wasn't sent.", name=who)
    return Line("clock", f"{words} {t(event.why)}".rstrip("."), (who,))


_JOINED: Mapping[str, str] = {
    "form": noted("They joined {topic} by a form"),
    "import": noted("They joined {topic} by an import"),
    "api": noted("They joined {topic}, recorded by a program"),
}


def _joined(event: types.TopicJoined, at: datetime) -> Line:
    words = t(_JOINED.get(event.method, noted("They joined {topic} by text")), topic=event.label)
    return Line("shield-check", words, (event.label,))


def _left(event: types.TopicLeft, at: datetime) -> Line:
    return Line("ban", t("They left {topic}", topic=event.label), (event.label,))


def _call(event: types.CallStarted, at: datetime) -> Line:
    by = short(event.by_name)
    if event.direction == "in":
        return Line("phone", t("They called"))
    return Line("phone", t("{name} called them", name=by) if by else t("We called them"), (by,))


_CALLBACK: Mapping[str, str] = {
    "offered": noted("Times for a call were offered"),
    "asked_again": noted("Their answer wasn't clear, so they were asked once more"),
    "booked": noted("Call agreed on for {start} to {end}"),
    "reminded": noted("Reminded of the call at {start}"),
    "due": noted("The call is due until {end}"),
    "reached": noted("Called: reached"),
    "no_answer": noted("Called: no answer"),
    "wrong_number": noted("Called: wrong number"),
    "cancelled": noted("The call isn't wanted any more"),
    "left": noted("They want a call, and a person has to find a time"),
    "assigned": noted("Nobody calls yet"),
}
_CALLBACK_BY: Mapping[str, str] = {
    "offered": noted("{name} offered times for a call"),
    "booked": noted("{name} agreed on a call for {start} to {end}"),
    "reached": noted("{name} called: reached"),
    "no_answer": noted("{name} called: no answer"),
    "wrong_number": noted("{name} called: wrong number"),
    "cancelled": noted("{name} cancelled the call"),
    "assigned": noted("{name} left open who calls"),
}
_CALLBACK_WHY: Mapping[str, str] = {
    "opted_out": noted("The call is off: they want no more texts"),
    "unclear": noted("They want a call, and what they answered isn't clear: find a time"),
    "lapsed": noted("They were offered a call and didn't answer"),
    "full": noted("They want a call, and no time is free"),
    "merged": noted("Two calls were agreed on with this person: find out which one they want"),
    "blocked": noted("The call is off: they are blocked"),
}
_CALLED = frozenset({"reached", "no_answer", "wrong_number"})


def _callback(event: types.CallbackChanged, at: datetime) -> Line:
    by, caller = short(event.by_name), short(event.caller_name)
    now = timezone.localtime(at)
    values = {
        "start": until_words(timezone.localtime(event.starts_at), now=now) if event.starts_at else "",
        "end": clock_words(timezone.localtime(event.ends_at)) if event.ends_at else "",
        "name": by,
    }
    if event.what == "assigned" and caller:
        words = t("{name} calls", name=caller) if not by else t("{by} gave the call to {name}", by=by, name=caller)
        return Line("callback", words, (by, caller))
    told = _CALLBACK_WHY.get(event.why, "") or (_CALLBACK_BY.get(event.what, "") if by else "")
    words = t(told or _CALLBACK[event.what], **values)
    return Line("callback", words, tuple(value for value in (values["start"], by) if value and value in words))


def _deflected(event: types.PhoneDeflected, at: datetime) -> Line:
    if event.waited_seconds is None:
        words = t("Came from the phone queue {queue} and asked for a text", queue=event.queue)
    else:
        waited = tn("{n} minute", "{n} minutes", max(1, round(event.waited_seconds / 60)))
        words = t("Came from the phone queue {queue} after {time} and asked for a text", queue=event.queue, time=waited)
    if event.words:
        words = f"{words}: {event.words}"
    return Line("phone", words, (event.queue,))


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
    types.ConversationEscalated: _escalated,
    types.ContactOptedOut: _opted_out,
    types.ContactOptedIn: _opted_in,
    types.HelpAsked: _help,
    types.DoubtRaised: _doubt,
    types.DoubtSettled: _doubt_settled,
    types.TopicJoined: _joined,
    types.TopicLeft: _left,
    types.SenderChanged: _sender,
    types.LaterStopped: _later,
    types.CallbackChanged: _callback,
    types.PhoneDeflected: _deflected,
    types.CallStarted: _call,
}
WORDED = frozenset(_WRITERS)
"""The events that have words: every one a thread shows."""
