"""Switching the rules on and off, asking a second person, and what they answer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.approvals import queries, rules
from twoway.teams.approvals.gate import agreed, require_second, rules_on
from twoway.teams.approvals.models import Approval, TwoPeople
from twoway.teams.approvals.rules import KINDS, Payload, Rule, State
from twoway.teams.models import Workspace
from twoway.teams.queries import actor_of_user
from twoway.teams.rules import Right, may, require

Doer = Callable[[Actor, Actor, Payload, datetime], None]
"""Does a deed: as the first, with the second looking on (who must be able to see what it is about)."""


@transaction.atomic
def switch_on(*, by: Actor, wanted: Collection[str], at: datetime) -> frozenset[str]:
    """Want a second person for these as well; the rules that are on then. Raises `NotAllowed`, `Invalid`.

    Refused where fewer than two people have a right it takes: nobody could agree.
    """
    row, before = _rules(by, at)
    for word in sorted(_known(wanted) - before):
        if queries.too_few(by.workspace_id, Rule(word)):
            raise Invalid(
                t(
                    "Fewer than two people here have the rights this takes, so nobody could agree. "
                    "Give somebody else such a role first."
                ),
                field=word,
                code="one_person",
            )
    return _save(row, before, before | _known(wanted), by, at)


@transaction.atomic
def switch_off(*, by: Actor, unwanted: Collection[str], at: datetime) -> frozenset[str]:
    """Want no second person for these any more; that itself takes one. Raises `NotAllowed`, `SecondPersonNeeded`."""
    row, before = _rules(by, at)
    after = before - _known(unwanted)
    if after != before:
        require_second(by, None)
    return _save(row, before, after, by, at)


def _rules(by: Actor, at: datetime) -> tuple[TwoPeople, frozenset[str]]:
    require(by, Right.MANAGE_ROLES)
    _lock(by)
    row = TwoPeople.objects.filter(workspace_id=by.workspace_id).first()
    return row or TwoPeople(workspace_id=by.workspace_id, changed_at=at), rules_on(by.workspace_id)


def _known(words: Collection[str]) -> frozenset[str]:
    if set(words) - set(Rule):
        raise Invalid(t("Choose rules from the list."), field="rules")
    return frozenset(str(word) for word in words)


def _save(row: TwoPeople, before: frozenset[str], after: frozenset[str], by: Actor, at: datetime) -> frozenset[str]:
    if after != before:
        row.rules, row.changed_at = sorted(after), at
        row.save()
        _write(by, "approval.rules_changed", "workspace", at, before=sorted(before), after=sorted(after))
    return after


@transaction.atomic
def ask(*, by: Actor, kind: str, payload: Mapping[str, Any], at: datetime, contact_id: int | None = None) -> Approval:
    """Keep that a member wants a second person to agree to a deed. Asking for the same again is the same request.

    Raises `NotAllowed`, `Invalid`, `Refused` (too_many).
    """
    require(by, KINDS[kind].right)
    if by.kind != "member" or by.member_id is None:
        raise NotAllowed(t("Only a member can ask for this."))
    cleaned = rules.clean(kind, payload)
    _lock(by)
    mine = Approval.objects.filter(
        workspace_id=by.workspace_id, asked_by_id=by.member_id, state=State.ASKED, expires_at__gt=at
    )
    same = mine.filter(kind=kind, payload=cleaned).first()
    if same is not None:
        return same
    if mine.count() >= rules.MOST_OPEN:
        raise Refused(
            t("You asked for {most} things already. Take some back first.", most=rules.MOST_OPEN), code="too_many"
        )
    made = Approval.objects.create(
        workspace_id=by.workspace_id,
        kind=kind,
        payload=cleaned,
        contact_id=contact_id,
        state=State.ASKED,
        asked_by_id=by.member_id,
        asked_at=at,
        expires_at=at + rules.GOOD_FOR,
    )
    _write(by, "approval.asked", f"request {made.pk}", at, kind=kind)
    return made


@transaction.atomic
def agree(*, by: Actor, approval_id: int, do: Doer, at: datetime, note: str = "") -> Approval:
    """Agree as the second person, and do it at once, as whoever asked; an export may be taken by them from now on.

    Once only, however many press: the row is locked. What both may do is looked at again. When it can't be done any
    more nothing changes and the reason is raised. Raises `NotAllowed`, `NotFound`, `Refused`, `Invalid`.
    """
    found = _deciding(by, approval_id, at)
    kind = KINDS[found.kind]
    asker = actor_of_user(user_id=found.asked_by.user_id, workspace_id=found.workspace_id)
    if asker is None or asker.member_id != found.asked_by_id:
        raise Refused(t("Whoever asked for this doesn't work here any more."), code="asker_gone")
    if not may(asker, kind.right):
        raise Refused(t("Whoever asked for this may not do it any more."), code="asker_changed")
    with agreed(asker, kind.rule):
        do(asker, by, found.payload, at)
    found.decided_by_id, found.decided_at, found.note = by.member_id, at, rules.clean_note(note)
    if kind.is_taken:
        found.state, found.usable_until = State.AGREED, at + rules.USABLE_FOR
    else:
        found.state, found.payload = State.DONE, rules.remains(found.payload)
    found.save()
    _record(by, "approval.agreed", found, at)
    return found


@transaction.atomic
def decline(*, by: Actor, approval_id: int, at: datetime, note: str = "") -> Approval:
    """Say no, as the second person. Raises `NotAllowed`, `NotFound`, `Refused`."""
    found = _deciding(by, approval_id, at)
    found.decided_by_id, found.decided_at, found.note = by.member_id, at, rules.clean_note(note)
    return _close(found, State.DECLINED, by, "approval.declined", at)


@transaction.atomic
def take_back(*, by: Actor, approval_id: int, at: datetime) -> Approval:
    """Ask no more for something, as whoever asked. Raises `NotAllowed`, `NotFound`, `Refused`."""
    found = _locked(by, approval_id)
    if found.asked_by_id != by.member_id:
        raise NotAllowed(t("Only whoever asked can take it back."))
    _require_standing(found, {State.ASKED, State.AGREED}, at)
    return _close(found, State.TAKEN_BACK, by, "approval.taken_back", at)


@transaction.atomic
def use(*, by: Actor, approval_id: int, at: datetime) -> Payload:
    """Take an agreed export, once and in time, as whoever asked; what was asked for.

    Raises `NotAllowed`, `NotFound`, `Refused`.
    """
    found = _locked(by, approval_id)
    if found.asked_by_id != by.member_id:
        raise NotAllowed(t("Only whoever asked can take it away."))
    require(by, KINDS[found.kind].right)
    _require_standing(found, {State.AGREED}, at)
    payload: Payload = found.payload
    found.used_at = at
    _close(found, State.DONE, by, "approval.used", at)
    return payload


def expire(*, at: datetime) -> int:
    """Close what nobody answered or took in time, and delete what was closed long ago; how many were closed."""
    over = Approval.objects.filter(state=State.ASKED, expires_at__lte=at) | Approval.objects.filter(
        state=State.AGREED, usable_until__lte=at
    )
    many = 0
    for found in over.order_by("id")[:5000]:
        still = Approval.objects.filter(id=found.pk, state=found.state)
        many += still.update(state=State.EXPIRED, payload=rules.remains(found.payload))
    Approval.objects.exclude(state__in=list(rules.OPEN)).filter(asked_at__lt=at - rules.KEEP).delete()
    return many


def forget(*, contact_id: int) -> None:
    """Close what is asked for about a person who is erased, and keep no words about them."""
    about = Approval.objects.filter(contact_id=contact_id)
    about.update(note="")
    for found in about.filter(state__in=list(rules.OPEN)):
        Approval.objects.filter(id=found.pk).update(state=State.EXPIRED, payload=rules.remains(found.payload))


def _deciding(by: Actor, approval_id: int, at: datetime) -> Approval:
    """One this actor may decide, locked. Raises `NotAllowed`, `NotFound`, `Refused`."""
    found = _locked(by, approval_id)
    if found.asked_by_id == by.member_id:
        raise NotAllowed(t("You asked for this. Somebody else has to agree."), code="own_request")
    if not rules.may_decide(by, kind=found.kind, asked_by=found.asked_by_id):
        raise NotAllowed(t("Your role doesn't allow this. Ask an owner or an admin."))
    _require_standing(found, {State.ASKED}, at)
    return found


def _locked(by: Actor, approval_id: int) -> Approval:
    rows = Approval.objects.select_for_update(of=("self",)).select_related("asked_by__user")
    found = rows.filter(workspace_id=by.workspace_id, id=approval_id).first()
    if found is None or by.kind != "member":
        raise NotFound("request", approval_id)
    return found


def _require_standing(found: Approval, wanted: Collection[State], at: datetime) -> None:
    now = rules.standing(found.state, expires_at=found.expires_at, usable_until=found.usable_until, at=at)
    if now in wanted:
        return
    if now is State.EXPIRED:
        raise Refused(t("This is over: nobody did it in time. It can be asked for again."), code="expired")
    raise Refused(t("This was answered already, or taken back."), code="closed")


def _close(found: Approval, state: State, by: Actor, action: str, at: datetime) -> Approval:
    found.state, found.payload = state, rules.remains(found.payload)
    found.save()
    _record(by, action, found, at)
    return found


def _record(by: Actor, action: str, found: Approval, at: datetime) -> None:
    """Both names: who acts is the entry's own, who asked is beside it."""
    _write(by, action, f"request {found.pk}", at, kind=found.kind, asked_by=str(found.asked_by))


def _lock(by: Actor) -> None:
    Workspace.objects.select_for_update(no_key=True).get(id=by.workspace_id)


def _write(by: Actor, action: str, subject: str, at: datetime, **data: Detail) -> None:
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
