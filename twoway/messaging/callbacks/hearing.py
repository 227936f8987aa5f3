"""What customers' texts mean for callbacks. It follows the outbox in batches, after the texts were stored.

Asked of each batch with one statement: which of these texts are short and came to a workspace that gives out calls, or
belong to a conversation with a callback that is open. All others are passed over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from django.db import OperationalError, connection, transaction

from twoway.conversations.actions.changing import tell
from twoway.conversations.models import Conversation
from twoway.events.following import BATCH, Seen, follow
from twoway.events.models import Follower
from twoway.lib.refusal import Refused
from twoway.messaging.callbacks import actions, answers, queries, steps, telling
from twoway.messaging.callbacks.models import Callback, CallbackSetting, Outcome, State
from twoway.messaging.callbacks.rules import OFFER_LASTS, OPEN
from twoway.sms import keywords, tapbacks
from twoway.teams.actor import Actor, system

log = structlog.get_logger(__name__)

NAME = "callbacks"
TYPES = frozenset({"message_received", "message_backfilled"})

_IS_NEEDED = """
SELECT EXISTS (SELECT 1 FROM callback_setting WHERE is_on)
    OR EXISTS (SELECT 1 FROM callback WHERE state IN ('offered', 'booked', 'reminded', 'due'))
"""
_SHORT = """
SELECT m.id, m.body, m.conversation_id, c.id IS NOT NULL
FROM message m
LEFT JOIN callback_setting s ON s.workspace_id = m.workspace_id AND s.is_on
LEFT JOIN callback c ON c.conversation_id = m.conversation_id
                    AND c.state IN ('offered', 'booked', 'reminded', 'due')
WHERE m.id = ANY(%(ids)s) AND m.direction = 'in' AND coalesce(m.sent_at, m.created_at) > %(since)s
  AND (c.id IS NOT NULL OR (s.is_on AND length(m.body) <= %(longest)s))
ORDER BY m.id
"""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that may matter here."""

    id: int
    body: str
    conversation_id: int
    is_open: bool


def round_of(*, at: datetime, limit: int = BATCH) -> int:
    """Hear what came since the last round; how many events were passed.

    Where nobody gives out calls, nothing is read, and what comes meanwhile is passed over: a CALL of last week is
    not answered when they are switched on.
    """
    if not _is_needed():
        Follower.objects.filter(name=NAME).delete()
        return 0
    return follow(NAME, lambda rows: _hear(rows, at=at), types=TYPES, at=at, limit=limit)


def _is_needed() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_IS_NEEDED)
        return bool(cursor.fetchone()[0])


def _hear(rows: Sequence[Seen], *, at: datetime) -> None:
    ids = [row.message_id for row in rows if row.message_id]
    with connection.cursor() as cursor:
        cursor.execute(_SHORT, {"ids": ids, "longest": answers.LONGEST_CALL, "since": at - OFFER_LASTS})
        found = [Text(*row) for row in cursor.fetchall()]
    for text in found:
        try:
            with transaction.atomic():
                hear(text, at=at)
        except OperationalError:
            raise
        except Exception as error:  # the next text must have its turn
            log.error("callback_text_not_heard", message_id=text.id, exc_info=error)


def hear(text: Text, *, at: datetime) -> None:
    """Do what one text asks for, if it is about a call."""
    if tapbacks.asks_nothing(text.body):
        return
    thread = _thread(text.conversation_id)
    if thread is None:
        return
    setting = queries.setting_of(thread.workspace_id)
    word = answers.asks_for_call(text.body, setting.words) if setting.is_on else ""
    callback = _open(thread)
    by = system(thread.workspace_id)
    consent = keywords.family(text.body)
    if consent is not None:
        if consent == "stop" and callback is not None:
            steps.end(callback, thread, Outcome.CANCELLED, by=None, at=at, why="opted_out")
            tell(thread)
        return
    if callback is not None:
        _answered(text, word, callback, thread, setting, by=by, at=at)
    elif word:
        _asked(word, thread, by=by, at=at)


