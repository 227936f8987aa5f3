"""What is told about a callback: to the customer through the door, to members as a line and a notification."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction

from twoway.compliance.rules import Purpose
from twoway.conversations.actions.changing import ids, name_of
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import CallbackChanged, CallbackDue
from twoway.lib.refusal import Refused
from twoway.messaging import outbound
from twoway.messaging.callbacks import queries, wording
from twoway.messaging.callbacks.models import Callback, CallbackSetting
from twoway.teams.actor import Actor

log = structlog.get_logger(__name__)


UNASKED = frozenset({"remind", "missed", "gave_up", "full"})
"""No answers to what somebody texted: whoever waits for one goes on waiting."""


def say_times(
    callback: Callback, thread: Conversation, setting: CallbackSetting, key: str, *, by: Actor, at: datetime
) -> None:
    """Text the times that are offered. Raises what the door refuses."""
    zone = ZoneInfo(callback.zone)
    body = wording.asked(
        key,
        own=queries.words_of(setting, key, callback.language),
        business=_business(thread),
        options=local_options(callback),
        reader=queries.reader_of(thread, language=callback.language, zone=zone, at=at),
    )
    _text_beside(key, callback, thread, body, by=by, at=at)


def say(
    callback: Callback, thread: Conversation, setting: CallbackSetting, key: str, *, by: Actor, at: datetime
) -> None:
    """Text something about a callback. Raises what the door refuses."""
    zone = ZoneInfo(callback.zone)
    starts, ends = callback.starts_at, callback.ends_at
    minutes = int((ends - starts).total_seconds() // 60) if starts and ends else 0
    body = wording.told(
        key,
        own=queries.words_of(setting, key, callback.language),
        business=_business(thread),
        reader=queries.reader_of(thread, language=callback.language, zone=zone, at=at),
        start=starts.astimezone(zone) if starts else None,
        minutes=minutes,
    )
    _text_beside(key, callback, thread, body, by=by, at=at)


def _text_beside(key: str, callback: Callback, thread: Conversation, body: str, *, by: Actor, at: datetime) -> None:
    """The text; whoever waits for an answer keeps their place unless this is one."""
    thread.refresh_from_db(fields=["needs_reply", "sort_at", "unanswered"])
    waits = thread.needs_reply and key in UNASKED
    place = {"needs_reply": True, "sort_at": thread.sort_at, "unanswered": thread.unanswered}
    _text(callback, thread, body, by=by, at=at)
    if waits:
        Conversation.objects.filter(id=thread.pk).update(**place)
        thread.refresh_from_db(fields=list(place))


def _text(callback: Callback, thread: Conversation, body: str, *, by: Actor, at: datetime) -> None:
    is_ours = by.kind == "system"
    purpose = Purpose.CALLBACK_NOTICE if is_ours else Purpose.REPLY
    outbound.queue_text(by=by, conversation=thread, body=body, at=at, purpose=purpose.value, is_confirmed=is_ours)


def try_to_say(
    callback: Callback, thread: Conversation, setting: CallbackSetting, key: str, *, by: Actor, at: datetime
) -> None:
    """The same where nobody is there to tell that it was refused; the door keeps why."""
    try:
        with transaction.atomic():
            say(callback, thread, setting, key, by=by, at=at)
    except Refused as refused:
        log.info("callback_text_refused", why=refused.code, callback_id=callback.pk, key=key)


def _business(thread: Conversation) -> str:
    return thread.channel.name or thread.channel.workspace.name


def local_options(callback: Callback) -> list[datetime]:
    """The times last offered, by the clock they were told by."""
    zone = ZoneInfo(callback.zone)
    return [datetime.fromisoformat(one).astimezone(zone) for one in callback.options]


def note(callback: Callback, thread: Conversation, what: str, *, by: Actor | None, at: datetime, why: str = "") -> None:
    """The line in the thread."""
    caller = callback.member
    event = CallbackChanged(
        **ids(thread, by),
        callback_id=callback.pk,
        what=what,
        source=callback.source,
        starts_at=callback.starts_at,
        ends_at=callback.ends_at,
        caller_id=caller.pk if caller else None,
        caller_name=str(caller) if caller else "",
        attempt=callback.attempt,
        why=why,
        by_name=name_of(by) if by else "",
    )
    publish(event, at=at)


MOST_RUNG = 100


def ring(callback: Callback, thread: Conversation, why: str, *, at: datetime) -> None:
    """Have members told that a call is due or needs somebody: who calls, else who has the conversation, else all who
    may call. That it is overdue all are told: whoever was to call did not."""
    one = None if why == "overdue" else callback.member_id or thread.assignee_id
    setting = queries.setting_of(thread.workspace_id)
    told = (one,) if one else tuple(queries.callers(setting).values_list("id", flat=True).order_by("id")[:MOST_RUNG])
    if why == "overdue" and callback.member_id is not None:
        told = tuple(dict.fromkeys((callback.member_id, *told)))
    event = CallbackDue(
        **ids(thread, None),
        callback_id=callback.pk,
        why=why,
        assignee_id=callback.member_id,
        mentioned_ids=told,
        starts_at=callback.starts_at,
        ends_at=callback.ends_at,
    )
    publish(event, at=at)
