"""The same change to many conversations at once, and taking it back for a minute.

One transaction for each `CHUNK` of them. Each is changed by the action that changes one, so rights, lines in the thread
and live notices are the same; what could not be done is told by reason. Taking it back restores exactly what was, for
those that nobody has changed since.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, cast

from django.db import transaction

from twoway.conversations.actions.additions import mark_read, mark_unread, set_read, tag, untag
from twoway.conversations.actions.holders import UNCHANGED, Choice, assign
from twoway.conversations.actions.states import done, reopen, snooze
from twoway.conversations.models import Conversation, ReadMark, State
from twoway.conversations.queries.threads import access_tag
from twoway.conversations.queries.visibility import visible_to
from twoway.conversations.rules import snooze_problem
from twoway.conversations.views.models import BulkChange
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import noted, t
from twoway.teams.actor import Actor
from twoway.teams.queries import access_assignee, access_team
from twoway.teams.rules import Right, require

Kind = Literal["assign", "tag", "untag", "snooze", "done", "reopen", "read", "unread"]
KINDS: Mapping[str, Right] = {
    "assign": Right.ASSIGN,
    "tag": Right.TAG,
    "untag": Right.TAG,
    "snooze": Right.REPLY,
    "done": Right.REPLY,
    "reopen": Right.REPLY,
    "read": Right.READ,
    "unread": Right.READ,
}
MOST_AT_ONCE = 1000
CHUNK = 100
UNDO_FOR = timedelta(seconds=60)
GRACE = timedelta(seconds=15)
"""For the way from the button to here."""

_STATE = ("state", "snoozed_until", "needs_reply", "sort_at", "unanswered")
_HOLDER = ("assignee_id", "team_id")
_COLUMNS = (*_STATE, *_HOLDER, "episode", "last_message_id")
GONE = noted("It isn't there any more, or it is another team's.")
CHANGED = noted("Somebody has changed it since.")

Snapshot = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """What is done to each. `until` None is until they reply."""

    kind: Kind
    member_id: Choice = UNCHANGED
    team_id: Choice = UNCHANGED
    tag_id: int = 0
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of them: ids that were changed, how many were so already, how many were not changed by reason.

    `change_id` takes it back; None when nothing was changed.
    """

    changed: tuple[int, ...] = ()
    same: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    change_id: int | None = None


def change_many(*, conversation_ids: Sequence[int], deed: Deed, by: Actor, at: datetime) -> Outcome:
    """Do the same to each of these, at most `MOST_AT_ONCE`. Raises `NotAllowed`, `NotFound`, `Invalid` for what holds
    for all of them; what holds for one is in the outcome.
    """
    ids = sorted(set(conversation_ids))
    if not ids:
        raise Invalid(t("Select a conversation first."), field="ids")
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(t("Change at most {most:,} at once.", most=MOST_AT_ONCE), field="ids", code="too_many")
    _check(deed, by, at)
    kept: list[Snapshot] = []
    refused: Counter[str] = Counter()
    for start in range(0, len(ids), CHUNK):
        kept += _chunk(ids[start : start + CHUNK], deed, by, at, refused)
    changed = tuple(row["id"] for row in kept)
    same = len(ids) - len(changed) - sum(refused.values())
    return Outcome(changed=changed, same=same, refused=dict(refused), change_id=_keep(kept, deed, by, at))


def _check(deed: Deed, by: Actor, at: datetime) -> None:
    """What is wrong with the deed itself."""
    if deed.kind not in KINDS:
        raise Invalid(t("Choose what to do."), field="do")
    require(by, KINDS[deed.kind])
    if by.member_id is None:
        raise Invalid(t("Only a member changes many at once."), code="not_a_member")
    if isinstance(deed.member_id, int):
        access_assignee(by, deed.member_id)
    if isinstance(deed.team_id, int):
        access_team(by, deed.team_id)
    if deed.kind in {"tag", "untag"}:
        access_tag(by, deed.tag_id)
    problem = snooze_problem(until=deed.until, at=at) if deed.kind == "snooze" else ""
    if problem:
        raise Invalid(problem, field="until")


@transaction.atomic
def _chunk(ids: list[int], deed: Deed, by: Actor, at: datetime, refused: Counter[str]) -> list[Snapshot]:
    """Change some of them, locked in one order; what those that changed were before and are now."""
    rows = {row.pk: row for row in visible_to(by).select_for_update(no_key=True).filter(id__in=ids).order_by("id")}
    refused[t(GONE)] += len(ids) - len(rows)
    if not refused[t(GONE)]:
        del refused[t(GONE)]
    before = _snapshots(rows, deed, by)
    for key, row in rows.items():
        try:
            with transaction.atomic():
                _do(row, deed, by, at)
        except Refused as one:
            refused[one.sentence] += 1
            before.pop(key)
    after = _snapshots(before, deed, by)
    return [
        {"id": key, "before": before[key], "after": after[key]} for key in before if before[key] != after.get(key, {})
    ]


def _do(row: Conversation, deed: Deed, by: Actor, at: datetime) -> None:
    match deed.kind:
        case "assign":
            assign(conversation=row, member_id=deed.member_id, team_id=deed.team_id, by=by, at=at)
        case "tag":
            tag(conversation=row, tag_id=deed.tag_id, by=by, at=at)
        case "untag":
            untag(conversation=row, tag_id=deed.tag_id, by=by, at=at)
        case "snooze":
            snooze(conversation=row, until=deed.until, by=by, at=at)
        case "done":
            done(conversation=row, by=by, at=at)
        case "reopen":
            reopen(conversation=row, by=by, at=at)
        case "read":
            mark_read(conversation=row, by=by)
        case "unread":
            mark_unread(conversation=row, by=by)


