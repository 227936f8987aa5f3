"""Settings, Numbers: getting one, connecting one of the account, text-enabling one, and keeping each set up right."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.channels import queries as channels
from twoway.channels.numbers import actions, jobs, queries
from twoway.channels.numbers.queries import Ability, NumberKind, NumberQuery, Offered, Price, ProviderAccount, Webhook
from twoway.desk.forms import KeysForm, KnownKey
from twoway.desk.number_forms import KINDS, BuyForm, HostForm, InboxForm, ReleaseForm, SearchForm
from twoway.desk.settings_channels import page, team_choices
from twoway.desk.settings_frame import actor_of, guard, say, warn
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import noted, t
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right

MANAGE = Right.MANAGE_CHANNELS
_ABILITIES = {Ability.SMS: "SMS", Ability.MMS: "MMS", Ability.VOICE: noted("calls")}
_UNSEEN = (("number", ""), ("kind", ""), ("country", ""))
"""Fields that travel along unseen: what is wrong with them is said above the form."""
_TABS = (
    (noted("Buy"), "settings_number_shop", {"shop", "buy"}),
    (noted("Yours"), "settings_number_owned", {"owned"}),
    (noted("Text-enable"), "settings_number_host", {"host"}),
)


@guard(MANAGE)
@require_safe
def get(request: HttpRequest) -> HttpResponse:
    """In which account?"""
    actor = actor_of(request)
    known = queries.sources(actor)
    has_ours = any(one.provider == "simulator" for one in known)
    others = [(slug, name) for slug, name in queries.selling_providers() if slug != "simulator" or not has_ours]
    return _panel(request, "accounts", title=t("Get a number"), sources=known, providers=others)


@guard(MANAGE)
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest, provider: str) -> HttpResponse:
    """Name the account at a provider to buy in; its credentials are kept sealed."""
    actor = actor_of(request)
    name = channels.provider_of(provider).name
    form = KeysForm(request.POST or None, keys=_keys(provider), are_stored=False)
    if (request.method == "POST" and form.is_valid()) or (request.method == "POST" and provider == "simulator"):
        try:
            kept = actions.keep_account(by=actor, provider=provider, given=form.credentials(), at=timezone.now())
        except Refused as refused:
            form.refuse(refused, fields=[(key.removeprefix("key_"), key) for key in form.fields])
        else:
            return redirect("desk:settings_number_shop", kept.pk)
    status = 422 if form.errors else 200
    return _panel(
        request, "account", title=t("Your {name} account", name=name), status=status, form=form, provider_name=name
    )


@guard(MANAGE)
@require_POST
def account_of(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Use the account a connected number uses."""
    actor = actor_of(request)
    found = channels.access_channel(actor, channel_id)
    try:
        kept = actions.keep_account_of(by=actor, channel=found, at=timezone.now())
    except Invalid:
        return redirect("desk:settings_number_account", found.provider)
    return redirect("desk:settings_number_shop", kept.pk)


@guard(MANAGE)
@require_safe
def shop(request: HttpRequest, account_id: int) -> HttpResponse:
    """Search numbers to buy; nothing is asked before the first search."""
    actor = actor_of(request)
    kept = queries.access_account(actor, account_id)
    api = queries.api_of(kept.provider)
    is_asked = "country" in request.GET
    initial = {"country": teams.workspace_of(actor).region, "kind": api.kinds[0].value}
    form = SearchForm(request.GET if is_asked else None, kinds=api.kinds, initial=initial)
    found: list[dict[str, Any]] | None = None
    if is_asked and form.is_valid():
        try:
            found = [_line(actor, one) for one in jobs.search(by=actor, kept=kept, query=_query(form))]
        except Refused as refused:
            form.refuse(refused)
    status = 422 if form.errors else 200
    return _in_account(request, "shop", kept, title=t("Get a number"), status=status, form=form, found=found)


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def buy(request: HttpRequest, account_id: int) -> HttpResponseBase:
    """What it costs, and then the purchase; afterwards the number's own page."""
    actor = actor_of(request)
    kept = queries.access_account(actor, account_id)
    data = request.POST if request.method == "POST" else request.GET
    if request.method == "GET" and "number" not in data:
        return shop(request, account_id)
    form = BuyForm(data if request.method == "POST" else None, teams=team_choices(actor), initial=data.dict())
    offered = _wanted(actor, kept, data.dict())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = jobs.buy(
                by=actor,
                kept=kept,
                number=given["number"],
                country=given["country"].upper(),
                kind=NumberKind(given["kind"]),
                at=timezone.now(),
                name=given["name"],
                team_id=given["team"],
            )
        except Refused as refused:
            form.refuse(refused, fields=_UNSEEN)
        else:
            return _connected(request, made, t("{number} is yours.", number=_pretty(actor, made.channel.address)))
    extra = {"form": form, "offered": _line(actor, offered), "provider_name": channels.provider_of(kept.provider).name}
    return _in_account(request, "buy", kept, title=t("Buy this number?"), status=422 if form.errors else 200, **extra)


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def owned(request: HttpRequest, account_id: int) -> HttpResponse:
    """The numbers of the account; POST connects one."""
    actor = actor_of(request)
    kept = queries.access_account(actor, account_id)
    form = InboxForm(request.POST or None, teams=team_choices(actor))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = jobs.connect(
                by=actor,
                kept=kept,
                number=given["number"],
                at=timezone.now(),
                name=given["name"],
                team_id=given["team"],
            )
        except Refused as refused:
            form.refuse(refused, fields=_UNSEEN)
        else:
            return _connected(request, made, t("{number} is connected.", number=_pretty(actor, made.channel.address)))
    extra = {"form": form, **_owned(actor, kept, request.GET.get("cursor", "")[:20])}
    status = 422 if form.errors else 200
    return _in_account(request, "owned", kept, title=t("Connect a number you own"), status=status, **extra)


