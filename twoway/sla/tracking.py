"""Conversations and what happened to them: their state is read, moved by the rules, and written back, all at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from twoway.conversations.models import Conversation
from twoway.events.actions import Audience, notify
from twoway.sla import rules
from twoway.sla.clock_rules import Fact, Rule, Running, Thread, front
from twoway.sla.models import Clock, Track
from twoway.sla.policies import Book, Place, books

_COLUMNS = tuple(one.name for one in fields(Running) if one.name != "id")
_CHANGING = tuple(name for name in _COLUMNS if name not in {"kind", "episode"})
_TRACKED = ("event_id", "episode", "state", "waiting_since", "answered_at", "heard_at", "done_at")
_PLACED = ("team_id", "channel_id", "policy_id", "warn_at", "due_at")


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A conversation as it is now."""

    id: int
    workspace_id: int
    place: Place
    episode: int
    state: str
    waiting_since: datetime | None
    assignee_id: int | None
    created_at: datetime

    @property
    def audience(self) -> Audience:
        """Who is told that it changed."""
        return (self.id, self.place.team_id, self.assignee_id)


def talks(ids: Iterable[int]) -> dict[int, Talk]:
    """These conversations; those that are gone are left out."""
    rows = Conversation.objects.filter(id__in=list(ids)).values_list(
        "id", "workspace_id", "channel_id", "team_id", "contact_id", "episode", "state", "needs_reply", "sort_at",
        "assignee_id", "created_at",
    )  # fmt: skip
    return {
        row[0]: Talk(
            id=row[0],
            workspace_id=row[1],
            place=Place(channel_id=row[2], team_id=row[3], contact_id=row[4]),
            episode=row[5],
            state=row[6],
            waiting_since=row[8] if row[7] else None,
            assignee_id=row[9],
            created_at=row[10],
        )
        for row in rows
    }


def books_for(found: Iterable[Talk], *, at: datetime) -> dict[int, Book]:
    """What the clocks of these conversations are counted by, by workspace."""
    places: dict[int, list[Place]] = defaultdict(list)
    for talk in found:
        places[talk.workspace_id].append(talk.place)
    return books(places, at=at)


@dataclass(kw_only=True, slots=True)
class Held:
    """A conversation's state as it was read, with its rows."""

    talk: Talk
    track: Track
    thread: Thread
    is_new: bool = False


def held(found: Mapping[int, Talk], *, with_ended: Iterable[int] = ()) -> dict[int, Held]:
    """The state of these conversations, locked until the transaction ends. For those in `with_ended` the clocks of the
    episode that have come to an end are there too."""
    ids = sorted(found)
    tracks = {row.pk: row for row in Track.objects.select_for_update().filter(conversation_id__in=ids).order_by("pk")}
    every = Clock.objects.select_for_update().order_by("id")
    clocks: dict[int, list[Running]] = defaultdict(list)
    for row in every.filter(conversation_id__in=ids, ended_at=None):
        clocks[row.conversation_id].append(running_of(row))
    for row in every.filter(conversation_id__in=[key for key in with_ended if key in tracks]).exclude(ended_at=None):
        if row.episode == tracks[row.conversation_id].episode and row.kind != "wrap_up":
            clocks[row.conversation_id].append(running_of(row))
    result = {}
    for key in ids:
        track = tracks.get(key)
        mine = track or Track(conversation_id=key, workspace_id=found[key].workspace_id)
        thread = Thread(clocks=tuple(clocks[key]), **{name: getattr(mine, name) for name in _TRACKED})
        result[key] = Held(talk=found[key], track=mine, thread=thread, is_new=track is None)
    return result


def running_of(row: Clock) -> Running:
    """A clock as the rules know it."""
    return Running(id=row.pk, **{name: getattr(row, name) for name in _COLUMNS})


def moved(one: Held, facts: Sequence[Fact], book: Book | None, *, at: datetime) -> Thread:
    """What facts make of a conversation. Where it stands now, and so whose terms count, is settled after them."""
    now = book.rule_for(one.talk.place) if book else None
    then = book.rule_by(one.track.policy_id, one.track.team_id, one.track.channel_id) if book else None
    thread = one.thread
    if one.is_new or one.track.channel_id is None:
        then = now
    if then is None and now is None:
        return rules.without(_followed(thread, facts), at=at)
    thread = rules.steps(thread, facts, then or now)  # type: ignore[arg-type] # one of them is there
    if now is None:
        return rules.without(thread, at=at)
    return thread if same(then, now) else rules.settle(thread, now, at=facts[-1].at if facts else at, before=then)


def _followed(thread: Thread, facts: Sequence[Fact]) -> Thread:
    return replace(thread, event_id=max([thread.event_id, *(fact.id for fact in facts)]))


def same(one: Rule | None, other: Rule) -> bool:
    """Whether clocks need not be counted anew."""
    return one is not None and one.terms == other.terms and one.calendar == other.calendar and one.hours == other.hours


def keep(changed: Iterable[tuple[Held, Thread, Book | None]]) -> list[Held]:
    """Write what has become of conversations; a statement for each table and for new rows. Those whose clocks changed
    are answered."""
    new_tracks, old_tracks = list[Track](), list[Track]()
    new_clocks, old_clocks, told = list[Clock](), list[Clock](), list[Held]()
    gone: list[int] = []
    for one, thread, book in changed:
        track = _tracked(one, thread, book)
        (new_tracks if one.is_new else old_tracks).append(track)
        before = {clock.id: clock for clock in one.thread.clocks}
        differs = [clock for clock in thread.clocks if not clock.id or clock != before.get(clock.id)]
        for clock in differs:
            if clock.kind == "wrap_up" and clock.ended_at is not None and clock.breached_at is None:
                gone += [clock.id] if clock.id else []
            else:
                (old_clocks if clock.id else new_clocks).append(_row(clock, one.talk))
        if differs:
            told.append(one)
    Track.objects.bulk_create(new_tracks, batch_size=1000)
    Track.objects.bulk_update(old_tracks, [*_TRACKED, *_PLACED], batch_size=1000)
    if gone:
        Clock.objects.filter(id__in=gone).delete()
    Clock.objects.bulk_update(old_clocks, _CHANGING, batch_size=1000)
    Clock.objects.bulk_create(new_clocks, batch_size=1000)
    return told


def _row(clock: Running, talk: Talk) -> Clock:
    values = {name: getattr(clock, name) for name in _COLUMNS}
    return Clock(id=clock.id or None, workspace_id=talk.workspace_id, conversation_id=talk.id, **values)


def _tracked(one: Held, thread: Thread, book: Book | None) -> Track:
    track = one.track
    for name in _TRACKED:
        setattr(track, name, getattr(thread, name))
    rule = book.rule_for(one.talk.place) if book else None
    track.team_id, track.channel_id = one.talk.place.team_id, one.talk.place.channel_id
    track.policy_id = rule.terms.policy_id if rule else None
    first = front(thread.clocks)
    track.warn_at, track.due_at = (first.warn_at, first.due_at) if first else (None, None)
    return track


def tell(changed: Sequence[Held]) -> None:
    """Let open desks draw these conversations anew."""
    by_workspace: dict[int, list[Audience]] = defaultdict(list)
    for one in changed:
        by_workspace[one.talk.workspace_id].append(one.talk.audience)
    for workspace_id, audiences in by_workspace.items():
        notify(workspace_id=workspace_id, conversations=audiences)
