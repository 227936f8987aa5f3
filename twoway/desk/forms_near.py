"""The forms of the compliance centre about who is near enough."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy

from twoway.compliance.relevance.rules import FARTHEST
from twoway.desk.forms import DeskForm
from twoway.lib.words import t

UNITS = (("mi", gettext_lazy("miles")), ("km", gettext_lazy("kilometers")))


class PlaceForm(DeskForm):
    """Where the workspace is, or one of its numbers."""

    number = forms.TypedChoiceField(coerce=int, empty_value=None, required=False, label=gettext_lazy("For"))
    where = forms.CharField(
        max_length=40,
        label=gettext_lazy("Where"),
        help_text=gettext_lazy("A US postcode, an area code, or coordinates such as 37.77, -122.42."),
    )
    label = forms.CharField(
        max_length=60,
        required=False,
        label=gettext_lazy("Called"),
        help_text=gettext_lazy("Such as Mission shop. It stands in reasons."),
    )

    def __init__(self, *args: object, numbers: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["number"].choices = [("", t("All numbers")), *numbers]  # type: ignore[attr-defined]


class LimitForm(DeskForm):
    """How far texts of a purpose go. `purposes` None: that of one purpose, which is not chosen here."""

    purpose = forms.ChoiceField(label=gettext_lazy("Purpose"))
    within = forms.IntegerField(min_value=1, max_value=FARTHEST, label=gettext_lazy("Goes within"))
    unit = forms.ChoiceField(choices=UNITS, label=gettext_lazy("Unit"))
    holds_unknown = forms.BooleanField(
        required=False,
        label=gettext_lazy("Wait where nothing says where they are"),
        help_text=gettext_lazy("Without it such texts go out."),
    )

    def __init__(self, *args: object, purposes: Iterable[tuple[str, str]] | None, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if purposes is None:
            del self.fields["purpose"]
        else:
            self.fields["purpose"].choices = list(purposes)  # type: ignore[attr-defined]
