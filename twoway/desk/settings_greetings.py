"""Settings, Automatic replies: their words for everybody, a number or a team, and what somebody would get now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.channels import queries as channels
from twoway.desk.builders import numbers
from twoway.desk.forms_greetings import STATES, GreetingSettingsForm, WordingForm
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import NotFound, Refused
from twoway.lib.words import t
from twoway.messaging.greeting import actions, queries, trying
from twoway.messaging.greeting.actions import LIMITS, Wish
from twoway.messaging.greeting.trying import Tried
from twoway.messaging.greeting.wording import rules as wording
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/greetings.html"
MANAGE = Right.MANAGE_WORKSPACE


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where words hold: `key` is "", "n12" for a number, "t3" for a team. `business` is who texts from there."""

    key: str
    label: str
    business: str
    channel_id: int | None = None
    team_id: int | None = None


@guard(MANAGE)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The words that hold in one place; with `try` in the address also what somebody would get."""
    return _page(request)


@guard(MANAGE)
@require_POST
def save(request: HttpRequest, kind: str) -> HttpResponse:
    """Word one kind of text."""
    if kind not in wording.KINDS:
        raise NotFound("automatic reply", kind)
    actor = actor_of(request)
    place = _place(actor, request.GET.get("place", ""))
    form = WordingForm(request.POST, prefix=kind, has_above=bool(place.key))
    if not form.is_valid():
        return _page(request, form=form, kind=kind)
    given = form.cleaned_data
    wish = Wish(kind=kind, is_on=STATES[given["state"]], texts={name: given[name] for name in wording.LANGUAGES})
    try:
        actions.set_wording(wish=wish, by=actor, at=timezone.now(), team_id=place.team_id, channel_id=place.channel_id)
    except NotFound:
        raise
    except Refused as refused:
        form.refuse(refused)
        return _page(request, form=form, kind=kind)
    say(request, t("{name}: saved.", name=t(wording.LABELS[kind])))
    return redirect(_url(place))


@guard(MANAGE)
@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """What holds for all of them."""
    form = GreetingSettingsForm(request.POST, prefix="all")
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in LIMITS}
        try:
            actions.choose(given=given, language=form.cleaned_data["language"], by=actor_of(request), at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_greetings")
    return _page(request, settings_form=form)


@guard(MANAGE)
@require_POST
def meter(request: HttpRequest) -> HttpResponse:
    """How a text will look and how many segments it takes, while it is typed: the fragment under its box."""
    kind, language = request.GET.get("kind", ""), request.GET.get("language", "")
    if kind not in wording.KINDS or language not in wording.LANGUAGES:
        raise NotFound("automatic reply", kind)
    words = request.POST.get(f"{kind}-{language}", "").strip()[: wording.LONGEST]
    place = _place(actor_of(request), request.GET.get("place", ""))
    body, counted = trying.sample(kind, words, language=language, business=place.business)
    return render(request, "desk/settings/greeting_meter.html", {"body": body, "meter": counted, "language": language})


def _page(
    request: HttpRequest,
    *,
    form: WordingForm | None = None,
    kind: str = "",
    settings_form: GreetingSettingsForm | None = None,
) -> HttpResponse:
    actor = actor_of(request)
    places = _places(actor)
    place = _place(actor, request.GET.get("place", ""))
    settings = queries.settings_of(actor.workspace_id)
    initial = {name: getattr(settings, name) for name in (*LIMITS, "language")}
    context = {
        "places": places,
        "place": place,
        "cards": [_card(actor, place, one, form if one == kind else None) for one in wording.KINDS],
        "settings_form": settings_form or GreetingSettingsForm(prefix="all", initial=initial),
        "tried": _tried(request, actor),
        "try_in": request.GET.get("try", ""),
        "is_first": request.GET.get("first", "1") == "1",
        "try_language": wording.language_of(request.GET.get("language", ""), usual=settings.language),
        "numbers": [one for one in places if one.channel_id is not None],
        "url": _url(place),
    }
    is_wrong = bool((form and form.errors) or (settings_form and settings_form.errors))
    return render(request, TEMPLATE, context, status=422 if is_wrong else 200)


def _card(actor: Actor, place: Place, kind: str, form: WordingForm | None) -> dict[str, Any]:
    """One kind of text in one place, with its form and how it looks."""
    wordings = queries.access_wordings(actor)
    held = wordings.at(channel_id=place.channel_id, team_id=place.team_id)[kind]
    own = wordings.own(channel_id=place.channel_id, team_id=place.team_id).get(kind)
    state = ("on" if own.is_on else "off") if own else ("above" if place.key else "off")
    initial = {"state": state, **{one: (own.texts.get(one, "") if own else "") for one in wording.LANGUAGES}}
    form = form or WordingForm(prefix=kind, has_above=bool(place.key), initial=initial)
    meter_url = reverse("desk:settings_greetings_meter")
    texts = []
    for language in wording.LANGUAGES:
        typed = str(form[language].value() or "")
        body, counted = trying.sample(kind, typed or held.words(language), language=language, business=place.business)
        texts.append(
            {
                "field": form[language],
                "given": held.words(language) if place.key else wording.TEXTS[kind][language],
                "language": language,
                "body": body,
                "meter": counted,
                "meter_url": f"{meter_url}?kind={kind}&language={language}&place={place.key}",
            }
        )
    return {
        "kind": kind,
        "label": t(wording.LABELS[kind]),
        "when": t(wording.WHEN[kind]),
        "places": [f"{{{name}}}" for name in wording.PLACES[kind]],
        "is_on": held.is_on,
        "form": form,
        "texts": texts,
        "url": reverse("desk:settings_greeting", args=[kind]) + (f"?place={place.key}" if place.key else ""),
    }


def _tried(request: HttpRequest, actor: Actor) -> Tried | None:
    """What somebody who texts the number in the address would get; None when nobody asks."""
    asked = request.GET.get("try", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    return trying.would_send(
        actor,
        channel_id=int(asked),
        is_first=request.GET.get("first", "1") == "1",
        language=request.GET.get("language", ""),
        at=timezone.now(),
    )


def _places(actor: Actor) -> list[Place]:
    """Everybody, each number, each team."""
    workspace = teams.workspace_of(actor)
    name, region = workspace.name, workspace.region
    rows = channels.visible_channels(actor).filter(is_active=True)
    of_numbers = [
        Place(
            key=f"n{row.pk}",
            label=numbers.label(row, region=region),
            business=row.name or name,
            channel_id=row.pk,
        )
        for row in rows
    ]
    of_teams = [Place(key=f"t{row.pk}", label=row.name, business=name, team_id=row.pk) for row in teams.teams(actor)]
    return [Place(key="", label=t("Everybody"), business=name), *of_numbers, *of_teams]


def _place(actor: Actor, key: str) -> Place:
    """The place an address names. Raises `NotFound`."""
    found = next((one for one in _places(actor) if one.key == key), None)
    if found is None:
        raise NotFound("place", key)
    return found


def _url(place: Place) -> str:
    return reverse("desk:settings_greetings") + (f"?place={place.key}" if place.key else "")
