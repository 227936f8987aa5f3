"""The forms about hours: a set of them, and which set a team or a number keeps."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.desk.forms import ChannelForm, DeskForm, TeamForm, time_zones
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.hours.queries import countries, every_hours, subdivisions


class HoursForm(DeskForm):
    """What a set of hours says beside its days: name, zone, whose holidays, and whether everybody keeps it."""

    name = forms.CharField(
        max_length=60, label=gettext_lazy("Name"), help_text=gettext_lazy("Such as Office or Weekend desk.")
    )
    zone = forms.ChoiceField(required=False, label=gettext_lazy("Time zone"))
    country = forms.ChoiceField(required=False, label=gettext_lazy("Public holidays of"))
    subdivision = forms.ChoiceField(required=False, label=gettext_lazy("State or region"))
    is_usual = forms.BooleanField(
        required=False,
        label=gettext_lazy("The whole workspace keeps these hours"),
        help_text=gettext_lazy("Except for teams and numbers that have hours of their own."),
    )

    def __init__(self, *args: Any, zone: str, own_zone: str, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = [("", t("As the workspace: {zone}", zone=zone.replace("_", " "))), *time_zones(current=own_zone)]
        states = [("", t("The whole country")), *subdivisions(country)]
        self.fields["zone"].choices = zones  # type: ignore[attr-defined]
        self.fields["country"].choices = [("", t("None")), *countries()]  # type: ignore[attr-defined]
        self.fields["subdivision"].choices = states  # type: ignore[attr-defined]


def _hours_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Hours"))


class TeamHoursForm(TeamForm):
    """A team with the hours it keeps."""

    hours = _hours_field()

    def __init__(self, *args: Any, hours: Iterable[tuple[object, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].choices = list(hours)  # type: ignore[attr-defined]


class NumberForm(ChannelForm):
    """A number with the hours it keeps."""

    hours = _hours_field()

    def __init__(self, *args: Any, hours: Iterable[tuple[object, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hours"].choices = list(hours)  # type: ignore[attr-defined]


def hours_choices(actor: Actor, *, otherwise: str) -> list[tuple[object, str]]:
    """The sets of hours as choices; `otherwise` says what holds without one. Only that one when there is none."""
    return [("", otherwise), *((row.pk, row.name) for row in every_hours(actor))]
