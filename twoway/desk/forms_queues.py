"""The forms of queues, of the rules that fill them, of escalation and of hints: what is typed, before it is checked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.conversations.queries import tags
from twoway.desk.forms import DeskForm
from twoway.lib.words import noted, t
from twoway.routing import queries
from twoway.routing.queries import Queue
from twoway.teams.actor import Actor
from twoway.teams.queries import Member, member_may, members, teams
from twoway.teams.rules import Right

PRIORITIES = {
    1: noted("1, low"),
    2: noted("2"),
    3: noted("3, normal"),
    4: noted("4, high"),
    5: noted("5, urgent"),
}
Choices = list[tuple[str, str]]


def _priorities() -> Choices:
    return [(str(key), t(words)) for key, words in PRIORITIES.items()]


def _teams(actor: Actor) -> Choices:
    return [(str(key), name) for key, name in teams(actor).values_list("id", "name")]


def _queues(actor: Actor, *, but: int | None = None) -> Choices:
    return [(str(one.pk), one.name) for one in queries.queues(actor, with_inactive=False) if one.pk != but]


def number_of(given: str) -> int | None:
    """An id or a number of a choice, None for the empty one."""
    return int(given) if given else None


class QueueForm(DeskForm):
    """One queue."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    team_id = forms.ChoiceField(required=False, label=gettext_lazy("Who serves it"))
    mode = forms.ChoiceField(
        choices=[
            ("push", gettext_lazy("Given out as soon as somebody has room")),
            ("pull", gettext_lazy("Taken with Next")),
        ],
        label=gettext_lazy("How people get them"),
    )
    strategy = forms.ChoiceField(
        choices=[("least_busy", gettext_lazy("Whoever is least busy")), ("round_robin", gettext_lazy("In turn"))],
        label=gettext_lazy("Who gets the next one"),
    )
    priority = forms.ChoiceField(label=gettext_lazy("Priority"))
    ageing_minutes = forms.IntegerField(
        min_value=0,
        label=gettext_lazy("One more priority for each so many minutes of waiting"),
        help_text=gettext_lazy("So nobody waits forever. 0 for never."),
    )
    last_agent_minutes = forms.IntegerField(
        min_value=0,
        label=gettext_lazy("Minutes it is kept for whoever wrote to them last"),
        help_text=gettext_lazy("Only while they are there. 0 for not at all."),
    )
    skill_minutes = forms.IntegerField(
        min_value=0,
        required=False,
        label=gettext_lazy("Minutes until skills are a wish and no longer a must"),
        help_text=gettext_lazy("Empty: they stay a must."),
    )
    overflow_id = forms.ChoiceField(required=False, label=gettext_lazy("When nobody of it is there"))
    is_default = forms.BooleanField(required=False, label=gettext_lazy("Takes what no rule sends elsewhere"))
    is_active = forms.BooleanField(required=False, label=gettext_lazy("On"))

    def __init__(self, *args: Any, actor: Actor, queue: Queue | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team_id"].choices = [("", t("Everybody who answers")), *_teams(actor)]  # type: ignore[attr-defined]
        self.fields["priority"].choices = _priorities()  # type: ignore[attr-defined]
        others = [
            (key, t("Queue {name} helps out", name=name))
            for key, name in _queues(actor, but=queue.pk if queue else None)
        ]
        self.fields["overflow_id"].choices = [("", t("They wait")), *others]  # type: ignore[attr-defined]


class RoutingForm(DeskForm):
    """What holds for all queues."""

    capacity = forms.IntegerField(
        min_value=1, max_value=200, label=gettext_lazy("Conversations somebody has at once, at most")
    )
    quiet_minutes = forms.IntegerField(
        min_value=0,
        max_value=1440,
        label=gettext_lazy("Minutes after our last text in which one still counts"),
    )
    away_minutes = forms.IntegerField(
        min_value=1, max_value=120, label=gettext_lazy("Minutes without an open browser until somebody is offline")
    )
    return_minutes = forms.IntegerField(
        min_value=0,
        max_value=1440,
        label=gettext_lazy("Minutes offline until what they had not answered goes back"),
        help_text=gettext_lazy("0 for never."),
    )


class PersonForm(DeskForm):
    """How many conversations a member has at once, and what they can: a level for each skill."""

    capacity = forms.IntegerField(
        min_value=0,
        max_value=200,
        required=False,
        label=gettext_lazy("Conversations at once, at most"),
        help_text=gettext_lazy("Empty: as for everybody. 0: none are given to them."),
    )

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for skill in queries.skills(actor):
            self.fields[f"skill-{skill.pk}"] = forms.ChoiceField(
                required=False, label=skill.name, choices=[("", t("No")), *((str(n), str(n)) for n in range(1, 6))]
            )

    def levels(self) -> dict[int, int]:
        """The skills they have, by id."""
        given = {name: value for name, value in self.cleaned_data.items() if name.startswith("skill-") and value}
        return {int(name.removeprefix("skill-")): int(value) for name, value in given.items()}


class RuleForm(DeskForm):
    """Where a routing rule sends what it matches."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    queue_id = forms.ChoiceField(label=gettext_lazy("Goes to the queue"))
    priority = forms.ChoiceField(required=False, label=gettext_lazy("Priority"))
    team_id = forms.ChoiceField(required=False, label=gettext_lazy("Team"))
    skills = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("Skills it asks for"), widget=forms.CheckboxSelectMultiple
    )
    is_active = forms.BooleanField(required=False, initial=True, label=gettext_lazy("On"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(one.pk), one.name) for one in queries.skills(actor)]
        self.fields["queue_id"].choices = _queues(actor)  # type: ignore[attr-defined]
        self.fields["priority"].choices = [("", t("As the queue has it")), *_priorities()]  # type: ignore[attr-defined]
        self.fields["team_id"].choices = [("", t("As the queue has it")), *_teams(actor)]  # type: ignore[attr-defined]
        self.fields["skills"].choices = known  # type: ignore[attr-defined]
        if not known:
            del self.fields["skills"]


class EscalationForm(DeskForm):
    """What an escalation rule does."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    gives = forms.ChoiceField(required=False, label=gettext_lazy("Who gets it"))
    tag_id = forms.ChoiceField(required=False, label=gettext_lazy("Tag it"))
    priority = forms.ChoiceField(required=False, label=gettext_lazy("Raise its priority in the queue to"))
    tells_managers = forms.BooleanField(required=False, label=gettext_lazy("Notify every manager"))
    is_active = forms.BooleanField(required=False, initial=True, label=gettext_lazy("On"))

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(f"member-{one.pk}", str(one)) for one in members(actor) if _answers(one)]
        groups = [
            ("", t("Leave it where it is")),
            ("manager", t("A manager: who is there, with the least to do")),
            (t("Queues"), [(f"queue-{key}", name) for key, name in _queues(actor)]),
            (t("Teams"), [(f"team-{key}", name) for key, name in _teams(actor)]),
            (t("People"), people),
        ]
        self.fields["gives"].choices = [one for one in groups if one[1]]  # type: ignore[attr-defined]
        kept = [(str(one.pk), one.name) for one in tags(actor)]
        self.fields["tag_id"].choices = [("", t("No tag")), *kept]  # type: ignore[attr-defined]
        self.fields["priority"].choices = [("", t("Leave it")), *_priorities()]  # type: ignore[attr-defined]

    def target(self) -> tuple[str, int | None]:
        """Who gets it, and their id."""
        word, _, key = str(self.cleaned_data["gives"]).partition("-")
        return word, number_of(key)


def _answers(member: Member) -> bool:
    return member_may(member, Right.REPLY)


class HintForm(DeskForm):
    """What agents read."""

    sentence = forms.CharField(
        max_length=160, label=gettext_lazy("What agents read"), widget=forms.Textarea(attrs={"rows": 2})
    )
    is_active = forms.BooleanField(required=False, initial=True, label=gettext_lazy("On"))
