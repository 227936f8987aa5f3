"""Plays the demo's stories into the database, line by line in order of time."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.models import Source
from twoway.compliance.rules import Purpose
from twoway.contacts import actions as contacts
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events import actions as events
from twoway.events.types import MessageDelivered, MessageReceived, MessageSent
from twoway.messaging import outbound, rules
from twoway.messaging.keywords import STOP_TEXT
from twoway.messaging.models import Author, Direction, Message, StatusEvent
from twoway.ops.demo.story import Line, Story
from twoway.sms import phone, segments
from twoway.teams.actor import Actor, system
from twoway.teams.models import Member, Team
from twoway.teams.queries import actor_of

SENDING, ARRIVING = timedelta(seconds=1), timedelta(seconds=4)
A_MOMENT = timedelta(seconds=30)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The members by first name, and the teams by name."""

    members: Mapping[str, Member]
    teams: Mapping[str, Team]

    def of(self, first_name: str) -> Actor:
        """Who acts when this member does."""
        return actor_of(self.members[first_name])


def tell_stories(*, stories: Iterable[Story], cast: Cast, numbers: Mapping[str, Channel], at: datetime) -> None:
    """Write every story, ending at `at`. In the caller's transaction."""
    teller = _Teller(cast, numbers, at)
    told = [(line.ago, story, line) for story in stories for line in story.lines]
    for _, story, line in sorted(told, key=lambda entry: -entry[0]):
        teller.tell(story, line)
    for story in stories:
        teller.finish(story)


class _Teller:
    """Keeps the conversation of each story."""

    def __init__(self, cast: Cast, numbers: Mapping[str, Channel], at: datetime) -> None:
        self._cast = cast
        self._numbers = numbers
        self._at = at
        self._threads: dict[str, Conversation] = {}
        self._actor = cache(cast.of)
        self._twoway = system(next(iter(numbers.values())).workspace_id)

    def tell(self, story: Story, line: Line) -> None:
        """One line of one story."""
        at = self._ago(line.ago)
        conversation = self._threads.get(story.phone) or self._begin(story, at)
        if line.kind == "theirs":
            self._receive(conversation, line, at)
        elif line.kind == "note":
            conversations.add_note(conversation=conversation, body=line.body, by=self._actor(line.by), at=at)
        else:
            self._send(conversation, line, at)
        self._threads[story.phone] = conversation = _again(conversation)
        if story.opted_out and line is story.lines[-1]:
            self._opt_out(conversation, at)
            self._threads[story.phone] = _again(conversation)

    def finish(self, story: Story) -> None:
        """Who holds it, its tags, and whether it is put away."""
        conversation = self._threads[story.phone]
        began = self._ago(story.lines[0].ago)
        by = self._actor(story.assignee or "Ana")
        for tag in story.tags:
            conversations.tag(conversation=conversation, name=tag, by=by, at=began + A_MOMENT)
        if story.team:
            team_id = self._cast.teams[story.team].pk
            conversations.assign(conversation=conversation, team_id=team_id, by=by, at=began + A_MOMENT)
        if story.assignee:
            conversations.assign(conversation=conversation, member_id=by.member_id, by=by, at=self._taken_at(story))
        if story.snoozed is not None and story.wakes is not None:
            until = self._at + timedelta(minutes=story.wakes)
            conversations.snooze(conversation=conversation, until=until, by=by, at=self._ago(story.snoozed))
        if story.done is not None:
            conversations.done(conversation=conversation, by=by, at=self._ago(story.done))
        if not conversation.needs_reply:
            conversations.mark_read(conversation=conversation, by=self._actor("Ana"))

    def _ago(self, minutes: float) -> datetime:
        return self._at - timedelta(minutes=minutes)

    def _taken_at(self, story: Story) -> datetime:
        """Just before the first thing this member wrote in it, or at its end."""
        written = [line.ago for line in story.lines if line.by == story.assignee]
        return self._ago(max(written, default=story.lines[-1].ago)) - A_MOMENT

    def _begin(self, story: Story, at: datetime) -> Conversation:
        channel = self._numbers[story.number]
        identity, _ = contacts.find_or_create(
            identity=phone.Identity("phone", story.phone), name=story.name, by=self._twoway, at=at
        )
        if story.properties:
            contacts.set_properties(contact=identity.contact, changes=dict(story.properties), by=self._twoway, at=at)
        return conversations.open_conversation(channel=channel, identity=identity, by=self._twoway, at=at)[0]

    def _receive(self, conversation: Conversation, line: Line, at: datetime) -> None:
        """A text of theirs, and what it does to the conversation; a consent word waits for nobody."""
        message = _write_inbound(conversation, line.body, at)
        waits = line.body != "STOP"
        begins_to_wait = waits and not conversation.needs_reply
        Conversation.objects.filter(id=conversation.id).update(
            last_message_id=message.id,
            last_inbound_id=message.id,
            last_message_at=at,
            last_inbound_at=at,
            preview=rules.preview(line.body),
            preview_by="",
            needs_reply=conversation.needs_reply or waits,
            unanswered=conversation.unanswered + int(waits),
            sort_at=at if begins_to_wait or not conversation.needs_reply else conversation.sort_at,
        )
        received = MessageReceived(
            workspace_id=message.workspace_id,
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            message_id=message.id,
            channel_id=message.channel_id,
        )
        events.publish(received, at=at)

    def _send(self, conversation: Conversation, line: Line, at: datetime) -> None:
        """A text of ours, by the only door out, and then what the carrier said about it."""
        is_member = line.kind == "ours"
        by = (
            self._actor(line.by)
            if is_member
            else Actor(kind="token", workspace_id=conversation.workspace_id, role="agent", name=line.by)
        )
        message = outbound.queue_text(by=by, conversation=conversation, body=line.body, at=at).message
        _deliver(message, line, at)

    def _opt_out(self, conversation: Conversation, at: datetime) -> None:
        compliance.opt_out(
            identity=conversation.identity,
            channel=conversation.channel,
            source=Source.KEYWORD,
            keyword="STOP",
            message_id=conversation.last_inbound_id,
            conversation_id=conversation.id,
            by=self._twoway,
            at=at,
        )
        told = outbound.queue_text(
            by=self._twoway,
            conversation=conversation,
            body=STOP_TEXT.format(business=conversation.channel.name),
            purpose=Purpose.OPT_OUT_NOTICE,
            at=at + SENDING,
        )
        _deliver(told.message, None, at + SENDING)


