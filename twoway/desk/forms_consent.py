"""The forms about consent and opt-outs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.desk.forms import DeskForm

KINDS = (
    ("granted", gettext_lazy("They agreed")),
    ("withdrawn", gettext_lazy("They want no more of these")),
)
LEVELS = (
    ("express", gettext_lazy("Express: they said or wrote that they want such texts")),
    ("written", gettext_lazy("Written: they signed or ticked the wording, as promotions need")),
)
METHODS = (
    ("agent", gettext_lazy("They told a teammate")),
    ("paper", gettext_lazy("A paper form")),
    ("voice", gettext_lazy("By phone, recorded")),
    ("form", gettext_lazy("A web form elsewhere")),
)
SCOPES = (
    ("all", gettext_lazy("Every number of this workspace: safe under every version of the rule")),
    ("service", gettext_lazy("That number and those of its service or pool")),
)


class NumberForm(DeskForm):
    """A number somebody looks for."""

    number = forms.CharField(
        max_length=40, label=gettext_lazy("Phone number"), widget=forms.TextInput(attrs={"inputmode": "tel"})
    )


class ConsentForm(NumberForm):
    """Consent for a purpose, or its end, that came by another way than a text."""

    purpose = forms.ChoiceField(label=gettext_lazy("For"))
    change = forms.ChoiceField(
        choices=KINDS, label=gettext_lazy("What changed"), widget=forms.RadioSelect, initial="granted"
    )
    method = forms.ChoiceField(choices=METHODS, label=gettext_lazy("How"))
    level = forms.ChoiceField(choices=LEVELS, label=gettext_lazy("Level"), required=False, initial="express")
    disclosure = forms.CharField(
        max_length=2000,
        required=False,
        label=gettext_lazy("What they read or heard"),
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("The exact wording. It is kept with its hash."),
    )
    note = forms.CharField(
        max_length=500,
        label=gettext_lazy("Proof"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Who, when, where it is kept."),
    )

    def __init__(self, *args: Any, purposes: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["purpose"], list(purposes))


class OptOutForm(NumberForm):
    """An opt-out that came by another way than a text."""

    channel = forms.TypedChoiceField(coerce=int, label=gettext_lazy("Number of ours they texted or were texted from"))
    note = forms.CharField(
        max_length=500,
        label=gettext_lazy("How they said it"),
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Any reasonable way counts: by phone, by email, in a shop."),
    )

    def __init__(self, *args: Any, channels: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["channel"], list(channels))


class LiftForm(DeskForm):
    """Why somebody who opted out may be texted again."""

    note = forms.CharField(
        max_length=500,
        label=gettext_lazy("Why"),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Who asked, when and how. It is kept in the ledger."),
    )


class ScopeForm(DeskForm):
    """What a STOP covers."""

    scope = forms.ChoiceField(choices=SCOPES, label=gettext_lazy("A STOP covers"), widget=forms.RadioSelect)


def _choices(field: forms.Field, choices: Sequence[tuple[Any, str]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
