"""The contact panel, the whole inbox page, and the patch every change answers with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.desk.context.callbacks import CallbackList
from twoway.desk.context.chips import ConsentState, MemberChip, Person, TagChip
from twoway.desk.context.frame import Toast
from twoway.desk.context.later import LaterStrip
from twoway.desk.context.lists import ConversationList, ListRow, ViewsColumn
from twoway.desk.context.threads import Composer, LogItem, Thread, ThreadHead


@dataclass(frozen=True, kw_only=True, slots=True)
class Property:
    """One line of the property list. `is_number` sets tabular figures."""

    label: str
    value: str
    is_number: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class EditLine:
    """Something known of a person: as it is shown, and as a form changes it where it stands. `key` names it there.

    `kind` is of a contact field, or `zone` for a time zone, which the browser suggests.
    """

    key: str
    label: str
    value: str
    raw: str = ""
    kind: str = "text"
    input_type: str = "text"
    choices: tuple[tuple[str, str], ...] = ()
    help: str = ""
    href: str = ""
    is_number: bool = False
    may_edit: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class AddressLine:
    """A number or address of a person."""

    id: int
    label: str
    value: str
    is_number: bool = False
    is_first: bool = False
    place: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class OutsideLine:
    """What happened to a person elsewhere: an order, a booking."""

    id: int
    title: str
    kind: str
    url: str
    at: datetime
    day: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentLine:
    """One line of the consent ledger: what was agreed or withdrawn, how and when."""

    state: ConsentState
    words: str
    detail: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactNote:
    """A note about the person, not about one conversation."""

    id: int
    author: MemberChip
    body: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EarlierEpisode:
    """An earlier episode of this conversation or another conversation of this person."""

    conversation_id: int
    words: str
    detail: str
    icon: str = "sms"


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactPanel:
    """The right pane: `#contact-panel`. `subtitle` is place and local time when known.

    `lines` can be changed where they stand; `properties` are only read. `purposes` say how consent stands for each
    purpose: its name, a word, and a tone.
    """

    conversation_id: int
    person: Person
    subtitle: str
    consent: ConsentState
    is_unsure: bool = False
    contact_id: int = 0
    lines: tuple[EditLine, ...] = ()
    addresses: tuple[AddressLine, ...] = ()
    may_manage: bool = False
    outside: tuple[OutsideLine, ...] = ()
    purposes: tuple[tuple[str, str, str], ...] = ()
    properties: tuple[Property, ...] = ()
    tags: tuple[TagChip, ...] = ()
    ledger: tuple[ConsentLine, ...] = ()
    notes: tuple[ContactNote, ...] = ()
    earlier: tuple[EarlierEpisode, ...] = ()
    blocked_words: str = ""
    may_block: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class InboxPage:
    """The whole inbox: context variable `inbox`. `thread` and `panel` are None until one is picked.

    `is_timed`: the browser tells how long this member reads and writes.
    """

    views: ViewsColumn
    list: ConversationList
    thread: Thread | None = None
    panel: ContactPanel | None = None
    is_timed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Patch:
    """What changed, as one answer: the body of every htmx write and of the live delta. Context variable `patch`.

    Only what is set is rendered. The browser morphs each part by element id, inserts rows and log items by
    `sort`, and never doubles one. `gone` are rows that left the view. `thread` replaces the middle pane;
    `view_counts` are words by view, of those that are counted apart. `calls_due` moves the dot in the rail, and
    `callbacks` is the list of them.
    `head`, `items`, `composer` and `panel` refresh parts of it when conversation `open_id` is still the open one.
    """

    open_id: int = 0
    views: ViewsColumn | None = None
    view_counts: tuple[tuple[str, str], ...] = ()
    list_head: ConversationList | None = None
    rows: tuple[ListRow, ...] = ()
    gone: tuple[int, ...] = ()
    next: str | None = None
    thread: Thread | None = None
    head: ThreadHead | None = None
    items: tuple[LogItem, ...] = ()
    earlier: str | None = None
    newer: str | None = None
    composer: Composer | None = None
    later: LaterStrip | None = None
    panel: ContactPanel | None = None
    toasts: tuple[Toast, ...] = ()
    calls_due: bool | None = None
    callbacks: CallbackList | None = None
