"""Records for every inbox template, with a name, a text and a note that try to break out of the page."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from twoway.desk import context as c

NOW = datetime(2026, 3, 12, 14, 38, tzinfo=UTC)
NASTY = "<img src=x onerror=alert(1)>"

ANA = c.MemberChip(id=1, name="Ana Ruiz", short="Ana", hue=c.hue_of(1))
BEN = c.MemberChip(id=2, name="Ben Nasty <b>", short="Ben <b>", hue=c.hue_of(2))
LINE = c.ChannelChip(id=1, name="Front desk", address="(503) 555-0142", short="0142")
TAG = c.TagChip(id=3, name=f"Tag {NASTY}", color="warn")
PERSON = c.Person(id=4, name=f"Dana {NASTY}", address="(503) 555-0178", hue=c.hue_of(4))
STRANGER = c.Person(id=5, name="(503) 555-0191", address="(503) 555-0191", hue=c.UNKNOWN_HUE, is_known=False)
DESK = c.Desk(
    member=ANA,
    email="ana@example.com",
    role="owner",
    workspace=f"Shop {NASTY}",
    nav="settings",
    has_simulator=True,
    unread=2,
)


def row(key: int, *, group: c.ListGroup = "reply", person: c.Person = PERSON) -> c.ListRow:
    since = NOW - timedelta(minutes=key)
    return c.ListRow(
        id=key,
        person=person,
        channel=LINE,
        preview=NASTY,
        at=since,
        group=group,
        sort=c.row_sort(at=since, key=key, newest_first=group != "reply"),
        wait=c.Wait(since=since, level="over", due=since + timedelta(minutes=1)) if group == "reply" else None,
        unread=1,
        assignee=BEN,
        tags=(TAG,),
    )


def message(key: int, *, direction: str = "out", state: c.SendState = "delivered", body: str = NASTY) -> c.MessageItem:
    return c.MessageItem(
        id=key,
        direction="out" if direction == "out" else "in",
        body=body,
        at=NOW,
        sort=c.log_sort(at=NOW, kind="message", key=key),
        state=state,
        state_words=f"{state} {NASTY}",
        author="member",
        author_words="Ana",
        key=f"key-{key}",
        may_reuse=state == "failed",
    )


STATES: tuple[c.SendState, ...] = ("waiting", "sent", "delivered", "failed", "unsure")


def items() -> tuple[c.LogItem, ...]:
    sort = c.log_sort(at=NOW, kind="event", key=1)
    return (
        c.DayItem(day=NOW.date(), label="Today", sort=c.log_sort(at=NOW - timedelta(hours=9), kind="day", key=0)),
        c.EpisodeItem(id=1, words="Reopened by a new text", at=NOW, sort=sort),
        message(11, direction="in", state="received", body=f"see https://example.com/?a=1&b=2. {NASTY}"),
        message(12, direction="in", state="received", body=""),
        *(message(20 + n, state=state) for n, state in enumerate(STATES)),
        c.NoteItem(id=1, author=BEN, body=NASTY, at=NOW, sort=sort, key="note-key"),
        c.EventItem(
            id=2, icon="branch", words=f"Assigned to Ben <b> {NASTY}", strong=("Ben <b>", "b"), at=NOW, sort=sort
        ),
    )


def composer(*, is_blocked: bool = False) -> c.Composer:
    blocked = c.Blocked(code="opted_out", headline=f"Dana {NASTY} opted out.", words="Nothing can be sent.")
    meter = c.Meter(
        encoding="UCS-2",
        units=71,
        capacity=134,
        segments=2,
        costly=("“",),
        suggestion='"' + NASTY,
        suggestion_segments=1,
    )
    return c.Composer(
        conversation_id=7,
        person_name=f"Dana {NASTY}",
        channel=LINE,
        key="k" * 32,
        draft=f"</textarea>{NASTY}",
        meter=meter,
        blocked=blocked if is_blocked else None,
        refused=NASTY,
    )


HEAD = c.ThreadHead(
    conversation_id=7, person=PERSON, channel=LINE, status="open", assignee=BEN, wait=c.Wait(since=NOW), tags=(TAG,)
)
THREAD = c.Thread(head=HEAD, items=items(), composer=composer(), earlier="cursor&1")
PANEL = c.ContactPanel(
    conversation_id=7,
    person=PERSON,
    subtitle=NASTY,
    consent="in",
    properties=(c.Property(label="Mobile", value=NASTY, is_number=True),),
    tags=(TAG,),
    ledger=(c.ConsentLine(state="in", words=NASTY, detail=NASTY),),
    notes=(c.ContactNote(id=1, author=BEN, body=NASTY, at=NOW),),
    earlier=(c.EarlierEpisode(conversation_id=9, words=NASTY, detail=NASTY),),
)
VIEWS = c.ViewsColumn(
    boxes=(c.ViewItem(key="open", label="All open", icon="inbox", count=2, is_current=True, is_hot=True),),
    channels=(c.ViewItem(key="channel-1", label=NASTY, icon="phone", count=1),),
    teams=(c.ViewItem(key="team-1", label=NASTY, icon="users", count=1),),
)
LIST = c.ConversationList(
    view="open",
    title=f"All open {NASTY}",
    total=2,
    groups=(
        c.ListGroupHead(key="reply", label="Needs a reply", total=1),
        c.ListGroupHead(key="customer", label="Waiting on the customer", total=1),
    ),
    rows=(row(7), row(8, group="customer", person=STRANGER)),
    next="cursor&2",
)
PATCH = c.Patch(
    open_id=7,
    views=VIEWS,
    list_head=LIST,
    rows=(row(7),),
    gone=(8, 9),
    next="",
    head=HEAD,
    items=items(),
    earlier="",
    composer=composer(is_blocked=True),
    panel=PANEL,
    toasts=(c.Toast(words=NASTY, undo_url="/c/7/reopen/", undo_fields=(("a", NASTY),)),),
)

ASSIGN = c.AssignMenu(
    conversation_id=7,
    members=(c.MemberChoice(member=BEN, is_me=True, is_current=True),),
    teams=(c.TeamChoice(id=1, name=NASTY),),
    is_assigned=True,
)
SNOOZE = c.SnoozeMenu(
    conversation_id=7,
    choices=(
        c.SnoozeChoice(label="In 1 hour", until=NOW, words="3:38 PM"),
        c.SnoozeChoice(label="Until they reply", until=None),
    ),
    earliest=NOW,
    error=NASTY,
)
TAGS = c.TagMenu(conversation_id=7, tags=(c.TagChoice(tag=TAG, is_on=True),), error=NASTY)
NEW = c.NewConversation(
    channels=(LINE,), key="k" * 32, channel_id=1, to=NASTY, body=NASTY, to_error=NASTY, body_error=NASTY, error=NASTY
)
FORM = c.ContactForm(
    conversation_id=7, person=PERSON, fields=(c.ContactField(name="name", label="Name", value=NASTY, error=NASTY),)
)
PALETTE = c.Palette(
    q="dana",
    here=NASTY,
    hits=(c.PaletteHit(conversation_id=7, person=PERSON, detail=NASTY),),
    groups=(
        c.PaletteGroup(label="Go to", lines=(c.PaletteLine(label="Mine, Dana", icon="user", url="/inbox/mine/"),)),
    ),
)
