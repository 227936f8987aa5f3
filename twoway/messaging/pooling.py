"""Pools with their conversations: joining, leaving, retiring, and the number a text leaves from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Sum

from twoway.channels.brands.queries import usage
from twoway.channels.health import queries as health
from twoway.channels.models import Channel, ChannelState, NumberRecord, Pool
from twoway.channels.pools import actions, queries, rules
from twoway.channels.pools.rules import Member, Why
from twoway.compliance.rules import is_unregistered
from twoway.conversations.actions import pooling as conversations
from twoway.conversations.actions.opening import conversation_with
from twoway.conversations.models import Conversation
from twoway.events.actions import publish
from twoway.events.types import ChannelRetired, SenderChanged
from twoway.messaging.models import Direction, Message
from twoway.teams.actor import Actor, system


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """The number a text leaves from. `instead_of` is the one the person knows, when that can't send, and why."""

    channel: Channel
    instead_of: Channel | None = None
    why: Why = ""


def sender_of(conversation: Conversation, *, at: datetime) -> Sender:
    """The number the next text of a conversation leaves from: its own, or the next one of the pool that can send.

    A conversation without a pool costs no statement. When no number can send, the text waits at its own.
    """
    if conversation.pool_id is None:
        return Sender(channel=conversation.channel)
    return _choose(
        conversation.pool_id,
        recipient=conversation.identity.value,
        conversation=conversation,
        home=conversation.channel,
        at=at,
    )


def first_sender(channel: Channel, *, contact_id: int | None, recipient: str, at: datetime) -> Sender:
    """The number for somebody who is texted by us first. Naming one number of a pool means the pool."""
    if channel.pool_id is None:
        return Sender(channel=channel)
    known = None if contact_id is None else conversation_with(channel=channel, contact_id=contact_id)
    if known is not None and known.pool_id is not None:
        return sender_of(known, at=at)
    return _choose(channel.pool_id, recipient=recipient, conversation=None, home=channel, at=at)


def _choose(pool_id: int, *, recipient: str, conversation: Conversation | None, home: Channel, at: datetime) -> Sender:
    numbers = queries.members(pool_id)
    pool = Pool.objects.get(id=pool_id)
    choice = rules.choose(
        _members(numbers, at=at),
        recipient=recipient,
        sticky_id=home.pk if conversation is not None else None,
        last_id=_last_used(conversation) if conversation is not None else None,
        named_id=home.pk,
        prefers_local=pool.prefers_local,
        is_first=conversation is None,
    )
    by_id = {number.pk: number for number in numbers}
    if choice is None or choice.channel_id not in by_id or choice.channel_id == home.pk:
        return Sender(channel=home)
    chosen = by_id[choice.channel_id]
    if conversation is None:
        return Sender(channel=chosen)
    return Sender(channel=chosen, instead_of=home, why=choice.why)


def _members(numbers: Sequence[Channel], *, at: datetime) -> list[Member]:
    waiting = Message.objects.filter(channel_id__in=[number.pk for number in numbers], status="queued")
    loads = dict(waiting.values_list("channel_id").annotate(Sum("segments")))
    return [
        Member(
            channel_id=number.pk,
            address=number.address,
            kind=number.kind,
            stand=health.stand_of(number, health.state_of(number), at=at),
            load=loads.get(number.pk, 0) / number.rate,
            is_held=held_until(number, at=at) is not None,
            is_unregistered=_is_unregistered(number),
        )
        for number in numbers
    ]


def held_until(number: Channel, *, at: datetime) -> datetime | None:
    """Until when nothing is sent for the brand of this number, or None."""
    brand = number.campaign.brand if number.campaign is not None else None
    if brand is None:
        return None
    used = usage(brand, at=at)
    return used.resets_at if used.left == 0 else used.held_until


def _is_unregistered(number: Channel) -> bool:
    try:
        record = number.record
    except NumberRecord.DoesNotExist:
        return False
    return is_unregistered(record.registration, is_waived=record.is_waived)


def _last_used(conversation: Conversation) -> int | None:
    sent = Message.objects.filter(conversation_id=conversation.id, direction=Direction.OUT).exclude(provider_id="")
    return sent.order_by("-id").values_list("channel_id", flat=True).first()


def note_change(*, message: Message, sender: Sender, contact_id: int, at: datetime) -> None:
    """Say in the thread why another number is used, once until it changes again."""
    if sender.instead_of is None:
        return
    before = Message.objects.filter(conversation_id=message.conversation_id, direction=Direction.OUT, id__lt=message.id)
    if before.order_by("-id").values_list("channel_id", flat=True).first() == sender.channel.pk:
        return
    publish(
        SenderChanged(
            workspace_id=message.workspace_id,
            conversation_id=message.conversation_id,
            contact_id=contact_id,
            message_id=message.id,
            channel_id=sender.channel.pk,
            sender=sender.channel.address,
            instead_of=sender.instead_of.address,
            why=sender.why,
        ),
        at=at,
        trace=message.trace,
    )


