"""Changing channels. Intake and delivery keep them in memory and are told of every change (`twoway_channels`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.conf import settings as deployment
from django.db import IntegrityError, connection, transaction

from twoway.channels import config
from twoway.channels.models import Channel, Kind, StopHandledBy
from twoway.channels.queries import provider_of
from twoway.events.actions import Detail, audit
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.lib.sealing import seal, unseal
from twoway.lib.words import t
from twoway.providers.adapter import Provider
from twoway.providers.base import Checked
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.hours.actions import hours_wanted
from twoway.teams.hours.calendars import touch
from twoway.teams.models import Workspace
from twoway.teams.queries import access_team
from twoway.teams.rules import Right, require

LONGEST_NAME = 60
WHATSAPP = "whatsapp:"
HOOK_BYTES = 18
"""24 letters that nobody guesses."""


@transaction.atomic
def add_channel(
    *,
    by: Actor,
    provider: str,
    address: str,
    credentials: Mapping[str, str],
    at: datetime,
    settings: Mapping[str, str] | None = None,
    name: str = "",
    team_id: int | None = None,
    kind: str = "",
) -> Channel:
    """Connect one address of ours; `kind` is the provider's first unless it is given or the address says whatsapp:.

    Raises `NotAllowed`, `NotFound`, and `Invalid` naming the field.
    """
    require(by, Right.MANAGE_CHANNELS)
    adapter = provider_of(provider)
    options = config.options_of(settings or {}, by=by)
    kind = kind or _kind_of(adapter, address)
    if kind not in adapter.kinds:
        raise Invalid(t("{name} has: {choices}.", name=adapter.name, choices=", ".join(adapter.kinds)), field="kind")
    kept = config.clean_credentials(_with_own_key(adapter, credentials), tuple(adapter.fields))
    config.refuse_wrong(adapter.wrong(kept))
    channel = Channel(
        workspace_id=by.workspace_id,
        kind=kind,
        provider=adapter.slug,
        address=_clean_address(by, address, kind),
        name=_clean_name(name),
        team=None if team_id is None else access_team(by, team_id),
        sealed_credentials=seal(kept, key=deployment.SEALING_KEY),
        service_id=kept.get(config.SERVICE_FIELDS.get(adapter.slug, ""), ""),
        hook=secrets.token_urlsafe(HOOK_BYTES),
        stop_handled_by=StopHandledBy.PROVIDER if adapter.handles_stop and kind == Kind.SMS else StopHandledBy.US,
        created_at=at,
    )
    channel.settings = config.private_host(channel.settings, before={}, after=kept, by=by)
    channel.rate = config.WHATSAPP_RATE if kind == Kind.WHATSAPP else adapter.rate
    _apply(channel, options)
    _save(channel)
    _record(by, "channel.added", channel, at, provider=adapter.slug)
    return channel


@transaction.atomic
def update_channel(
    *,
    by: Actor,
    channel: Channel,
    at: datetime,
    name: str | None = None,
    team_id: int | None = None,
    clear_team: bool = False,
    credentials: Mapping[str, str] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Channel:
    """Change what is given. Credentials that are left empty stay; they are never shown.

    Raises `NotAllowed`, `NotFound`, and `Invalid` naming the field.
    """
    channel = _open(by, channel)
    if name is not None:
        channel.name = _clean_name(name)
    if clear_team:
        channel.team = None
    elif team_id is not None:
        channel.team = access_team(by, team_id)
    if credentials:
        adapter = provider_of(channel.provider)
        before = unseal(bytes(channel.sealed_credentials), key=deployment.SEALING_KEY)
        kept = config.clean_credentials(credentials, tuple(adapter.fields), kept=before)
        config.refuse_wrong(adapter.wrong(kept))
        channel.settings = config.private_host(channel.settings, before=before, after=kept, by=by)
        channel.sealed_credentials = seal(kept, key=deployment.SEALING_KEY)
        channel.service_id = kept.get(config.SERVICE_FIELDS.get(adapter.slug, ""), channel.service_id)
        channel.check_ok, channel.check_detail = None, ""
    options = config.options_of(settings or {}, by=by)
    _apply(channel, options)
    _save(channel)
    named = [key for key, value in asdict(options).items() if value is not None]
    _record(by, "channel.changed", channel, at, credentials=sorted(credentials or {}), settings=named)
    return channel


@transaction.atomic
def set_channel_hours(*, by: Actor, channel: Channel, hours_id: int | None, at: datetime) -> Channel:
    """Which hours a number keeps; None: its team's or the workspace's. Raises `NotAllowed`, `NotFound`."""
    channel = _open(by, channel)
    if channel.hours_id != hours_id:
        channel.hours = hours_wanted(by=by, hours_id=hours_id)
        channel.save(update_fields=["hours"])
        touch(by.workspace_id)
        _record(by, "channel.hours_set", channel, at, hours=str(channel.hours or ""))
    return channel


@transaction.atomic
def deactivate_channel(*, by: Actor, channel: Channel, at: datetime) -> Channel:
    """Stop sending from and receiving at an address; its conversations stay. Raises `NotAllowed`."""
    channel = _open(by, channel)
    if channel.is_active:
        channel.is_active = False
        _save(channel)
        _record(by, "channel.deactivated", channel, at)
    return channel


@transaction.atomic
def reactivate_channel(*, by: Actor, channel: Channel, at: datetime) -> Channel:
    """Use an address again. Raises `NotAllowed`, and `Invalid` when it was connected anew meanwhile."""
    channel = _open(by, channel)
    if not channel.is_active:
        channel.is_active = True
        _save(channel)
        _record(by, "channel.reactivated", channel, at)
    return channel


def record_check(*, channel: Channel, checked: Checked, at: datetime) -> None:
    """Keep what the last check said."""
    channel.check_ok, channel.check_detail, channel.checked_at = checked.ok, checked.detail, at
    channel.save(update_fields=["check_ok", "check_detail", "checked_at"])


def _with_own_key(adapter: Provider, credentials: Mapping[str, str]) -> Mapping[str, str]:
    """The built-in carrier's key is ours: nobody has to type it."""
    return {"key": deployment.CARRIER_KEY} | dict(credentials) if adapter.slug == "simulator" else credentials


