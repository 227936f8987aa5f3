"""What time does to callbacks: offers lapse, reminders go out, calls fall due and become overdue."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import DatabaseError, transaction

from twoway.conversations.actions.changing import tell
from twoway.conversations.models import Conversation
from twoway.messaging.callbacks import queries, rules, steps, telling
from twoway.messaging.callbacks.models import Callback, CallbackSetting, Outcome, State
from twoway.teams.actor import system

log = structlog.get_logger(__name__)

AT_ONCE = 50


def move_due(*, at: datetime) -> int:
    """Move on every callback whose time has come, each in a transaction of its own; how many."""
    rows = Callback.objects.filter(next_at__lte=at).order_by("next_at", "id")
    done = 0
    for callback_id, conversation_id in list(rows.values_list("id", "conversation_id")[:AT_ONCE]):
        try:
            with transaction.atomic():
                done += _move(callback_id, conversation_id, at)
        except DatabaseError:
            raise
        except Exception as error:  # the next one must have its turn
            log.error("callback_stuck", callback_id=callback_id, exc_info=error)
            Callback.objects.filter(id=callback_id).update(next_at=None)
    return done


def _move(callback_id: int, conversation_id: int, at: datetime) -> bool:
    """One step; False when another worker has it or it moved meanwhile."""
    free = Conversation.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    thread = free.select_related("channel__workspace", "contact", "identity").filter(id=conversation_id).first()
    rows = Callback.objects.select_for_update(of=("self",)).select_related("member__user")
    callback = rows.filter(id=callback_id, conversation_id=conversation_id, next_at__lte=at).first()
    if thread is None or callback is None:
        return False
    setting = queries.setting_of(thread.workspace_id)
    if thread.contact.blocked_at is not None:
        steps.end(callback, thread, Outcome.CANCELLED, by=None, at=at, why="blocked")
    elif callback.state == State.OFFERED:
        steps.leave(callback, thread, why="lapsed", at=at)
    elif callback.state == State.BOOKED and callback.starts_at is not None and at < callback.starts_at:
        _remind(callback, thread, setting, at=at)
    elif callback.state in (State.BOOKED, State.REMINDED):
        _fall_due(callback, thread, setting, at=at)
    else:
        callback.next_at = None
        callback.save(update_fields=["next_at"])
        telling.ring(callback, thread, "overdue", at=at)
    tell(thread)
    return True


def _remind(callback: Callback, thread: Conversation, setting: CallbackSetting, *, at: datetime) -> None:
    """Tell them that we call soon, and choose who does."""
    steps.give(callback, thread, setting, at=at)
    callback.state = rules.moved(callback.state, "remind")
    steps.put_off(callback, setting, at=at)
    telling.try_to_say(callback, thread, setting, "remind", by=system(thread.workspace_id), at=at)
    telling.note(callback, thread, "reminded", by=None, at=at)


def _fall_due(callback: Callback, thread: Conversation, setting: CallbackSetting, *, at: datetime) -> None:
    steps.give(callback, thread, setting, at=at)
    callback.state = rules.moved(callback.state, "fall_due")
    steps.put_off(callback, setting, at=at)
    telling.note(callback, thread, "due", by=None, at=at)
    telling.ring(callback, thread, "due", at=at)
