"""The views column and the conversation list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from twoway.desk.context.chips import ChannelChip, ConsentState, ConversationStatus, MemberChip, Person, TagChip, Wait

ListStatus = Literal["open", "waiting", "done"]
ListGroup = Literal["reply", "customer", "all"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewItem:
    """One line of the views column.

    `key` is the URL's view: mine, unassigned, open, unread, unanswered, mentions, snoozed, done, channel-<id>,
    team-<id>, queue-<id>, saved-<id>. `count` is words where it may be bounded ("99+") or isn't known yet ("").
    `is_hot` paints the count apricot: Mine with unread texts.
    """

    key: str
    label: str
    icon: str
    count: int | str
    is_current: bool = False
    is_hot: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewsColumn:
    """The groups of the views column; an empty group is not shown, but for `saved`, where one can be made."""

    boxes: tuple[ViewItem, ...]
    channels: tuple[ViewItem, ...] = ()
    teams: tuple[ViewItem, ...] = ()
    queues: tuple[ViewItem, ...] = ()
    saved: tuple[ViewItem, ...] = ()

    @property
    def all(self) -> tuple[ViewItem, ...]:
        """Every line but the saved views, in order: what a live update refreshes the counts of."""
        return self.boxes + self.queues + self.channels + self.teams


@dataclass(frozen=True, kw_only=True, slots=True)
class QueueMark:
    """The queue a conversation waits in, or came from, and its priority, 1 (low) to 5 (urgent)."""

    name: str
    priority: int
    is_waiting: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRow:
    """One conversation in the list: element `#conv-<id>`.

    `preview_by` is "You", a teammate's short name, "Automatic", or "" when the customer spoke last.
    `wait` is set while the customer waits for us; otherwise `at` is shown. `sort` comes from `row_sort`.
    """

    id: int
    person: Person
    channel: ChannelChip
    preview: str
    at: datetime
    group: ListGroup
    sort: str
    preview_by: str = ""
    wait: Wait | None = None
    unread: int = 0
    assignee: MemberChip | None = None
    tags: tuple[TagChip, ...] = ()
    consent: ConsentState = "none"
    status: ConversationStatus = "open"
    snoozed_until: datetime | None = None
    is_current: bool = False
    queue: QueueMark | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListGroupHead:
    """A group of rows and how many conversations it holds in all, loaded or not. `label` "" shows no heading."""

    key: ListGroup
    label: str
    total: int | str
    is_folded: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ConversationList:
    """The list pane. `view` is the URL's view, `status` the segmented control, `next` the cursor of the next page.

    `groups` are the headings this view uses; every row's `group` is one of them. `has_status` is false for
    Snoozed and Done, which are not divided further. `quick` is what was chosen in its head, as in an address, and
    `filters` how many of that leave something out. `has_next`: there are queues, and the reader may take the next one.
    """

    view: str
    title: str
    total: int | str
    groups: tuple[ListGroupHead, ...]
    rows: tuple[ListRow, ...]
    status: ListStatus = "open"
    waiting: int | str = 0
    next: str = ""
    has_status: bool = True
    empty_title: str = ""
    empty_words: str = ""
    quick: str = ""
    filters: int = 0
    is_ordered: bool = False
    has_next: bool = False
