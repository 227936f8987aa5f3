"""Reading channels, and asking a provider about one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet

from twoway.channels.calendars import Calendars, calendar_for, calendars_of
from twoway.channels.models import Channel, Kind, Session
from twoway.channels.urls import HookKind, hook_url, inbound_url
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.sealing import WrongKey, unseal
from twoway.lib.words import noted, t
from twoway.providers import http, registry, url_secret
from twoway.providers.adapter import Provider
from twoway.providers.base import Account, Checked, SendError
from twoway.teams.actor import Actor

__all__ = [
    "Calendars",
    "Channel",
    "Kind",
    "access_channel",
    "account",
    "account_settings",
    "calendar_for",
    "calendars_of",
    "channel_of_hook",
    "check",
    "has_simulator",
    "provider_of",
    "providers",
    "secret_to_paste",
    "url_to_paste",
    "visible_channels",
]

STALE = timedelta(seconds=30)
"""A session whose worker has not been seen for so long is nobody's."""


def visible_channels(actor: Actor) -> QuerySet[Channel]:
    """The channels this actor may use: all, or those of their teams and of no team. Inactive ones too; with teams."""
    rows = Channel.objects.filter(workspace_id=actor.workspace_id).select_related("team")
    if actor.sees_own_teams_only:
        rows = rows.filter(Q(team_id__in=sorted(actor.team_ids)) | Q(team=None))
    return rows.order_by("-is_active", "name", "address", "id")


def access_channel(actor: Actor, channel_id: int) -> Channel:
    """A channel this actor may use. Raises `NotFound`."""
    channel = visible_channels(actor).select_related("workspace").filter(id=channel_id).first()
    if channel is None:
        raise NotFound("number of ours", channel_id)
    return channel


def channel_of_hook(hook: str) -> Channel | None:
    """The channel with this webhook address, active or not."""
    return Channel.objects.select_related("workspace").filter(hook=hook).first()


def has_simulator(actor: Actor) -> bool:
    """Whether there is a number at the simulated carrier to try."""
    return visible_channels(actor).filter(provider="simulator", is_active=True).exists()


def provider_of(slug: str) -> Provider:
    """A provider's adapter. Raises `Invalid`."""
    try:
        return registry.get(slug)
    except registry.UnknownProvider as error:
        raise Invalid(str(error), field="provider", code="unknown_provider") from None


def providers() -> list[Provider]:
    """Every provider there is, by name."""
    return sorted((registry.get(slug) for slug in registry.slugs()), key=lambda provider: provider.name)


def account(channel: Channel) -> Account:
    """What an adapter needs to know of a channel. Raises `lib.sealing.WrongKey`."""
    return Account(
        address=channel.address,
        credentials=unseal(bytes(channel.sealed_credentials), key=settings.SEALING_KEY),
        settings=account_settings(channel.provider, channel.settings),
    )


def account_settings(provider: str, kept: Mapping[str, object]) -> dict[str, str]:
    """A channel's settings as an adapter takes them; the built-in carrier is in this very program."""
    told = {key: str(value) for key, value in kept.items()}
    if provider == "simulator":
        told.setdefault("api_base", f"http://127.0.0.1:{settings.PORT}/carrier")
    return told


def secret_to_paste(channel: Channel) -> str:
    """What stands for the secret in the addresses of this channel's provider, or "" when none belongs into them."""
    needs = any(field.key == url_secret.FIELD for field in provider_of(channel.provider).fields)
    return url_secret.SHOWN if needs else ""


def url_to_paste(channel: Channel, kind: HookKind = "inbound") -> str:
    """An address of ours as it is set at the provider; a secret that belongs into it is named, not shown."""
    address, secret = hook_url(channel.provider, channel.hook, kind), secret_to_paste(channel)
    return f"{address}?{url_secret.NAME}={secret}" if secret else address


def check(channel: Channel) -> Checked:
    """Ask the provider whether the credentials work and where it sends texts; up to 15 s. Not in a transaction."""
    adapter = provider_of(channel.provider)
    if adapter.is_session:
        return _session_check(channel)
    try:
        unsealed = account(channel)
        asked = Account(
            address=unsealed.address,
            credentials=unsealed.credentials,
            settings={**unsealed.settings, "inbound_url": inbound_url(channel)},
        )
        request = adapter.check(asked)
        if request is None:
            return Checked(ok=True, detail=t("{name} has nothing to ask; send a test text.", name=adapter.name))
        return adapter.read_check(asked, http.call_sync(request))
    except WrongKey as error:
        return Checked(ok=False, detail=str(error))
    except SendError as error:
        why = t(error.detail or error.for_agent)
        return Checked(ok=False, detail=t("{name} can't be asked: {why}", name=adapter.name, why=why))


def _session_check(channel: Channel) -> Checked:
    """What the worker that holds a channel's session says of it; a second bind would only disturb the first."""
    session = Session.objects.filter(channel_id=channel.pk).first()
    if session is None:
        return Checked(ok=False, detail=noted("No worker has begun the session yet. See that one runs: twoway serve."))
    if session.seen_at < datetime.now(UTC) - STALE:
        return Checked(
            ok=False, detail=t("No worker holds the session. When one last did: {detail}", detail=session.detail)
        )
    return Checked(ok=session.state == "bound", detail=session.detail)
