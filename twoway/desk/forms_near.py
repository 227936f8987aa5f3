"""The forms of the compliance centre about who is near enough."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms

from twoway.compliance.relevance.rules import FARTHEST
from twoway.desk.forms import DeskForm

UNITS = (("mi", "miles"), ("km", "kilometers"))


class PlaceForm(DeskForm):
    """Where the workspace is, or one of its numbers."""

    number = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label="For")
    where = forms.CharField(
        max_length=40,
        label="Where",
        help_text="A US postcode, an area code, or coordinates such as 37.77, -122.42.",
    )
    label = forms.CharField(
        max_length=60, required=False, label="Called", help_text="Such as Mission shop. It stands in reasons."
    )

    def __init__(self, *args: object, numbers: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["number"].choices = [("", "All numbers"), *numbers]  # type: ignore[attr-defined]


class LimitForm(DeskForm):
    """How far texts of a purpose go. `purposes` None: that of one purpose, which is not chosen here."""

    purpose = forms.ChoiceField(label="Purpose")
    within = forms.IntegerField(min_value=1, max_value=FARTHEST, label="Goes within")
    unit = forms.ChoiceField(choices=UNITS, label="Unit")
    holds_unknown = forms.BooleanField(
        required=False,
        label="Wait where nothing says where they are",
        help_text="Without it such texts go out.",
    )

    def __init__(self, *args: object, purposes: Iterable[tuple[str, str]] | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if purposes is None:
            del self.fields["purpose"]
        else:
            self.fields["purpose"].choices = list(purposes)  # type: ignore[attr-defined]
