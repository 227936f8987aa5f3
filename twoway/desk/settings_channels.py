"""Settings, Numbers: what customers text, what connects each to its provider, and whether that works."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels import actions, queries, simulator
from twoway.desk import numbers_shown, settings_templates
from twoway.desk.builders import numbers
from twoway.desk.forms import AddChannelForm, KeysForm, KnownKey, TrialTextForm
from twoway.desk.forms_hours import NumberForm, hours_choices
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.messaging import outbound
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

TEMPLATE = "desk/settings/channels.html"
ABOUT = {
    "android": noted(
        "A phone with a SIM card that runs the app SMS Gateway for Android. For a shop with nothing else."
    ),
    "bandwidth": noted("Your own Bandwidth account: a number of a messaging application."),
    "bird": noted("Your own Bird account with an API key that starts with bk_."),
    "bird_channels": noted("Your own Bird account with an SMS channel and an access key (api.bird.com)."),
    "messagebird": noted("A MessageBird account from before it became Bird (rest.messagebird.com)."),
    "plivo": noted("Your own Plivo account: a number of yours, or a Powerpack."),
    "sinch": noted("Your own Sinch account: a number of a service plan of the SMS API."),
    "telnyx": noted("Your own Telnyx account: a number in a messaging profile."),
    "simulator": noted("A phone on this machine, to try things out. No text leaves it, and nothing costs anything."),
    "meta": noted("WhatsApp straight from Meta: a number of yours in a WhatsApp business account."),
    "twilio": noted("Your own Twilio account: a number of yours, or a Messaging Service."),
    "vonage": noted("Your own Vonage account: a number linked to an application, with the Messages API."),
    "vonage_sms": noted("Your own Vonage (Nexmo) account with the older SMS API. New accounts take the Messages API."),
}


@guard(Right.MANAGE_CHANNELS)
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """The list alone."""
    return page(request)


@guard(Right.MANAGE_CHANNELS)
@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Which provider?"""
    cards = [
        {"slug": provider.slug, "name": provider.name, "words": t(ABOUT.get(provider.slug, ""))}
        for provider in queries.providers()
    ]
    return page(request, panel="choose", cards=cards)


