"""What can happen, as frozen records. The outbox keeps them; `reactions.py` says what happens next.

The base holds the columns of the `event` table; what a class adds of its own goes into its `data`. Fields have
defaults where the set-based statements of the pipeline leave them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twoway.events.call_types import CallEnded as CallEnded
from twoway.events.call_types import CallMissed as CallMissed
from twoway.events.call_types import CallStarted as CallStarted
from twoway.events.calling_types import CallbackChanged as CallbackChanged
from twoway.events.calling_types import CallbackDue as CallbackDue
from twoway.events.calling_types import PhoneDeflected as PhoneDeflected
from twoway.events.escalation_types import ConversationEscalated as ConversationEscalated
from twoway.events.happened import COLUMNS as COLUMNS
from twoway.events.happened import Happened as Happened
from twoway.events.happened import HappenedBy, adapter
from twoway.events.number_types import BrandCapReached as BrandCapReached
from twoway.events.number_types import BudgetWarned as BudgetWarned
from twoway.events.number_types import ChannelPaused as ChannelPaused
from twoway.events.number_types import ChannelResumed as ChannelResumed
from twoway.events.number_types import ChannelRetired as ChannelRetired
from twoway.events.number_types import SenderChanged as SenderChanged
from twoway.events.optin_types import TopicHeard as TopicHeard
from twoway.events.optin_types import TopicJoined as TopicJoined
from twoway.events.optin_types import TopicLeft as TopicLeft
from twoway.events.sla_types import AnswerGiven as AnswerGiven
from twoway.events.sla_types import ClockBreached as ClockBreached
from twoway.events.sla_types import ClockWarned as ClockWarned
from twoway.events.sla_types import ReplyLost as ReplyLost
from twoway.events.sla_types import ReplyUndone as ReplyUndone
from twoway.events.together_types import MemberMentioned as MemberMentioned


@dataclass(frozen=True, kw_only=True)
class MessageReceived(Happened):
    """A customer's text was stored. `keyword` is the family (stop, start, help) when it was one; `waits` says whether
    it waits for an answer."""

    type = "message_received"
    channel_id: int | None = None
    keyword: str = ""
    waits: bool = True


@dataclass(frozen=True, kw_only=True)
class MessageBackfilled(Happened):
    """A customer's text was found in the provider's list; its webhook had never come."""

    type = "message_backfilled"
    is_shown = True


@dataclass(frozen=True, kw_only=True)
class MessageQueued(Happened):
    """A text to a customer was accepted for sending. `author` is member, api or system."""

    type = "message_queued"
    channel_id: int
    author: str


@dataclass(frozen=True, kw_only=True)
class MessageSent(Happened):
    """The provider took it."""

    type = "message_sent"


@dataclass(frozen=True, kw_only=True)
class MessageDelivered(Happened):
    """The carrier says the handset has it."""

    type = "message_delivered"


@dataclass(frozen=True, kw_only=True)
class MessageFailed(Happened):
    """It will not arrive. `reason` is a canonical one, `error_code` the provider's own."""

    type = "message_failed"
    reason: str = ""
    error_code: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationOpened(HappenedBy):
    """A conversation began: its first episode."""

    type = "conversation_opened"
    channel_id: int


@dataclass(frozen=True, kw_only=True)
class ConversationReopened(HappenedBy):
    """A done conversation is open again. `why` is "text" when the customer wrote, or "" when a member did it."""

    type = "conversation_reopened"
    is_shown = True
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationAssigned(HappenedBy):
    """It was given to a member, a team, or both. Ids that did not change are None. `note_id`: the note it went with.

    `why` is a word of `routing.words.WHYS` where routing gave it, from the queue `queue_name`.
    """

    type = "conversation_assigned"
    is_shown = True
    assignee_id: int | None = None
    assignee_name: str = ""
    team_id: int | None = None
    team_name: str = ""
    note_id: int | None = None
    why: str = ""
    queue_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationUnassigned(HappenedBy):
    """It was taken from a member or a team, named here, and given to nobody."""

    type = "conversation_unassigned"
    is_shown = True
    assignee_id: int | None = None
    assignee_name: str = ""
    team_id: int | None = None
    team_name: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationSnoozed(HappenedBy):
    """It was put away until a time, or until the customer writes when `until` is None."""

    type = "conversation_snoozed"
    is_shown = True
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class ConversationWoken(HappenedBy):
    """It came back from snooze. `why` is "time", "text" when the customer wrote, or "" when a member did it."""

    type = "conversation_woken"
    is_shown = True
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ConversationDone(HappenedBy):
    """Its episode ended. `waiting_since` and `unanswered` say who was left waiting, so that undoing it is exact."""

    type = "conversation_done"
    is_shown = True
    episode: int
    waiting_since: datetime | None = None
    unanswered: int = 0
    last_message_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class ConversationTagged(HappenedBy):
    """A tag was put on it."""

    type = "conversation_tagged"
    is_shown = True
    tag_id: int
    tag_name: str


