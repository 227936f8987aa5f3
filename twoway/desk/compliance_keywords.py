"""Compliance, Keywords: the words that stop, start and help; a workspace's own; and what a text would do."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.compliance.revocation import actions, queries, rules
from twoway.desk.forms_keywords import OwnWordForm, TryForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.messaging.keywords import HELP_TEXT, START_TEXT, STOP_TEXT
from twoway.sms import keywords
from twoway.teams.actor import Actor
from twoway.teams.queries import workspace_of
from twoway.teams.rules import Right, may

PATIENCE = 20
"""Seconds a judgement may take; it starts a program of its own, so that this process needs no model."""
LANGUAGES = {
    "en": noted("English"),
    "es": noted("Spanish"),
    "fr": noted("French"),
    "de": noted("German"),
    "pt": noted("Portuguese"),
    "it": noted("Italian"),
    "nl": noted("Dutch"),
    "sv": noted("Nordic"),
    "pl": noted("Polish"),
    "tr": noted("Turkish"),
    "ru": noted("Russian"),
    "zh": noted("Chinese"),
    "ja": noted("Japanese"),
    "ko": noted("Korean"),
    "hi": noted("Hindi"),
    "ar": noted("Arabic"),
    "vi": noted("Vietnamese"),
    "tl": noted("Tagalog"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Family:
    """One family: what it does, the words of each language, and what we answer."""

    name: str
    label: str
    does: str
    answer: str
    lines: list[tuple[str, tuple[str, ...]]]


@guard(Right.SEE_COMPLIANCE)
@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """The families."""
    return _page(request)


@guard(Right.SEE_COMPLIANCE)
@require_POST
def attempt(request: HttpRequest) -> HttpResponse:
    """What a text would do, by the judgement that reads what customers write."""
    form = TryForm(request.POST)
    found: dict[str, str] = {}
    if form.is_valid():
        found = _judged(actor_of(request), form.cleaned_data["text"])
        if not found:
            form.add_error(None, t("The judgement didn't answer. Try again."))
    return _page(request, trial=form, found=found, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """A word of one's own."""
    form = OwnWordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            actions.add_word(family=given["family"], word=given["word"], by=actor_of(request), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{word} counts from now on.", word=given["word"]))
            return redirect("desk:compliance_keywords")
    return _page(request, own=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_COMPLIANCE)
@require_POST
def remove(request: HttpRequest, word_id: int) -> HttpResponse:
    """Take a word of one's own back."""
    actor = actor_of(request)
    word = queries.access_own_word(actor, word_id)
    actions.remove_word(word=word, by=actor, at=timezone.now())
    say(request, t("{word} is an ordinary word again.", word=word.word))
    return redirect("desk:compliance_keywords")


def _judged(actor: Actor, text: str) -> dict[str, str]:
    """Verdict and why; {} when the program failed."""
    known = rules.by_keyword(text, own=queries.words_by_fold(actor.workspace_id))
    if known is not None:
        return {"verdict": known.kind, "why": t(known.why)}
    command = [sys.executable, "-m", "twoway", "revocation", "-"]
    line = " ".join(text.split()).encode() + b"\n"
    try:
        told = subprocess.run(command, input=line, capture_output=True, timeout=PATIENCE, check=True)
    except (subprocess.SubprocessError, OSError):
        return {}
    found: dict[str, str] = orjson.loads(told.stdout.splitlines()[0])
    return found | {"why": t(found.get("why", ""))}


def _page(request: HttpRequest, *, status: int = 200, **extra: Any) -> HttpResponse:
    actor = actor_of(request)
    page = {
        "families": _families(actor),
        "own_words": queries.own_words(actor),
        "may_change": may(actor, Right.MANAGE_COMPLIANCE),
        "trial": TryForm(),
        "own": OwnWordForm(),
        **extra,
    }
    return render(request, "desk/compliance/keywords.html", page, status=status)


def _families(actor: Actor) -> list[Family]:
    place = workspace_of(actor)
    told = (
        ("stop", "STOP", t("Opts out at once, and is confirmed once."), keywords.STOP, place.stop_text or STOP_TEXT),
        (
            "start",
            "START",
            t("Opts back in, if the customer texts it."),
            keywords.START,
            place.start_text or START_TEXT,
        ),
        ("help", "HELP", t("Is answered always, also after an opt-out."), keywords.HELP, place.help_text or HELP_TEXT),
    )
    return [
        Family(
            name=name,
            label=label,
            does=does,
            answer=answer.replace("{business}", place.name),
            lines=[(t(LANGUAGES.get(language, language)), listed) for language, listed in table.items()],
        )
        for name, label, does, table, answer in told
    ]
