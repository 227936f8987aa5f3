"""The forms about the health of numbers, pools, brands and campaigns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.channels.brands import rules as brands
from twoway.desk.forms import DeskForm
from twoway.lib.words import t

PAUSES = (
    ("", gettext_lazy("Until somebody resumes it")),
    ("1", gettext_lazy("For 1 hour")),
    ("4", gettext_lazy("For 4 hours")),
    ("24", gettext_lazy("For a day")),
)


def _tiers() -> list[tuple[str, str]]:
    return [
        ("", t("Another, or not known")),
        *(
            (key, t("{tier}: {segments} a day", tier=t(tier.label), segments=f"{tier.cap:,}"))
            for key, tier in brands.TIERS.items()
        ),
    ]


def _classes() -> list[tuple[str, str]]:
    return [
        ("", t("Another, or not known")),
        *(
            (key, t("{name}: {segments} a minute", name=t(one.label), segments=f"{one.per_minute:,}"))
            for key, one in brands.CLASSES.items()
        ),
    ]


class PauseForm(DeskForm):
    """Why a number rests, and how long."""

    words = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("Agents read it above the reply."),
    )
    hours = forms.ChoiceField(choices=PAUSES, required=False, label=gettext_lazy("How long"))


class RetireForm(DeskForm):
    """Which number follows, from when, and what people are told."""

    successor = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Which number follows?"))
    retires_at = forms.DateField(
        label=gettext_lazy("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("From the day after, texts leave from the number that follows."),
    )
    forwarding = forms.CharField(
        max_length=300,
        required=False,
        label=gettext_lazy("Note to people who still text it"),
        widget=forms.Textarea,
        help_text=gettext_lazy("Sent once to each. {business}, {old} and {new} are filled in."),
    )

    def __init__(self, *args: Any, numbers: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].choices = list(numbers)  # type: ignore[attr-defined]


class PoolForm(DeskForm):
    """A pool's name and how numbers are chosen for people who are new."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    prefers_local = forms.BooleanField(
        required=False,
        initial=True,
        label=gettext_lazy("Text new people from a number with their area code"),
        help_text=gettext_lazy("When the pool has one. Everybody else keeps the number they know."),
    )


class PoolNumberForm(DeskForm):
    """A number to put into a pool."""

    channel = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Number"))

    def __init__(self, *args: Any, numbers: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = list(numbers)  # type: ignore[attr-defined]


class BrandForm(DeskForm):
    """A brand and what it may send in a day."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    tier = forms.ChoiceField(
        choices=_tiers,
        required=False,
        label=gettext_lazy("Tier at T-Mobile"),
        help_text=gettext_lazy("As your provider shows it for the brand."),
    )
    daily_cap = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000_000,
        label=gettext_lazy("Segments a day"),
        help_text=gettext_lazy("Instead of what the tier allows. Every number of the brand counts."),
    )
    zone = forms.ChoiceField(label=gettext_lazy("The day begins at midnight in"), initial=brands.RESET_ZONE)

    def __init__(self, *args: Any, zones: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].choices = list(zones)  # type: ignore[attr-defined]


class CampaignForm(DeskForm):
    """A campaign, its rate and its numbers."""

    name = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    brand = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("Brand"))
    carrier_class = forms.ChoiceField(choices=_classes, required=False, label=gettext_lazy("Class at AT&T"))
    per_minute = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100_000_000,
        label=gettext_lazy("Segments a minute"),
        help_text=gettext_lazy("Instead of what the class allows; its numbers share them."),
    )
    channels = forms.TypedMultipleChoiceField(
        coerce=int, required=False, label=gettext_lazy("Numbers"), widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, brand_choices: Iterable[tuple[int, str]], numbers: Iterable[tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["brand"].choices = [("", t("None")), *brand_choices]  # type: ignore[attr-defined]
        self.fields["channels"].choices = list(numbers)  # type: ignore[attr-defined]
