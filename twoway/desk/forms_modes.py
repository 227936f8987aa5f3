"""The forms of the page about modes and privacy."""

from __future__ import annotations

from django import forms

from twoway.compliance.modes.rules import LEAST_HOURS, MOST_HOURS, REQUEST_HOURS
from twoway.desk.forms import DeskForm

NUMBERS_FROM = (
    ("agent", "Agents, managers, admins and owners"),
    ("manager", "Managers, admins and owners"),
    ("admin", "Admins and owners"),
    ("owner", "Owners"),
)


class ModeForm(DeskForm):
    """What is special about one number."""

    is_reply_only = forms.BooleanField(
        required=False,
        label="Reply only",
        help_text="Nobody is texted from it who hasn't texted it: not by people, programs, flows or broadcasts.",
    )
    request_hours = forms.IntegerField(
        min_value=LEAST_HOURS,
        max_value=MOST_HOURS,
        initial=REQUEST_HOURS,
        label="A request stays open for, in hours",
        help_text="From their last text. 72 hours are three days.",
    )
    ends_when_done = forms.BooleanField(
        required=False,
        label="Marking the conversation done ends the request",
        help_text="Fifteen minutes later, so that a text written just before still leaves.",
    )
    is_anonymous = forms.BooleanField(
        required=False,
        label="Anonymous",
        help_text="People who text it are shown by an alias such as Guest Heron 4821. Nobody here sees their number or "
        "their name, and no search finds them by it. Switched off later, it shows newcomers only: who was anonymous "
        "stays so.",
    )


class RolesForm(DeskForm):
    """Who sees whole phone numbers."""

    numbers_from = forms.ChoiceField(
        choices=NUMBERS_FROM,
        label="Whole phone numbers are seen by",
        help_text="Everybody else, and programs with their role, see (•••) •••-0133 and search by those four digits.",
    )
