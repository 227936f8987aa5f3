"""What follows when a text asks to stop, or may ask to, in words that are no keyword."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from twoway.compliance.actions import opt_out
from twoway.compliance.models import OptOut, Source
from twoway.compliance.revocation import actions, queries
from twoway.compliance.revocation.models import Doubt
from twoway.compliance.revocation.rules import Verdict, answer
from twoway.compliance.rules import Purpose
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.messaging import outbound
from twoway.messaging.keywords import STOP_TEXT
from twoway.messaging.models import Message
from twoway.teams.actor import Actor, system

log = structlog.get_logger(__name__)

CONFIRM_WITHIN = timedelta(minutes=5)
"""A confirmation that leaves within this time is part of their consent (47 CFR 64.1200(a)(12))."""
QUESTION = "{business}: Do you want us to stop texting you? Reply STOP to stop."
CONFIRMABLE = frozenset({"phone", "whatsapp"})


@transaction.atomic
def hear(*, message: Message, verdict: Verdict, at: datetime) -> str:
    """Do what a judged text asks for: the word for what was done, "" for nothing. Judging it again changes nothing.

    `message` comes with its channel, workspace and identity.
    """
    doubt = queries.open_doubt_of(message.identity_id)
    if doubt is not None and doubt.asked_at is not None and message.id > doubt.message_id:
        wants_stop = answer(message.body)
        if wants_stop is not None:
            settle(
                doubt=doubt,
                wants_texts=not wants_stop,
                by=system(message.workspace_id),
                at=at,
                how=noted("their answer"),
            )
            return "settled"
    if verdict.kind == "none" or OptOut.objects.filter(message_id=message.id).exists():
        return ""
    if verdict.kind == "opt_out":
        return "opted_out" if _opt_out(message, verdict, doubt, at) else ""
    if Doubt.objects.filter(message_id=message.id).exists():
        return ""
    raised = actions.raise_doubt(
        identity=message.identity,
        channel=message.channel,
        conversation_id=message.conversation_id,
        message_id=message.id,
        why=verdict.why,
        at=at,
    )
    return "asked" if raised else ""


def _opt_out(message: Message, verdict: Verdict, doubt: Doubt | None, at: datetime) -> bool:
    by = system(message.workspace_id)
    if doubt is not None:
        settle(doubt=doubt, wants_texts=False, by=by, at=at, how=noted("a later text of theirs"))
        return True
    added = opt_out(
        identity=message.identity,
        channel=message.channel,
        source=Source.KEYWORD if verdict.word else Source.WORDS,
        keyword=verdict.word,
        message_id=message.id,
        conversation_id=message.conversation_id,
        proof={"words": message.body[:500], "why": verdict.why},
        by=by,
        at=at,
    )
    if added:
        confirm(message=message, at=at)
    return bool(added)


def confirm(*, message: Message, at: datetime) -> bool:
    """Queue the one confirmation, without marketing, if it can leave in time; whether it is.

    Also where the provider answers STOP: it answers the keyword only, and heard none here.
    """
    channel = message.channel
    if message.identity.kind not in CONFIRMABLE or at - message.created_at > CONFIRM_WITHIN:
        return False
    words = channel.workspace.stop_text or STOP_TEXT
    queued = _text(
        message.conversation_id,
        body=words.replace("{business}", channel.name or channel.workspace.name),
        purpose=Purpose.OPT_OUT_NOTICE,
        by=system(message.workspace_id),
        key=f"confirm-{message.id}",
        at=at,
    )
    if queued is not None:
        Message.objects.filter(id=queued.id).update(expires_at=message.created_at + CONFIRM_WITHIN)
    return queued is not None


def settle(*, doubt: Doubt, wants_texts: bool, by: Actor, at: datetime, how: str = "") -> bool:
    """Answer a doubt and, when they opted out by their own words in time, confirm it. False when it was answered."""
    done = actions.settle(doubt=doubt, wants_texts=wants_texts, by=by, at=at, how=how)
    if done and not wants_texts:
        heard = Message.objects.select_related("channel__workspace", "identity").filter(id=doubt.message_id).first()
        if heard is not None:
            confirm(message=heard, at=at)
    return done


@transaction.atomic
def ask(*, doubt: Doubt, by: Actor, at: datetime) -> Message:
    """Queue the one neutral question. Raises `Invalid` when it was asked, `Refused` when it may not be sent."""
    if not actions.mark_asked(doubt=doubt, by=by, at=at):
        raise Invalid(t("They were asked already."), field="doubt")
    channel = doubt.channel
    queued = _text(
        doubt.conversation_id,
        body=QUESTION.replace("{business}", channel.name or channel.workspace.name),
        purpose=Purpose.CONSENT_QUESTION,
        by=system(doubt.workspace_id),
        key=f"doubt-{doubt.pk}",
        at=at,
    )
    if queued is None:
        raise Invalid(t("The question can't be sent to this person."), field="doubt")
    return queued


def expire(*, at: datetime) -> int:
    """Opt out whoever's doubt nobody answered in time; how many."""
    done = 0
    for doubt in queries.overdue(at):
        by = system(doubt.workspace_id)
        done += actions.settle(doubt=doubt, wants_texts=False, by=by, at=at, how=noted("nobody answered in time"))
    return done


def _text(conversation_id: int, *, body: str, purpose: Purpose, by: Actor, key: str, at: datetime) -> Message | None:
    """One text of ours in a thread, which goes on waiting for a person; None when the door refused it."""
    rows = Conversation.objects.select_related("channel__workspace", "identity__contact")
    thread = rows.get(id=conversation_id)
    waits = {"needs_reply": thread.needs_reply, "unanswered": thread.unanswered, "sort_at": thread.sort_at}
    try:
        queued = outbound.queue_text(
            by=by, conversation=thread, body=body, at=at, purpose=purpose.value, idempotency_key=key
        )
    except Refused as refused:
        log.info("revocation_text_refused", why=refused.code, purpose=purpose.value)
        return None
    Conversation.objects.filter(id=conversation_id).update(**waits)
    return queued.message


def words_of(message_ids: Sequence[int]) -> dict[int, str]:
    """What was written, by message id; for doubts the caller was allowed to read."""
    return dict(Message.objects.filter(id__in=message_ids).values_list("id", "body"))
