"""A member's own keys, and what follows when a conversation is done."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from twoway.conversations.views.actions import keep_habit
from twoway.conversations.views.queries import habit_of
from twoway.desk import commands
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.words import t
from twoway.replies.macro_queries import macros
from twoway.teams.actor import Actor

TEMPLATE = "desk/profile/keys.html"


@guard()
@require_http_methods(["GET", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """The list of commands with a field for the key of each."""
    actor = actor_of(request)
    habit = habit_of(actor)
    if request.method != "POST":
        return render(request, TEMPLATE, _context(habit.keys, goes_on=habit.goes_on, wrong={}))
    given = {name: request.POST.get(f"key-{name}", keys)[:20] for name, keys in commands.keys_of(habit.keys).items()}
    goes_on = request.POST.get("goes_on") == "1"
    own, wrong = commands.chosen(given)
    wrong = {**_taken_by_macros(actor, own), **wrong}
    if wrong:
        return render(request, TEMPLATE, _context(given, goes_on=goes_on, wrong=wrong), status=422)
    keep_habit(by=actor, keys=own, goes_on=goes_on)
    say(request, t("Saved."))
    return redirect("desk:keys")


@guard()
@require_POST
def reset(request: HttpRequest) -> HttpResponse:
    """All keys as they are for everybody."""
    keep_habit(by=actor_of(request), keys={})
    say(request, t("All keys are as they were."))
    return redirect("desk:keys")


def _taken_by_macros(actor: Actor, own: dict[str, str]) -> dict[str, str]:
    """A sentence for each chosen key that a macro of this member has."""
    named = dict(macros(actor).exclude(key="").values_list("key", "name"))
    return {
        name: t("The macro “{macro}” has this key.", macro=named[keys]) for name, keys in own.items() if keys in named
    }


def _context(own: dict[str, str], *, goes_on: bool, wrong: dict[str, str]) -> dict[str, object]:
    return {
        "groups": [
            (group.label, [(line, wrong.get(line.command.id, "")) for line in group.lines])
            for group in commands.groups(own)
        ],
        "has_errors": bool(wrong),
        "is_changed": bool(commands.chosen(own)[0]),
        "goes_on": goes_on,
    }
