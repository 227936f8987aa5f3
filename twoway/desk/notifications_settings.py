"""How a member wants to be told: ways for each kind, quiet times, sound, email, and the devices that are pushed to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import orjson
from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.desk.forms import DeskForm, time_zones
from twoway.desk.inbox_frame import desk_view
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import actor_of, guard, say
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.notifications import actions, devices, queries, rules
from twoway.notifications.actions import Choice
from twoway.notifications.queries import Wish
from twoway.notifications.rules import Way

TEMPLATE = "desk/notifications/settings.html"
DAYS = (
    ("0", gettext_lazy("Monday")),
    ("1", gettext_lazy("Tuesday")),
    ("2", gettext_lazy("Wednesday")),
    ("3", gettext_lazy("Thursday")),
    ("4", gettext_lazy("Friday")),
    ("5", gettext_lazy("Saturday")),
    ("6", gettext_lazy("Sunday")),
)
WAY_LABELS: tuple[tuple[Way, str], ...] = (
    ("app", noted("List")),
    ("push", noted("Push")),
    ("email", noted("Email")),
    ("sound", noted("Sound")),
)
_MOST_BYTES = 8192


def _time() -> forms.TimeField:
    return forms.TimeField(required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))


def _sounds() -> list[tuple[str, str]]:
    return [(sound, t(label)) for sound, label in rules.SOUNDS.items()]


def _digests() -> list[tuple[int, str]]:
    return [(minutes, t(label)) for minutes, label in rules.DIGESTS.items()]


class WishForm(DeskForm):
    """Everything but the ways of the kinds, which stand in a table of their own."""

    wait_minutes = forms.IntegerField(
        label=gettext_lazy("Tell me when somebody has waited and nobody has the conversation, after minutes"),
        min_value=rules.WAIT_LEAST,
        max_value=rules.WAIT_MOST,
    )
    sound = forms.ChoiceField(label=gettext_lazy("Sound"), choices=_sounds)
    volume = forms.IntegerField(
        label=gettext_lazy("Volume"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(attrs={"type": "range", "step": 5}),
    )
    quiet_days = forms.MultipleChoiceField(
        label=gettext_lazy("Quiet on"), choices=DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )
    quiet_from = _time()
    quiet_to = _time()
    zone = forms.ChoiceField(label=gettext_lazy("Times are those of"), required=False)
    direct_through = forms.BooleanField(
        label=gettext_lazy("What is meant for me in person comes through"),
        help_text=gettext_lazy("Mentions, conversations given to me, and texts of mine that failed."),
        required=False,
    )
    digest_minutes = forms.TypedChoiceField(label=gettext_lazy("Emails"), choices=_digests, coerce=int)
    push_words = forms.BooleanField(label=gettext_lazy("Show what a text says in pushes"), required=False)
    email_words = forms.BooleanField(label=gettext_lazy("Show what a text says in emails"), required=False)

    def __init__(self, *args: Any, workspace_zone: str, current: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = cast(forms.ChoiceField, self.fields["zone"])
        own.choices = [
            ("", t("The workspace: {zone}", zone=workspace_zone.replace("_", " "))),
            *time_zones(current=current),
        ]
        self.fields["quiet_from"].label, self.fields["quiet_to"].label = t("From"), t("To")


@guard()
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponseBase:
    """Show and change it."""
    actor = actor_of(request)
    wish = queries.wish_of(actor)
    ways = _ways(request) if request.method == "POST" else _stored(wish)
    form = WishForm(
        request.POST or None,
        initial=_initial(wish),
        workspace_zone=cast(DeskRequest, request).signed.member.workspace.time_zone,
        current=wish.zone,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        days = frozenset(int(day) for day in given.pop("quiet_days"))
        try:
            actions.choose(choice=Choice(ways=ways, quiet_days=days, **given), by=actor)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:notify")
    context = _context(request, form, wish, ways)
    return render(request, TEMPLATE, context, status=422 if form.errors else 200)


def _context(request: HttpRequest, form: WishForm, wish: Wish, ways: dict[str, frozenset[Way]]) -> dict[str, object]:
    now = timezone.now()
    labels = [(way, t(label)) for way, label in WAY_LABELS]
    return {
        "form": form,
        "kinds": [
            (replace(kind, label=t(kind.label)), [(way, label, way in ways[kind.id]) for way, label in labels])
            for kind in rules.KINDS
        ],
        "way_labels": labels,
        "devices": queries.devices(actor_of(request)),
        "push_key": devices.own_keys(at=now).public,
        "paused_until": wish.paused_until if wish.paused_until and wish.paused_until > now else None,
        "pauses": [(value, t(words)) for value, words in rules.PAUSES.items()],
        "email": queries.email_of(actor_of(request)),
    }


def _ways(request: HttpRequest) -> dict[str, frozenset[Way]]:
    """The ticked boxes of the table, named `kind:way`."""
    return {kind.id: frozenset(way for way in rules.WAYS if f"{kind.id}:{way}" in request.POST) for kind in rules.KINDS}


def _stored(wish: Wish) -> dict[str, frozenset[Way]]:
    own = rules.own_ways(wish.ways)
    return {kind.id: own.get(kind.id, kind.ways) for kind in rules.KINDS}


def _initial(wish: Wish) -> dict[str, object]:
    plain = [
        "zone",
        "quiet_from",
        "quiet_to",
        "direct_through",
        "sound",
        "volume",
        "digest_minutes",
        "wait_minutes",
        "push_words",
        "email_words",
    ]
    return {name: getattr(wish, name) for name in plain} | {"quiet_days": [str(day) for day in wish.quiet_days]}


# Devices --------------------------------------------------------------------------------------------------------------


@require_POST
@desk_view
def device_add(request: DeskRequest) -> HttpResponse:
    """This browser, as JSON: what its push service gave it."""
    label = devices.label_of(request.headers.get("User-Agent", ""))
    device = devices.add(subscription=_json(request.body), label=label, by=request.actor, at=timezone.now())
    return JsonResponse({"id": device.pk, "label": device.label}, status=201)


@require_POST
@desk_view
def device_forget(request: DeskRequest) -> HttpResponse:
    """The same browser no more, as JSON: its `endpoint`."""
    endpoint = _json(request.body).get("endpoint")
    if isinstance(endpoint, str):
        devices.forget(endpoint=endpoint, by=request.actor)
    return HttpResponse(status=204)


@guard()
@require_POST
def device_remove(request: HttpRequest, device_id: int) -> HttpResponse:
    """Push to one of the member's devices no more."""
    devices.remove(device=queries.access_device(actor_of(request), device_id))
    say(request, t("Removed."))
    return redirect("desk:notify")


@guard()
@require_POST
def device_test(request: HttpRequest, device_id: int) -> HttpResponse:
    """Push a few words to it."""
    devices.test(device=queries.access_device(actor_of(request), device_id), at=timezone.now())
    say(request, t("A test is on its way to that device."))
    return redirect("desk:notify")


@require_safe
@desk_view
def push_key(request: DeskRequest) -> HttpResponse:
    """The key a browser is to expect pushes from."""
    return JsonResponse({"key": devices.own_keys(at=timezone.now()).public})


def _json(body: bytes) -> dict[str, object]:
    """A small JSON object. Raises `Invalid`."""
    try:
        found = orjson.loads(body) if len(body) <= _MOST_BYTES else None
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise Invalid(t("This is no subscription."), field="endpoint")
    return found
