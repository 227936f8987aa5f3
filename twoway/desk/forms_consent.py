"""The forms about consent and opt-outs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from twoway.desk.forms import DeskForm

KINDS = (
    ("granted", "They agreed"),
    ("withdrawn", "They want no more of these"),
)
LEVELS = (
    ("express", "Express: they said or wrote that they want such texts"),
    ("written", "Written: they signed or ticked the wording, as promotions need"),
)
METHODS = (
    ("agent", "They told a teammate"),
    ("paper", "A paper form"),
    ("voice", "By phone, recorded"),
    ("form", "A web form elsewhere"),
)
SCOPES = (
    ("all", "Every number of this workspace: safe under every version of the rule"),
    ("service", "That number and those of its service or pool"),
)


class NumberForm(DeskForm):
    """A number somebody looks for."""

    number = forms.CharField(max_length=40, label="Phone number", widget=forms.TextInput(attrs={"inputmode": "tel"}))


class ConsentForm(NumberForm):
    """Consent for a purpose, or its end, that came by another way than a text."""

    purpose = forms.ChoiceField(label="For")
    change = forms.ChoiceField(choices=KINDS, label="What changed", widget=forms.RadioSelect, initial="granted")
    method = forms.ChoiceField(choices=METHODS, label="How")
    level = forms.ChoiceField(choices=LEVELS, label="Level", required=False, initial="express")
    disclosure = forms.CharField(
        max_length=2000,
        required=False,
        label="What they read or heard",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="The exact wording. It is kept with its hash.",
    )
    note = forms.CharField(
        max_length=500,
        label="Proof",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Who, when, where it is kept.",
    )

    def __init__(self, *args: Any, purposes: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["purpose"], list(purposes))


class OptOutForm(NumberForm):
    """An opt-out that came by another way than a text."""

    channel = forms.TypedChoiceField(coerce=int, label="Number of ours they texted or were texted from")
    note = forms.CharField(
        max_length=500,
        label="How they said it",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Any reasonable way counts: by phone, by email, in a shop.",
    )

    def __init__(self, *args: Any, channels: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self.fields["channel"], list(channels))


class LiftForm(DeskForm):
    """Why somebody who opted out may be texted again."""

    note = forms.CharField(
        max_length=500,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Who asked, when and how. It is kept in the ledger.",
    )


class ScopeForm(DeskForm):
    """What a STOP covers."""

    scope = forms.ChoiceField(choices=SCOPES, label="A STOP covers", widget=forms.RadioSelect)


def _choices(field: forms.Field, choices: Sequence[tuple[Any, str]]) -> None:
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
