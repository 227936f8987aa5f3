"""Settings, Callbacks: whether customers may ask for a call, when, by whom, and in which words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from twoway.desk.forms import DeskForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import LANGUAGES, t
from twoway.messaging.callbacks import choosing, queries, wording
from twoway.messaging.callbacks.queries import CallbackSetting
from twoway.teams import queries as teams
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/callbacks.html"


def _number(name: str, label: object, hint: object = "") -> forms.IntegerField:
    least, most = choosing.LIMITS[name]
    return forms.IntegerField(min_value=least, max_value=most, label=label, help_text=hint)  # type: ignore[arg-type]


class CallbackForm(DeskForm):
    """How calls are given out. The wordings are fields named `text-<language>-<key>`."""

    is_on = forms.BooleanField(
        required=False,
        label=gettext_lazy("Customers may ask for a call"),
        help_text=gettext_lazy("By texting one of the words below. You can offer a call from any conversation."),
    )
    words = forms.CharField(
        required=False,
        widget=forms.Textarea,
        label=gettext_lazy("Words that ask for a call"),
        help_text=gettext_lazy("One in each line. Only a text that is the word counts, not a sentence with it."),
    )
    slot_minutes = _number(
        "slot_minutes", gettext_lazy("Length of a window, in minutes"), gettext_lazy("“Between 2:00 and 2:20” is 20.")
    )
    per_slot = _number(
        "per_slot",
        gettext_lazy("Calls in one window, at most"),
        gettext_lazy("Never more than there are members who may call."),
    )
    team = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, label=gettext_lazy("Who calls"), choices=()
    )
    lead_minutes = _number("lead_minutes", gettext_lazy("The first window begins this many minutes from now, at least"))
    days = _number("days", gettext_lazy("Days ahead, at most"))
    remind_minutes = _number("remind_minutes", gettext_lazy("Reminder, in minutes before the window"))
    attempts = _number(
        "attempts",
        gettext_lazy("Attempts"),
        gettext_lazy("After a call nobody picked up, other times are offered until these are used up."),
    )

    def __init__(self, *args: Any, team_choices: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].choices = list(team_choices)  # type: ignore[attr-defined]
        for language in wording.LANGUAGES:
            for key, label in wording.LABELS.items():
                self.fields[f"text-{language}-{key}"] = forms.CharField(
                    required=False, widget=forms.Textarea, label=t(label), max_length=wording.LONGEST_WORDS
                )

    def texts(self) -> dict[str, dict[str, str]]:
        """The wordings as they were typed, by language and key."""
        return {
            language: {key: self.cleaned_data.get(f"text-{language}-{key}", "") for key in wording.DEFAULTS}
            for language in wording.LANGUAGES
        }


@guard(Right.MANAGE_WORKSPACE)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """All of it in one form."""
    actor = actor_of(request)
    setting = queries.setting_of(actor.workspace_id)
    choices = [("", t("Everybody who may call")), *((str(one.pk), one.name) for one in teams.teams(actor))]
    form = CallbackForm(request.POST or None, initial=_initial(setting), team_choices=choices)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        choice = choosing.Choice(
            is_on=told["is_on"],
            words=told["words"].splitlines(),
            team_id=told["team"],
            texts=form.texts(),
            **{name: told[name] for name in choosing.LIMITS},
        )
        try:
            choosing.choose(choice=choice, by=actor, at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_callbacks")
    context = {"form": form, "languages": _languages(form), "is_on": setting.is_on}
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _initial(setting: CallbackSetting) -> dict[str, object]:
    known: dict[str, object] = {name: getattr(setting, name) for name in ("is_on", *choosing.LIMITS)}
    texts = {
        f"text-{language}-{key}": queries.words_of(setting, key, language)
        for language in wording.LANGUAGES
        for key in wording.DEFAULTS
    }
    return {**known, **texts, "words": "\n".join(setting.words), "team": setting.team_id or ""}


def _languages(form: CallbackForm) -> list[dict[str, object]]:
    """The wordings by language: a field each, and Twoway's own words."""
    return [
        {
            "name": LANGUAGES[language],
            "rows": [(form[f"text-{language}-{key}"], words[language]) for key, words in wording.DEFAULTS.items()],
        }
        for language in wording.LANGUAGES
    ]
