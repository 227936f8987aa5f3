"""Changing callbacks: offering times, agreeing on one, who calls, and what came of it.

Everything a customer is told goes through the door. A member offers in their own name, so their text is a reply; what
a customer's text brings about is Twoway's answer to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from twoway.conversations import actions as conversations
from twoway.conversations.actions.changing import lock, tell
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import noted, t
from twoway.messaging.callbacks import queries, rules, wording
from twoway.messaging.callbacks.models import Callback, CallbackSetting, Outcome, State
from twoway.messaging.callbacks.rules import OPEN, Slot
from twoway.messaging.callbacks.telling import local_options as local_options
from twoway.messaging.callbacks.telling import note, ring, say, say_times, try_to_say
from twoway.teams.actor import Actor, system
from twoway.teams.queries import access_assignee
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

LONGEST_NOTE = 500
LONGEST_KEY = 64
REACHABLE = frozenset({"phone", "whatsapp"})

OFF = noted("Callbacks are switched off. Settings > Callbacks switches them on.")
NO_PHONE = noted("They have no phone number here, so nobody can call them.")
NOTHING_FREE = noted("There is no free time for a call in the next days.")
TAKEN = noted("That time is taken or not possible any more. Choose another one.")
OVER = noted("This callback is over already.")


def offer(
    *, conversation: Conversation, by: Actor, at: datetime, source: str, language: str = "", key: str = ""
) -> Callback:
    """Offer times for a call by text. What is open already is offered anew; the same `key` again is the same callback.

    `source` says who asked for it: text, agent or api. Raises `NotAllowed`, `Invalid`, and what the door refuses.
    """
    if len(key) > LONGEST_KEY:
        raise Invalid(t("A key has up to {most} characters.", most=LONGEST_KEY), field="key")
    with transaction.atomic():
        thread = _locked(conversation, by=by)
        known = Callback.objects.filter(workspace_id=by.workspace_id, key=key).first() if key else None
        if known is not None:
            return known
        setting = _setting(thread, by=by)
        callback = _current(thread) or _begun(thread, by=by, at=at, source=source, language=language, key=key)
        if not put_times(callback, thread, setting, "offer", by=by, at=at):
            raise Refused(t(NOTHING_FREE), code="nothing_free")
        tell(thread)
    return callback


def _setting(thread: Conversation, *, by: Actor) -> CallbackSetting:
    setting = queries.setting_of(thread.workspace_id)
    if not setting.is_on:
        raise Refused(t(OFF), code="callbacks_off")
    if thread.identity.kind not in REACHABLE:
        raise Refused(t(NO_PHONE), code="no_phone")
    return setting


def _locked(conversation: Conversation, *, by: Actor) -> Conversation:
    """The conversation with everything a text needs, locked."""
    lock(conversation, by=by, right=Right.REPLY)
    rows = Conversation.objects.select_related("channel__workspace", "contact", "identity")
    return rows.get(id=conversation.pk)


def _current(thread: Conversation) -> Callback | None:
    """The callback that is open in a conversation, or waits for a person; locked."""
    rows = Callback.objects.select_for_update().filter(conversation=thread, state__in=[*OPEN, State.LEFT])
    return rows.order_by("-id").first()


def _begun(
    thread: Conversation, *, by: Actor, at: datetime, source: str, language: str = "", key: str = ""
) -> Callback:
    workspace = thread.channel.workspace
    return Callback(
        workspace_id=thread.workspace_id,
        conversation=thread,
        contact=thread.contact,
        identity=thread.identity,
        channel=thread.channel,
        state=State.OFFERED,
        source=source,
        language=wording.language_for(thread.contact.language, language, workspace.language),
        zone=str(queries.zone_of(thread, queries.calendar_of(thread, at=at))),
        key=key,
        created_at=at,
        changed_at=at,
    )


def put_times(
    callback: Callback, thread: Conversation, setting: CallbackSetting, key: str, *, by: Actor, at: datetime
) -> bool:
    """Offer times with the words of `key`; False, and nothing done, when none is free."""
    slots = queries.offerable(thread, setting, at=at, but_id=callback.pk or 0)
    if not slots:
        return False
    callback.state = _moved(callback, "offer")
    callback.options = [slot.start.isoformat() for slot in slots]
    callback.starts_at = callback.ends_at = callback.seat = None
    callback.member, callback.asked_again = None, False
    callback.next_at = min(at + rules.OFFER_LASTS, slots[-1].start)
    _save(callback, at=at)
    say_times(callback, thread, setting, key, by=by, at=at)
    note(callback, thread, "offered", by=by, at=at)
    return True


def _moved(callback: Callback, move: str) -> str:
    try:
        return rules.moved(callback.state, move)
    except rules.CannotMove:
        raise Refused(t(OVER), code="callback_over") from None


def _save(callback: Callback, *, at: datetime) -> None:
    callback.changed_at = at
    callback.save()


# A time ---------------------------------------------------------------------------------------------------------------


@transaction.atomic
def book(*, callback: Callback, starts_at: datetime, by: Actor, at: datetime) -> Callback:
    """Agree on a time, and tell the customer. Raises `Refused` (`slot_taken`, `callback_over`), `NotFound`."""
    thread, row = locked(callback, by=by)
    setting = queries.setting_of(thread.workspace_id)
    if not settle(row, thread, setting, starts_at, by=by, at=at):
        raise Refused(t(TAKEN), code="slot_taken")
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
        thread = _locked(conversation, by=by)
        known = Callback.objects.filter(workspace_id=by.workspace_id, key=key).first() if key else None
        if known is not None:
            return known
        setting = _setting(thread, by=by)
        row = _current(thread)
        if row is None:
            row = _begun(thread, by=by, at=at, source=source, key=key)
            row.next_at = at + rules.OFFER_LASTS
            row.save()
        if not settle(row, thread, setting, starts_at, by=by, at=at):
            raise Refused(t(TAKEN), code="slot_taken")
        say(row, thread, setting, "booked", by=by, at=at)
        tell(thread)
    return row


def locked(callback: Callback, *, by: Actor) -> tuple[Conversation, Callback]:
    """Its conversation and the callback itself, locked in this order. Raises `NotAllowed`, `NotFound`."""
    thread = _locked(callback.conversation, by=by)
    row = Callback.objects.select_for_update(of=("self",)).select_related("member__user").filter(id=callback.pk).first()
    if row is None:
        raise NotFound("callback", callback.pk)
    return thread, row


def settle(
    callback: Callback, thread: Conversation, setting: CallbackSetting, starts_at: datetime, *, by: Actor, at: datetime
) -> bool:
    """Take a seat of the slot that begins then; False when there is none, and nothing has changed."""
    slot = Slot(starts_at, starts_at + timedelta(minutes=setting.slot_minutes))
    if not queries.may_book(thread, setting, slot, at=at, but_id=callback.pk):
        return False
    state = _moved(callback, "book")
    callback.state, callback.starts_at, callback.ends_at = state, slot.start, slot.end
    callback.member, callback.outcome, callback.asked_again = None, "", False
    callback.next_at = _next(callback, setting)
    if not _seated(callback, queries.plan_of(setting).capacity, at=at):
        return False
    note(callback, thread, "booked", by=by, at=at)
    return True


def _seated(callback: Callback, capacity: int, *, at: datetime) -> bool:
    """Save it on the first seat that nobody has in that time; the database says which."""
    for seat in range(capacity):
        callback.seat = seat
        try:
            with transaction.atomic():
                _save(callback, at=at)
        except IntegrityError:
            continue
        return True
    return False


def _next(callback: Callback, setting: CallbackSetting) -> datetime | None:
    return rules.next_step(
        callback.state,
        offered_until=None,
        starts_at=callback.starts_at,
        ends_at=callback.ends_at,
        remind=setting.remind_minutes,
    )


def put_off(callback: Callback, setting: CallbackSetting, *, at: datetime) -> None:
    """Save it, with the time of its next step."""
    callback.next_at = _next(callback, setting)
    _save(callback, at=at)


def give(callback: Callback, thread: Conversation, setting: CallbackSetting, *, at: datetime) -> None:
    """Choose who calls, where nobody was chosen; whoever it is has the conversation, if nobody had it."""
    if callback.member_id is not None:
        return
    picked = rules.pick_caller(queries.candidates(setting, callback, at=at), holder_id=thread.assignee_id)
    if picked is None:
        return
    callback.member_id = picked
    _take_thread(thread, picked, at=at)


def _take_thread(thread: Conversation, member_id: int, *, at: datetime) -> None:
    if thread.assignee_id is None:
        conversations.assign(conversation=thread, member_id=member_id, by=system(thread.workspace_id), at=at)
        thread.refresh_from_db(fields=["assignee", "team"])


@transaction.atomic
def assign(*, callback: Callback, member_id: int | None, by: Actor, at: datetime) -> Callback:
    """Say who calls. Raises `NotAllowed`, `NotFound`, `Refused`."""
    thread, row = locked(callback, by=by)
    if row.state not in (*OPEN, State.LEFT):
        raise Refused(t(OVER), code="callback_over")
    row.member = None if member_id is None else access_assignee(by, member_id)
    _save(row, at=at)
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
    thread, row = locked(callback, by=by)
    if row.outcome == outcome and row.state not in OPEN:
        return row
    setting = queries.setting_of(thread.workspace_id)
    end(row, thread, outcome, by=by, at=at, told=note_)
    if outcome == Outcome.NO_ANSWER:
        _missed(row, thread, setting, at=at)
    elif outcome == Outcome.CANCELLED and by.kind != "system":
        try_to_say(row, thread, setting, "cancelled", by=_house(thread), at=at)
    tell(thread)
    return row


def end(
    row: Callback, thread: Conversation, outcome: str, *, by: Actor | None, at: datetime, told: str = "", why: str = ""
) -> None:
    """The state an outcome leads to, and its line."""
    row.state = _moved(row, "cancel" if outcome == Outcome.CANCELLED else outcome)
    row.outcome, row.note, row.next_at = outcome, told, None
    if row.member_id is None and by is not None and by.member_id is not None and outcome != Outcome.CANCELLED:
        row.member_id = by.member_id
    _save(row, at=at)
    note(row, thread, outcome, by=by, at=at, why=why)


def _house(thread: Conversation) -> Actor:

    return system(thread.workspace_id)


def _missed(row: Callback, thread: Conversation, setting: CallbackSetting, *, at: datetime) -> None:
    """Tell them, and offer other times as long as there are attempts left."""
    by = _house(thread)
    if row.attempt >= setting.attempts or not setting.is_on:
        try_to_say(row, thread, setting, "gave_up", by=by, at=at)
        return
    row.attempt += 1
    try:
        with transaction.atomic():
            if put_times(row, thread, setting, "missed", by=by, at=at):
                return
    except Refused as refused:
        log.info("callback_text_refused", why=refused.code, callback_id=row.pk, key="missed")
    row.refresh_from_db()
    try_to_say(row, thread, setting, "gave_up", by=by, at=at)


def withdrawn(conversation_ids: Sequence[int], *, at: datetime) -> int:
    """Take back what is open with people who want no more texts; how many."""
    done = 0
    for callback in Callback.objects.filter(conversation_id__in=list(conversation_ids), state__in=OPEN):
        with transaction.atomic():
            thread, row = locked(callback, by=_house(callback.conversation))
            if row.state in OPEN:
                end(row, thread, Outcome.CANCELLED, by=None, at=at, why="opted_out")
                tell(thread)
                done += 1
    return done


def leave(callback: Callback, thread: Conversation, *, why: str, at: datetime) -> None:
    """Hand it to a person: nobody understood the answer (`unclear`), none came (`lapsed`), or nothing is free."""
    callback.state, callback.next_at = _moved(callback, "leave"), None
    _save(callback, at=at)
    note(callback, thread, "left", by=None, at=at, why=why)
    ring(callback, thread, "left", at=at)
    tell(thread)


@transaction.atomic
def leave_full(thread: Conversation, *, by: Actor, at: datetime, language: str) -> None:
    """Somebody asked for a call and nothing is free: they are told so, and a person sees to it."""
    row = _begun(thread, by=by, at=at, source="text", language=language)
    row.save()
    try_to_say(row, thread, queries.setting_of(thread.workspace_id), "full", by=by, at=at)
    leave(row, thread, why="full", at=at)
