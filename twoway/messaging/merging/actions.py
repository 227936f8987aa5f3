"""Two contacts that are one person: merging them, undoing it exactly, and saying that they are not.

Locks are taken in one order, conversations before contacts, as intake takes them. A text that arrives meanwhile finds
its conversation gone, and intake tries again with what it finds then; a conversation that begins meanwhile with the
contact that went is brought over by `gather_strays`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec

from django.db import OperationalError, transaction
from django.db.models import Q

from twoway.contacts.models import Contact, Identity
from twoway.conversations.models import Conversation
from twoway.events.actions import Audience, audit, notify
from twoway.lib.refusal import Invalid, NotAllowed, Refused
from twoway.lib.words import t
from twoway.messaging.merging import joining, tables
from twoway.messaging.merging.models import JoinedConversation, Merge, NotTheSame
from twoway.messaging.merging.rules import UNDO_DAYS, merged
from twoway.messaging.merging.seen import FIELDS, person
from twoway.sla import actions as clocks
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

P = ParamSpec("P")
TRIES = 3
STRAYS_FOR = timedelta(minutes=15)
"""How long after a merge a transaction that began before it could still end."""
_EMPTY: dict[str, Any] = {
    "name": "",
    "properties": {},
    "time_zone": "",
    "language": "",
    "blocked_at": None,
    "blocked_until": None,
    "block_reason": "",
    "block_note": "",
    "blocked_by": "",
}


def _again(act: Callable[P, Merge]) -> Callable[P, Merge]:
    """Try again when the database broke a deadlock: nothing was done then."""

    @wraps(act)
    def tried(*args: P.args, **kwargs: P.kwargs) -> Merge:
        for _ in range(TRIES - 1):
            try:
                return act(*args, **kwargs)
            except OperationalError as error:
                if transaction.get_connection().in_atomic_block or "deadlock" not in str(error):
                    raise
        return act(*args, **kwargs)

    return tried


@_again
@transaction.atomic
def merge(*, kept: Contact, gone: Contact, by: Actor, at: datetime) -> Merge:
    """Make two contacts one: `gone` becomes part of `kept`. Raises `NotAllowed`, `Invalid`, `Refused`."""
    require(by, Right.MANAGE_CONTACTS)
    kept, gone = _locked(kept, gone, by)
    _may_merge(kept, gone)
    row = Merge.objects.create(
        workspace_id=by.workspace_id,
        kept=kept,
        gone=gone,
        by_name=by.audit_name[:120],
        at=at,
        until=at + timedelta(days=UNDO_DAYS),
    )
    told = _audiences([kept.pk, gone.pk])
    row.before = {
        "contacts": tables.rows("contact", "id", [kept.pk, gone.pk]),
        "identities": tables.rows("identity", "contact_id", [kept.pk, gone.pk]),
    }
    row.moved = {"identities": list(gone.identities.values_list("id", flat=True))}
    _join_people(kept, gone)
    row.moved["joined"], row.moved["conversations"] = _join_talks(row, kept.pk, gone.pk)
    row.moved["rows"], row.before["left"] = _join_rest(kept.pk, gone.pk)
    row.before["after"] = tables.rows("contact", "id", [kept.pk])
    row.save()
    data = {
        "gone": gone.pk,
        "merge": row.pk,
        "conversations": len(row.moved["conversations"]) + len(row.moved["joined"]),
    }
    _count_anew([kept.pk], at)
    _tell(by, "contact.merged", kept.pk, data, at, told | _audiences([kept.pk]))
    return row


@_again
@transaction.atomic
def unmerge(*, merge: Merge, by: Actor, at: datetime) -> Merge:
    """Take a merge back. Both have what they had; what was said since stays with the address it was said from.

    Raises `NotAllowed`, `Invalid`, `Refused`.
    """
    require(by, Right.MANAGE_CONTACTS)
    if merge.workspace_id != by.workspace_id:
        raise NotAllowed(t("This merge is not in this workspace."))
    row = Merge.objects.select_for_update(of=("self",)).get(id=merge.pk)
    _may_undo(row, at)
    kept, gone = _locked(row.kept, row.gone, by)
    told = _audiences([kept.pk])
    _part_people(row, kept, gone)
    _part_rest(row, kept.pk, gone.pk)
    moved = Conversation.objects.filter(id__in=row.moved["conversations"], contact_id=kept.pk)
    moved.update(contact_id=gone.pk)
    for noted in reversed(row.moved["joined"]):
        joining.part(noted, contact_id=gone.pk)
    JoinedConversation.objects.filter(merge=row).delete()
    _split_by_address(kept.pk, gone.pk)
    row.undone_at, row.undone_by = at, by.audit_name[:120]
    row.before, row.moved = {}, {}
    row.save()
    _count_anew([kept.pk, gone.pk], at)
    _tell(
        by, "contact.unmerged", kept.pk, {"gone": gone.pk, "merge": row.pk}, at, told | _audiences([kept.pk, gone.pk])
    )
    return row


@transaction.atomic
def not_the_same(*, one: Contact, other: Contact, by: Actor, at: datetime) -> None:
    """Say that two contacts are two people, so that they aren't suggested again. Raises `NotAllowed`."""
    require(by, Right.MANAGE_CONTACTS)
    if not one.workspace_id == other.workspace_id == by.workspace_id:
        raise NotAllowed(t("These contacts are not in this workspace."))
    low, high = sorted([one.pk, other.pk])
    NotTheSame.objects.get_or_create(one_id=low, other_id=high, defaults={"by_name": by.audit_name[:120], "at": at})


