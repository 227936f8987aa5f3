"""The form of a policy for replies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy

from twoway.desk.forms import DeskForm
from twoway.lib.words import t
from twoway.sla.actions import LONGEST, LONGEST_NAME, LONGEST_QUIET, STEPS, Wish
from twoway.sla.queries import Policy

MINUTES = ("first_minutes", "first_warn", "next_minutes", "next_warn", "resolution_minutes", "resolution_warn")
FLAGS = ("is_on", "same_day", "in_hours", "pauses_snoozed", "programs_count")
_Choices = Iterable[tuple[int, str]]


def _minutes(label: Any) -> forms.IntegerField:
    return forms.IntegerField(required=False, min_value=1, max_value=LONGEST, label=label)


class PolicyForm(DeskForm):
    """What a policy is for, what it promises, and what happens when that is nearly or wholly missed."""

    name = forms.CharField(max_length=LONGEST_NAME, label=gettext_lazy("Name"))
    is_on = forms.BooleanField(required=False, label=gettext_lazy("Count reply times"))
    channels = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=gettext_lazy("Only these numbers"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )
    teams = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        label=gettext_lazy("Only these teams"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("None chosen: all of them."),
    )
    audience = forms.TypedChoiceField(
        coerce=int, empty_value=None, required=False, label=gettext_lazy("Only people in")
    )
    first_minutes = _minutes(gettext_lazy("First reply within, in minutes"))
    first_warn = _minutes(gettext_lazy("Warn after, in minutes"))
    next_minutes = _minutes(gettext_lazy("Every further reply within, in minutes"))
    next_warn = _minutes(gettext_lazy("Warn after, in minutes"))
    resolution_minutes = _minutes(gettext_lazy("Done within, in minutes"))
    resolution_warn = _minutes(gettext_lazy("Warn after, in minutes"))
    same_day = forms.BooleanField(
        required=False,
        label=gettext_lazy("Answer every text the same business day"),
        help_text=gettext_lazy("Before that day closes, or the next one that opens."),
    )
    wrap_up_hours = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=LONGEST_QUIET,
        label=gettext_lazy("Ask to close after so many quiet hours"),
        help_text=gettext_lazy("Once we have answered. Only whoever has the conversation is asked."),
    )
    in_hours = forms.BooleanField(
        required=False,
        label=gettext_lazy("Count business hours only"),
        help_text=gettext_lazy("Without it every hour of the day counts."),
    )
    pauses_snoozed = forms.BooleanField(
        required=False,
        label=gettext_lazy("Stop while a conversation is snoozed"),
        help_text=gettext_lazy("Without it whoever waits goes on waiting."),
    )
    programs_count = forms.BooleanField(
        required=False,
        label=gettext_lazy("A text by a program counts as a reply"),
        help_text=gettext_lazy("Automatic texts of Twoway never do."),
    )
    on_warn = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("When it is nearly late"), widget=forms.CheckboxSelectMultiple
    )
    on_breach = forms.MultipleChoiceField(
        required=False, label=gettext_lazy("When it is late"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: object, channels: _Choices, teams: _Choices, audiences: _Choices, **kwargs: object
    ) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        steps = [(key, t(words)) for key, words in STEPS.items()]
        everybody = [("", t("Everybody")), *audiences]
        given = {
            "channels": channels,
            "teams": teams,
            "audience": everybody,
            "on_warn": steps,
            "on_breach": steps,
        }
        for name, choices in given.items():
            cast(forms.ChoiceField, self.fields[name]).choices = list(choices)

    @property
    def wish(self) -> Wish:
        """What a valid form asks for."""
        given = self.cleaned_data
        return Wish(
            name=given["name"],
            channel_ids=given["channels"],
            team_ids=given["teams"],
            audience_id=given["audience"],
            wrap_up_hours=given["wrap_up_hours"],
            on_warn=given["on_warn"],
            on_breach=given["on_breach"],
            **{name: given[name] for name in (*MINUTES, *FLAGS)},
        )


def initial_of(row: Policy | None) -> dict[str, Any]:
    """What the form begins with: a policy as it is, or what is usual for a new one."""
    if row is None:
        usual = Wish(name="")
        plain = {name: getattr(usual, name) for name in (*MINUTES, *FLAGS, "wrap_up_hours")}
        return plain | {"on_warn": list(usual.on_warn), "on_breach": list(usual.on_breach)}
    plain = {name: getattr(row, name) for name in ("name", "wrap_up_hours", *MINUTES, *FLAGS)}
    return plain | {
        "channels": [one.pk for one in row.channels.all()],
        "teams": [one.pk for one in row.teams.all()],
        "audience": row.audience_id,
        "on_warn": row.on_warn,
        "on_breach": row.on_breach,
    }
