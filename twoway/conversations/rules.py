"""Views of the inbox, the order of their rows, and the cursors between pages."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from twoway.conversations.views.rules import Order, Quick, names_state
from twoway.lib.conditions import ALWAYS, Clock
from twoway.lib.conditions import Group as Tree
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t

Box = Literal[
    "mine", "unassigned", "open", "unread", "unanswered", "mentions", "snoozed", "done",
    "channel", "team", "queue", "saved",
]  # fmt: skip
Status = Literal["open", "waiting", "done"]
Group = Literal["reply", "customer", "all"]

LONGEST_SNOOZE = timedelta(days=366)
_BOXES: tuple[Box, ...] = ("mine", "unassigned", "open", "unread", "unanswered", "mentions", "snoozed", "done")
_OF: tuple[Box, ...] = ("channel", "team", "queue", "saved")
_UNDIVIDED = frozenset({"snoozed", "done", "unread", "unanswered", "queue"})
_ASKED = frozenset({"unread", "unanswered", "mentions", "queue"})
_NO_QUICK = Quick()
_GROUPS: tuple[Group, ...] = ("reply", "customer", "all")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """One view of the inbox. `key` is the id of the channel, the team, the queue or the saved view, for those four.

    `tree` are the conditions of a saved view and `quick` those chosen in the head of the list; `clock` is what they
    mean by now, and must be there with either. `order` is the saved view's.
    """

    box: Box
    key: int = 0
    status: Status = "open"
    tree: Tree = ALWAYS
    order: Order = "waiting"
    quick: Quick = _NO_QUICK
    clock: Clock | None = None

    @property
    def slug(self) -> str:
        """As in the URL: mine, unassigned, open, snoozed, done, channel-3, team-7."""
        return f"{self.box}-{self.key}" if self.key else self.box

    @property
    def has_status(self) -> bool:
        """Whether the view is divided into open, waiting and done."""
        return self.box not in _UNDIVIDED and not self.names_state

    @property
    def names_state(self) -> bool:
        """Whether a saved view says itself which states it holds."""
        return self.box == "saved" and names_state(self.tree)

    @property
    def is_searched(self) -> bool:
        """Whether belonging to it takes more to know than a conversation's own columns: the database is asked."""
        return self.box in _ASKED or self.box == "saved" or self.quick.filters > 0

    @property
    def shown_order(self) -> Order:
        """The order chosen in the head, else the view's own."""
        return self.quick.order or self.order

    def newest_first(self, group: Group) -> bool:
        """Whether a group of it goes from the newest to the oldest."""
        return self.shown_order == "newest" or (self.shown_order in {"waiting", "due"} and group != "reply")

    def is_due_first(self, group: Group) -> bool:
        """Whether a group of it goes by when an answer is due; who has no such time comes after."""
        return self.shown_order == "due" and group == "reply"

    @property
    def groups(self) -> tuple[Group, ...]:
        """The groups of rows, in order: who waits for us first, then who we wait for; or one group of all."""
        if self.box == "unanswered":
            return ("reply",)
        if self.box in {"unread", "queue"}:
            return ("reply", "customer")
        if not self.has_status or self.status == "done":
            return ("all",)
        return ("reply",) if self.status == "waiting" else ("reply", "customer")


def view_of(slug: str, status: str = "open") -> View:
    """The view a URL means. An unknown status means open. Raises `NotFound`."""
    shown: Status = "waiting" if status == "waiting" else "done" if status == "done" else "open"
    for box in _BOXES:
        if slug == box:
            return View(box=box, status=shown)
    word, _, digits = slug.partition("-")
    for box in _OF:
        if word == box and digits.isascii() and digits.isdigit() and 0 < int(digits[:19]) < 2**63:
            return View(box=box, key=int(digits[:19]), status=shown)
    raise NotFound("view", slug)


def narrowed(view: View, quick: Quick, *, clock: Clock) -> View:
    """The same view with what was chosen in the head of its list."""
    return replace(view, quick=quick, clock=clock)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What decides in which views a conversation stands."""

    state: str
    needs_reply: bool
    assignee_id: int | None
    team_id: int | None
    channel_id: int


def group_in(view: View, place: Place, *, member_id: int | None) -> Group | None:
    """The group of a view a conversation belongs to, for this member; None when it is not in the view.

    The same as `queries.lists.in_view` says of many, whether somebody may see it left aside. Only of views that are
    not searched.
    """
    if view.box == "snoozed":
        return "all" if place.state == "snoozed" else None
    if view.box == "done" or view.status == "done":
        belongs = place.state == "done" and not place.needs_reply
    else:
        belongs = place.state == "open"
    if not belongs or not _held(view, place, member_id):
        return None
    group: Group = "all" if view.groups == ("all",) else "reply" if place.needs_reply else "customer"
    return group if group in view.groups else None


def _held(view: View, place: Place, member_id: int | None) -> bool:
    """Whether it is with whom the view is about."""
    match view.box:
        case "mine":
            return member_id is not None and place.assignee_id == member_id
        case "unassigned":
            return place.assignee_id is None
        case "channel":
            return place.channel_id == view.key
        case "team":
            return place.team_id == view.key
        case _:
            return True


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """The last row of a page: its group, the time it is sorted by, and its id. Time is exact to the microsecond."""

    group: Group
    at: datetime | None
    id: int

    def encode(self) -> str:
        """As text for a URL."""
        micros = "" if self.at is None else str((self.at - _EPOCH) // _MICROSECOND)
        return base64.urlsafe_b64encode(f"{self.group}.{micros}.{self.id}".encode()).decode().rstrip("=")


def decode(text: str) -> Cursor | None:
    """The cursor of this text, or None for none. Raises `Invalid`."""
    if not text:
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
        word, micros, key = plain.split(".")
        at = _EPOCH + int(micros) * _MICROSECOND if micros else None
        return Cursor(group=_group(word), at=at, id=int(key))
    except (binascii.Error, ValueError, OverflowError):
        raise Invalid(t("This page can't be found. Begin at the first."), field="cursor") from None


def _group(word: str) -> Group:
    for group in _GROUPS:
        if word == group:
            return group
    raise ValueError(word)


UNDUE = timedelta(days=365_250)
"""By so much those without a time that is due are sorted after those with one."""
UNDUE_FROM = _EPOCH + timedelta(days=300_000)


def due_sort(due_at: datetime | None, sort_at: datetime) -> datetime:
    """The time a row is sorted by where what is due comes first."""
    return due_at or sort_at + UNDUE


def snooze_problem(*, until: datetime | None, at: datetime) -> str:
    """What is wrong with a time to snooze until, as a sentence, or ""; None is until they write."""
    if until is None:
        return ""
    if until <= at:
        return t("This time has passed.")
    if until > at + LONGEST_SNOOZE:
        return t("Choose a time within a year.")
    return ""


def unread(*, state: str, unanswered: int, last_inbound_id: int | None, read_id: int) -> int:
    """How many texts a member has not seen: none once they saw the last one or the conversation is done.

    Texts before our last answer count as seen, so it is what came since, and at least one.
    """
    if state == "done" or last_inbound_id is None or last_inbound_id <= read_id:
        return 0
    return max(unanswered, 1)
