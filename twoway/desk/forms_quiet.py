"""The forms of the compliance centre about when and how often people are texted."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from twoway.compliance.pacing.rules import LONGEST_QUESTION, MOST_GUARD_AFTER
from twoway.compliance.quiet.actions import hour
from twoway.compliance.quiet.laws import Hours, Window
from twoway.compliance.quiet.rules import SAFE
from twoway.desk.forms import DeskForm
from twoway.lib.words import t

PROFILES = (
    ("safe", gettext_lazy("Safe hours: within 9 AM to 8 PM, Sunday from noon, not on holidays")),
    ("legal", gettext_lazy("The legal minimum: 8 AM to 9 PM, and what each state adds")),
)
LEVELS = (
    ("express", gettext_lazy("Express: they agreed to such texts")),
    ("written", gettext_lazy("Written: they signed or ticked for promotion")),
)
DAYS = ("weekdays", "saturday", "sunday")
_STEP = 30


def _hours(window: Window | None, *, may_close: bool) -> list[tuple[str, str]]:
    opens, closes = window or (0, 0)
    steps = [(str(minute), hour(minute)) for minute in range(opens, closes + 1, _STEP)]
    return [("", t("Closed")), *steps] if may_close else steps


class QuietForm(DeskForm):
    """A workspace's quiet hours: two times for each kind of day, in minutes, empty for a closed day."""

    profile = forms.ChoiceField(choices=PROFILES, label=gettext_lazy("Hours"), widget=forms.RadioSelect)
    weekdays_from = forms.ChoiceField(
        label=gettext_lazy("Weekdays from"), choices=partial(_hours, SAFE.weekdays, may_close=False)
    )
    weekdays_to = forms.ChoiceField(label=gettext_lazy("to"), choices=partial(_hours, SAFE.weekdays, may_close=False))
    saturday_from = forms.ChoiceField(
        label=gettext_lazy("Saturday from"), choices=partial(_hours, SAFE.saturday, may_close=True), required=False
    )
    saturday_to = forms.ChoiceField(
        label=gettext_lazy("to"), choices=partial(_hours, SAFE.saturday, may_close=True), required=False
    )
    sunday_from = forms.ChoiceField(
        label=gettext_lazy("Sunday from"), choices=partial(_hours, SAFE.sunday, may_close=True), required=False
    )
    sunday_to = forms.ChoiceField(
        label=gettext_lazy("to"), choices=partial(_hours, SAFE.sunday, may_close=True), required=False
    )
    acknowledges = forms.BooleanField(
        required=False,
        label=gettext_lazy("We had the legal minimum checked for our business"),
        help_text=gettext_lazy("Needed for the legal minimum. Kept with your name and the time."),
    )

    def clean(self) -> dict[str, Any]:
        """A day is open or closed at both its ends."""
        given = super().clean() or self.cleaned_data
        for day in DAYS:
            opens, closes = given.get(f"{day}_from"), given.get(f"{day}_to")
            if opens is not None and closes is not None and bool(opens) != bool(closes):
                self.add_error(f"{day}_to", t("Choose both times, or close the day at both."))
        return given

    def window(self, day: str) -> Window | None:
        """What was chosen for one kind of day."""
        opens, closes = self.cleaned_data.get(f"{day}_from"), self.cleaned_data.get(f"{day}_to")
        return (int(opens), int(closes)) if opens and closes else None


def quiet_initial(profile: str, hours: Hours) -> dict[str, str]:
    """The form's values for hours that are set."""
    values = {"profile": profile}
    for day in DAYS:
        opens, closes = getattr(hours, day) or ("", "")
        values |= {f"{day}_from": str(opens), f"{day}_to": str(closes)}
    return values


class TryForm(DeskForm):
    """May we text this number now?"""

    number = forms.CharField(
        max_length=40, label=gettext_lazy("Phone number"), widget=forms.TextInput(attrs={"type": "tel"})
    )


class PurposeForm(DeskForm):
    """One purpose: what it demands. `slug` is offered only for a new one."""

    label = forms.CharField(max_length=60, label=gettext_lazy("Name"))
    slug = forms.CharField(
        max_length=20,
        label=gettext_lazy("Word in the API"),
        help_text=gettext_lazy("Small letters, digits and underscores. It can't be changed later."),
    )
    level = forms.ChoiceField(choices=LEVELS, label=gettext_lazy("Consent needed"))
    is_promotional = forms.BooleanField(
        required=False, label=gettext_lazy("Promotion"), help_text=gettext_lazy("Marketing, whoever it goes to.")
    )
    keeps_quiet_hours = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Keeps quiet hours"))
    per_day = forms.IntegerField(required=False, min_value=1, label=gettext_lazy("Most texts in a day"))
    per_week = forms.IntegerField(required=False, min_value=1, label=gettext_lazy("Most texts in a week"))
    max_age_days = forms.IntegerField(required=False, min_value=1, label=gettext_lazy("Consent counts for, in days"))
    validity_hours = forms.IntegerField(
        required=False,
        min_value=1,
        label=gettext_lazy("Worth sending for, in hours"),
        help_text=gettext_lazy("A text that is held longer than this is not sent at all."),
    )

    def __init__(self, *args: object, is_new: bool, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not is_new:
            del self.fields["slug"]


class GuardForm(DeskForm):
    """When texting somebody who never answers ends."""

    guard_after = forms.IntegerField(
        min_value=0,
        max_value=MOST_GUARD_AFTER,
        label=gettext_lazy("Ask after so many texts without an answer"),
        help_text=gettext_lazy("0: never."),
    )
    spared = forms.MultipleChoiceField(
        required=False,
        label=gettext_lazy("Purposes it leaves alone"),
        help_text=gettext_lazy("Their texts don't count and aren't stopped."),
        widget=forms.CheckboxSelectMultiple,
    )
    question = forms.CharField(
        required=False,
        max_length=LONGEST_QUESTION,
        label=gettext_lazy("The question"),
        widget=forms.Textarea,
        help_text=gettext_lazy("Says YES and STOP. The business name is put before it. Empty: Twoway's words."),
    )

    def __init__(self, *args: object, purposes: Iterable[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["spared"].choices = list(purposes)  # type: ignore[attr-defined]