def _thread(conversation_id: int) -> Conversation | None:
    """The conversation, locked before anything of it."""
    locked = Conversation.objects.select_for_update(no_key=True).filter(id=conversation_id)
    if locked.values_list("id", flat=True).first() is None:
        return None
    rows = Conversation.objects.select_related("channel__workspace", "contact", "identity")
    return rows.filter(id=conversation_id, contact__blocked_at=None).first()


def _open(thread: Conversation) -> Callback | None:
    rows = Callback.objects.select_for_update(of=("self",)).select_related("member__user")
    return rows.filter(conversation=thread, state__in=OPEN).first()


def _asked(word: str, thread: Conversation, *, by: Actor, at: datetime) -> None:
    """Offer times to who asked for a call. Where none is free they are told, and a person sees to it."""
    try:
        actions.offer(conversation=thread, by=by, at=at, source="text", language=answers.language_of(word))
    except Refused as refused:
        log.info("callback_not_offered", why=refused.code, conversation_id=thread.pk)
        if refused.code == "nothing_free":
            actions.leave_full(thread, by=by, at=at, language=answers.language_of(word))


def _answered(
    text: Text,
    word: str,
    callback: Callback,
    thread: Conversation,
    setting: CallbackSetting,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """What a text means while a callback is open. Once a time is agreed on, only what is clearly about it counts."""
    zone = ZoneInfo(callback.zone)
    options = telling.local_options(callback) if callback.state == State.OFFERED else []
    meant = answers.read(text.body, options, today=at.astimezone(zone).date())
    if meant.kind == "no_call":
        actions.record(callback=callback, outcome=Outcome.CANCELLED, by=by, at=at)
        telling.try_to_say(callback, thread, setting, "cancelled", by=by, at=at)
    elif meant.kind == "change":
        _offer_anew(callback, thread, setting, by=by, at=at)
    elif callback.state != State.OFFERED:
        if word:
            telling.try_to_say(callback, thread, setting, "booked", by=by, at=at)
    elif word:
        _offer_anew(callback, thread, setting, by=by, at=at)
    elif meant.kind == "choice":
        _chosen(callback, thread, setting, meant.index, by=by, at=at)
    else:
        _unclear(callback, thread, setting, by=by, at=at)


def _chosen(
    callback: Callback, thread: Conversation, setting: CallbackSetting, index: int, *, by: Actor, at: datetime
) -> None:
    """Agree on what they chose; when somebody else has it by now, offer other times."""
    if steps.settle(callback, thread, setting, telling.local_options(callback)[index], by=by, at=at):
        telling.try_to_say(callback, thread, setting, "booked", by=by, at=at)
        tell(thread)
    else:
        _offer_anew(callback, thread, setting, by=by, at=at)


def _offer_anew(callback: Callback, thread: Conversation, setting: CallbackSetting, *, by: Actor, at: datetime) -> None:
    try:
        with transaction.atomic():
            if steps.put_times(callback, thread, setting, "offer", by=by, at=at):
                tell(thread)
                return
    except Refused as refused:
        log.info("callback_text_refused", why=refused.code, callback_id=callback.pk, key="offer")
    callback.refresh_from_db()
    if callback.state == State.OFFERED:
        steps.leave(callback, thread, why="full", at=at)
    else:  # it stays agreed on, and a person sees to their wish
        telling.try_to_say(callback, thread, setting, "full", by=by, at=at)
        telling.ring(callback, thread, "left", at=at)


def _unclear(callback: Callback, thread: Conversation, setting: CallbackSetting, *, by: Actor, at: datetime) -> None:
    """Ask once more; after that a person sees to it, and their text waits for one."""
    if callback.asked_again:
        steps.leave(callback, thread, why="unclear", at=at)
        return
    callback.asked_again = True
    callback.save(update_fields=["asked_again"])
    try:
        with transaction.atomic():
            telling.say_times(callback, thread, setting, "again", by=by, at=at)
    except Refused as refused:
        log.info("callback_text_refused", why=refused.code, callback_id=callback.pk, key="again")
    telling.note(callback, thread, "asked_again", by=None, at=at)
    tell(thread)
