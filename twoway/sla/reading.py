"""Reading what happened on from the outbox, in batches: every event once, and none of the intake's rows written to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from twoway.events.following import BATCH, Seen, apart, follow
from twoway.sla import adopting, tracking
from twoway.sla.clock_rules import Fact, What
from twoway.sla.policies import Book, on_in
from twoway.sla.tracking import Talk

NAME = "sla"
NEW = timedelta(seconds=5)
"""A conversation is stored with its first text."""
TYPES = frozenset(
    {
        "message_received",
        "message_queued",
        "reply_undone",
        "reply_lost",
        "answer_given",
        "call_ended",
        "conversation_done",
        "conversation_reopened",
        "conversation_snoozed",
        "conversation_woken",
        "conversation_assigned",
        "conversation_unassigned",
    }
)
_PLAIN: dict[str, What] = {
    "conversation_done": "done",
    "conversation_reopened": "reopened",
    "conversation_snoozed": "snoozed",
    "conversation_woken": "woken",
    "reply_undone": "undone",
    "reply_lost": "lost",
    "answer_given": "given",
}
_LOOKS_BACK = frozenset({"conversation_reopened", "reply_undone", "reply_lost"})
_MISSED = frozenset({"missed", "voicemail"})


def read(*, at: datetime, limit: int = BATCH) -> int:
    """Take into account what was written since the last round; how many events were passed."""

    def handle(rows: Sequence[Seen]) -> None:
        apart(rows, lambda some: _handle(some, at=at), name=NAME)

    return follow(NAME, handle, types=TYPES, at=at, limit=limit)


def _handle(rows: Sequence[Seen], *, at: datetime) -> None:
    wanted = on_in()
    by_talk: dict[int, list[Seen]] = defaultdict(list)
    for row in rows:
        if row.workspace_id in wanted and row.conversation_id is not None:
            by_talk[row.conversation_id].append(row)
    if not by_talk:
        return
    found = tracking.talks(by_talk)
    books = tracking.books_for(found.values(), at=at)
    back = {row.conversation_id for row in rows if row.type in _LOOKS_BACK and row.conversation_id}
    held = tracking.held(found, with_ended=back & found.keys())
    stands = adopting.seen({key: one.talk for key, one in held.items() if _is_first_sight(one, by_talk[key])})
    changed = []
    for key, one in held.items():
        book = books.get(one.talk.workspace_id)
        if key in stands:
            thread = adopting.adopted(one, replace(stands[key], event_id=by_talk[key][-1].id), book, at=at)
        else:
            thread = tracking.moved(one, facts_of(by_talk[key], one.talk, book), book, at=at)
        changed.append((one, thread, book))
    tracking.tell(tracking.keep(changed))


def _is_first_sight(one: tracking.Held, rows: Sequence[Seen]) -> bool:
    """Whether a conversation that nobody followed is older than what has just happened in it."""
    return one.is_new and one.talk.created_at < rows[0].at - NEW


def facts_of(rows: Sequence[Seen], talk: Talk, book: Book | None) -> list[Fact]:
    """What the rules are told of these events of one conversation, in order."""
    rule = book.rule_for(talk.place) if book else None
    programs_count = rule is not None and rule.terms.programs_count
    found = []
    for row in rows:
        what = what_of(row, programs_count=programs_count)
        if what is not None and not (row.type == "call_ended" and talk.waiting_since is None):
            found.append(_fact(row, what, talk))
    return found


def _fact(row: Seen, what: What, talk: Talk) -> Fact:
    """`at` of an answer is when it was given. Somebody who called and is blocked does not wait."""
    fact = Fact(
        id=row.id,
        what=what,
        at=_moment(row.data.get("given_at")) or row.at,
        episode=int(row.data.get("episode") or 0) or talk.episode,
        message_id=row.message_id if what in {"reply", "undone", "lost", "given"} else None,
        since=_moment(row.data.get("since")),
    )
    other_at = _moment(row.data.get("other_at"))
    if other_at is None:
        return fact
    return replace(fact, instead=Fact(id=row.id, what="reply", at=other_at, message_id=row.data.get("other_id")))


def _moment(told: object) -> datetime | None:
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def what_of(row: Seen, *, programs_count: bool) -> What | None:
    """What an event means for clocks. An automatic text is no reply; one by a program is where the policy says so."""
    if row.type == "message_received":
        return "text" if row.data.get("waits", True) else None
    if row.type == "message_queued":
        author = row.data.get("author")
        return "reply" if author == "member" or (author == "api" and programs_count) else None
    if row.type == "call_ended":
        is_missed = row.data.get("direction") == "in" and row.data.get("state") in _MISSED
        return "text" if is_missed else None
    return _PLAIN.get(row.type)