def gather_strays(*, at: datetime) -> int:
    """Bring over what began with a contact while it was merged or parted; how many conversations."""
    recent = Q(at__gt=at - STRAYS_FOR, undone_at=None) | Q(undone_at__gt=at - STRAYS_FOR)
    return sum(_gather(key) for key in Merge.objects.filter(recent).order_by("id").values_list("id", flat=True))


@transaction.atomic
def _gather(merge_id: int) -> int:
    row = Merge.objects.select_for_update(of=("self",)).get(id=merge_id)
    if row.undone_at is not None:
        before = _audiences([row.kept_id, row.gone_id])
        found = _split_by_address(row.kept_id, row.gone_id)
        if found:
            notify(workspace_id=row.workspace_id, conversations=before | _audiences([row.kept_id, row.gone_id]))
        return found
    if not Conversation.objects.filter(contact_id=row.gone_id).exists():
        return 0
    told = _audiences([row.kept_id, row.gone_id])
    joined, moved = _join_talks(row, row.kept_id, row.gone_id)
    row.moved["joined"] += joined
    row.moved["conversations"] += moved
    row.save(update_fields=["moved"])
    notify(workspace_id=row.workspace_id, conversations=told | _audiences([row.kept_id]))
    return len(joined) + len(moved)


@transaction.atomic
def forget(*, at: datetime) -> int:
    """Empty what merges kept for an undo whose time is over; how many."""
    return Merge.objects.filter(until__lt=at).exclude(before={}).update(before={}, moved={})


# Locks and refusals ---------------------------------------------------------------------------------------------------


def _locked(kept: Contact, gone: Contact, by: Actor) -> tuple[Contact, Contact]:
    if not kept.workspace_id == gone.workspace_id == by.workspace_id:
        raise NotAllowed(t("These contacts are not in this workspace."))
    list(Conversation.objects.select_for_update().filter(contact__in=[kept, gone]).order_by("id"))
    rows = {row.pk: row for row in Contact.objects.select_for_update().filter(id__in=[kept.pk, gone.pk]).order_by("id")}
    return rows[kept.pk], rows[gone.pk]


def _may_merge(kept: Contact, gone: Contact) -> None:
    if kept.pk == gone.pk:
        raise Invalid(t("Choose somebody else."), field="other")
    if kept.merged_into_id is not None or gone.merged_into_id is not None:
        raise Refused(t("One of them was merged already. Open them again."), code="merged")
    if kept.erased_at is not None or gone.erased_at is not None:
        raise Refused(t("Somebody who was erased can't be merged."), code="erased")


def _may_undo(row: Merge, at: datetime) -> None:
    if row.undone_at is not None:
        raise Refused(t("This merge was undone already."), code="undone")
    if row.until < at or not row.before:
        raise Refused(t("A merge can be undone for {days} days.", days=UNDO_DAYS), code="too_late")
    people = [row.kept_id, row.gone_id]
    later = Merge.objects.filter(Q(kept__in=people) | Q(gone__in=people), id__gt=row.pk, undone_at=None)
    if later.exists():
        raise Refused(t("They were merged again since. Undo the later merge first."), code="merged_since")
    if Contact.objects.filter(id__in=people, erased_at__isnull=False).exists():
        raise Refused(t("They were erased since."), code="erased")


def _audiences(contact_ids: Iterable[int]) -> set[Audience]:
    rows = Conversation.objects.filter(contact_id__in=list(contact_ids))
    return set(rows.values_list("id", "team_id", "assignee_id"))


# Joining --------------------------------------------------------------------------------------------------------------


def _join_people(kept: Contact, gone: Contact) -> None:
    after = merged(person(kept), person(gone))
    held_first = kept.identities.filter(is_first=True).exists()
    Contact.objects.filter(id=kept.pk).update(**{name: getattr(after, name) for name in FIELDS})
    Contact.objects.filter(id=gone.pk).update(**_EMPTY, merged_into_id=kept.pk)
    Contact.objects.filter(merged_into_id=gone.pk).update(merged_into_id=kept.pk)
    moved = Identity.objects.filter(contact=gone)
    if held_first:
        moved.update(is_first=False)
    moved.update(contact=kept)
    blocked = after.blocked_at is not None
    Identity.objects.filter(contact=kept).update(is_blocked=blocked, blocked_until=after.blocked_until)


