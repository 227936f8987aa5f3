"""Hands for tests of SMPP: a channel, what its SMSC delivers, and an intake that takes it."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tests import make
from tests.conftest import NOW
from tests.messaging import hands
from twoway.channels.models import Channel
from twoway.messaging.intake import Intake
from twoway.messaging.writer import Parcel
from twoway.providers.base import RawRequest
from twoway.providers.smpp import adapter, incoming, pdu
from twoway.teams.models import Workspace

CUSTOMER = "+14155550101"
CREDENTIALS = {"host": "127.0.0.1", "port": "2775", "system_id": "ridgeway", "password": "s3cret"}
_number = itertools.count(1)


def smpp_channel(workspace: Workspace, address: str = "+14155550199", **fields: Any) -> Channel:
    given = fields.pop("credentials", {})
    return make.make_channel(
        workspace,
        at=NOW,
        provider="smpp",
        address=address,
        credentials=CREDENTIALS | given,
        settings={"private_host": "yes"},
        **{"rate": 1000.0, **fields},
    )


def message(
    octets: bytes, *, sender: str = CUSTOMER, recipient: str = "+14155550199", **fields: Any
) -> pdu.ShortMessage:
    return pdu.ShortMessage(
        source=pdu.Address(digits=sender.removeprefix("+"), ton=1, npi=1),
        destination=pdu.Address(digits=recipient.removeprefix("+"), ton=1, npi=1),
        short_message=octets,
        **fields,
    )


def piece(words: str, number: int, total: int, *, reference: int = 7, **fields: Any) -> pdu.ShortMessage:
    """One part of a long text, tied by an 8-bit reference."""
    octets = bytes([5, 0, 3, reference, total, number]) + words.encode("utf-16-be", "surrogatepass")
    return message(octets, esm_class=0x40, data_coding=8, **fields)


def delivered(what: pdu.ShortMessage, *, at: datetime = NOW, id: str = "") -> RawRequest:  # noqa: A002 - its name there
    """A deliver_sm as the session keeps it."""
    heard = incoming.Heard(id=id or f"d{next(_number)}", address="+14155550199")
    octets = pdu.Pdu(pdu.DELIVER_SM, 0, 1, what.octets()).octets()
    return RawRequest(
        method="DELIVER_SM", url="smpp://127.0.0.1:2775", headers=adapter.headers(heard), body=octets, received_at=at
    )


def take(channel: Channel, raws: Sequence[RawRequest], *, together: bool = False) -> None:
    """Take these in over the channel's session: one after another, or all at once."""

    async def stored(parcel: Parcel | None) -> bool:
        assert parcel is not None
        return await parcel.stored()

    async def use(intake: Intake) -> None:
        route = intake._directory.by_id(channel.pk)
        assert route is not None
        for group in [list(raws)] if together else [[raw] for raw in raws]:
            parcels = [intake.accept(route=route, kind="session", raw=raw) for raw in group]
            assert all(await asyncio.gather(*(stored(one) for one in parcels)))

    hands.with_intake(use)
