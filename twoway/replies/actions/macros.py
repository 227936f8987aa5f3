"""Writing macros: adding, changing, putting away and bringing back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from twoway.conversations.queries import access_tag
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.replies import macro_queries
from twoway.replies import macro_rules as rules
from twoway.replies.actions.saving import check_may_change, clean_name, place, record, refuse
from twoway.replies.models import Macro, Scope, When
from twoway.replies.queries import access_reply
from twoway.teams.actor import Actor
from twoway.teams.queries import access_assignee, access_team
from twoway.teams.rules import Right, require

MOST_MACROS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class MacroTerms:
    """What a macro is to be; `steps` are mappings with `do`, `value` and for a property its `key`."""

    name: str
    steps: Sequence[Mapping[str, Any]]
    key: str = ""
    when: str = When.ALWAYS.value
    scope: str = Scope.OWN.value
    team_id: int | None = None


@transaction.atomic
def add_macro(*, terms: MacroTerms, by: Actor, at: datetime) -> Macro:
    """Keep a new macro. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    if Macro.objects.filter(workspace_id=by.workspace_id).count() >= MOST_MACROS:
        raise Invalid(t("There are {most} macros already. Change one of them.", most=MOST_MACROS))
    macro = Macro(workspace_id=by.workspace_id, created_at=at)
    _put(macro, terms, by=by, at=at)
    record(by, "macro.added", macro, at, **_told(macro))
    return macro


@transaction.atomic
def change_macro(*, macro: Macro, terms: MacroTerms, by: Actor, at: datetime) -> Macro:
    """Change a macro. Raises `NotAllowed`, `NotFound`, `Invalid`."""
    macro = _lock(macro, by)
    before = _told(macro)
    _put(macro, terms, by=by, at=at)
    if before != _told(macro):
        record(by, "macro.changed", macro, at, **_told(macro))
    return macro


@transaction.atomic
def archive_macro(*, macro: Macro, by: Actor, at: datetime) -> Macro:
    """Put a macro away, and give its shortcut free. Raises `NotAllowed`, `NotFound`."""
    macro = _lock(macro, by)
    if macro.archived_at is None:
        macro.archived_at, macro.key = at, ""
        macro.save(update_fields=["archived_at", "key"])
        record(by, "macro.archived", macro, at, name=macro.name)
    return macro


@transaction.atomic
def restore_macro(*, macro: Macro, by: Actor, at: datetime) -> Macro:
    """Bring a macro back. Raises `NotAllowed`, `NotFound`."""
    macro = _lock(macro, by)
    if macro.archived_at is not None:
        macro.archived_at = None
        macro.save(update_fields=["archived_at"])
        record(by, "macro.restored", macro, at, name=macro.name)
    return macro


def _lock(macro: Macro, by: Actor) -> Macro:
    require(by, Right.REPLY)
    rows = macro_queries.macros(by, with_archived=True).order_by("id")
    locked = rows.select_for_update(of=("self",)).filter(id=macro.pk).first()
    if locked is None:
        raise NotFound("macro", macro.pk)
    check_may_change(by, scope=locked.scope, owner_id=locked.owner_id)
    return locked


def _put(macro: Macro, terms: MacroTerms, *, by: Actor, at: datetime) -> None:
    require(by, Right.REPLY)
    place(macro, scope=terms.scope, team_id=terms.team_id, by=by)
    macro.name = clean_name(terms.name)
    macro.key = terms.key.strip().lower().replace(" ", "")
    refuse(rules.key_problem(macro.key), "key")
    _check_key_is_free(macro)
    if terms.when not in When.values:
        raise Invalid(t("Choose when it is offered."), field="when")
    steps = rules.clean_steps(terms.steps)
    refuse(rules.steps_problem(steps), "steps")
    for step in steps:
        _check_step(step, macro, by=by)
    macro.when, macro.steps = terms.when, steps
    macro.changed_at, macro.changed_by = at, by.name[:80]
    macro.save()


def _check_key_is_free(macro: Macro) -> None:
    """Raises `Invalid` for the shortcut of a macro that somebody who sees this one may see."""
    if not macro.key:
        return
    same = Macro.objects.filter(workspace_id=macro.workspace_id, key=macro.key, archived_at=None).exclude(id=macro.pk)
    if macro.scope == Scope.OWN:
        same = same.filter(Q(owner_id=macro.owner_id) | ~Q(scope=Scope.OWN))
    other = same.first()
    if other is not None:
        key = rules.key_words(macro.key)
        words = t("{key} is the key of somebody's own macro.", key=key)
        if other.scope != Scope.OWN:
            words = t("{key} is the key of the macro “{name}”.", key=key, name=other.name)
        raise Invalid(words, field="key", code="key_taken")


def _check_step(step: Mapping[str, str], macro: Macro, *, by: Actor) -> None:
    """Raises `Invalid` for a step that names what is not there, or a reply others of this macro don't have."""
    try:
        if step["do"] in {"reply", "fill"}:
            found = access_reply(by, int(step["value"]))
            if found.archived_at is not None:
                raise Invalid(t("“{name}” is archived. Choose another saved reply.", name=found.name), field="steps")
            if macro.scope != Scope.OWN and found.scope == Scope.OWN:
                raise Invalid(
                    t("Only you have “{name}”. A shared macro needs a shared reply.", name=found.name), field="steps"
                )
        elif step["do"] in {"tag", "untag"}:
            access_tag(by, int(step["value"]))
        elif step["do"] == "assign_member":
            access_assignee(by, int(step["value"]))
        elif step["do"] == "assign_team":
            access_team(by, int(step["value"]))
    except NotFound as gone:
        raise Invalid(
            t(
                "{step}: {problem}",
                step=t(rules.STEPS[step["do"]]),
                problem=gone.sentence[:1].lower() + gone.sentence[1:],
            ),
            field="steps",
        ) from None


def _told(macro: Macro) -> dict[str, Any]:
    """What the audit trail keeps of it."""
    steps = [": ".join(part for part in (one["do"], one.get("key", ""), one["value"]) if part) for one in macro.steps]
    return {"name": macro.name, "scope": macro.scope, "key": macro.key, "when": macro.when, "steps": steps}