@guard(MANAGE)
@require_http_methods(["GET", "POST"])
def host(request: HttpRequest, account_id: int) -> HttpResponse:
    """Ask the provider to text-enable a number of another phone company."""
    actor = actor_of(request)
    kept = queries.access_account(actor, account_id)
    api = queries.api_of(kept.provider)
    form = HostForm(request.POST or None, keys=_known(api.host_fields))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            order = jobs.host(
                by=actor,
                kept=kept,
                number=given["number"],
                answers=form.credentials(),
                name=given["name"],
                at=timezone.now(),
            )
        except Refused as refused:
            form.refuse(refused, fields=[(key.removeprefix("key_"), key) for key in form.fields])
        else:
            say(
                request,
                t("{number} is on order. It appears here as soon as it works.", number=_pretty(actor, order.address)),
            )
            return redirect("desk:settings_channels")
    extra: dict[str, Any] = {"form": form, "host_help": t(api.host_help), "is_offered": jobs.can_host(kept.provider)}
    status = 422 if form.errors else 200
    return _in_account(request, "host", kept, title=t("Text-enable a number"), status=status, **extra)


@guard(MANAGE)
@require_POST
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Look how a text-enabling order stands."""
    actor = actor_of(request)
    found = jobs.ask_order(order=queries.access_order(actor, order_id), at=timezone.now())
    if found.channel_id is not None:
        say(request, t("Texting works on {number}.", number=_pretty(actor, found.address)))
        return redirect("desk:settings_channel", found.channel_id)
    say(request, found.detail or t("Nothing new."))
    return redirect("desk:settings_channels")


@guard(MANAGE)
@require_POST
def point(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Have the number's texts sent here."""
    actor = actor_of(request)
    found = channels.access_channel(actor, channel_id)
    try:
        record = jobs.configure(by=actor, channel=found, at=timezone.now())
    except Refused as refused:
        warn(request, refused.sentence)
    else:
        is_right = record.webhook == Webhook.OURS
        (say if is_right else warn)(request, t("Texts come here.") if is_right else t(record.webhook_detail))
    return redirect("desk:settings_channel", channel_id)