def _snapshots(ids: Iterable[int], deed: Deed, by: Actor) -> dict[int, Snapshot]:
    """How they are now, as JSON can hold it."""
    keys = list(ids)
    found = {
        row["id"]: {name: _plain(value) for name, value in row.items() if name != "id"}
        for row in Conversation.objects.filter(id__in=keys).values("id", *_COLUMNS)
    }
    if deed.tag_id:
        links = Conversation.tags.through.objects.filter(conversation_id__in=keys, tag_id=deed.tag_id)
        tagged = set(links.values_list("conversation_id", flat=True))
        for key in found:
            found[key]["tagged"] = key in tagged
    if deed.kind in {"read", "unread"}:
        marks = ReadMark.objects.filter(member_id=by.member_id or 0, conversation_id__in=keys)
        seen = dict(marks.values_list("conversation_id", "message_id"))
        for key in found:
            found[key]["read"] = seen.get(key, 0)
    return found


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _keep(rows: list[Snapshot], deed: Deed, by: Actor, at: datetime) -> int | None:
    """Keep what was, for as long as it can be taken back."""
    if not rows:
        return None
    kept = {"tag_id": deed.tag_id, "rows": rows}
    made = BulkChange.objects.create(
        workspace_id=by.workspace_id, member_id=by.member_id or 0, kind=deed.kind, rows=kept, at=at
    )
    return made.pk


def forget_changes(*, at: datetime) -> int:
    """Delete what was kept of changes that can't be taken back any more; how many. A job does it each minute."""
    return BulkChange.objects.filter(at__lt=at - UNDO_FOR - GRACE).delete()[0]


# Taking it back -------------------------------------------------------------------------------------------------------


def undo_many(*, change_id: int, by: Actor, at: datetime) -> Outcome:
    """Restore what was before a change of this member's, for those nobody has changed since. Raises `NotFound`,
    `Invalid` when it is too late or was taken back already.
    """
    change = _claim(change_id, by, at)
    deed = Deed(kind=cast(Kind, change.kind), tag_id=change.rows["tag_id"])
    restored: list[int] = []
    refused: Counter[str] = Counter()
    rows = change.rows["rows"]
    for start in range(0, len(rows), CHUNK):
        restored += _restore_chunk(rows[start : start + CHUNK], deed, by, at, refused)
    return Outcome(changed=tuple(restored), refused=dict(refused))


@transaction.atomic
def _claim(change_id: int, by: Actor, at: datetime) -> BulkChange:
    found = BulkChange.objects.select_for_update().filter(id=change_id, member_id=by.member_id or 0).first()
    if found is None:
        raise NotFound("change", change_id)
    require(by, KINDS[found.kind])
    if found.undone_at is not None:
        raise Invalid(t("This was taken back already."), code="undone")
    if at > found.at + UNDO_FOR + GRACE:
        raise Invalid(t("This was more than a minute ago. Change them one by one."), code="too_late")
    found.undone_at = at
    found.save(update_fields=["undone_at"])
    return found


@transaction.atomic
def _restore_chunk(kept: list[Snapshot], deed: Deed, by: Actor, at: datetime, refused: Counter[str]) -> list[int]:
    ids = [row["id"] for row in kept]
    rows = {row.pk: row for row in visible_to(by).select_for_update(no_key=True).filter(id__in=ids).order_by("id")}
    now = _snapshots(rows, deed, by)
    restored = []
    for one in kept:
        key = one["id"]
        if key not in rows:
            refused[t(GONE)] += 1
        elif now[key] != one["after"]:
            refused[t(CHANGED)] += 1
        else:
            try:
                with transaction.atomic():
                    _restore(rows[key], one["before"], deed, by, at)
                restored.append(key)
            except Refused as refusal:
                refused[refusal.sentence] += 1
    return restored


def _restore(row: Conversation, before: Snapshot, deed: Deed, by: Actor, at: datetime) -> None:
    """By the action that does the opposite, so that the thread says so; then exactly as it was."""
    match deed.kind:
        case "assign":
            assign(conversation=row, member_id=before["assignee_id"], team_id=before["team_id"], by=by, at=at)
        case "tag":
            untag(conversation=row, tag_id=deed.tag_id, by=by, at=at)
        case "untag":
            tag(conversation=row, tag_id=deed.tag_id, by=by, at=at)
        case "read" | "unread":
            set_read(conversation_id=row.pk, member_id=by.member_id or 0, message_id=before["read"])
        case _:
            _restore_state(row, before, by, at)


def _restore_state(row: Conversation, before: Snapshot, by: Actor, at: datetime) -> None:
    until = datetime.fromisoformat(before["snoozed_until"]) if before["snoozed_until"] else None
    is_over = until is not None and until <= at
    if before["state"] == State.DONE:
        done(conversation=row, by=by, at=at)
    elif before["state"] == State.OPEN or is_over:
        reopen(conversation=row, by=by, at=at)
    else:
        woken = reopen(conversation=row, by=by, at=at) if row.state == State.DONE else row
        snooze(conversation=woken, until=until, by=by, at=at)
    exact = {name: before[name] for name in _STATE}
    if is_over:
        exact |= {"state": State.OPEN, "snoozed_until": None}
    Conversation.objects.filter(pk=row.pk).update(
        **{name: datetime.fromisoformat(value) if value and name in _TIMES else value for name, value in exact.items()}
    )


_TIMES = frozenset({"snoozed_until", "sort_at"})
