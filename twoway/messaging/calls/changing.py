"""What every change of a call does: the row, the event of its end, the conversation that waits, the live notice."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from twoway.contacts.rules import is_blocked
from twoway.conversations.actions.waiting import wait_for_us
from twoway.conversations.models import Conversation
from twoway.events.actions import notify, publish
from twoway.events.types import CallEnded, CallMissed
from twoway.lib.words import noted, reading_in, t
from twoway.messaging.calls import queries, rules
from twoway.messaging.calls.models import Call, CallDirection, CallState
from twoway.messaging.calls.rules import Change
from twoway.messaging.media import recordings
from twoway.providers.voice.base import Heard, Step

LATER = timedelta(seconds=60)
"""How long the file of a message may take to be ready, when nobody says that it is."""
PREVIEWS = {CallState.MISSED: noted("Missed call"), CallState.VOICEMAIL: noted("Voicemail")}


def tell(call: Call) -> None:
    """Tell whoever has the conversation on screen."""
    row = Conversation.objects.filter(id=call.conversation_id).values_list("id", "team_id", "assignee_id")
    notify(workspace_id=call.workspace_id, conversations=list(row))


def recording_fields(call: Call, heard: Heard, *, at: datetime) -> dict[str, object]:
    """The file of a message that was left, to be fetched soon; nothing for one without a word in it."""
    if not heard.recording_url or (heard.seconds is not None and heard.seconds < rules.LEAST_HEARD):
        return {}
    is_ready = heard.step == Step.RECORDING
    if call.recording_id is not None:
        if is_ready:
            recordings.sooner(media_id=call.recording_id, url=heard.recording_url, at=at)
        return {} if heard.seconds is None else {"recording_seconds": heard.seconds}
    made = recordings.expect(
        workspace_id=call.workspace_id,
        conversation_id=call.conversation_id,
        url=heard.recording_url,
        source_id=heard.recording_id,
        due_at=at if is_ready else at + LATER,
        at=at,
    )
    return {"recording_id": made, "recording_seconds": heard.seconds}


def apply(call: Call, change: Change, more: Mapping[str, object], *, at: datetime) -> None:
    """Write a change and what follows from it. The caller has locked the row; what is the same already is no change."""
    fields = dict(more)
    before = (call.state, call.ended_at is not None)
    if change.has_agent and call.agent_at is None:
        fields |= {"agent_at": at, "due_at": at + rules.FORGOTTEN["answered"]}
    if change.answers and call.answered_at is None:
        fields["answered_at"] = at
    if change.state != call.state:
        fields["state"] = change.state
    if change.error and not call.error:
        fields["error"] = change.error
    if change.seconds is not None and call.seconds is None:
        fields["seconds"] = change.seconds
    if change.is_over and call.ended_at is None:
        fields |= {"ended_at": at, "due_at": _due(call, at)}
    elif change.state == CallState.ANSWERED and call.state != CallState.ANSWERED and not change.is_over:
        fields["due_at"] = at + rules.FORGOTTEN["answered"]
    if not fields:
        return
    for name, value in fields.items():
        setattr(call, name, value)
    call.save(update_fields=list(fields))
    _follow(call, before, at=at)


def _due(call: Call, at: datetime) -> datetime | None:
    """When the loop looks again: to text somebody who called in vain, once it is sure that they left no message."""
    if call.direction == CallDirection.OUT or call.text_code:
        return None
    plan = queries.plan_for(call.channel_id, is_open=call.was_open)
    return at + rules.GRACE if plan.records else at


def _follow(call: Call, before: tuple[str, bool], *, at: datetime) -> None:
    state, was_over = before
    is_left = call.state == CallState.VOICEMAIL and state != CallState.VOICEMAIL
    is_ended = call.ended_at is not None and not was_over
    if is_ended or is_left:
        publish(
            CallEnded(
                workspace_id=call.workspace_id,
                conversation_id=call.conversation_id,
                call_id=call.pk,
                direction=call.direction,
                state=call.state,
            ),
            at=at,
        )
    if call.direction == CallDirection.IN and (is_left or (is_ended and call.state == CallState.MISSED)):
        _wait(call, is_left=is_left, at=at)
    tell(call)


def _wait(call: Call, *, is_left: bool, at: datetime) -> None:
    """Somebody waits for us, unless they are blocked."""
    conversation = Conversation.objects.select_related("identity", "workspace").get(id=call.conversation_id)
    identity = conversation.identity
    if is_blocked(at if identity.is_blocked else None, identity.blocked_until, at=at):
        return
    with reading_in(conversation.workspace.language):
        preview = t(PREVIEWS[CallState.VOICEMAIL if is_left else CallState.MISSED])
    wait_for_us(conversation_id=call.conversation_id, preview=preview, at=at)
    if is_left and not call.text_code:
        miss(call, at=at)


def miss(call: Call, *, at: datetime) -> None:
    """Say that somebody called in vain: when they have left a message, or when it is sure that they left none."""
    publish(
        CallMissed(
            workspace_id=call.workspace_id,
            conversation_id=call.conversation_id,
            call_id=call.pk,
            reason=call.state,
        ),
        at=at,
    )