def _join_talks(row: Merge, kept_id: int, gone_id: int) -> tuple[list[joining.Kept], list[int]]:
    """Join what is with the same number, and hand over the rest; what was noted, and the ids handed over."""
    joined, moved = [], []
    for talk in Conversation.objects.select_for_update().filter(contact_id=gone_id).order_by("id"):
        own = list(Conversation.objects.select_for_update().filter(contact_id=kept_id).order_by("id"))
        into = joining.target(talk, own)
        if into is not None:
            joined.append(joining.join(row, gone=talk, into=into))
        else:
            Conversation.objects.filter(id=talk.pk).update(contact_id=kept_id)
            moved.append(talk.pk)
    return joined, moved


def _join_rest(kept_id: int, gone_id: int) -> tuple[dict[str, Any], dict[str, Any]]:
    moved, left = {}, {}
    for pointer in tables.pointers(Contact):
        keys, rows = tables.move(pointer, old=gone_id, new=kept_id)
        moved[pointer.name] = keys
        if rows:
            left[pointer.table] = rows
    return moved, left


# Parting --------------------------------------------------------------------------------------------------------------


def _part_people(row: Merge, kept: Contact, gone: Contact) -> None:
    """Both get back what they had; what of the kept one was changed since stays changed."""
    before = {one["id"]: one for one in row.before["contacts"]}
    after, now = row.before["after"][0], tables.rows("contact", "id", [kept.pk])[0]
    unchanged = {name: before[kept.pk][name] for name in FIELDS if name != "properties" and now[name] == after[name]}
    tables.restore("contact", now | unchanged | {"properties": _properties(before[kept.pk], after, now)})
    tables.restore("contact", before[gone.pk])
    Contact.objects.filter(merged_into_id=kept.pk, id__in=_came_with(row)).update(merged_into_id=gone.pk)
    Identity.objects.filter(id__in=row.moved["identities"], contact=kept).update(contact=gone)
    for one in row.before["identities"]:
        held = Identity.objects.filter(id=one["id"]).first()
        if held is not None:
            held.is_first = one["is_first"]
            held.save(update_fields=["is_first"])
    for contact in Contact.objects.filter(id__in=[kept.pk, gone.pk]):
        blocked = contact.blocked_at is not None
        contact.identities.update(is_blocked=blocked, blocked_until=contact.blocked_until)


def _came_with(row: Merge) -> Sequence[int]:
    """Who had been merged into the one that went, before."""
    earlier = Merge.objects.filter(kept_id=row.gone_id, undone_at=None, id__lt=row.pk)
    return list(earlier.values_list("gone_id", flat=True))


def _properties(before: tables.Row, after: tables.Row, now: tables.Row) -> dict[str, Any]:
    """Per property: as it was before the merge, unless it was changed since."""
    was, then, is_now = before["properties"], after["properties"], now["properties"]
    found = dict(is_now)
    for key in {*was, *then}:
        if is_now.get(key) == then.get(key):
            found.pop(key, None)
            if key in was:
                found[key] = was[key]
    return found


def _part_rest(row: Merge, kept_id: int, gone_id: int) -> None:
    for pointer in tables.pointers(Contact):
        tables.move_back(pointer, old=gone_id, new=kept_id, keys=row.moved["rows"].get(pointer.name, []))
    for table, rows in row.before["left"].items():
        tables.put(table, rows)


def _split_by_address(kept_id: int, gone_id: int) -> int:
    """Texts stand in a conversation of whoever has the address they were exchanged with; how many had to move."""
    found = 0
    for owner, other in ((kept_id, gone_id), (gone_id, kept_id)):
        theirs = list(Identity.objects.filter(contact_id=other).values_list("id", flat=True))
        for talk in Conversation.objects.select_for_update().filter(contact_id=owner).order_by("id"):
            found += joining.split(talk, identity_ids=theirs, contact_id=other) is not None
    return found


def _count_anew(contact_ids: Sequence[int], at: datetime) -> None:
    """Clocks for replies go by how their conversations stand now; what was used of them is kept."""
    talks = Conversation.objects.filter(contact_id__in=list(contact_ids))
    clocks.look_again(conversation_ids=list(talks.values_list("id", flat=True)), at=at)


def _tell(by: Actor, action: str, contact_id: int, data: dict[str, int], at: datetime, told: set[Audience]) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"contact {contact_id}",
        data=data,
        at=at,
    )
    notify(workspace_id=by.workspace_id, conversations=sorted(told, key=lambda one: one[0]))
