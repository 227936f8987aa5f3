"""The channels as intake and delivery need them: read once, kept in memory, read again when a channel changes."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.channels.queries import account_settings
from twoway.lib import sealing
from twoway.providers import registry
from twoway.providers.adapter import Provider
from twoway.providers.base import Account, Inbound
from twoway.sms import phone

log = structlog.get_logger(__name__)

SELECT = """
    SELECT c.id, c.workspace_id, c.kind, c.provider, c.address, c.service_id, c.team_id, c.hook, c.sealed_credentials,
           c.settings, c.rate, c.stop_handled_by, c.is_active, c.name, w.name AS workspace_name, w.region,
           w.stop_text, w.start_text, w.help_text
    FROM channel c JOIN workspace w ON w.id = c.workspace_id
"""
STALE_AFTER = 30.0
LEAST_BETWEEN_READS = 0.5


@dataclass(frozen=True, kw_only=True)
class Route:
    """One channel, ready to use."""

    id: int
    workspace_id: int
    kind: str
    provider: str
    service_id: str
    team_id: int | None
    hook: str
    rate: float
    confirms_stop: bool
    is_active: bool
    business: str
    region: str
    stop_text: str
    start_text: str
    help_text: str
    account: Account

    @cached_property
    def adapter(self) -> Provider:
        return registry.get(self.provider)

    @property
    def address(self) -> str:
        return self.account.address

    @cached_property
    def is_toll_free(self) -> bool:
        """Toll-free numbers have smaller parts (152 and 66 units)."""
        return phone.is_toll_free_us(self.address)


def _route(row: dict[str, Any], sealing_key: str) -> Route:
    account = Account(
        address=row["address"],
        credentials=sealing.unseal(row["sealed_credentials"], key=sealing_key),
        settings=account_settings(row["provider"], row["settings"]),
    )
    return Route(
        id=row["id"],
        workspace_id=row["workspace_id"],
        kind=row["kind"],
        provider=row["provider"],
        service_id=row["service_id"],
        team_id=row["team_id"],
        hook=row["hook"],
        rate=row["rate"],
        confirms_stop=row["stop_handled_by"] == "us",
        is_active=row["is_active"],
        business=row["name"] or row["workspace_name"],
        region=row["region"],
        stop_text=row["stop_text"],
        start_text=row["start_text"],
        help_text=row["help_text"],
        account=account,
    )


class Directory:
    """All channels by id and by hook. `refresh` reads them; lookups never touch the database."""

    def __init__(self, sealing_key: str) -> None:
        self._sealing_key = sealing_key
        self._by_id: dict[int, Route] = {}
        self._by_hook: dict[str, Route] = {}
        self._by_address: dict[tuple[int, str, str], Route] = {}
        self._by_service: dict[tuple[int, str, str], Route] = {}
        self._read_at = 0.0

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._read_at > STALE_AFTER

    @property
    def may_read_again(self) -> bool:
        """Whether an unknown hook is worth another look; strangers' guesses must not cause a read each."""
        return time.monotonic() - self._read_at > LEAST_BETWEEN_READS

    async def refresh(self, connection: AsyncConnection[Any]) -> None:
        """Read every channel. One that cannot be unsealed is left out and logged."""
        async with connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(SELECT)
            rows = await cursor.fetchall()
        self._fill(rows)

    def _fill(self, rows: Iterable[dict[str, Any]]) -> None:
        routes = []
        for row in rows:
            try:
                routes.append(_route(row, self._sealing_key))
            except sealing.WrongKey as error:
                log.error("channel_unreadable", channel_id=row["id"], why=str(error))
        active = [route for route in routes if route.is_active]
        self._by_id = {route.id: route for route in routes}
        self._by_hook = {route.hook: route for route in routes}
        self._by_address = {(r.workspace_id, r.provider, r.address): r for r in active}
        self._by_service = {(r.workspace_id, r.provider, r.service_id): r for r in active if r.service_id}
        self._read_at = time.monotonic()

    def by_id(self, channel_id: int) -> Route | None:
        return self._by_id.get(channel_id)

    def by_hook(self, provider: str, hook: str) -> Route | None:
        route = self._by_hook.get(hook)
        return route if route is not None and route.provider == provider else None

    @property
    def routes(self) -> dict[int, Route]:
        """Every channel by id, inactive ones too."""
        return self._by_id

    def active_ids(self) -> list[int]:
        return [route.id for route in self._by_id.values() if route.is_active]

    def recipient(self, hooked: Route, text: Inbound) -> Route | None:
        """The channel a text is for: by its To first, then by the provider's pool it came through.

        Both only within the workspace and provider of the webhook's own channel.
        """
        exact = self._by_address.get((hooked.workspace_id, hooked.provider, text.recipient))
        if exact is not None or not text.service_id:
            return exact
        return self._by_service.get((hooked.workspace_id, hooked.provider, text.service_id))
