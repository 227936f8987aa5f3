"""The steps of a callback, inside a transaction that holds its conversation, for actions, hearing and moving.

Each changes the callback, writes its line and tells whom it concerns; none asks who may.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction

from twoway.conversations import actions as conversations
from twoway.conversations.actions.changing import lock, tell
from twoway.conversations.models import Conversation
from twoway.lib.refusal import NotFound, Refused
from twoway.lib.words import noted, t
from twoway.messaging.callbacks import queries, rules, wording
from twoway.messaging.callbacks.models import Callback, CallbackSetting, Outcome, State
from twoway.messaging.callbacks.rules import OPEN, REACHABLE, Slot
from twoway.messaging.callbacks.telling import note, ring, say_times, try_to_say
from twoway.teams.actor import Actor, system
from twoway.teams.rules import Right

log = structlog.get_logger(__name__)

OFF = noted("Callbacks are switched off. Settings > Callbacks switches them on.")
NO_PHONE = noted("They have no phone number here, so nobody can call them.")
NOTHING_FREE = noted("There is no free time for a call in the next days.")
TAKEN = noted("That time is taken or not possible any more. Choose another one.")
OVER = noted("This callback is over already.")
KEY_REUSED = noted("This idempotency key was used for another conversation.")


def setting_for(thread: Conversation, *, by: Actor) -> CallbackSetting:
    setting = queries.setting_of(thread.workspace_id)
    if not setting.is_on:
        raise Refused(t(OFF), code="callbacks_off")
    if thread.identity.kind not in REACHABLE:
        raise Refused(t(NO_PHONE), code="no_phone")
    return setting


def locked_thread(conversation: Conversation, *, by: Actor) -> Conversation:
    """The conversation with everything a text needs, locked."""
    lock(conversation, by=by, right=Right.REPLY)
    rows = Conversation.objects.select_related("channel__workspace", "contact", "identity")
    return rows.get(id=conversation.pk)


def current(thread: Conversation) -> Callback | None:
    """The callback that is open in a conversation, or waits for a person; locked."""
    rows = Callback.objects.select_for_update().filter(conversation=thread, state__in=[*OPEN, State.LEFT])
    return rows.order_by("-id").first()


def known_by(key: str, thread: Conversation) -> Callback | None:
    """The callback this key made or changed last. Raises `Refused` for one of another conversation."""
    found = Callback.objects.filter(workspace_id=thread.workspace_id, key=key).first() if key else None
    if found is not None and found.conversation_id != thread.pk:
        raise Refused(t(KEY_REUSED), code="idempotency_key_reused")
    return found


def begun(thread: Conversation, *, by: Actor, at: datetime, source: str, language: str = "") -> Callback:
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
    callback.zone = str(queries.zone_of(thread, queries.calendar_of(thread, at=at)))
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


def locked(callback: Callback, *, by: Actor) -> tuple[Conversation, Callback]:
    """Its conversation and the callback itself, locked in this order. Raises `NotAllowed`, `NotFound`."""
    thread = locked_thread(callback.conversation, by=by)
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
    if callback.next_at is not None and callback.next_at <= at:
        callback.next_at = slot.start  # they are told the time now, which is reminder enough
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
    """Choose who calls, where nobody was chosen or whoever was isn't there while others are; whoever it is has the
    conversation, if nobody had it."""
    candidates = queries.candidates(setting, callback, at=at)
    is_there = any(one.id == callback.member_id and one.is_present for one in candidates)
    if callback.member_id is not None and (is_there or not any(one.is_present for one in candidates)):
        return
    picked = rules.pick_caller(candidates, holder_id=thread.assignee_id)
    if picked is None:
        return
    callback.member_id = picked
    _take_thread(thread, picked, at=at)


def _take_thread(thread: Conversation, member_id: int, *, at: datetime) -> None:
    if thread.assignee_id is None:
        conversations.assign(conversation=thread, member_id=member_id, by=system(thread.workspace_id), at=at)
        thread.refresh_from_db(fields=["assignee", "team"])


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


def house(thread: Conversation) -> Actor:

    return system(thread.workspace_id)


def tell_missed(row: Callback, thread: Conversation, setting: CallbackSetting, *, at: datetime) -> None:
    """Tell them, and offer other times as long as there are attempts left."""
    by = house(thread)
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


def leave(callback: Callback, thread: Conversation, *, why: str, at: datetime) -> None:
    """Hand it to a person: nobody understood the answer (`unclear`), none came (`lapsed`), or nothing is free."""
    callback.state, callback.next_at = _moved(callback, "leave"), None
    _save(callback, at=at)
    note(callback, thread, "left", by=None, at=at, why=why)
    ring(callback, thread, "left", at=at)
    tell(thread)
