"""The three sorts of rules the settings make with one form: what each may be about, its own inputs, how it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twoway.desk.forms import DeskForm
from twoway.desk.forms_queues import EscalationForm, HintForm, RuleForm, number_of
from twoway.lib.conditions import Field
from twoway.lib.words import noted
from twoway.routing import actions, queries
from twoway.routing.escalation import actions as escalation_actions
from twoway.routing.escalation import queries as escalation
from twoway.teams.actor import Actor


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    """One sort. `load` and `save` take the actor; `initial` are the form's inputs for a row that is kept."""

    key: str
    title: str
    lede: str
    url: str
    back: str
    fields: Callable[[Actor], dict[str, Field]]
    form: Callable[..., DeskForm]
    load: Callable[[Actor, int], Any]
    initial: Callable[[Any], dict[str, Any]]
    save: Callable[[Actor, Any, object, int | None, datetime], Any]
    delete: Callable[[Actor, Any, datetime], None]


def _rule_initial(row: queries.RoutingRule) -> dict[str, Any]:
    return {
        "name": row.name,
        "queue_id": str(row.queue_id),
        "priority": str(row.priority or ""),
        "team_id": str(row.team_id or ""),
        "skills": [str(one.skill_id) for one in row.skills.all()],
        "is_active": row.is_active,
    }


def _rule_save(actor: Actor, form: RuleForm, conditions: object, key: int | None, at: datetime) -> object:
    given = form.cleaned_data
    kept = {one.skill_id: one.level for one in queries.access_rule(actor, key).skills.all()} if key else {}
    wish = actions.RuleWish(
        name=given["name"],
        conditions=conditions,
        queue_id=int(given["queue_id"]),
        priority=number_of(given["priority"]),
        team_id=number_of(given["team_id"]),
        skills={int(one): kept.get(int(one), 1) for one in given.get("skills", ())},
        is_active=given["is_active"],
    )
    return actions.save_rule(wish=wish, by=actor, at=at, rule_id=key)


def _escalation_initial(row: escalation.EscalationRule) -> dict[str, Any]:
    target = row.member_id or row.team_id or row.queue_id
    return {
        "name": row.name,
        "gives": f"{row.gives}-{target}" if target else row.gives if row.gives in {"", "manager"} else "",
        "tag_id": str(row.tag_id or ""),
        "priority": str(row.priority or ""),
        "tells_managers": row.tells_managers,
        "is_active": row.is_active,
    }


def _escalation_save(actor: Actor, form: EscalationForm, conditions: object, key: int | None, at: datetime) -> object:
    given = form.cleaned_data
    gives, target = form.target()
    wish = escalation_actions.RuleWish(
        name=given["name"],
        conditions=conditions,
        gives=gives,
        target_id=target,
        tag_id=number_of(given["tag_id"]),
        priority=number_of(given["priority"]),
        tells_managers=given["tells_managers"],
        is_active=given["is_active"],
    )
    return escalation_actions.save_rule(wish=wish, by=actor, at=at, rule_id=key)


def _hint_save(actor: Actor, form: HintForm, conditions: object, key: int | None, at: datetime) -> object:
    given = form.cleaned_data
    return escalation_actions.save_hint(
        sentence=given["sentence"],
        conditions=conditions,
        is_active=given["is_active"],
        by=actor,
        at=at,
        hint_id=key,
    )


def _hint_form(*args: Any, actor: Actor, **kwargs: Any) -> DeskForm:
    return HintForm(*args, **kwargs)


SORTS = {
    one.key: one
    for one in (
        Sort(
            key="rule",
            title=noted("Routing rule"),
            lede=noted("The first rule whose conditions hold says into which queue a conversation goes."),
            url="desk:settings_queue_rule",
            back="desk:settings_queues",
            fields=queries.fields_for,
            form=RuleForm,
            load=queries.access_rule,
            initial=_rule_initial,
            save=_rule_save,
            delete=lambda actor, row, at: actions.delete_rule(rule=row, by=actor, at=at),
        ),
        Sort(
            key="escalation",
            title=noted("Escalation rule"),
            lede=noted("The first rule whose conditions hold acts, once in an episode, and says so in the thread."),
            url="desk:settings_escalation_rule",
            back="desk:settings_escalation",
            fields=escalation.fields_for,
            form=EscalationForm,
            load=escalation.access_rule,
            initial=_escalation_initial,
            save=_escalation_save,
            delete=lambda actor, row, at: escalation_actions.delete_rule(rule=row, by=actor, at=at),
        ),
        Sort(
            key="hint",
            title=noted("Hint when to call"),
            lede=noted("Shown above the thread to whoever answers, while its conditions hold."),
            url="desk:settings_hint",
            back="desk:settings_escalation",
            fields=lambda actor: escalation.fields_for(actor, with_clocks=False),
            form=_hint_form,
            load=escalation.access_hint,
            initial=lambda row: {"sentence": row.sentence, "is_active": row.is_active},
            save=_hint_save,
            delete=lambda actor, row, at: escalation_actions.delete_hint(hint=row, by=actor, at=at),
        ),
    )
}
