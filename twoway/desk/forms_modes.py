"""The forms of the page about modes and privacy."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from twoway.compliance.modes.rules import LEAST_HOURS, MOST_HOURS, REQUEST_HOURS
from twoway.desk.forms import DeskForm

NUMBERS_FROM = (
    ("agent", gettext_lazy("Agents, managers, admins and owners")),
    ("manager", gettext_lazy("Managers, admins and owners")),
    ("admin", gettext_lazy("Admins and owners")),
    ("owner", gettext_lazy("Owners")),
)


class ModeForm(DeskForm):
    """What is special about one number."""

    is_reply_only = forms.BooleanField(
        required=False,
        label=gettext_lazy("Reply only"),
        help_text=gettext_lazy(
            "Nobody is texted from it who hasn't texted it: not by people, programs, flows or broadcasts."
        ),
    )
    request_hours = forms.IntegerField(
        min_value=LEAST_HOURS,
        max_value=MOST_HOURS,
        initial=REQUEST_HOURS,
        label=gettext_lazy("A request stays open for, in hours"),
        help_text=gettext_lazy("From their last text. 72 hours are three days."),
    )
    ends_when_done = forms.BooleanField(
        required=False,
        label=gettext_lazy("Marking the conversation done ends the request"),
        help_text=gettext_lazy("Fifteen minutes later, so that a text written just before still leaves."),
    )
    is_anonymous = forms.BooleanField(
        required=False,
        label=gettext_lazy("Anonymous"),
        help_text=gettext_lazy(
            "People who text it are shown by an alias such as Guest Heron 4821. Nobody here sees their number or "
            "their name, and no search finds them by it. Switched off later, it shows newcomers only: who was "
            "anonymous stays so."
        ),
    )


class RolesForm(DeskForm):
    """Who sees whole phone numbers."""

    numbers_from = forms.ChoiceField(
        choices=NUMBERS_FROM,
        label=gettext_lazy("Whole phone numbers are seen by"),
        help_text=gettext_lazy(
            "Everybody else, and programs with their role, see (•••) •••-0133 and search by those four digits."
        ),
    )