def is_same_line(message: Message, channel: Channel) -> bool:
    """Whether a text was asked for from this number: its pool may have had another one send it."""
    if message.channel_id == channel.pk:
        return True
    return channel.pool_id is not None and message.conversation.pool_id == channel.pool_id


@transaction.atomic
def add_number(*, by: Actor, pool: Pool, channel: Channel, at: datetime) -> Channel:
    """Put a number into a pool, its conversations too. Raises what `pools.actions.join` raises."""
    joined = actions.join(by=by, pool=pool, channel=channel, at=at)
    conversations.gather(pool_id=pool.pk)
    return joined


@transaction.atomic
def remove_number(*, by: Actor, channel: Channel, at: datetime) -> None:
    """Take a number out of its pool; its conversations stay with it. Raises what `pools.actions.leave` raises."""
    pool_id = actions.leave(by=by, channel=channel, at=at)
    if pool_id is not None:
        conversations.scatter(channel_id=channel.pk)
        conversations.gather(pool_id=pool_id)


@transaction.atomic
def retire_number(
    *, by: Actor, channel: Channel, successor: Channel, retires_at: datetime, at: datetime, forwarding: str = ""
) -> ChannelState:
    """Retire a number on a day; its conversations continue on `successor`. Both are in one pool from now on.

    The successor's pool, or else the number's own, or a new one named after the number. Raises `NotAllowed`, `Invalid`.
    """
    state = actions.begin_retirement(
        by=by, channel=channel, successor=successor, retires_at=retires_at, at=at, forwarding=forwarding
    )
    channel.refresh_from_db(fields=["pool"])
    successor.refresh_from_db(fields=["pool"])
    pool = _shared_pool(by, channel, successor, at)
    for number in (channel, successor):
        if number.pool_id != pool.pk:
            if number.pool_id is not None:
                _move_between(number, pool)
            else:
                actions.join(by=by, pool=pool, channel=number, at=at)
    conversations.gather(pool_id=pool.pk)
    if retires_at <= at:
        retire_due(at=at)
    return state


def _shared_pool(by: Actor, channel: Channel, successor: Channel, at: datetime) -> Pool:
    if successor.pool_id is not None:
        return Pool.objects.get(id=successor.pool_id)
    if channel.pool_id is not None:
        return Pool.objects.get(id=channel.pool_id)
    name = f"{channel} and {successor}"[: actions.LONGEST_NAME]
    if Pool.objects.filter(workspace_id=by.workspace_id, name__iexact=name).exists():
        name = f"{name[: actions.LONGEST_NAME - 12]} {channel.pk}-{successor.pk}"[: actions.LONGEST_NAME]
    return actions.create_pool(by=by, name=name, at=at)


def _move_between(number: Channel, pool: Pool) -> None:
    """A retiring number leaves its own pool for its successor's, with its conversations."""
    before = number.pool_id
    Channel.objects.filter(id=number.pk).update(pool=pool)
    number.pool = pool
    conversations.scatter(channel_id=number.pk)
    if before is not None:
        conversations.gather(pool_id=before)


def retire_due(*, at: datetime) -> list[int]:
    """Move the conversations of numbers whose last day is over to their successors; which numbers."""
    due = ChannelState.objects.filter(retires_at__lte=at, retired_at=None, retiring_at__isnull=False)
    retired = []
    for channel_id in list(due.values_list("channel_id", flat=True)):
        with transaction.atomic():
            state = ChannelState.objects.select_for_update().get(channel_id=channel_id)
            if state.retired_at is not None or state.retires_at is None or state.retires_at > at:
                continue
            state.retired_at = at
            state.save(update_fields=["retired_at"])
            _hand_over(Channel.objects.get(id=channel_id), state, at)
            retired.append(channel_id)
    return retired


def _hand_over(channel: Channel, state: ChannelState, at: datetime) -> None:
    if state.successor_id is not None and channel.pool_id is not None:
        conversations.hand_over(channel_id=channel.pk, successor_id=state.successor_id, pool_id=channel.pool_id)
    publish(
        ChannelRetired(workspace_id=channel.workspace_id, channel_id=channel.pk, successor_id=state.successor_id),
        at=at,
    )
    actions.tell_workers()
    actions.record(
        by=system(channel.workspace_id),
        action="channel.retired",
        subject=f"channel {channel.pk}",
        at=at,
        address=channel.address,
    )
