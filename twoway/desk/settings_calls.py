"""Settings, Calls: what happens when somebody calls a number, and in which words."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from twoway.channels.queries import Channel, access_channel, url_to_paste, visible_channels
from twoway.desk.forms import DeskForm
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import LANGUAGES, noted, t
from twoway.messaging.calls import connecting, queries, rules, setting, wording
from twoway.messaging.calls.rules import Plan
from twoway.sms import phone as phones
from twoway.teams.rules import Right

TEMPLATE, NUMBER = "desk/settings/calls.html", "desk/settings/calls_number.html"
DOES = (
    ("greet", gettext_lazy("Say a greeting and hang up")),
    ("text", gettext_lazy("Hang up and text them back")),
    ("voicemail", gettext_lazy("Take a message")),
    ("forward", gettext_lazy("Pass the call on to a phone")),
)
THEN = (
    ("voicemail", gettext_lazy("Take a message")),
    ("text", gettext_lazy("Hang up and text them back")),
    ("greet", gettext_lazy("Say a greeting and hang up")),
)
NAMED = {"open": True, "closed": False}
"""The two forms of a number, by what they are about."""
SHORT = {
    "greet": noted("Greeting"),
    "text": noted("Text back"),
    "voicemail": noted("Message"),
    "forward": noted("Passed on"),
}
HINTS = {
    "twilio": noted("In Twilio's console, under the number: “A call comes in” and “Call status changes”, with POST."),
    "plivo": noted("In Plivo's console, in the number's application: answer URL and hangup URL, with POST."),
    "vonage": noted(
        "On the dashboard, in the number's application, under Voice: answer URL and event URL, with POST. Use signed "
        "webhooks."
    ),
}


class PlanForm(DeskForm):
    """What happens with a call, while a number is open or while it is not."""

    does = forms.ChoiceField(choices=DOES, label=gettext_lazy("When somebody calls"))
    words = forms.CharField(
        required=False,
        max_length=wording.LONGEST,
        label=gettext_lazy("Said first"),
        help_text=gettext_lazy("Empty: the words of the workspace."),
    )
    forward_to = forms.CharField(required=False, max_length=40, label=gettext_lazy("Phone that rings"))
    ring_seconds = forms.IntegerField(
        min_value=rules.SHORTEST_RING,
        max_value=rules.LONGEST_RING,
        label=gettext_lazy("It rings, in seconds"),
        help_text=gettext_lazy("Shorter than until that phone's own voicemail picks up: about 20."),
    )
    then = forms.ChoiceField(choices=THEN, label=gettext_lazy("When nobody picks up"))
    message_seconds = forms.IntegerField(
        min_value=rules.SHORTEST_MESSAGE,
        max_value=rules.LONGEST_MESSAGE,
        label=gettext_lazy("Longest message, in seconds"),
    )
    is_transcribed = forms.BooleanField(
        required=False,
        label=gettext_lazy("Write messages down"),
        help_text=gettext_lazy("The provider does it, where it can, and charges for it."),
    )
    texts_missed = forms.BooleanField(
        required=False,
        label=gettext_lazy("Text who called in vain"),
        help_text=gettext_lazy("When nobody talked to them and they left no message. Never who opted out of texts."),
    )
    text_every_minutes = forms.IntegerField(
        min_value=rules.FEWEST_MINUTES,
        max_value=rules.MOST_MINUTES,
        label=gettext_lazy("At most one such text to a caller in so many minutes"),
    )

    def plan(self) -> Plan:
        """As it was typed."""
        return Plan(**{name: self.cleaned_data[name] for name in queries.FIELDS})


class WordsForm(DeskForm):
    """The workspace's own words, as fields named `<kind>-<language>`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for language in wording.LANGUAGES:
            for kind, label in wording.LABELS.items():
                self.fields[f"{kind}-{language}"] = forms.CharField(
                    required=False, max_length=wording.LONGEST, label=t(label), widget=forms.Textarea
                )

    def words(self) -> dict[tuple[str, str], str]:
        """As they were typed."""
        return {
            (kind, language): self.cleaned_data.get(f"{kind}-{language}", "")
            for language in wording.LANGUAGES
            for kind in wording.LABELS
        }


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """The numbers with what each does, and the words; POST changes the words."""
    actor = actor_of(request)
    own = queries.words_of(actor.workspace_id)
    form = WordsForm(
        request.POST or None, initial={f"{kind}-{language}": own[kind, language] for kind, language in own}
    )
    if request.method == "POST" and form.is_valid():
        try:
            setting.save_words(words=form.words(), by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_calls")
    numbers = [one for one in visible_channels(actor) if one.kind in ("sms", "voice") and one.is_active]
    kinds = queries.plan_kinds(one.pk for one in numbers)
    region = cast(DeskRequest, request).signed.member.workspace.region
    rows = [
        {
            "channel": one,
            "number": phones.pretty(one.address, region=region),
            "open": _short(kinds.get(one.pk, {}), while_open=True),
            "closed": _short(kinds.get(one.pk, {}), while_open=False),
            "understood": queries.understands_calls(one.provider),
        }
        for one in numbers
    ]
    languages = [
        {
            "name": LANGUAGES[language],
            "rows": [(form[f"{kind}-{language}"], wording.DEFAULTS[kind][language]) for kind in wording.LABELS],
        }
        for language in wording.LANGUAGES
    ]
    context = {"rows": rows, "form": form, "languages": languages}
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _short(kinds: dict[bool, str], *, while_open: bool) -> str:
    does = kinds.get(while_open) or kinds.get(not while_open) or ""
    return t(SHORT[does]) if does in SHORT else ""


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def number(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One number: inside and outside its hours, and its address for calls."""
    actor = actor_of(request)
    channel = access_channel(actor, channel_id)
    plans = queries.plans_of(channel.pk)
    told = request.POST or None
    found = {
        name: PlanForm(told, prefix=name, initial=_initial(plans.get(is_open) or plans.get(not is_open)))
        for name, is_open in NAMED.items()
    }
    if told is not None and min([form.is_valid() for form in found.values()]) and _saved(request, channel, found):
        say(request, t("Saved."))
        return redirect("desk:settings_calls_number", channel_id)
    has_errors = any(form.errors for form in found.values())
    context = {
        "channel": channel,
        "number": phones.pretty(channel.address, region=channel.workspace.region),
        "forms": ((t("While it is open"), found["open"]), (t("Outside its hours"), found["closed"])),
        "voice_url": url_to_paste(channel, "voice"),
        "hint": t(HINTS[channel.provider]) if channel.provider in HINTS else "",
        "by_api": channel.provider in connecting.BY_API,
        "understood": queries.understands_calls(channel.provider),
        "is_set": bool(plans),
        "taken": request.session.pop(f"voice_taken_{channel.pk}", ""),
    }
    return render(request, NUMBER, context, status=422 if has_errors else 200)


def _saved(request: HttpRequest, channel: Channel, found: dict[str, PlanForm]) -> bool:
    """Keep both plans or neither; a refusal stands in its form."""
    name = ""
    try:
        with transaction.atomic():
            for name, is_open in NAMED.items():
                plan = found[name].plan()
                setting.save_plan(channel=channel, is_open=is_open, plan=plan, by=actor_of(request), at=timezone.now())
    except Refused as refused:
        found[name].refuse(refused)
        return False
    return True


def _initial(plan: Plan | None) -> dict[str, object]:
    """What the form begins with; a number nobody set up is offered a text back."""
    known = plan or Plan(does="text", texts_missed=True)
    found: dict[str, object] = {name: getattr(known, name) for name in queries.FIELDS}
    found["forward_to"] = phones.pretty(known.forward_to) if known.forward_to else ""
    return found


@guard(Right.MANAGE_CHANNELS)
@require_POST
def connect(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Send the calls of a number here, at the provider; what is set up there is replaced only when that was said."""
    channel = access_channel(actor_of(request), channel_id)
    replaces = request.POST.get("replaces", "")
    try:
        connecting.connect(channel=channel, by=actor_of(request), at=timezone.now(), replaces=replaces)
    except connecting.Taken as taken:
        request.session[f"voice_taken_{channel.pk}"] = taken.where
        warn(request, taken.sentence)
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        say(
            request,
            t(
                "Calls to {number} come here now.",
                number=phones.pretty(channel.address, region=channel.workspace.region),
            ),
        )
    return redirect("desk:settings_calls_number", channel_id)
