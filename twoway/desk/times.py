"""How a member reads times: the page of their own settings, and the answer to a suggested zone."""

from __future__ import annotations

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from twoway.desk.forms import DeskForm, time_zones
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import guard, say
from twoway.desk.words import clock_words
from twoway.lib.clocks import Clock, usual
from twoway.lib.days import DAYS, day_name
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams import times

TEMPLATE = "desk/profile/times.html"
_HOURS = (("12", "2:31 PM"), ("24", "14:31"))
_STARTS = ("0", "5", "6")


class TimesForm(DeskForm):
    """A member's zone, hours and first day of the week; each may be left as the workspace has it."""

    time_zone = forms.ChoiceField(required=False, label=gettext_lazy("Time zone"))
    hours = forms.ChoiceField(required=False, label=gettext_lazy("Time of day"), widget=forms.RadioSelect)
    week_start = forms.ChoiceField(required=False, label=gettext_lazy("A week begins on"))

    def __init__(self, *args: object, zone: str, workspace_zone: str, habit: Clock, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        fields = {name: cast(forms.ChoiceField, field) for name, field in self.fields.items()}
        named = workspace_zone.replace("_", " ")
        usual_hours = dict(_HOURS)["24" if habit.is_24 else "12"]
        fields["time_zone"].choices = [("", t("As the workspace: {zone}", zone=named)), *time_zones(current=zone)]
        fields["hours"].choices = [("", t("As usual here: {usual}", usual=usual_hours)), *_HOURS]
        starts = [(day, t(DAYS[int(day)])) for day in _STARTS]
        fields["week_start"].choices = [("", t("As usual here: {usual}", usual=t(DAYS[habit.first_day]))), *starts]


@guard()
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Show and change how one reads times."""
    member = cast(DeskRequest, request).signed.member
    user, workspace = member.user, member.workspace
    form = TimesForm(
        request.POST or None,
        initial={"time_zone": user.time_zone, "hours": user.hours, "week_start": user.week_start},
        zone=user.time_zone,
        workspace_zone=workspace.time_zone,
        habit=usual(workspace.region),
    )
    if request.method == "POST" and form.is_valid():
        try:
            times.choose(user=user, **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:times")
    now = timezone.localtime()
    context = {"form": form, "now": f"{day_name(now)} {clock_words(now)}"}
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


@guard()
@require_POST
def suggested(request: HttpRequest) -> HttpResponse:
    """Read times in the browser's zone from now on, or leave them; either way it is not asked again."""
    given = request.POST.get("time_zone", "")[:64]
    times.answer_zone(user=cast(DeskRequest, request).signed.member.user, time_zone=given)
    if given:
        zone = given.replace("_", " ")
        say(request, t("Times are shown in {zone}. Change it under Times in your settings.", zone=zone))
    return redirect("desk:home")