@guard(Right.MANAGE_CHANNELS)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, provider: str) -> HttpResponse:
    """The provider's form; afterwards the number's page with the addresses to paste at the provider."""
    actor = actor_of(request)
    adapter = queries.provider_of(provider)
    is_ours = adapter.slug == "simulator"
    form = AddChannelForm(
        request.POST or None,
        keys=() if is_ours else _known_keys(adapter.slug),
        teams=team_choices(actor),
        picks_number=is_ours,
        kinds=adapter.kinds,
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if is_ours:
                made = simulator.add_number(by=actor, at=timezone.now(), name=given["name"], team_id=given["team"])
            else:
                made = actions.add_channel(
                    by=actor,
                    provider=adapter.slug,
                    address=given["address"],
                    credentials=form.credentials(),
                    at=timezone.now(),
                    name=given["name"],
                    team_id=given["team"],
                    kind=given.get("kind", ""),
                )
        except Refused as refused:
            form.refuse(refused, fields=_key_names(form))
        else:
            say(request, t("{name} is there.", name=made))
            return redirect("desk:settings_channel", made.pk)
    extra: dict[str, Any] = {
        "panel": "add",
        "form": form,
        "provider_name": adapter.name,
        "about": t(ABOUT.get(adapter.slug, "")),
    }
    return page(request, is_ours=is_ours, status=422 if form.errors else 200, **extra)


@guard(Right.MANAGE_CHANNELS)
@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest, channel_id: int) -> HttpResponse:
    """One number beside the list; POST changes name, team, hours, rate and who answers STOP."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    form = _channel_form(actor, found.pk, data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        at = timezone.now()
        try:
            with transaction.atomic():
                actions.update_channel(
                    by=actor,
                    channel=found,
                    at=at,
                    name=given["name"],
                    team_id=given["team"],
                    clear_team=given["team"] is None,
                    settings={"rate": str(given["rate"]), "stop_handled_by": given["stop_handled_by"]},
                )
                actions.set_channel_hours(by=actor, channel=found, hours_id=given["hours"], at=at)
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("Saved."))
            return redirect("desk:settings_channel", channel_id)
    return page(request, channel_id=channel_id, form=form, status=422 if form.errors else 200)


@guard(Right.MANAGE_CHANNELS)
@sensitive_post_parameters()
@require_POST
def keys(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Replace credentials; what is left empty stays."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    form = KeysForm(request.POST, keys=_known_keys(found.provider))
    if form.is_valid():
        try:
            actions.update_channel(by=actor, channel=found, at=timezone.now(), credentials=form.credentials())
        except Refused as refused:
            form.refuse(refused, fields=_key_names(form))
        else:
            say(request, t("The new credentials are stored. Check them."))
            return redirect("desk:settings_channel", channel_id)
    return page(request, channel_id=channel_id, keys_form=form, status=422)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def check(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Try the credentials and compare the webhook address; the result is kept and shown."""
    found = queries.access_channel(actor_of(request), channel_id)
    checked = queries.check(found)
    actions.record_check(channel=found, checked=checked, at=timezone.now())
    (say if checked.ok else warn)(request, t("It works.") if checked.ok else t("Something is wrong with this number."))
    return redirect("desk:settings_channel", channel_id)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def test(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Send a text by the road every text takes."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    form = TrialTextForm(request.POST)
    if form.is_valid():
        try:
            identity = phone.parse_typed(form.cleaned_data["to"], region=teams.workspace_of(actor).region)
            outbound.queue_first_text(
                by=actor, channel=found, identity=identity, body=form.cleaned_data["body"], at=timezone.now()
            )
        except phone.NotANumber as wrong:
            form.add_error("to", str(wrong))
        except Refused as refused:
            form.refuse(refused)
        else:
            say(
                request,
                t("On its way to {number}. Its delivery shows in the inbox.", number=phone.pretty(identity.value)),
            )
            return redirect("desk:settings_channel", channel_id)
    return page(request, channel_id=channel_id, test_form=form, status=422)


@guard(Right.MANAGE_CHANNELS)
@require_POST
def deactivate(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Stop sending and receiving at a number."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    actions.deactivate_channel(by=actor, channel=found, at=timezone.now())
    say(request, t("{name} is switched off. Its conversations stay.", name=found))
    return redirect("desk:settings_channels")


@guard(Right.MANAGE_CHANNELS)
@require_POST
def reactivate(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Use a number again."""
    actor = actor_of(request)
    found = queries.access_channel(actor, channel_id)
    actions.reactivate_channel(by=actor, channel=found, at=timezone.now())
    say(request, t("{name} is switched on.", name=found))
    return redirect("desk:settings_channel", channel_id)


def page(request: HttpRequest, *, channel_id: int = 0, status: int = 200, **extra: Any) -> HttpResponse:
    """The list of numbers, with a panel beside it: one number's own when `channel_id` is given."""
    actor = actor_of(request)
    region = teams.workspace_of(actor).region
    names = {provider.slug: provider.name for provider in queries.providers()}
    found = list(queries.visible_channels(actor))
    facts = numbers_shown.of_rows(found, region=region, on=timezone.now())
    halted = numbers.halted(found, at=timezone.now())
    rows = [
        {
            "channel": row,
            "provider": names.get(row.provider, row.provider),
            "number": phone.pretty(row.address, region=region),
            "facts": facts[row.pk],
            "halted": halted.get(row.pk),
        }
        for row in found
    ]
    context: dict[str, Any] = {"rows": rows, "panel": "", "close_url": reverse("desk:settings_channels"), **extra}
    context |= numbers_shown.of_page(actor, region=region)
    if channel_id:
        context = _one(actor, channel_id, names=names, region=region) | context | {"panel": "channel"}
    return render(request, TEMPLATE, context, status=status)


def _one(actor: Actor, channel_id: int, *, names: dict[str, str], region: str) -> dict[str, Any]:
    found = queries.access_channel(actor, channel_id)
    return {
        "chosen": found,
        "number": phone.pretty(found.address, region=region),
        "provider_name": names.get(found.provider, found.provider),
        "is_ours": found.provider == "simulator",
        "inbound_url": queries.url_to_paste(found),
        "status_url": queries.url_to_paste(found, "status"),
        "secret_to_paste": queries.secret_to_paste(found),
        "form": _channel_form(actor, channel_id),
        "keys_form": KeysForm(keys=_known_keys(found.provider)),
        "test_form": TrialTextForm(),
        **settings_templates.shown(found),
        **numbers_shown.of_channel(found, on=timezone.now()),
    }


def _channel_form(actor: Actor, channel_id: int, *, data: Any = None) -> NumberForm:
    found = queries.access_channel(actor, channel_id)
    initial = {
        "name": found.name,
        "team": found.team_id or "",
        "rate": f"{found.rate:g}",
        "stop_handled_by": found.stop_handled_by,
        "hours": found.hours_id or "",
    }
    hours = hours_choices(actor, otherwise=t("As its team or the workspace"))
    return NumberForm(data, teams=team_choices(actor), hours=hours, initial=initial)


def _known_keys(provider: str) -> tuple[KnownKey, ...]:
    return tuple(
        KnownKey(
            key=field.key,
            label=t(field.label),
            help=t(field.help),
            is_secret=field.secret,
            is_required=field.required,
        )
        for field in queries.provider_of(provider).fields
    )


def _key_names(form: forms.Form) -> list[tuple[str, str]]:
    return [(name.removeprefix("key_"), name) for name in form.fields if name.startswith("key_")]


def team_choices(actor: Actor) -> list[tuple[int, str]]:
    """The teams a number may be given, as choices."""
    return [(team.pk, team.name) for team in teams.teams(actor)]
