"""Calls in words: their line in the thread, as they stand now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.urls import reverse

from twoway.conversations.queries import Conversation
from twoway.desk.builders.chips import short
from twoway.desk.builders.files import item as file_item
from twoway.desk.context.calls import CallCard
from twoway.desk.context.threads import EventItem
from twoway.events.queries import Recorded
from twoway.events.types import CallStarted
from twoway.lib.words import noted, t
from twoway.messaging.calls import queries
from twoway.messaging.calls.queries import Call, MediaFile
from twoway.messaging.calls.rules import is_diallable
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

OUTCOMES: Mapping[str, str] = {
    "reached": noted("Reached"),
    "no_answer": noted("No answer"),
    "left_message": noted("Left a message"),
    "wrong_number": noted("Wrong number"),
}
_ERRORS: Mapping[str, str] = {
    "no_answer": noted("They didn't pick up."),
    "not_connected": noted("The call didn't go through."),
    "agent_no_answer": noted("The teammate's own phone wasn't picked up."),
    "agent_no_key": noted("Nobody pressed the keys on the teammate's own phone."),
    "agent_not_reached": noted("The teammate's own phone can't be reached."),
}
_TEXTS: Mapping[str, str] = {
    "sent": noted("We texted them back."),
    "opted_out": noted("Not texted: they opted out of texts."),
    "blocked": noted("Not texted: this contact is blocked."),
    "no_number": noted("Not texted: the caller shows no number that can be texted."),
    "too_late": noted("Not texted: it came to light too late."),
    "told_already": noted("Not texted again: they were texted after an earlier call."),
}
_ICONS = {"missed": "phone", "voicemail": "mega", "failed": "alert"}


def why_no_call(conversation: Conversation, *, by: Actor) -> str:
    """Why this member can't ring this person from the number they text with; "" when they can. No query."""
    if not may(by, Right.CALL):
        return t("Your role doesn't place calls.")
    if not is_diallable(conversation.identity.value):
        return t("This person has no number that can be called.")
    return "" if queries.can_be_called(conversation) else t("Calls can't be placed from this number of ours.")


def cards(events: Iterable[Recorded], *, member_id: int | None, may_call: bool, at: datetime) -> Mapping[int, CallCard]:
    """The calls these lines are about, by the line. No query when none is about one."""
    meant = {recorded.id: recorded.event.call_id for recorded in events if isinstance(recorded.event, CallStarted)}
    calls = queries.by_ids(meant.values())
    files = queries.recordings(calls.values())
    return {
        line: card(calls[call_id], files, member_id=member_id, may_call=may_call, at=at)
        for line, call_id in meant.items()
        if call_id in calls
    }


def card(
    call: Call, files: Mapping[int, MediaFile], *, member_id: int | None, may_call: bool, at: datetime
) -> CallCard:
    """One call as this member sees it."""
    is_live = call.ended_at is None and call.state in ("ringing", "answered")
    is_own = member_id is not None and call.member_id == member_id
    words, strong = _in(call) if call.direction == "in" else _out(call)
    file = files.get(call.recording_id or 0)
    asks = call.direction == "out" and may_call and not is_live and call.state != "failed"
    return CallCard(
        id=call.pk,
        icon=_ICONS.get(call.state, "phone"),
        words=words,
        strong=strong,
        detail=_keys(call) if is_live and is_own and call.direction == "out" and not call.agent_at else _detail(call),
        tone="warn" if call.state in ("missed", "voicemail", "failed") else "",
        is_live=is_live,
        file=file_item(file, at=at, conversation_id=call.conversation_id) if file else None,
        transcript=call.transcript,
        end_url=reverse("desk:call_end", args=[call.pk]) if is_live and is_own and call.direction == "out" else "",
        outcome_url=reverse("desk:call_outcome", args=[call.pk]) if asks else "",
        outcome=call.outcome,
        outcomes=tuple((value, t(label)) for value, label in OUTCOMES.items()) if asks else (),
    )


def _in(call: Call) -> tuple[str, tuple[str, ...]]:
    if call.state == "voicemail":
        length = duration(call.recording_seconds)
        return (t("Voicemail, {length}", length=length) if length else t("Voicemail")), ()
    if call.state == "missed":
        return t("Missed call"), ()
    if call.state == "completed":
        length = duration(call.seconds)
        return (t("They called and talked {length}", length=length) if length else t("They called and talked")), ()
    return (t("They called and talk now") if call.state == "answered" else t("They are calling")), ()


def _out(call: Call) -> tuple[str, tuple[str, ...]]:
    name = short(call.by_name)
    if call.state == "ringing":
        rings = noted("{name} is calling them: their phone rings") if call.agent_at else _OWN_PHONE
        return t(rings, name=name), (name,)
    if call.state == "answered":
        return t("{name} is in a call with them", name=name), (name,)
    if call.state == "completed":
        length = duration(call.seconds)
        words = t("{name} called them, {length}", name=name, length=length)
        return (words if length else t("{name} called them", name=name)), (name,)
    if call.state == "missed":
        return t("{name} called them: no answer", name=name), (name,)
    return t("The call of {name} didn't come about", name=name), (name,)


_OWN_PHONE = noted("{name} is calling them: {name}'s own phone rings first")


def _detail(call: Call) -> str:
    if call.outcome:
        return t(OUTCOMES.get(call.outcome, ""))
    if call.direction == "out":
        return t(_ERRORS[call.error]) if call.error in _ERRORS else call.error
    return t(_TEXTS[call.text_code]) if call.text_code in _TEXTS else ""


def _keys(call: Call) -> str:
    """What a member presses on the phone that rings for them."""
    if call.code:
        return t("Pick up and enter {code} to be connected: it shows that the phone is yours.", code=call.code)
    return t("Pick up and press 1 to be connected.")


def duration(seconds: int | None) -> str:
    """1:05; "" when it is not known."""
    return "" if not seconds else f"{seconds // 60}:{seconds % 60:02d}"


def with_cards(items: Sequence[EventItem], found: Mapping[int, CallCard]) -> list[EventItem]:
    """The lines, those of calls with how each stands."""
    return [replace(item, call=found[item.id]) if item.id in found else item for item in items]
