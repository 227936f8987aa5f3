"""Forms of the wallboard's settings and of the staffing forecast."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.analytics.forecast.actions import LIMITS
from twoway.analytics.wallboard.actions import LONGEST_NAME
from twoway.desk.forms import DeskForm


class LinkForm(DeskForm):
    """A link for a screen on the wall."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        label=gettext_lazy("Where it hangs"),
        help_text=gettext_lazy("So that you know later which screen this link is for."),
    )


def _number(name: str, label: Any, help_text: Any, *, divided_by: int = 1, required: bool = True) -> forms.IntegerField:
    """A whole number within the limits of the action that takes it."""
    least, most = LIMITS[name]
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=least // divided_by,
        max_value=most // divided_by,
        required=required,
    )


class TermsForm(DeskForm):
    """What the forecast reckons with."""

    share = _number(
        "share", gettext_lazy("Answered in time, percent"), gettext_lazy("How many of a hundred customers.")
    )
    target = _number("target", gettext_lazy("In time is within, minutes"), gettext_lazy("Of open time."), divided_by=60)
    handle = _number(
        "handle",
        gettext_lazy("Attention for one answer, seconds"),
        gettext_lazy("Empty: as it is measured."),
        required=False,
    )
    concurrency = _number(
        "concurrency", gettext_lazy("Conversations at once"), gettext_lazy("That one person answers side by side.")
    )
    shrinkage = _number(
        "shrinkage",
        gettext_lazy("Away from the desk, percent"),
        gettext_lazy("Of paid time: breaks, meetings, illness."),
    )