@dataclass(frozen=True, kw_only=True)
class ConversationUntagged(HappenedBy):
    """A tag was taken off it."""

    type = "conversation_untagged"
    is_shown = True
    tag_id: int
    tag_name: str


@dataclass(frozen=True, kw_only=True)
class NoteAdded(HappenedBy):
    """A private note was written in it."""

    type = "note_added"
    note_id: int


@dataclass(frozen=True, kw_only=True)
class ContactOptedOut(HappenedBy):
    """A person asked not to be texted any more, on these channels."""

    type = "contact_opted_out"
    is_shown = True
    identity_id: int | None = None
    channel_id: int | None = None
    channel_ids: tuple[int, ...] = ()
    source: str = "keyword"
    keyword: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactOptedIn(HappenedBy):
    """A person who had opted out may be texted again, on these channels."""

    type = "contact_opted_in"
    is_shown = True
    identity_id: int | None = None
    channel_id: int | None = None
    channel_ids: tuple[int, ...] = ()
    source: str = "keyword"
    keyword: str = ""


@dataclass(frozen=True, kw_only=True)
class DoubtRaised(Happened):
    """A person's text may mean that they want no more texts; nothing is sent to them until that is answered."""

    type = "doubt_raised"
    is_shown = True
    doubt_id: int


@dataclass(frozen=True, kw_only=True)
class DoubtSettled(HappenedBy):
    """It was answered. `answer` is "out" or "kept"; `by_name` is "" when they or the clock did it."""

    type = "doubt_settled"
    is_shown = True
    doubt_id: int
    answer: str


@dataclass(frozen=True, kw_only=True)
class LaterStopped(Happened):
    """A scheduled text was not sent. `code` is why for programs, `why` a sentence; `writer` is who scheduled it."""

    type = "later_stopped"
    is_shown = True
    writer: str = ""
    writer_id: int | None = None
    code: str = ""
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class HelpAsked(Happened):
    """A person texted HELP or its kin."""

    type = "help_asked"
    is_shown = True
    channel_id: int | None = None
    keyword: str = ""


@dataclass(frozen=True, kw_only=True)
class ContactRenamed(HappenedBy):
    """A contact got another name."""

    type = "contact_renamed"
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ContactChanged(HappenedBy):
    """Something else the desk shows of a contact changed."""

    type = "contact_changed"
    what: str
    """"properties", "locale", "addresses" or "notes"."""


@dataclass(frozen=True, kw_only=True)
class ContactBlocked(HappenedBy):
    """A member blocked a contact: nothing is sent to them."""

    type = "contact_blocked"


@dataclass(frozen=True, kw_only=True)
class ContactUnblocked(HappenedBy):
    """A member took a block back."""

    type = "contact_unblocked"


@dataclass(frozen=True, kw_only=True)
class MemberDeactivated(HappenedBy):
    """A member may not sign in any more; what they held is to be given back (`conversations.actions.release`)."""

    type = "member_deactivated"


registry: dict[str, type[Happened]] = {
    event.type: event
    for event in (
        MessageReceived,
        MessageBackfilled,
        MessageQueued,
        MessageSent,
        MessageDelivered,
        MessageFailed,
        ConversationOpened,
        ConversationReopened,
        ConversationAssigned,
        ConversationUnassigned,
        ConversationSnoozed,
        ConversationWoken,
        ConversationDone,
        ConversationTagged,
        ConversationUntagged,
        ConversationEscalated,
        NoteAdded,
        MemberMentioned,
        ContactOptedOut,
        ContactOptedIn,
        HelpAsked,
        DoubtRaised,
        DoubtSettled,
        LaterStopped,
        TopicHeard,
        TopicJoined,
        TopicLeft,
        ContactRenamed,
        ContactChanged,
        ContactBlocked,
        ContactUnblocked,
        MemberDeactivated,
        BudgetWarned,
        SenderChanged,
        ChannelPaused,
        ChannelResumed,
        ChannelRetired,
        BrandCapReached,
        ClockWarned,
        ClockBreached,
        ReplyUndone,
        ReplyLost,
        AnswerGiven,
        CallbackChanged,
        CallbackDue,
        PhoneDeflected,
        CallStarted,
        CallEnded,
        CallMissed,
    )
}

REACTIVE_TYPES = frozenset(
    event.type
    for event in (
        ContactOptedOut,
        TopicHeard,
        MessageFailed,
        MemberDeactivated,
        ContactRenamed,
        ContactChanged,
        ContactBlocked,
        ContactUnblocked,
        ClockWarned,
        ClockBreached,
    )
)
"""The types a reaction waits for; others are written as already handled."""


def from_row(*, event_type: str, data: Mapping[str, Any], **columns: int | None) -> Happened:
    """The event a row of the outbox holds. Fields that a class no longer has are left out.

    Raises `KeyError` for a type nobody knows.
    """
    event: Happened = adapter(registry[event_type]).validate_python({**data, **columns})
    return event
