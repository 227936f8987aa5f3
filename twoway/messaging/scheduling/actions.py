"""Texts for later: written now, handed to the door at their time, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction

from twoway.conversations.actions.changing import ids, lock, tell
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import LaterStopped
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.lib.words import noted, t
from twoway.messaging import outbound
from twoway.messaging.models import MediaFile
from twoway.messaging.scheduling import rules
from twoway.messaging.scheduling.models import Later, LaterState
from twoway.teams.actor import Actor
from twoway.teams.queries import actor_of
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

MOST_WAITING = 50
AT_ONCE = 50
KEEP_STOPPED = timedelta(days=30)
TOO_LATE = noted("Twoway wasn't running when it was due, and now it is too late for it.")
WRITER_GONE = noted("Whoever wrote it can't send texts any more.")
ANSWERED = noted("They wrote first.")


def schedule(
    *,
    conversation: Conversation,
    body: str,
    due_at: datetime,
    by: Actor,
    at: datetime,
    key: str,
    media_ids: Sequence[int] = (),
    cancels_on_answer: bool = False,
    is_confirmed: bool = False,
    seen_id: int | None = None,
) -> Later:
    """Keep a text for a time. The door is asked about that time now, so what could not go is refused at once.

    The same `key` again is the same text. Raises `Invalid`, and what `outbound.queue_text` raises.
    """
    require(by, Right.REPLY)
    if by.member_id is None:
        raise NotAllowed(t("Only members schedule texts here. Programs say send_at with the text."))
    known = Later.objects.filter(workspace_id=by.workspace_id, key=key).first()
    if known is not None:
        return known
    _refuse(rules.problem(due_at, at=at))
    if Later.objects.filter(conversation=conversation, state=LaterState.WAITING).count() >= MOST_WAITING:
        raise Invalid(t("There are {most} texts scheduled here already.", most=MOST_WAITING), code="too_many")
    outbound.queue_text(
        by=by,
        conversation=conversation,
        body=body,
        at=at,
        media_ids=media_ids,
        send_at=due_at,
        is_confirmed=is_confirmed,
        seen_id=seen_id,
        is_rehearsal=True,
    )
    return _keep(
        conversation=conversation,
        by=by,
        at=at,
        media_ids=media_ids,
        given={
            "body": body,
            "due_at": due_at,
            "cancels_on_answer": cancels_on_answer,
            "is_confirmed": is_confirmed,
            "key": key,
        },
    )


@transaction.atomic
def _keep(
    *, conversation: Conversation, by: Actor, at: datetime, media_ids: Sequence[int], given: dict[str, Any]
) -> Later:
    locked = lock(conversation, by=by, right=Right.REPLY)
    mine = MediaFile.objects.filter(id__in=media_ids, message=None, by_id=by.member_id, is_kept=False)
    if mine.update(is_kept=True) != len(set(media_ids)):
        raise Refused(t("One of the files is gone. Add it again."), code="media_gone")
    row, is_new = Later.objects.get_or_create(
        workspace_id=by.workspace_id,
        key=given.pop("key"),
        defaults={
            **given,
            "conversation": locked,
            "member_id": by.member_id or 0,
            "media_ids": list(media_ids),
            "after_id": locked.last_inbound_id or 0,
            "created_at": at,
        },
    )
    if is_new:
        tell(locked)
    return row


def _refuse(problem: str) -> None:
    if problem:
        raise Invalid(problem, field="due_at", code="bad_send_at")


@transaction.atomic
def move(*, later: Later, due_at: datetime, by: Actor, at: datetime) -> None:
    """Another time for it; one that was stopped waits again. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    _refuse(rules.problem(due_at, at=at))
    row, conversation = _locked(later, by=by)
    row.due_at, row.state, row.code, row.why, row.ended_at = due_at, LaterState.WAITING, "", "", None
    row.after_id = conversation.last_inbound_id or 0
    row.save()
    tell(conversation)


@transaction.atomic
def cancel(*, later: Later, by: Actor, at: datetime) -> None:
    """It is not sent, and not shown any more. Raises `NotAllowed`, `NotFound`."""
    row, conversation = _locked(later, by=by)
    MediaFile.objects.filter(id__in=row.media_ids, message=None).update(is_kept=False)
    _end(row, LaterState.GONE, at=at)
    tell(conversation)


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """What comes back into the form: words, and files by their ids."""

    body: str
    media_ids: tuple[int, ...]


@transaction.atomic
def take_back(*, later: Later, by: Actor, at: datetime) -> Taken:
    """It is not sent, and its words and files are this member's to edit. Raises `NotAllowed`, `NotFound`."""
    row, conversation = _locked(later, by=by)
    files = MediaFile.objects.filter(id__in=row.media_ids, message=None)
    files.update(is_kept=False, by_id=by.member_id, conversation_id=conversation.pk)
    _end(row, LaterState.GONE, at=at)
    tell(conversation)
    return Taken(body=row.body, media_ids=tuple(row.media_ids))


