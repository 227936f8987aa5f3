"""Forms of the wallboard's settings and of the staffing forecast."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from twoway.analytics.wallboard.actions import LONGEST_NAME
from twoway.desk.forms import DeskForm


class LinkForm(DeskForm):
    """A link for a screen on the wall."""

    name = forms.CharField(
        max_length=LONGEST_NAME,
        label=gettext_lazy("Where it hangs"),
        help_text=gettext_lazy("So that you know later which screen this link is for."),
    )
