"""Settings, Phone queues: which phone queues offer a text, from when on, what they brought, and a box to try it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels.queries import visible_channels
from twoway.desk.forms import DeskForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import LANGUAGES, t
from twoway.messaging.deflection import actions, queries, rules, speaking
from twoway.messaging.deflection.queries import PhoneQueue
from twoway.messaging.deflection.rules import Told
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/phone_queues.html"
REPORT_DAYS = 30
_CALLED: tuple[tuple[speaking.Format, str], ...] = (("json", "JSON"), ("twiml", "TwiML"), ("ncco", "NCCO"))


class QueueForm(DeskForm):
    """One phone queue."""

    name = forms.CharField(
        max_length=actions.LONGEST_NAME,
        label=gettext_lazy("Name"),
        help_text=gettext_lazy("Conversations that come from it are tagged with this."),
    )
    is_on = forms.BooleanField(required=False, initial=True, label=gettext_lazy("Offer a text when it is long"))
    channel_id = forms.TypedChoiceField(coerce=int, choices=(), label=gettext_lazy("Text from"))
    team_id = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=(), label=gettext_lazy("Give to the team")
    )
    over_waiting = forms.IntegerField(
        min_value=0,
        max_value=rules.MOST_WAITING,
        initial=5,
        label=gettext_lazy("From how many waiting calls on"),
        help_text=gettext_lazy("0: the number of calls doesn't count."),
    )
    over_seconds = forms.IntegerField(
        min_value=0,
        max_value=rules.MOST_SECONDS,
        initial=180,
        label=gettext_lazy("Or from how many seconds of waiting on"),
        help_text=gettext_lazy("0: the wait doesn't count."),
    )
    language = forms.ChoiceField(choices=(), label=gettext_lazy("Language of the words below"))
    say = forms.CharField(
        required=False, widget=forms.Textarea, max_length=actions.LONGEST_SAY, label=gettext_lazy("What callers hear")
    )
    text = forms.CharField(
        required=False, widget=forms.Textarea, max_length=actions.LONGEST_TEXT, label=gettext_lazy("The first text")
    )

    def __init__(
        self, *args: Any, channels: Iterable[tuple[str, str]], team_choices: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel_id"].choices = list(channels)  # type: ignore[attr-defined]
        self.fields["team_id"].choices = list(team_choices)  # type: ignore[attr-defined]
        spoken = [(one, LANGUAGES[one]) for one in speaking.LANGUAGES]
        self.fields["language"].choices = spoken  # type: ignore[attr-defined]


class TrialForm(DeskForm):
    """What a phone system might post."""

    waiting = forms.IntegerField(
        required=False, min_value=0, max_value=rules.MOST_WAITING, label=gettext_lazy("Waiting calls")
    )
    longest = forms.IntegerField(
        required=False, min_value=0, max_value=rules.MOST_SECONDS, label=gettext_lazy("Longest wait, in seconds")
    )
    caller = forms.CharField(required=False, max_length=80, label=gettext_lazy("Caller"))
    line_type = forms.CharField(
        required=False, max_length=40, label=gettext_lazy("Line type"), help_text=gettext_lazy("Such as landline.")
    )


@guard(Right.MANAGE_CHANNELS)
@require_safe
def queues(request: HttpRequest) -> HttpResponse:
    """The list and the report."""
    return _page(request)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A new phone queue."""
    actor = actor_of(request)
    form = _form(request, actor, initial={"is_on": True, "language": teams.workspace_of(actor).language})
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.save_queue(by=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name} is there.", name=made.name))
            return redirect("desk:settings_phone_queue", made.pk)
    return _page(request, form=form, panel="add", status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest, queue_id: int) -> HttpResponse:
    """One beside the list, with its address and the test box."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id)
    form = _form(request, actor, initial=_initial(found))
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_queue(queue=found, by=actor, at=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{name}: saved.", name=found.name))
            return redirect("desk:settings_phone_queue", found.pk)
    return _one(request, found, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def trial(request: HttpRequest, queue_id: int) -> HttpResponse:
    """What would be answered to such a post. Nothing is kept and nobody is texted."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id)
    trial_form = TrialForm(request.POST)
    if not trial_form.is_valid():
        return _one(request, found, trial_form=trial_form, status=422)
    told = trial_form.cleaned_data
    why = actions.tried(queue=found, told=Told(**told), at=timezone.now())
    reply = (
        actions.offering(queue=found, offer_id=1, kind="twiml")
        if why is rules.Why.OFFER
        else speaking.Reply(why=why.value, language=found.language)
    )
    answers = [(label, speaking.written(reply, kind).decode()) for kind, label in _CALLED]
    return _one(request, found, trial_form=trial_form, verdict=t(rules.WORDS[why]), answers=answers)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def new_address(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Another address."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id)
    actions.new_address(queue=found, by=actor, at=timezone.now())
    say(request, t("The old address is no longer answered. Set the new one in your phone system."))
    return redirect("desk:settings_phone_queue", found.pk)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def remove(request: HttpRequest, queue_id: int) -> HttpResponse:
    """Remove one."""
    actor = actor_of(request)
    found = queries.access_queue(actor, queue_id)
    actions.remove_queue(queue=found, by=actor, at=timezone.now())
    say(request, t("{name} is gone.", name=found.name))
    return redirect("desk:settings_phone_queues")


def _form(request: HttpRequest, actor: Actor, *, initial: dict[str, object]) -> QueueForm:
    ours = visible_channels(actor).filter(is_active=True, kind__in=sorted(actions.PHONES))
    channels = [(str(one.pk), f"{one.name} {one.address}".strip()) for one in ours]
    choices = [("", t("No team")), *((str(one.pk), one.name) for one in teams.teams(actor))]
    return QueueForm(request.POST or None, initial=initial, channels=channels, team_choices=choices)


def _initial(found: PhoneQueue) -> dict[str, object]:
    names = ("name", "is_on", "channel_id", "over_waiting", "over_seconds", "language", "say", "text")
    return {**{name: getattr(found, name) for name in names}, "team_id": found.team_id or ""}


def _one(request: HttpRequest, found: PhoneQueue, *, status: int = 200, **extra: Any) -> HttpResponse:
    url = queries.state_url(found)
    body = '{"waiting": 7, "longest_wait": 240, "agents": 3, "caller": "+15035550142", "call": "123"}'
    context = {
        "chosen": found,
        "url": url,
        "curl": f"curl -X POST '{url}' -H 'Content-Type: application/json' -d '{body}'",
        "trial_form": TrialForm(initial={"waiting": 7, "longest": 240}),
        "say_default": speaking.SAY[found.language],
        "text_default": speaking.TEXT[found.language],
        **extra,
    }
    form = context.pop("form", None) or _unbound(request, found)
    return _page(request, panel="queue", form=form, status=status, **context)


def _unbound(request: HttpRequest, found: PhoneQueue) -> QueueForm:
    """The form of a queue as it is kept, whatever else was posted."""
    form = _form(request, actor_of(request), initial=_initial(found))
    form.is_bound = False
    return form


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    now = timezone.now()
    context = {
        "queues": queries.queues(actor),
        "states": {one.id: one for one in queries.states(actor.workspace_id, at=now)},
        "report": queries.report(actor.workspace_id, start=now - timedelta(days=REPORT_DAYS), end=now, at=now),
        "days": REPORT_DAYS,
        "panel": "",
        "close_url": reverse("desk:settings_phone_queues"),
        "say_default": speaking.SAY["en"],
        "text_default": speaking.TEXT["en"],
        **extra,
    }
    report = context["report"]
    share = report.solved_share
    context["solved_percent"] = None if share is None else round(share * 100)
    context["saved_minutes"] = speaking.minutes(report.saved_seconds)
    return render(request, TEMPLATE, context, status=status)