def _again(conversation: Conversation) -> Conversation:
    """The conversation as it is now."""
    return Conversation.objects.select_related("channel__workspace", "identity").get(id=conversation.id)


def _write_inbound(conversation: Conversation, body: str, at: datetime) -> Message:
    counted = segments.count(body)
    return Message.objects.create(
        workspace_id=conversation.workspace_id,
        conversation=conversation,
        channel_id=conversation.channel_id,
        identity_id=conversation.identity_id,
        direction=Direction.IN,
        status="received",
        author=Author.CUSTOMER,
        sender=conversation.identity.value,
        recipient=conversation.channel.address,
        body=body,
        encoding=counted.encoding,
        segments=counted.segments,
        provider_id=f"demo-{secrets.token_hex(8)}",
        created_at=at,
        sent_at=at,
    )


def _deliver(message: Message, line: Line | None, at: datetime) -> None:
    """Sent and delivered within seconds, or refused by the carrier with the reason the line gives."""
    error, error_code = (line.error, line.error_code) if line else ("", "")
    status = "undelivered" if error else "delivered"
    provider_id = f"demo-{secrets.token_hex(8)}"
    Message.objects.filter(id=message.id).update(
        status=status,
        provider_id=provider_id,
        attempts=1,
        sent_at=at + SENDING,
        delivered_at=None if error else at + ARRIVING,
        error=error,
        error_code=error_code,
    )
    words = (("sent", "sent", "", at + SENDING), (status, status, error_code, at + ARRIVING))
    StatusEvent.objects.bulk_create(
        StatusEvent(
            channel_id=message.channel_id,
            message_id=message.id,
            provider_id=provider_id,
            status=word,
            raw_status=raw,
            error_code=code,
            provider_at=heard_at,
            received_at=heard_at,
        )
        for word, raw, code, heard_at in words
    )
    ids = {"workspace_id": message.workspace_id, "conversation_id": message.conversation_id, "message_id": message.id}
    events.publish(MessageSent(**ids), at=at + SENDING)
    if not error:
        events.publish(MessageDelivered(**ids), at=at + ARRIVING)
