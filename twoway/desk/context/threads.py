"""The open conversation: head, log and composer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zlib import crc32

from twoway.desk.context.calls import CallCard
from twoway.desk.context.chips import ChannelChip, ConsentState, ConversationStatus, MemberChip, Person, TagChip, Wait
from twoway.desk.context.files import Attached, FileItem
from twoway.desk.context.later import LaterStrip
from twoway.desk.context.lists import QueueMark
from twoway.desk.context.logs import FoldItem, PlaceCard, Reaction, Where
from twoway.desk.context.together import HandoverCard

NO_FILES = Attached()
SendState = Literal["received", "waiting", "sending", "sent", "delivered", "failed", "unsure", "canceled"]
AuthorKind = Literal["contact", "member", "automatic", "api"]


@dataclass(frozen=True, kw_only=True, slots=True)
class DayItem:
    """A line between days: `#day-<date>`. `label` is "Today", "Yesterday" or a date."""

    day: date
    label: str
    sort: str
    kind: Literal["day"] = "day"


@dataclass(frozen=True, kw_only=True, slots=True)
class EpisodeItem:
    """Where an episode ended or a new one began: `#episode-<id>`."""

    id: int
    words: str
    at: datetime
    sort: str
    kind: Literal["episode"] = "episode"


@dataclass(frozen=True, kw_only=True, slots=True)
class EventItem:
    """A system line: `#event-<id>`. `words` has no HTML; `strong` are parts of it to set in bold. `call` is the call it
    is about, as it stands."""

    id: int
    icon: str
    words: str
    at: datetime
    sort: str
    strong: tuple[str, ...] = ()
    call: CallCard | None = None
    kind: Literal["event"] = "event"


@dataclass(frozen=True, kw_only=True, slots=True)
class NoteItem:
    """A private note: `#note-<id>`. `key` is the form's idempotency key, so the browser drops its own copy.

    `mentions` say where it names somebody: start and length in characters, and whether it is the reader or their team.
    `line` says what it came with, such as "Ana assigned it to Ben", with the parts of it set in bold.
    """

    id: int
    author: MemberChip
    body: str
    at: datetime
    sort: str
    key: str = ""
    mentions: tuple[tuple[int, int, bool], ...] = ()
    line: str = ""
    strong: tuple[str, ...] = ()
    where: Where | None = None
    kind: Literal["note"] = "note"


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageItem:
    """One text: `#msg-<id>`.

    `state` picks the marks, `state_words` says them: "Sending", "Sent to carrier", "Delivered", or the carrier's
    reason with its code, "Landline, can't get texts (30006)". `author_words` names who wrote an outgoing text
    ("Ana", "Automatic", "API"). `shows_meta` is set on the last text of a run by one author, `is_joined` on all
    but the first. `key` is the form's idempotency key. `may_reuse` offers a failed text back to the composer, with
    `reuse_body`, which leaves out links that stood for files. `cost` is its parts and price ("2 segments · $0.0166").
    `shielded` says what was taken out before it was stored ("Card number removed").
    `choice` is what a bare number stands for ("Tuesday"), after a text of ours that offered choices.
    `where` is set on a text of another conversation with the same person: it is only read here. `reaction` is set when
    the text only says what somebody thinks of another one; that one has it among its `reactions`. `place` is where it
    says somebody is.
    `is_undone`: its writer took it back before it left; it has no place on screen.
    `why_url` is where the decisions about a text of ours are shown. `gone` says that retention or an erasure took its
    words or its files away.
    """

    id: int
    direction: Literal["in", "out"]
    body: str
    at: datetime
    sort: str
    state: SendState
    state_words: str = ""
    author: AuthorKind = "contact"
    author_words: str = ""
    is_joined: bool = False
    shows_meta: bool = True
    may_reuse: bool = False
    reuse_body: str = ""
    cost: str = ""
    why_url: str = ""
    shielded: str = ""
    gone: str = ""
    is_undone: bool = False
    files: tuple[FileItem, ...] = ()
    choice: str = ""
    where: Where | None = None
    reaction: Reaction | None = None
    reactions: tuple[Reaction, ...] = ()
    place: PlaceCard | None = None
    key: str = ""
    kind: Literal["message"] = "message"


LogItem = MessageItem | NoteItem | EventItem | DayItem | EpisodeItem | FoldItem


@dataclass(frozen=True, kw_only=True, slots=True)
class HintStrip:
    """What a rule says to whoever answers: above the log. `tel` is the number to call, "" where none may be seen."""

    id: int
    sentence: str
    tel: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ThreadHead:
    """The bar above the log: `#thread-head`. `team` is the owning team's name or ""; `can_call`: this reader may ring
    them from the number they text with, else `call_why` says why not. `hints` stand below it."""

    conversation_id: int
    person: Person
    channel: ChannelChip
    status: ConversationStatus
    assignee: MemberChip | None = None
    team: str = ""
    wait: Wait | None = None
    snoozed_until: datetime | None = None
    consent: ConsentState = "none"
    tags: tuple[TagChip, ...] = ()
    handover: HandoverCard | None = None
    can_call: bool = False
    call_why: str = ""
    queue: QueueMark | None = None
    hints: tuple[HintStrip, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Care:
    """What the content checks say about a draft: `#composer-care`. `stops`: it can't be sent like this.

    `avoided` are words of it that the tone guide would rather not see, with what to say instead or "".
    """

    sentences: tuple[str, ...] = ()
    stops: bool = False
    avoided: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Meter:
    """The server's count of a draft: `#meter`. `capacity` is what `segments` segments hold, in `units`.

    `costly` are the characters that force Unicode, and `suggestion` is the same text without them, or "". Where nothing
    plainer says the same, `bare_segments` is what it would cost without them, 0 when that is no less. Prices are in
    words, "" when nobody knows. `shorter` says the same in fewer segments by the rules in `shorter_changes`, or is "".
    `mms_price` is set when the text is cheaper as MMS. `is_counted` is false where there are no segments; `media` files
    go with it.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    units: int
    capacity: int
    segments: int
    costly: tuple[str, ...] = ()
    suggestion: str = ""
    suggestion_segments: int = 0
    suggestion_price: str = ""
    bare_segments: int = 0
    bare_price: str = ""
    price: str = ""
    mms_price: str = ""
    media: int = 0
    is_counted: bool = True
    shorter: str = ""
    shorter_segments: int = 0
    shorter_price: str = ""
    shorter_changes: tuple[str, ...] = ()
    link_last: str = ""
    """The same with its one link at the end, "" where it is there or there is none."""

    @property
    def shows(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.price) if self.media or not self.is_counted else self.units > 0

    @property
    def hints(self) -> bool:
        """Whether there is a cheaper way to say."""
        return bool(self.suggestion or self.bare_segments or self.mms_price or self.shorter or self.link_last)

    @property
    def warns(self) -> bool:
        """Amber: Unicode, or more than nine tenths of the segments' room used."""
        is_tight = self.encoding == "UCS-2" or self.units * 10 > self.capacity * 9
        return self.is_counted and not self.media and is_tight


