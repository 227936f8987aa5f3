"""What the worker's loop does with calls: text those who called in vain, and close what nobody closed."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from twoway.contacts.rules import is_blocked
from twoway.conversations.models import Conversation
from twoway.lib.refusal import NotAllowed, Refused
from twoway.messaging import outbound
from twoway.messaging.calls import changing, queries, rules, wording
from twoway.messaging.calls.hearing import known_of
from twoway.messaging.calls.models import Call, CallDirection, CallState
from twoway.messaging.calls.rules import TextBack
from twoway.teams.actor import system

log = structlog.get_logger(__name__)

BATCH = 20
PURPOSE = "missed_call"


def round_of(*, at: datetime) -> int:
    """Look at the calls that are due; how many there were. Any number of workers may do it."""
    ids = list(Call.objects.filter(due_at__lte=at).order_by("due_at").values_list("id", flat=True)[:BATCH])
    for call_id in ids:
        with transaction.atomic():
            rows = Call.objects.select_for_update(no_key=True, skip_locked=True).filter(id=call_id, due_at__lte=at)
            call = rows.first()
            if call is not None:
                _look(call, at=at)
    return len(ids)


def _look(call: Call, *, at: datetime) -> None:
    call.due_at = None
    call.save(update_fields=["due_at"])
    if call.ended_at is None:
        log.info("call_closed_by_time", call_id=call.pk)
        plan = queries.plan_for(call.channel_id, is_open=call.was_open)
        # Whether the phone it was passed on to was picked up is not known: nobody is told that we missed them.
        more = {"text_code": "not_known"} if plan.does == "forward" and call.direction == CallDirection.IN else {}
        changing.apply(call, rules.forgotten(known_of(call)), more, at=at)
        if more and call.state == CallState.MISSED:
            changing.miss(call, at=at)
    elif call.direction == CallDirection.IN and not call.text_code:
        _text(call, at=at)


def _text(call: Call, *, at: datetime) -> None:
    """Text somebody who called in vain, once; compliance has the last word, and why not is kept."""
    conversation = Conversation.objects.select_related(
        "identity", "contact", "channel__workspace", "assignee", "team"
    ).get(id=call.conversation_id)
    identity, plan = conversation.identity, queries.plan_for(call.channel_id, is_open=call.was_open)
    facts = TextBack(
        state=call.state,
        kind=identity.kind,
        is_blocked=is_blocked(at if identity.is_blocked else None, identity.blocked_until, at=at),
        texts=plan.texts,
        called_at=call.started_at,
        texted_at=queries.last_text_back(call.channel_id, call.phone),
        every_minutes=plan.text_every_minutes,
    )
    if call.state == CallState.MISSED and not facts.is_blocked:
        changing.miss(call, at=at)
    code = rules.why_no_text(facts, at=at)
    if not code:
        code = _send(call, conversation, at=at)
    call.text_code = code[:40]
    call.save(update_fields=["text_code", "text_id"])
    changing.tell(call)


def _send(call: Call, conversation: Conversation, *, at: datetime) -> str:
    channel = conversation.channel
    language = wording.language_of(conversation.contact.language, channel.workspace.language)
    own = queries.words_of(call.workspace_id)
    body = wording.worded("text", language, own, business=channel.name or channel.workspace.name)
    try:
        with transaction.atomic():
            queued = outbound.queue_text(
                by=system(call.workspace_id),
                conversation=conversation,
                body=body,
                at=at,
                purpose=PURPOSE,
                idempotency_key=f"call-{call.key.hex}",
            )
    except (Refused, NotAllowed) as error:
        log.info("missed_call_not_texted", call_id=call.pk, code=error.code)
        return error.code or "refused"
    call.text_id = queued.message.pk
    return "sent"
