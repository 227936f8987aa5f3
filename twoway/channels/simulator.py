"""The simulated carrier as the simulator page uses it: handsets beside the inbox, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from twoway.channels.actions import add_channel
from twoway.channels.models import Channel
from twoway.channels.queries import access_channel, account_settings, visible_channels
from twoway.channels.urls import inbound_url
from twoway.lib import file_types
from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.providers.simulator_carrier import CarrierStore, CarrierText, Faults
from twoway.providers.simulator_carrier.faults import NotAFault
from twoway.providers.simulator_carrier.files import LARGEST as LARGEST_FILE
from twoway.providers.simulator_carrier.store import UnknownNumber, content_type
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "FILE",
    "LONGEST_TEXT",
    "RATE",
    "Sent",
    "access_number",
    "add_number",
    "content_type",
    "faults",
    "file_of",
    "handsets",
    "numbers",
    "register",
    "register_all",
    "set_faults",
    "store",
    "text_from",
    "thread",
]

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
            raise Invalid(t("Every number of the simulated carrier is taken."), field="address", code="no_number_left")
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A picture or file a phone sends."""

    content: bytes
    name: str
    content_type: str


def text_from(
    channel: Channel, *, handset: str, body: str, files: Sequence[Sent] = (), by: Actor, at: datetime
) -> CarrierText:
    """Somebody texts us from that phone. Raises `NotAllowed`, `Invalid`."""
    require(by, Right.USE_SIMULATOR)
    if channel.workspace_id != by.workspace_id:
        raise NotFound("number of the simulated carrier", channel.pk)
    try:
        number = phone.parse_typed(handset, region="US").value
    except phone.NotANumber as error:
        raise Invalid(str(error), field="handset") from None
    if len(body) > LONGEST_TEXT:
        raise Invalid(t("Use at most {most} characters.", most=LONGEST_TEXT), field="body")
    if any(len(one.content) > LARGEST_FILE for one in files):
        raise Invalid(t("Phones send files of up to 5 MB."), field="file")
    urls = [f"{_base(channel)}/files/{_kept(one)}" for one in files]
    try:
        return store().text_from_handset(handset=number, desk=channel.address, body=body, media_urls=urls, at=at)
    except UnknownNumber:
        register(channel)
        return store().text_from_handset(handset=number, desk=channel.address, body=body, media_urls=urls, at=at)


def _kept(one: Sent) -> str:
    found = store().keep_file(content=one.content, name=one.name, content_type=one.content_type)
    return f"{found}{file_types.ending(one.content_type)}"


def _base(channel: Channel) -> str:
    """Where the desk reaches the carrier, which is where it fetches files from."""
    return account_settings(channel.provider, channel.settings)["api_base"].rstrip("/")


def file_of(url: str) -> tuple[str, bytes] | None:
    """Type and content of a file a phone sent, by its address; None when it is not one of the carrier's."""
    _, mark, found = url.rpartition("/files/")
    return store().file(found.partition(".")[0]) if mark else None


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