@dataclass(frozen=True, kw_only=True, slots=True)
class Blocked:
    """Why nothing can be sent: one bold sentence with who and when, one saying what would unblock it."""

    code: str
    headline: str
    words: str
    icon: str = "ban"
    may_ask: bool = False

    @property
    def is_doubt(self) -> bool:
        """A text of theirs may mean stop, and somebody must say which."""
        return self.code == "in_doubt"

    @property
    def takes_template(self) -> bool:
        """WhatsApp's window is closed: an approved template may still go, so it is no dead end."""
        return self.code == "window_closed"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextPrice:
    """What the browser counts with: whole millionths of a unit of the currency, for each `per`; 0 is not known.

    `mark` stands before an amount: a symbol, or the currency's letters.
    """

    amount: int
    per: str
    mms: int
    mark: str


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """What came since a reply was begun: `#composer-news`. `seen_id` is what to send once it is read.

    `quotes` are the newest of it, each with who wrote it. `is_stop`: Send was pressed and nothing went out; `then` is
    what was to follow.
    """

    headline: str
    seen_id: int
    quotes: tuple[tuple[str, str], ...] = ()
    is_stop: bool = False
    then: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Composer:
    """The reply form: `#composer`.

    `key` is a fresh idempotency key for the next send. `refused` is what the server answered to this very text
    (shown above the box, status 422); `blocked` closes the door for texts, notes still work unless `may_note` is false.
    `is_toll_free` counts segments the smaller way of US and Canadian toll-free numbers.
    `free_until`: until when WhatsApp takes any words, "" elsewhere. `is_counted` is false where there are no segments.
    `notice`: why a text leaves from another number of ours, or waits; "" mostly. `quiet`: the customer's time while it
    is quiet there, and what that means for a text; "" at other times.
    `care` is what the content checks say; `asks_confirm`: what was refused may be sent all the same.
    `then` is what was to follow a text that was refused ("done", "later"). `is_returned`: its words were taken back and
    belong into the box at once. `seen_id` is the newest text the member had seen when they began, `news` what came
    since.
    `language` is the customer's, for the browser's spelling; "" when nobody knows it.
    `version` changes whenever open, its notice, its news or blocked does: a live update touches the form only then.
    """

    conversation_id: int
    person_name: str
    channel: ChannelChip
    key: str
    draft: str = ""
    is_note: bool = False
    is_toll_free: bool = False
    meter: Meter | None = None
    price: TextPrice | None = None
    blocked: Blocked | None = None
    may_note: bool = True
    refused: str = ""
    files: Attached = NO_FILES
    free_until: str = ""
    is_counted: bool = True
    notice: str = ""
    quiet: str = ""
    care: Care | None = None
    asks_confirm: bool = False
    seen_id: int = 0
    news: News | None = None
    is_returned: bool = False
    then: str = ""
    language: str = ""

    @property
    def version(self) -> str:
        """What this form allows, as a word: "open", "open-<mark of its notice and news>" or "blocked-<code>".

        The customer's clock is no part of it: a form is not replaced each minute.
        """
        if self.blocked:
            return f"blocked-{self.blocked.code}"
        told = f"{self.notice}{self.news.seen_id if self.news else ''}"
        return f"open-{crc32(told.encode()):x}" if told else "open"


@dataclass(frozen=True, kw_only=True, slots=True)
class Thread:
    """The middle pane: `#thread`. `earlier` is the cursor of older items, "" when the log is complete.

    `newer` is the cursor of later ones, "" when the log goes on to now. `target_id` is the text to show first, 0 for
    the newest. `others` are the other conversations with the person, when their texts stand in the log too.
    """

    head: ThreadHead
    items: tuple[LogItem, ...]
    composer: Composer
    earlier: str = ""
    newer: str = ""
    target_id: int = 0
    shows_all: bool = False
    others: tuple[Where, ...] = ()
    later: LaterStrip | None = None
