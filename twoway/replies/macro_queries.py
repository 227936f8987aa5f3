"""Reading macros: which somebody may run, which fit a conversation, and what their steps say in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.db.models.functions import Lower

from twoway.conversations.queries import Conversation, tags
from twoway.lib.refusal import NotFound
from twoway.lib.words import t
from twoway.replies import macro_rules as rules
from twoway.replies.models import Macro, When
from twoway.replies.queries import mine, visible_to
from twoway.teams.actor import Actor
from twoway.teams.queries import members, teams

__all__ = ["Macro", "Names", "When", "access_macro", "fitting", "macros", "names_of", "step_words"]


def macros(actor: Actor, *, with_archived: bool = False) -> QuerySet[Macro]:
    """The macros this actor may see, by name."""
    rows = Macro.objects.filter(mine(actor), workspace_id=actor.workspace_id).select_related("team")
    return (rows if with_archived else rows.filter(archived_at=None)).order_by(Lower("name"), "id")


def access_macro(actor: Actor, macro_id: int) -> Macro:
    """A macro this actor may see. Raises `NotFound`."""
    found = macros(actor, with_archived=True).filter(id=macro_id).first()
    if found is None:
        raise NotFound("macro", macro_id)
    return found


def fitting(actor: Actor, conversation: Conversation) -> list[Macro]:
    """The macros that are offered in a conversation, the most used first."""
    rows = macros(actor).order_by("-uses", Lower("name"))
    return [one for one in rows if rules.is_shown(one.when, needs_reply=conversation.needs_reply)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What the ids in steps are called, by kind of step."""

    replies: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    teams: dict[str, str] = field(default_factory=dict)


def names_of(actor: Actor, steps: Sequence[dict[str, str]]) -> Names:
    """The names behind the ids of these steps, as this actor may see them."""
    wanted = {step["value"] for step in steps if step["do"] in {"reply", "fill"}}
    rows = visible_to(actor).filter(id__in=[int(key) for key in wanted if key.isdigit()])
    does = {step["do"] for step in steps}
    return Names(
        replies={str(key): name for key, name in rows.values_list("id", "name")},
        tags={str(one.pk): one.name for one in tags(actor)} if does & {"tag", "untag"} else {},
        members={str(one.pk): str(one) for one in members(actor)} if "assign_member" in does else {},
        teams={str(one.pk): one.name for one in teams(actor)} if "assign_team" in does else {},
    )


def step_words(step: dict[str, str], names: Names) -> str:
    """A step as people read it, such as "Tag: Billing"."""
    do, value = step["do"], step["value"]
    known = {
        "reply": (t("Send"), names.replies),
        "fill": (t("Write"), names.replies),
        "tag": (t("Tag"), names.tags),
        "untag": (t("Untag"), names.tags),
        "assign_member": (t("Assign to"), names.members),
        "assign_team": (t("Move to"), names.teams),
    }
    if do in known:
        label, called = known[do]
        name = called.get(value) or t("something that is gone")
        return f"{label}: {name}"
    if do == "snooze":
        return t("Snooze: {until}", until=t(rules.SNOOZES[value]).lower() if value in rules.SNOOZES else value)
    if do == "property":
        return t("Set {name}: {value}", name=step.get("key", ""), value=value or t("nothing"))
    return {"note": t("Note"), "assign_me": t("Assign to me"), "done": t("Done")}.get(do, do)
