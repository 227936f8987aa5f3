"""Changing callbacks: offering times, agreeing on one, who calls, and what came of it.

Everything a customer is told goes through the door. A member offers in their own name, so their text is a reply; what
a customer's text brings about is Twoway's answer to it.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from twoway.conversations.actions.changing import tell
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging.callbacks import queries, rules, steps
from twoway.messaging.callbacks.models import Callback, Outcome, State
from twoway.messaging.callbacks.rules import OPEN
from twoway.messaging.callbacks.telling import local_options as local_options
from twoway.messaging.callbacks.telling import note, say, try_to_say
from twoway.teams.actor import Actor
from twoway.teams.queries import access_assignee, member_may
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

LONGEST_NOTE = 500
LONGEST_KEY = 64


def offer(
    *, conversation: Conversation, by: Actor, at: datetime, source: str, language: str = "", key: str = ""
) -> Callback:
    """Offer times for a call by text. What is open already is offered anew; the same `key` again is the same callback.

    `source` says who asked for it: text, agent or api. Raises `NotAllowed`, `Invalid`, `Refused` (also
    `idempotency_key_reused`, for another conversation), and what the door refuses.
    """
    if len(key) > LONGEST_KEY:
        raise Invalid(t("A key has up to {most} characters.", most=LONGEST_KEY), field="key")
    with transaction.atomic():
        thread = steps.locked_thread(conversation, by=by)
        known = steps.known_by(key, thread)
        if known is not None:
            return known
        setting = steps.setting_for(thread, by=by)
        callback = steps.current(thread) or steps.begun(thread, by=by, at=at, source=source, language=language)
        callback.key = key or callback.key
        if not steps.put_times(callback, thread, setting, "offer", by=by, at=at):
            raise Refused(t(steps.NOTHING_FREE), code="nothing_free")
        tell(thread)
    return callback


# A time ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def book(*, callback: Callback, starts_at: datetime, by: Actor, at: datetime) -> Callback:
    """Agree on a time, and tell the customer. Raises `Refused` (`slot_taken`, `callback_over`), `NotFound`."""
    thread, row = steps.locked(callback, by=by)
    setting = queries.setting_of(thread.workspace_id)
    if not steps.settle(row, thread, setting, starts_at, by=by, at=at):
        raise Refused(t(steps.TAKEN), code="slot_taken")
    say(row, thread, setting, "booked", by=by, at=at)
    tell(thread)
    return row


def begin(
    *, conversation: Conversation, starts_at: datetime, by: Actor, at: datetime, source: str, key: str = ""
) -> Callback:
    """Agree on a time that a member and the customer found without an offer; the same `key` again is the same callback.

    Raises like `book` and `offer`.
    """
    with transaction.atomic():
        thread = steps.locked_thread(conversation, by=by)
        known = steps.known_by(key, thread)
        if known is not None:
            return known
        setting = steps.setting_for(thread, by=by)
        row = steps.current(thread)
        if row is None:
            row = steps.begun(thread, by=by, at=at, source=source)
            row.next_at = at + rules.OFFER_LASTS
        row.key = key or row.key
        row.save()
        if not steps.settle(row, thread, setting, starts_at, by=by, at=at):
            raise Refused(t(steps.TAKEN), code="slot_taken")
        say(row, thread, setting, "booked", by=by, at=at)
        tell(thread)
    return row


@transaction.atomic
def assign(*, callback: Callback, member_id: int | None, by: Actor, at: datetime) -> Callback:
    """Say who calls. Raises `NotAllowed`, `NotFound`, `Refused`, `Invalid` for who may not call customers."""
    thread, row = steps.locked(callback, by=by)
    if row.state not in (*OPEN, State.LEFT):
        raise Refused(t(steps.OVER), code="callback_over")
    row.member = None if member_id is None else access_assignee(by, member_id)
    if row.member is not None and not member_may(row.member, Right.CALL):
        raise Invalid(t("{name} may not call customers.", name=str(row.member)), field="member")
    row.changed_at = at
    row.save()
    note(row, thread, "assigned", by=by, at=at)
    tell(thread)
    return row


# What came of it ------------------------------------------------------------------------------------------------------


@transaction.atomic
def record(*, callback: Callback, outcome: str, by: Actor, at: datetime, note_: str = "") -> Callback:
    """Write down what came of a call: reached, no_answer, wrong_number or cancelled.

    After no answer the customer is told, with other times while there are attempts left. Recording the same outcome
    again changes nothing. Raises `Invalid`, `Refused` (`callback_over`).
    """
    require(by, Right.REPLY)
    if outcome not in Outcome.values:
        raise Invalid(t("Choose one of: {choices}.", choices=", ".join(Outcome.values)), field="outcome")
    if len(note_) > LONGEST_NOTE:
        raise Invalid(t("A note has up to {most} characters.", most=LONGEST_NOTE), field="note")
    thread, row = steps.locked(callback, by=by)
    if row.outcome == outcome and (row.state not in OPEN or row.state == State.OFFERED):
        return row
    setting = queries.setting_of(thread.workspace_id)
    steps.end(row, thread, outcome, by=by, at=at, told=note_)
    if outcome == Outcome.NO_ANSWER:
        steps.tell_missed(row, thread, setting, at=at)
    elif outcome == Outcome.CANCELLED and by.kind != "system":
        try_to_say(row, thread, setting, "cancelled", by=steps.house(thread), at=at)
    tell(thread)
    return row


@transaction.atomic
def leave_full(thread: Conversation, *, by: Actor, at: datetime, language: str) -> None:
    """Somebody asked for a call and nothing is free: they are told so, and a person sees to it."""
    row = steps.begun(thread, by=by, at=at, source="text", language=language)
    row.save()
    try_to_say(row, thread, queries.setting_of(thread.workspace_id), "full", by=by, at=at)
    steps.leave(row, thread, why="full", at=at)
