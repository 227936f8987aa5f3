"""The open conversation: its head, its log and its composer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

from django.urls import reverse
from django.utils import timezone

from twoway.compliance.shield.rules import describe
from twoway.conversations.queries import Conversation, Episode, Note, ThreadItems
from twoway.conversations.together.queries import Mention, mentions_of
from twoway.desk.builders import calls, chips
from twoway.desk.builders.events import event_item, line_of
from twoway.desk.builders.files import item as file_item
from twoway.desk.builders.marks import NO_MARKS, Marks, place_card
from twoway.desk.builders.replies import choices
from twoway.desk.context import (
    AuthorKind,
    ConsentState,
    DayItem,
    EpisodeItem,
    EventItem,
    FileItem,
    LogItem,
    MessageItem,
    NoteItem,
    SendState,
    ThreadHead,
    log_sort,
)
from twoway.desk.context.logs import FoldItem, Where
from twoway.desk.words import date_words, until_words
from twoway.events.queries import Recorded
from twoway.events.types import ContactOptedOut, ConversationAssigned, ConversationReopened, DoubtSettled
from twoway.lib.days import short_day
from twoway.lib.words import noted, t, tn
from twoway.messaging.cost.queries import message_price
from twoway.messaging.cost.rules import words as price_words
from twoway.messaging.media import queries as media
from twoway.messaging.media.queries import MediaFile
from twoway.messaging.media.rules import without_links
from twoway.messaging.queries import Message
from twoway.messaging.scheduling.undoing import UNDONE
from twoway.messaging.words import held_words, why_not
from twoway.sla.queries import Clock
from twoway.teams.actor import Actor

RUN = timedelta(minutes=5)
"""Texts of one author closer than this stand together, with one line of meta."""
LONGEST_UNDO = timedelta(seconds=60)
FIRST_MICROSECOND = timedelta(microseconds=1)
_STATES: dict[str, SendState] = {
    "received": "received",
    "scheduled": "waiting",
    "queued": "sending",
    "sending": "sending",
    "sent": "sent",
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "failed",
    "failed": "failed",
    "canceled": "canceled",
}
_WORDS = {
    "queued": noted("Sending"),
    "sending": noted("Sending"),
    "sent": noted("Sent"),
    "delivered": noted("Delivered"),
    "read": noted("Read"),
}
_AUTHORS: dict[str, AuthorKind] = {
    "customer": "contact",
    "member": "member",
    "api": "api",
    "system": "automatic",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who reads, when, and whether they may write to this person.

    `held` says why texts that are queued wait, "" when they don't.
    """

    member_id: int | None
    now: datetime
    may_reply: bool = True
    held: str = ""
    team_ids: frozenset[int] = frozenset()
    may_call: bool = False