def _apply(channel: Channel, options: config.Options) -> None:
    if options.rate is not None:
        channel.rate = options.rate
    if options.service_id is not None:
        channel.service_id = options.service_id
    if options.stop_handled_by is not None:
        channel.stop_handled_by = options.stop_handled_by
    if options.api_base:
        channel.settings = {**channel.settings, "api_base": options.api_base}
    elif options.api_base == "":
        channel.settings = {key: value for key, value in channel.settings.items() if key != "api_base"}


def _kind_of(adapter: Provider, address: str) -> str:
    """What is meant when nobody says: WhatsApp when the address does, otherwise what the provider has first."""
    says_whatsapp = address.strip().lower().startswith(WHATSAPP) and Kind.WHATSAPP in adapter.kinds
    return Kind.WHATSAPP.value if says_whatsapp else adapter.kinds[0]


def _clean_address(by: Actor, address: str, kind: str) -> str:
    """The number as it is kept: E.164 or a short code, and on WhatsApp with the prefix that tells it apart from SMS."""
    region = Workspace.objects.values_list("region", flat=True).get(id=by.workspace_id)
    typed = address.strip()
    if kind == Kind.WHATSAPP and typed.lower().startswith(WHATSAPP):
        typed = typed[len(WHATSAPP) :]
    try:
        found = phone.parse_typed(typed, region=region)
    except phone.NotANumber as error:
        raise Invalid(str(error), field="address") from None
    if kind != Kind.WHATSAPP:
        return found.value
    if found.kind != "phone":
        raise Invalid(t("A short code can't be on WhatsApp."), field="address")
    return f"{WHATSAPP}{found.value}"


def _clean_name(name: str) -> str:
    cleaned = " ".join(name.replace("\0", "").split())
    if len(cleaned) > LONGEST_NAME:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_NAME), field="name")
    return cleaned


def _open(by: Actor, channel: Channel) -> Channel:
    """The channel as it is now, locked against other changes."""
    require(by, Right.MANAGE_CHANNELS)
    found = Channel.objects.select_for_update(no_key=True).filter(id=channel.pk, workspace_id=by.workspace_id).first()
    if found is None:
        raise NotAllowed(t("This number is not in this workspace."))
    return found


def _save(channel: Channel) -> None:
    try:
        with transaction.atomic():
            channel.save()
    except IntegrityError:
        raise Invalid(
            t("{address} is connected already.", address=channel.address), field="address", code="address_taken"
        ) from None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_channels', %s)", [str(channel.pk)])


def _record(by: Actor, action: str, channel: Channel, at: datetime, **data: Detail) -> None:
    """Put it into the audit trail; of credentials only their names."""
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action=action,
        subject=f"channel {channel.pk}",
        data={"address": channel.address, **data},
        at=at,
    )