@guard(MANAGE)
@require_POST
def registration(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Ask how it is registered now."""
    found = channels.access_channel(actor_of(request), channel_id)
    record = jobs.ask_registration(channel=found, at=timezone.now())
    say(request, t(record.registration_detail) or t("The provider doesn't say."))
    return redirect("desk:settings_channel", channel_id)


@guard(MANAGE)
@require_POST
def waive(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Say that carriers don't block it, or take that back."""
    actor = actor_of(request)
    found = channels.access_channel(actor, channel_id)
    is_waived = request.POST.get("waive") == "1"
    actions.waive_registration(by=actor, channel=found, is_waived=is_waived, at=timezone.now())
    say(request, t("Its texts are sent.") if is_waived else t("Its texts are held until it is registered."))
    return redirect("desk:settings_channel", channel_id)


@guard(MANAGE)
@require_POST
def release(request: HttpRequest, channel_id: int) -> HttpResponse:
    """Give the number back to the provider."""
    actor = actor_of(request)
    found = channels.access_channel(actor, channel_id)
    form = ReleaseForm(request.POST)
    if form.is_valid():
        try:
            jobs.release(by=actor, channel=found, typed=form.cleaned_data["typed"], at=timezone.now())
        except Refused as refused:
            form.refuse(refused)
        else:
            say(request, t("{number} is given back. Its conversations stay.", number=_pretty(actor, found.address)))
            return redirect("desk:settings_channels")
    return page(request, channel_id=channel_id, release_form=form, status=422)


def _panel(request: HttpRequest, name: str, *, title: str, status: int = 200, **extra: Any) -> HttpResponse:
    """The numbers page with a panel of this module beside the list."""
    template = f"desk/settings/number_{name}.html"
    return page(request, panel="number", panel_template=template, panel_title=title, status=status, **extra)


def _in_account(
    request: HttpRequest, name: str, kept: ProviderAccount, *, title: str, status: int, **extra: Any
) -> HttpResponse:
    tabs = [
        {"label": t(label), "url": reverse(f"desk:{url}", args=[kept.pk]), "is_here": name in here}
        for label, url, here in _TABS
    ]
    about = {
        "kept": kept,
        "account_name": channels.provider_of(kept.provider).name,
        "account_key": queries.shown_key(kept),
    }
    return _panel(request, name, title=title, status=status, tabs=tabs, **about, **extra)


def _connected(request: HttpRequest, made: jobs.Connected, words: str) -> HttpResponse:
    say(request, words)
    if made.warning:
        warn(request, made.warning)
    return redirect("desk:settings_channel", made.channel.pk)


def _query(form: SearchForm) -> NumberQuery:
    given = form.cleaned_data
    return NumberQuery(
        country=given["country"].upper(),
        kind=NumberKind(given["kind"]),
        area=given["area"],
        contains=given["contains"],
        abilities=form.abilities(),
    )


def _wanted(actor: Actor, kept: ProviderAccount, given: dict[str, Any]) -> Offered:
    """The number of the confirmation with its price now. Raises `Invalid` for one that can't be read."""
    kind = given.get("kind", "")
    if kind not in {one.value for one in KINDS}:
        raise Invalid(t("Choose a number from the list."), field="kind")
    country = str(given.get("country", "")).upper()[:2]
    return jobs.price_of(
        by=actor, kept=kept, number=str(given.get("number", "")), country=country, kind=NumberKind(kind)
    )


def _line(actor: Actor, one: Offered) -> dict[str, Any]:
    """A number that can be bought, as it is shown."""
    return {
        "number": one.number,
        "pretty": _pretty(actor, one.number),
        "country": one.country,
        "kind": one.kind.value,
        "kind_words": t(KINDS[one.kind]),
        "place": one.place or phone.place(one.number),
        "abilities": ", ".join(t(_ABILITIES[ability]) for ability in sorted(one.abilities)),
        "price": _money(one.monthly),
        "setup": _money(one.setup) if one.setup and one.setup.amount else "",
        "needs": one.needs,
    }


def _pretty(actor: Actor, number: str) -> str:
    return phone.pretty(number, region=teams.workspace_of(actor).region)


def _money(price: Price | None) -> str:
    return f"{queries.amount_words(price.amount)} {price.currency}" if price else ""


def _owned(actor: Actor, kept: ProviderAccount, cursor: str) -> dict[str, Any]:
    """The numbers of the account, each with the channel that has it; or why they can't be listed."""
    try:
        found = jobs.owned(by=actor, kept=kept, cursor=cursor)
    except Refused as refused:
        return {"listed": [], "cursor": "", "not_listed": refused.sentence}
    mine = channels.visible_channels(actor).filter(provider=kept.provider, is_active=True)
    connected = {one.address: one.pk for one in mine}
    lines = [
        {
            "number": one.number,
            "pretty": _pretty(actor, one.number),
            "kind_words": t(KINDS[one.kind]),
            "channel_id": connected.get(one.number),
        }
        for one in found.items
    ]
    return {"listed": lines, "cursor": found.cursor, "not_listed": ""}


def _keys(provider: str) -> tuple[KnownKey, ...]:
    return () if provider == "simulator" else _known(queries.account_fields(provider))


def _known(fields: Any) -> tuple[KnownKey, ...]:
    return tuple(
        KnownKey(
            key=field.key,
            label=t(field.label),
            help=t(field.help),
            is_secret=field.secret,
            is_required=field.required,
        )
        for field in fields
    )
