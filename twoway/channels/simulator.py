"""The simulated carrier as the simulator page uses it: handsets beside the inbox, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from twoway.channels.actions import add_channel
from twoway.channels.models import Channel
from twoway.channels.queries import access_channel, visible_channels
from twoway.channels.urls import inbound_url
from twoway.lib.refusal import Invalid, NotFound
from twoway.providers.simulator_carrier import CarrierStore, CarrierText, Faults
from twoway.providers.simulator_carrier.faults import NotAFault
from twoway.providers.simulator_carrier.store import UnknownNumber
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

FILE = "carrier.sqlite3"
LONGEST_TEXT = 1600
RATE = "100"
"""Segments a second: nobody should wait for a simulation."""
_FICTION = [f"+1503555{line:04d}" for line in range(142, 200)]
"""Numbers that are never given out (555-0100 to 0199), in Portland, Oregon."""


def store() -> CarrierStore:
    """The carrier's memory, in the data folder."""
    return _store(settings.DATA_DIR / FILE)


@cache
def _store(path: Path) -> CarrierStore:
    return CarrierStore(path)


def add_number(*, by: Actor, at: datetime, name: str = "Simulator", team_id: int | None = None) -> Channel:
    """Connect a free number of the simulated carrier. Raises `NotAllowed`, `Invalid` when all are taken."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('simulator numbers', 0))")
        taken = set(Channel.objects.filter(provider="simulator").values_list("address", flat=True))
        free = next((number for number in _FICTION if number not in taken), None)
        if free is None:
            raise Invalid("Every number of the simulated carrier is taken.", field="address", code="no_number_left")
        channel = add_channel(
            by=by,
            provider="simulator",
            address=free,
            credentials={},
            settings={"rate": RATE},
            name=name,
            team_id=team_id,
            at=at,
        )
    register(channel)
    return channel


def register(channel: Channel) -> None:
    """Tell the carrier where texts to this number go; again is allowed, for instance after the address changed."""
    store().register(address=channel.address, inbound_url=inbound_url(channel))


def register_all() -> None:
    """Tell the carrier about every number there is; at start, because the public address may have changed."""
    for channel in Channel.objects.filter(provider="simulator", is_active=True):
        register(channel)


def numbers(actor: Actor) -> list[Channel]:
    """Our numbers at the carrier. Raises `NotAllowed`."""
    require(actor, Right.USE_SIMULATOR)
    return list(visible_channels(actor).filter(provider="simulator", is_active=True))


def access_number(actor: Actor, channel_id: int) -> Channel:
    """One of our numbers at the carrier. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.USE_SIMULATOR)
    channel = access_channel(actor, channel_id)
    if channel.provider != "simulator" or not channel.is_active:
        raise NotFound("number of the simulated carrier", channel_id)
    return channel


def handsets(channel: Channel, *, limit: int = 50) -> list[str]:
    """The phones that texted with this number, the latest first."""
    return store().handsets(desk=channel.address, limit=limit)


def thread(channel: Channel, handset: str, *, limit: int = 200) -> list[CarrierText]:
    """What that phone shows of its texts with this number, oldest first."""
    return store().thread(handset=handset, desk=channel.address, limit=limit)


def text_from(channel: Channel, *, handset: str, body: str, by: Actor, at: datetime) -> CarrierText:
    """Somebody texts us from that phone. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.USE_SIMULATOR)
    if channel.workspace_id != by.workspace_id:
        raise NotFound("number of the simulated carrier", channel.pk)
    try:
        number = phone.parse_typed(handset, region="US").value
    except phone.NotANumber as error:
        raise Invalid(str(error), field="handset") from None
    if len(body) > LONGEST_TEXT:
        raise Invalid(f"Use at most {LONGEST_TEXT} characters.", field="body")
    try:
        return store().text_from_handset(handset=number, desk=channel.address, body=body, at=at)
    except UnknownNumber:
        register(channel)
        return store().text_from_handset(handset=number, desk=channel.address, body=body, at=at)


def faults() -> Faults:
    """What goes wrong at the carrier now."""
    return store().faults()


def set_faults(*, by: Actor, told: Mapping[str, Any], reset: bool = False) -> Faults:
    """Turn faults on and off. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.USE_SIMULATOR)
    try:
        return store().set_faults(told, reset=reset)
    except NotAFault as error:
        raise Invalid(str(error), field="faults") from None
