"""The forms of automatic replies: how one kind is worded, and what holds for all of them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.desk.forms import DeskForm
from twoway.lib.words import t
from twoway.messaging.greeting.wording.rules import LONGEST

STATES = {"above": None, "on": True, "off": False}


class WordingForm(DeskForm):
    """One kind of text in one place: on, off, or as above, and its words."""

    state = forms.ChoiceField(label=gettext_lazy("Sent"))
    en = forms.CharField(
        required=False,
        max_length=LONGEST,
        label=gettext_lazy("In English"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    es = forms.CharField(
        required=False,
        max_length=LONGEST,
        label=gettext_lazy("In Spanish"),
        widget=forms.Textarea(attrs={"rows": 3, "lang": "es"}),
    )

    def __init__(self, *args: Any, has_above: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("on", t("Yes")), ("off", t("No"))]
        above = [("above", t("As for everybody"))] if has_above else []
        self.fields["state"].choices = above + choices  # type: ignore[attr-defined]


class GreetingSettingsForm(DeskForm):
    """What holds for all automatic replies of a workspace."""

    percentile = forms.IntegerField(
        min_value=50,
        max_value=95,
        label=gettext_lazy("How many in a hundred hear back in time"),
        help_text=gettext_lazy("The wait is said so that this many are answered within it."),
    )
    least_cases = forms.IntegerField(
        min_value=10,
        max_value=500,
        label=gettext_lazy("Answers to go by"),
        help_text=gettext_lazy("With fewer answers at the same hour nothing is said about times."),
    )
    grace_seconds = forms.IntegerField(
        min_value=5,
        max_value=600,
        label=gettext_lazy("Seconds in which somebody may answer first"),
        help_text=gettext_lazy("Whoever is answered by then gets no automatic reply."),
    )
    warn_minutes = forms.IntegerField(
        min_value=1,
        max_value=30,
        label=gettext_lazy("Minutes before it runs out"),
        help_text=gettext_lazy("So long before, whoever still waits is told that it takes longer."),
    )
    language = forms.ChoiceField(
        choices=[("en", gettext_lazy("English")), ("es", gettext_lazy("Spanish"))],
        label=gettext_lazy("Language of people nobody knows it of"),
    )
