"""Making, changing and placing saved views, and a member's habits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from twoway.conversations.views.models import Habit, Order, SavedView, Scope, ViewPlace
from twoway.conversations.views.queries import access_view, may_change, pinned_views
from twoway.conversations.views.rules import ICONS, LONGEST_NAME, MOST_PRIVATE, MOST_SHARED
from twoway.events.actions import audit
from twoway.lib.conditions import Field, Group, read, written
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.queries import own_teams
from twoway.teams.rules import Right, require

FOLDS = frozenset({"reply", "customer", "all"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """A saved view as a form gives it. `conditions` is JSON as `lib.conditions` has it."""

    name: str
    scope: str
    conditions: object
    team_id: int | None = None
    order: str = "waiting"
    icon: str = "star"


@transaction.atomic
def save_view(
    *, wish: Wish, fields: Mapping[str, Field], by: Actor, at: datetime, view_id: int | None = None
) -> SavedView:
    """Make a saved view, or change the one of this id. What is shared is audited. Raises `NotAllowed`, `NotFound`,
    `Invalid`.
    """
    require(by, Right.READ)
    if by.member_id is None:
        raise Invalid(t("Only a member keeps views."), code="not_a_member")
    old = access_view(by, view_id) if view_id is not None else None
    if old is not None and not may_change(by, old):
        raise NotAllowed(t("Only who may share views can change this one."))
    tree = read(wish.conditions, fields=fields)
    view = old or SavedView(workspace_id=by.workspace_id, owner_id=by.member_id, created_at=at)
    _fill(view, wish, tree, by, at)
    try:
        with transaction.atomic():
            view.save()
    except IntegrityError:
        raise Invalid(t("You have a view with this name."), field="name", code="name_taken") from None
    _record(by, "view.changed" if old else "view.created", view, at)
    return view


def _fill(view: SavedView, wish: Wish, tree: Group, by: Actor, at: datetime) -> None:
    name = " ".join(wish.name.replace("\0", "").split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(t("Name the view, with at most {most} characters.", most=LONGEST_NAME), field="name")
    if wish.scope not in Scope.values:
        raise Invalid(t("Choose who sees it."), field="scope")
    if wish.order not in Order.values:
        raise Invalid(t("Choose an order."), field="order")
    if wish.scope != Scope.PRIVATE:
        require(by, Right.SHARE_VIEWS)
    if wish.scope == Scope.TEAM and not own_teams(by).filter(id=wish.team_id or 0).exists():
        raise Invalid(t("Choose a team."), field="team")
    if view._state.adding or view.scope != wish.scope:
        _check_room(wish.scope, by)
    view.name, view.scope, view.order = name, wish.scope, wish.order
    view.team_id = wish.team_id if wish.scope == Scope.TEAM else None
    view.icon = wish.icon if wish.icon in ICONS else ICONS[0]
    view.conditions, view.updated_at = written(tree), at


def _check_room(scope: str, by: Actor) -> None:
    rows = SavedView.objects.filter(workspace_id=by.workspace_id)
    if scope == Scope.PRIVATE and rows.filter(owner_id=by.member_id, scope=scope).count() >= MOST_PRIVATE:
        raise Invalid(t("You have {most} views. Delete one first.", most=MOST_PRIVATE), code="too_many_views")
    if scope != Scope.PRIVATE and rows.exclude(scope=Scope.PRIVATE).count() >= MOST_SHARED:
        raise Invalid(t("There are {most} shared views. Delete one first.", most=MOST_SHARED), code="too_many_views")


@transaction.atomic
def delete_view(*, view: SavedView, by: Actor, at: datetime) -> None:
    """Delete a saved view; the conversations in it stay as they are. Raises `NotAllowed`."""
    if not may_change(by, view):
        raise NotAllowed(t("Only who may share views can delete this one."))
    _record(by, "view.deleted", view, at)
    view.delete()


@transaction.atomic
def place_view(*, view: SavedView, by: Actor, is_pinned: bool | None = None, step: int = 0) -> None:
    """Show a view in this member's column or not, or move it there by so many places. Others keep theirs."""
    if by.member_id is None:
        raise Invalid(t("Only a member keeps views."), code="not_a_member")
    if is_pinned is not None:
        _place(view.pk, by.member_id, is_pinned=is_pinned)
    if not step:
        return
    order = [one.pk for one in pinned_views(by)]
    if view.pk in order:
        at = order.index(view.pk)
        order.insert(max(0, min(at + step, len(order) - 1)), order.pop(at))
    for position, key in enumerate(order, 1):
        _place(key, by.member_id, position=position)


def _place(view_id: int, member_id: int, **values: bool | int) -> None:
    ViewPlace.objects.update_or_create(view_id=view_id, member_id=member_id, defaults=values)


def keep_habit(
    *,
    by: Actor,
    keys: Mapping[str, str] | None = None,
    goes_on: bool | None = None,
    fold: str = "",
    is_folded: bool = False,
) -> Habit:
    """Keep how a member likes to work; what is not named stays. `keys` are those they changed, by command.

    Raises `Invalid`.
    """
    if by.member_id is None:
        raise Invalid(t("Only a member has habits."), code="not_a_member")
    if fold and fold not in FOLDS:
        raise Invalid(t("There is no such group."), field="fold")
    with transaction.atomic():
        habit, _ = Habit.objects.select_for_update().get_or_create(member_id=by.member_id)
        if keys is not None:
            habit.keys = dict(keys)
        if goes_on is not None:
            habit.goes_on = goes_on
        if fold:
            habit.folded = _folded(habit.folded, fold, is_folded=is_folded)
        habit.save()
    return habit


def _folded(known: Iterable[str], fold: str, *, is_folded: bool) -> list[str]:
    kept = {one for one in known if one in FOLDS} - {fold}
    return sorted(kept | {fold}) if is_folded else sorted(kept)


def _record(by: Actor, action: str, view: SavedView, at: datetime) -> None:
    """What everybody or a team sees is in the audit trail; a view of one's own is nobody's business."""
    if view.scope == Scope.PRIVATE:
        return
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"view {view.pk}",
        data={"name": view.name, "scope": view.scope},
        at=at,
    )
