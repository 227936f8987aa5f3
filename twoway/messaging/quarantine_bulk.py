"""Raw webhooks set aside in intake's transaction; `quarantine` shows and replays them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from psycopg import AsyncConnection

from twoway.compliance.shield.rules import redact
from twoway.lib.logs import SECRET_KEYS
from twoway.messaging import shielding_raw as shielding
from twoway.messaging.directory import Route
from twoway.providers.base import RawRequest
from twoway.sms import segments

MOST_BYTES = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineRow:
    """One webhook nobody could use."""

    workspace_id: int | None
    channel_id: int | None
    hook: str
    kind: str
    reason: str
    detail: str
    raw: RawRequest
    trace: str
    shielded: str = ""


def row(
    *, raw: RawRequest, trace: str, kind: str, reason: str, detail: str = "", route: Route | None = None, hook: str = ""
) -> QuarantineRow:
    """A request without its secrets: they are taken out even where its signature no longer fits afterwards."""
    raw, kinds = shielding.cleaned(raw)
    detail, found = redact(detail)
    return QuarantineRow(
        workspace_id=route.workspace_id if route else None,
        channel_id=route.id if route else None,
        hook=(route.hook if route else hook)[:64],
        kind=kind[:10],
        reason=reason,
        detail=segments.clean_inbound(detail)[:1000],
        raw=raw,
        trace=trace,
        shielded=" ".join(shielding.in_order((*kinds, *(one.kind for one in found)))),
    )


INSERT = """
    INSERT INTO quarantine_entry (workspace_id, channel_id, hook, kind, reason, detail, method, url, headers, body,
                                  remote, trace, received_at, shielded, resolution)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, '')
"""


async def store(connection: AsyncConnection[Any], rows: Sequence[QuarantineRow]) -> None:
    """Keep them raw, within the caller's transaction. Bodies over 64 KiB are cut."""
    async with connection.cursor() as cursor:
        await cursor.executemany(INSERT, [_values(one) for one in rows])


def _values(one: QuarantineRow) -> tuple[Any, ...]:
    raw = one.raw
    headers = {name: value for name, value in raw.headers.items() if _may_keep(name)}
    return (
        one.workspace_id,
        one.channel_id,
        one.hook.replace("\0", ""),
        one.kind,
        one.reason,
        one.detail,
        raw.method[:10],
        raw.url[:4000].replace("\0", ""),
        orjson.dumps(headers).decode().replace("\\u0000", ""),
        raw.body[:MOST_BYTES],
        raw.remote[:64],
        one.trace,
        raw.received_at,
        one.shielded,
    )


def _may_keep(name: str) -> bool:
    """Signatures are kept, since a replay checks them again; credentials are not."""
    return "signature" in name or not SECRET_KEYS.search(name)