def head(
    conversation: Conversation, *, region: str, to: Actor, consent: ConsentState, clock: Clock | None = None
) -> ThreadHead:
    """The bar above the log."""
    return ThreadHead(
        conversation_id=conversation.pk,
        person=chips.person(conversation, region=region, to=to),
        channel=chips.channel_chip(conversation.channel, region=region),
        status=chips.status_of(conversation),
        assignee=chips.member_chip(conversation.assignee),
        team=conversation.team.name if conversation.team else "",
        wait=chips.wait_of(conversation, clock, to=to),
        snoozed_until=conversation.snoozed_until,
        consent=consent,
        tags=chips.tag_chips(list(conversation.tags.all())),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A stretch of a thread from `start` (included; None is the beginning) to the text `end_id` (left out; 0 is now).

    `messages` may hold one more at either end, which says whether the outermost texts stand in a run. `earlier` is the
    cursor of the stretch before and `newer` of the one after, "" when there is none. `folds` are the lines of earlier
    episodes above it. `elsewhere` names the other conversations that texts of it are from, by their id.
    """

    messages: Sequence[Message]
    added: ThreadItems
    start: datetime | None = None
    start_id: int = 0
    end_id: int = 0
    earlier: str = ""
    newer: str = ""
    folds: tuple[FoldItem, ...] = ()
    elsewhere: Mapping[int, Where] = field(default_factory=dict)

    def holds(self, item: LogItem) -> bool:
        """Whether an item is of this stretch, and not only beside it."""
        if isinstance(item, MessageItem):
            return item.id >= self.start_id and not 0 < self.end_id <= item.id
        return isinstance(item, DayItem) or self.start is None or item.at >= self.start


def log(stretch: Stretch, *, reader: Reader) -> tuple[LogItem, ...]:
    """A stretch in order: texts, notes, lines, episodes, and a line above the first item of each day."""
    added = stretch.added
    begun = {episode.opened_at for episode in added.episodes if episode.number > 1}
    found = media.of_messages(stretch.messages)
    meant = choices(stretch.messages)
    meaning = Marks(stretch.messages, stretch.elsewhere)
    items: list[LogItem] = [
        message_item(
            one,
            reader=reader,
            files=_files(one, found.get(one.pk, ()), reader),
            choice=meant.get(one.pk, ""),
            marks=meaning,
        )
        for one in stretch.messages
    ]
    named = mentions_of(note.pk for note in added.notes if "@" in note.body)
    handed = with_notes(added)
    items += [
        note_item(note, reader=reader, named=named.get(note.pk, ()), marks=meaning, handed=handed.get(note.pk))
        for note in added.notes
    ]
    items += [episode_item(episode) for episode in added.episodes if episode.number > 1]
    lines = list(_events(added, begun, {recorded.id for recorded in handed.values()}))
    called = calls.cards(added.events, member_id=reader.member_id, may_call=reader.may_call, at=reader.now)
    items += calls.with_cards(lines, called)
    items.sort(key=lambda item: item.sort)
    shown = [item for item in _in_runs([item for item in items if not _is_undone(item)]) if stretch.holds(item)]
    undone = [item for item in items if _is_undone(item) and stretch.holds(item)]
    return (*stretch.folds, *_with_days(shown, now=reader.now), *undone)


def _is_undone(item: LogItem) -> bool:
    return isinstance(item, MessageItem) and item.is_undone


def with_notes(added: ThreadItems) -> dict[int, Recorded]:
    """By note, the line of giving the conversation away that it was written for: both are shown as one."""
    notes = {note.pk for note in added.notes}
    given = ((recorded, recorded.event) for recorded in added.events)
    return {
        event.note_id: recorded
        for recorded, event in given
        if isinstance(event, ConversationAssigned) and event.note_id in notes and event.note_id is not None
    }


def _events(added: ThreadItems, begun: set[datetime], elsewhere: set[int]) -> Iterable[EventItem]:
    """The lines, without those that only repeat that an episode began, or that a doubt ended in an opt-out.

    Those of `elsewhere`, by id, stand with their note.
    """
    opted_out = {recorded.at for recorded in added.events if isinstance(recorded.event, ContactOptedOut)}
    for recorded in added.events:
        event = recorded.event
        if recorded.id in elsewhere or (isinstance(event, ConversationReopened) and recorded.at in begun):
            continue
        if isinstance(event, DoubtSettled) and event.answer == "out" and recorded.at in opted_out:
            continue
        item = event_item(recorded)
        if item is not None:
            yield item


def _files(message: Message, rows: Sequence[MediaFile], reader: Reader) -> tuple[FileItem, ...]:
    return tuple(file_item(row, at=reader.now, conversation_id=message.conversation_id) for row in rows)


def message_item(
    message: Message, *, reader: Reader, files: tuple[FileItem, ...] = (), choice: str = "", marks: Marks = NO_MARKS
) -> MessageItem:
    """One text. What stands beside it is added by `log`."""
    is_out = message.direction == "out"
    state = "unsure" if message.is_uncertain else _STATES.get(message.status, "sending")
    if is_out and message.status == "queued" and reader.held:
        state = "waiting"
    is_lost = is_out and state in {"failed", "canceled"}
    is_own = message.by_id is not None and message.by_id == reader.member_id
    return MessageItem(
        id=message.pk,
        direction="out" if is_out else "in",
        body=message.body,
        at=message.created_at,
        sort=log_sort(at=message.created_at, kind="message", key=message.pk),
        state=state,
        state_words=_state_words(message, reader=reader) if is_out else "",
        author=_AUTHORS.get(message.author, "automatic"),
        author_words=_author_words(message) if is_out else "",
        cost=_cost_words(message),
        why_url=reverse("desk:why", args=[message.conversation_id, message.pk]) if is_out else "",
        may_reuse=is_lost and reader.may_reply and message.author == "member" and not marks.where(message),
        reuse_body=without_links(message.body, message.media) if is_lost else "",
        files=files,
        choice=choice,
        where=marks.where(message),
        reaction=marks.reaction(message),
        reactions=marks.reactions(message),
        place=place_card(message.body),
        key=message.idempotency_key or "" if is_own else "",
        gone=_gone_words(message),
        is_undone=message.status == "canceled" and message.error == UNDONE,
        shielded=_shielded_words(message),
    )


def _shielded_words(message: Message) -> str:
    """What was taken out of it before it was stored."""
    words = describe(message.shielded.split())
    return t("{what} removed", what=f"{words[0].upper()}{words[1:]}") if words else ""


def _gone_words(message: Message) -> str:
    """That its words, or else its files, were taken away by retention or an erasure."""
    if message.redacted_at is None:
        return ""
    return t("Its files were removed") if message.body else t("These words were removed")


def _state_words(message: Message, *, reader: Reader) -> str:
    if message.is_uncertain:
        return t("Checking with the carrier")
    if message.status == "scheduled" and not message.held_reason and _is_soon(message):
        return t("Sending")
    if message.status == "scheduled":
        at = timezone.localtime(message.send_after or message.created_at)
        if message.held_reason:
            return held_words(message.held_reason, until_words(at, now=timezone.localtime(reader.now)))
        return t("Scheduled for {time}", time=until_words(at, now=timezone.localtime(reader.now)))
    if message.status == "queued" and reader.held:
        return t("Held: {why}", why=reader.held)
    if message.status in {"failed", "undelivered", "canceled"}:
        return t("Not sent. {why}", why=why_not(message)) if message.status == "canceled" else why_not(message)
    return t(_WORDS.get(message.status, noted("Sending")))


def _is_soon(message: Message) -> bool:
    """Whether it only waits so that its writer can take it back."""
    return message.send_after is not None and message.send_after - message.created_at <= LONGEST_UNDO


def _cost_words(message: Message) -> str:
    """Such as "2 segments · about $0.0166": about, until the provider has said it. "" without a price."""
    price = message_price(message)
    if price is None:
        return ""
    parts = tn("{n} segment", "{n} segments", message.segments)
    told = price_words(price)
    if not message.price_is_reported:
        told = t("about {price}", price=told)
    return f"{parts} · {told}"


def _author_words(message: Message) -> str:
    if message.author == "member":
        return chips.short(message.by_name) or t(chips.NOBODY_NAME)
    return t("API") if message.author == "api" else t("Automatic")


def note_item(
    note: Note,
    *,
    reader: Reader,
    named: Sequence[Mention] = (),
    marks: Marks = NO_MARKS,
    handed: Recorded | None = None,
) -> NoteItem:
    """A private note. Its writer gets the key their browser gave it."""
    author = chips.member_chip(note.by) or chips.chip(0, note.by_name)
    sort = log_sort(at=note.created_at, kind="note", key=note.pk)
    key = note.key if note.by_id is not None and note.by_id == reader.member_id else ""
    mentions = tuple((one.start, one.length, _is_reader(one, reader)) for one in named)
    line = line_of(handed.event, at=handed.at) if handed else None
    return NoteItem(
        id=note.pk,
        author=author,
        body=note.body,
        at=note.created_at,
        sort=sort,
        key=key,
        mentions=mentions,
        where=marks.where(note),
        line=line.words if line else "",
        strong=tuple(part for part in line.strong if part) if line else (),
    )


def _is_reader(mention: Mention, reader: Reader) -> bool:
    return mention.team_id in reader.team_ids or (reader.member_id or 0) == mention.member_id


def episode_item(episode: Episode) -> EpisodeItem:
    """Where an episode began. It stands above what began it."""
    sort = log_sort(at=episode.opened_at - FIRST_MICROSECOND, kind="episode", key=episode.pk)
    return EpisodeItem(id=episode.pk, words=t("New conversation"), at=episode.opened_at, sort=sort)


def _in_runs(items: Sequence[LogItem]) -> list[LogItem]:
    """The same with neighbouring texts of one author joined."""
    shown = list(items)
    for index in range(1, len(shown)):
        before, after = shown[index - 1], shown[index]
        if isinstance(before, MessageItem) and isinstance(after, MessageItem) and _is_run(before, after):
            shown[index - 1] = replace(before, shows_meta=False)
            shown[index] = replace(after, is_joined=True)
    return shown


def _is_run(before: MessageItem, after: MessageItem) -> bool:
    same = (
        (before.direction, before.author, before.author_words)
        == (
            after.direction,
            after.author,
            after.author_words,
        )
        and before.where == after.where
        and not (before.reaction or after.reaction)
    )
    return same and after.at - before.at < RUN and _same_day(before.at, after.at)


def _same_day(before: datetime, after: datetime) -> bool:
    return timezone.localtime(before).date() == timezone.localtime(after).date()


def _with_days(items: Iterable[LogItem], *, now: datetime) -> Iterable[LogItem]:
    """The items with a line wherever a day begins. Its place depends on the day alone, whatever else is loaded."""
    today = timezone.localtime(now).date()
    last = None
    for item in items:
        local = timezone.localtime(item.at) if not isinstance(item, DayItem) else None
        if local is not None and local.date() != last:
            last = local.date()
            begins = datetime.combine(last, time(), tzinfo=local.tzinfo).astimezone(UTC)
            if last == today:
                label = t("Today")
            elif last == today - timedelta(days=1):
                label = t("Yesterday")
            else:
                label = f"{short_day(local)}, {date_words(local, this_year=today.year)}"
            yield DayItem(day=last, label=label, sort=log_sort(at=begins, kind="day", key=0))
        yield item
