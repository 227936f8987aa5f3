"""People, teammates, addresses, tags and waits."""

from __future__ import annotations

from typing import Protocol, overload

from twoway.channels.queries import Channel
from twoway.contacts.queries import shown_address, shown_name
from twoway.conversations.queries import Conversation, State, Tag
from twoway.desk.context import (
    UNKNOWN_HUE,
    ChannelChip,
    ConversationStatus,
    MemberChip,
    Person,
    TagChip,
    TagColor,
    Wait,
    WaitLevel,
    hue_of,
)
from twoway.lib.words import noted, t
from twoway.sla.clock_rules import KIND_WORDS
from twoway.sla.queries import Clock
from twoway.sms import phone
from twoway.teams.actor import Actor

NOBODY_NAME = noted("Former member")
_COLORS: tuple[TagColor, ...] = ("accent", "spark", "bot", "ok", "warn", "danger", "ink")
_STATUSES: dict[str, ConversationStatus] = {State.OPEN: "open", State.SNOOZED: "snoozed", State.DONE: "done"}


class Named(Protocol):
    """A row with an id and a name: a member."""

    @property
    def pk(self) -> int: ...


@overload
def member_chip(member: Named) -> MemberChip: ...
@overload
def member_chip(member: None) -> None: ...
@overload
def member_chip(member: Named | None) -> MemberChip | None: ...
def member_chip(member: Named | None) -> MemberChip | None:
    """The chip of a member, or None of nobody."""
    return chip(member.pk, str(member)) if member is not None else None


def chip(key: int, name: str) -> MemberChip:
    """The chip of somebody by id and name; also of somebody who has left, with the name that was kept."""
    name = name or t(NOBODY_NAME)
    return MemberChip(id=key, name=name, short=short(name), hue=hue_of(key))


def short(name: str) -> str:
    """The first name, as in running text. An email address stays whole."""
    return name.split()[0] if name.split() else name


def person(conversation: Conversation, *, region: str, to: Actor) -> Person:
    """Who a conversation is with, as this actor may see them."""
    contact = conversation.contact
    name = shown_name(contact)
    address = shown_address(contact, conversation.identity.value, to=to, region=region)
    hue = hue_of(contact.pk) if name else UNKNOWN_HUE
    return Person(id=contact.pk, name=name or address, address=address, hue=hue, is_known=bool(name))


def channel_chip(channel: Channel, *, region: str) -> ChannelChip:
    """One of our addresses. The simulated carrier's numbers show a handset."""
    address = phone.pretty(channel.address, region=region)
    return ChannelChip(
        id=channel.pk,
        name=channel.name or address,
        address=address,
        short=channel.address[-4:],
        icon="mobile" if channel.provider == "simulator" else "phone",
        mark="whatsapp" if channel.kind == "whatsapp" else "sms",
    )


def tag_chips(tags: list[Tag]) -> tuple[TagChip, ...]:
    """Tags by name."""
    return tuple(tag_chip(tag) for tag in sorted(tags, key=lambda tag: (tag.name.casefold(), tag.pk)))


def tag_chip(tag: Tag) -> TagChip:
    """One tag."""
    color: TagColor = next((color for color in _COLORS if color == tag.color), "accent")
    return TagChip(id=tag.pk, name=tag.name, color=color)


def status_of(conversation: Conversation) -> ConversationStatus:
    """Open, snoozed or done."""
    return _STATUSES[conversation.state]


_LEVELS: dict[str, WaitLevel] = {"running": "plain", "warned": "soon", "breached": "over"}


def wait_of(conversation: Conversation, clock: Clock | None = None, *, to: Actor | None = None) -> Wait | None:
    """By when they are to be answered, where a clock runs, or since when they wait for us, if they do.

    Its holder, `to`, is asked to close one that has been quiet.
    """
    if conversation.state != State.OPEN:
        return None
    if clock is not None and clock.due_at is not None and clock.kind != "wrap_up" and not clock.pause:
        return Wait(
            since=clock.started_at,
            level=_LEVELS.get(clock.state, "plain"),
            due=clock.due_at,
            warn=clock.warn_at,
            label=t(KIND_WORDS[clock.kind]),
        )
    if conversation.needs_reply:
        return Wait(since=conversation.sort_at)
    is_mine = to is not None and to.member_id is not None and conversation.assignee_id == to.member_id
    return Wait(since=conversation.sort_at, is_quiet=True) if clock and clock.asks_to_wrap_up and is_mine else None


def has_written(conversation: Conversation) -> bool:
    """Whether they have texted this number of ours."""
    return conversation.last_inbound_id is not None
