"""The forms of the keywords page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from twoway.desk.forms import DeskForm

FAMILIES = (
    ("stop", gettext_lazy("STOP: opts out")),
    ("start", gettext_lazy("START: opts back in")),
    ("help", gettext_lazy("HELP: is answered")),
)


class TryForm(DeskForm):
    """A text as a customer might write it."""

    text = forms.CharField(
        max_length=1600, label=gettext_lazy("A text"), help_text=gettext_lazy("What a customer might write.")
    )


class OwnWordForm(DeskForm):
    """A word of the workspace's own."""

    family = forms.ChoiceField(choices=FAMILIES, label=gettext_lazy("Means"))
    word = forms.CharField(
        max_length=40, label=gettext_lazy("Word or phrase"), help_text=gettext_lazy("Counts when it is the whole text.")
    )