def send_now(*, later: Later, by: Actor, at: datetime, seen_id: int | None = None) -> None:
    """Send it now, as this member; what refuses it stays where it was. Raises what `outbound.queue_text` raises."""
    said: Refused | None = None
    with transaction.atomic():
        row, conversation = _locked(later, by=by)
        MediaFile.objects.filter(id__in=row.media_ids, message=None).update(by_id=by.member_id)
        try:
            _pass_on(row, conversation, by=by, at=at, seen_id=seen_id)
        except Refused as refused:  # after the commit: the decision is kept
            said = refused
        tell(conversation)
    if said is not None:
        raise said


def _locked(later: Later, *, by: Actor) -> tuple[Later, Conversation]:
    """The conversation first and then the row, as everywhere. Raises `NotAllowed`, `NotFound`."""
    thread = Conversation.objects.select_related("channel__workspace", "identity").get(id=later.conversation_id)
    conversation = lock(thread, by=by, right=Right.REPLY)
    row = Later.objects.select_for_update().filter(id=later.pk).exclude(state__in=["sent", "gone"]).first()
    if row is None:
        raise NotFound("scheduled text", later.pk)
    return row, conversation


def _end(row: Later, state: LaterState, *, at: datetime, code: str = "", why: str = "") -> None:
    row.state, row.code, row.why, row.ended_at = state, code[:40], why[:300], at
    row.save(update_fields=["state", "code", "why", "ended_at", "message_id"])


def _pass_on(row: Later, conversation: Conversation, *, by: Actor, at: datetime, seen_id: int | None = None) -> None:
    """Through the door, with a key of its own: whatever happens, it is one message."""
    queued = outbound.queue_text(
        by=by,
        conversation=conversation,
        body=row.body,
        at=at,
        idempotency_key=f"later:{row.pk}",
        media_ids=row.media_ids,
        is_confirmed=True,
        seen_id=seen_id,
    )
    row.message_id = queued.message.pk
    MediaFile.objects.filter(message_id=queued.message.pk, is_kept=True).update(is_kept=False)
    _end(row, LaterState.SENT, at=at)


# At their time ----------------------------------------------------------------------------------------------------


def send_due(*, at: datetime) -> int:
    """Hand every text whose time has come to the door, each in a transaction of its own; how many were settled."""
    done = 0
    due = Later.objects.filter(state=LaterState.WAITING, due_at__lte=at).order_by("due_at", "id")
    for later_id, conversation_id in list(due.values_list("id", "conversation_id")[:AT_ONCE]):
        with transaction.atomic():
            done += _settle(later_id, conversation_id, at)
    return done


def _settle(later_id: int, conversation_id: int, at: datetime) -> bool:
    """Send one or say why not; False when another worker has it, or it was taken back meanwhile."""
    locked = Conversation.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    conversation = locked.select_related("channel__workspace", "identity").filter(id=conversation_id).first()
    if conversation is None:
        return False
    row = Later.objects.select_for_update(of=("self",)).select_related("member").filter(id=later_id).first()
    if row is None or row.state != LaterState.WAITING or row.due_at > at:
        return False
    state, code, why = _why_not(row, conversation, at)
    if not why:
        try:
            _pass_on(row, conversation, by=actor_of(row.member), at=at)
        except Refused as refused:
            state, code, why = LaterState.REFUSED, refused.code, refused.sentence
    if why:
        _stop(row, conversation, state=state, code=code, why=why, at=at)
    tell(conversation)
    return True


def _why_not(row: Later, conversation: Conversation, at: datetime) -> tuple[LaterState, str, str]:
    """Why a text that is due is not even asked about; the last is "" when it is."""
    if row.cancels_on_answer and (conversation.last_inbound_id or 0) > row.after_id:
        return LaterState.ANSWERED, "answered", ANSWERED
    if rules.is_too_late(row.due_at, at=at, valid_seconds=conversation.channel.workspace.reply_validity):
        return LaterState.REFUSED, "expired", TOO_LATE
    try:
        require(actor_of(row.member), Right.REPLY)
    except Refused:
        return LaterState.REFUSED, "writer_gone", WRITER_GONE
    return LaterState.WAITING, "", ""


def _stop(row: Later, conversation: Conversation, *, state: LaterState, code: str, why: str, at: datetime) -> None:
    _end(row, state, at=at, code=code, why=why)
    event = LaterStopped(
        **ids(conversation, None), writer=str(row.member), writer_id=row.member_id, code=code, why=why[:300]
    )
    publish(event, at=at)
    log.info("scheduled_text_stopped", later_id=row.pk, code=code)


def forget(*, at: datetime) -> int:
    """Let go of what was stopped and nobody looked at for a month, and of its files; how many."""
    old = Later.objects.filter(state__in=[LaterState.ANSWERED, LaterState.REFUSED], ended_at__lt=at - KEEP_STOPPED)
    rows = list(old.only("id", "media_ids")[:AT_ONCE])
    media_ids = [media_id for row in rows for media_id in row.media_ids]
    MediaFile.objects.filter(id__in=media_ids, message=None).update(is_kept=False)
    return Later.objects.filter(id__in=[row.pk for row in rows]).update(state=LaterState.GONE)
