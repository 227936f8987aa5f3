"""The channels as intake and delivery need them: read once, kept in memory, read again when a channel changes."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from typing import Any

import orjson
import structlog
from psycopg import AsyncConnection
from psycopg.rows import dict_row

from twoway.channels.brands import rules as brands
from twoway.channels.pools.rules import Marks, Stand, stand
from twoway.channels.queries import account_settings
from twoway.compliance.optin.rules import TopicWords, topic_words
from twoway.compliance.rules import is_unregistered
from twoway.compliance.shield.settings import DEFAULT, ShieldSettings, settings_of
from twoway.lib import sealing
from twoway.messaging.cost.pricelist import PriceList, with_own
from twoway.messaging.limits import NOTHING, Shared
from twoway.providers import registry
from twoway.providers.adapter import Provider
from twoway.providers.base import Account, Inbound, Receipt
from twoway.sms import phone

log = structlog.get_logger(__name__)

SELECT = """
    SELECT c.id, c.workspace_id, c.kind, c.provider, c.address, c.service_id, c.team_id, c.hook, c.sealed_credentials,
           c.settings, c.rate, c.stop_handled_by, c.is_active, c.name, w.name AS workspace_name, w.region,
           w.stop_text, w.start_text, coalesce(nullif(ow.help_text, ''), w.help_text) AS help_text, w.time_zone,
           c.pool_id, p.prefers_local, c.campaign_id, k.carrier_class, k.per_minute, b.id AS brand_id, b.tier,
           b.daily_cap, b.zone, b.held_until, s.paused_at, s.paused_until, s.down_since, s.probe_at, s.probes,
           s.retiring_at, s.retires_at, s.forwarding, r.registration, r.is_waived,
           cs.masks_ssn, cs.masks_passwords, cs.masks_codes, cs.tells_customers, cs.notice_text, cs.payment_link,
           (SELECT o.address FROM channel o WHERE o.id = s.successor_id) AS successor,
           EXISTS (SELECT FROM channel_mode m WHERE m.channel_id = c.id AND m.is_anonymous) AS is_anonymous,
           (SELECT coalesce(json_agg(json_build_object(
                'provider', o.provider, 'direction', o.direction, 'kind', o.kind, 'country', o.country,
                'sender', o.sender, 'per', o.per, 'amount', o.amount::text, 'currency', o.currency,
                'since', o.since, 'channel_id', o.channel_id)), '[]')
            FROM own_price o
            WHERE o.workspace_id = c.workspace_id AND (o.channel_id IS NULL OR o.channel_id = c.id)) AS own_prices,
           (SELECT coalesce(json_agg(json_build_object(
                'id', t.id, 'keyword', t.keyword, 'takes_bare', t.takes_bare, 'label', t.label) ORDER BY t.id), '[]')
            FROM optin_topic t
            WHERE t.is_active AND EXISTS (
                SELECT 1 FROM optin_topic_channel tc JOIN channel o ON o.id = tc.channel_id
                WHERE tc.topic_id = t.id AND (o.id = c.id OR o.pool_id = c.pool_id))) AS topics,
           (SELECT json_object_agg(o.folded, json_build_array(o.family, o.word))
            FROM own_keyword o WHERE o.workspace_id = c.workspace_id) AS own_words
    FROM channel c JOIN workspace w ON w.id = c.workspace_id
    LEFT JOIN pool p ON p.id = c.pool_id
    LEFT JOIN campaign k ON k.id = c.campaign_id
    LEFT JOIN brand b ON b.id = k.brand_id
    LEFT JOIN channel_state s ON s.channel_id = c.id
    LEFT JOIN number_record r ON r.channel_id = c.id
    LEFT JOIN optin_channel_words ow ON ow.channel_id = c.id
    LEFT JOIN content_settings cs ON cs.workspace_id = c.workspace_id
"""
UNMARKED = Marks()
MARKS = tuple(field.name for field in fields(Marks))
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
    prices: PriceList
    pool_id: int | None = None
    prefers_local: bool = True
    marks: Marks = UNMARKED
    probes: int = 0
    shared: Shared = NOTHING
    successor: str = ""
    forwarding: str = ""
    is_unregistered: bool = False
    own_words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The workspace's own keywords: folded word -> family and word."""
    is_anonymous: bool = False
    topics: tuple[TopicWords, ...] = ()
    program: str = ""
    shield: ShieldSettings = DEFAULT

    @cached_property
    def adapter(self) -> Provider:
        return registry.get(self.provider)

    @property
    def address(self) -> str:
        return self.account.address

    @cached_property
    def account_key(self) -> str:
        """Numbers with the same key are reached through the same account of the same provider."""
        told = [self.workspace_id, self.provider, self.account.settings.get("api_base", "")]
        words = orjson.dumps([*told, sorted(self.account.credentials.items())])
        return hashlib.sha256(words).hexdigest()

    def stand(self, at: datetime) -> Stand:
        """Whether it sends at this time, or why not."""
        return stand(self.marks, at=at)

    def forwards(self, at: datetime) -> bool:
        """Whether people who text it are told of its successor."""
        return bool(self.successor) and self.marks.retires_at is not None and self.marks.retires_at <= at

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
        prices=PriceList(
            provider=row["provider"],
            channel_kind=row["kind"],
            address=row["address"],
            region=row["region"],
            time_zone=row["time_zone"],
            rates=with_own(row["provider"], row["own_prices"]),
        ),
        own_words=row["own_words"] or {},
        pool_id=row["pool_id"],
        prefers_local=row["prefers_local"] is not False,
        marks=Marks(**{name: row[name] for name in MARKS}),
        probes=row["probes"] or 0,
        shared=_shared(row),
        successor=row["successor"] or "",
        forwarding=row["forwarding"] or "",
        is_unregistered=is_unregistered(row["registration"] or "", is_waived=bool(row["is_waived"])),
        is_anonymous=row["is_anonymous"],
        topics=topic_words(row["topics"]),
        program=", ".join(topic["label"] for topic in row["topics"]),
        shield=settings_of(row),
    )


def _shared(row: dict[str, Any]) -> Shared:
    if row["campaign_id"] is None:
        return NOTHING
    return Shared(
        campaign_id=row["campaign_id"],
        campaign_rate=brands.rate_of(carrier_class=row["carrier_class"], written=row["per_minute"]),
        brand_id=row["brand_id"],
        brand_cap=brands.cap_of(tier=row["tier"] or "", written=row["daily_cap"]),
        brand_zone=row["zone"] or brands.RESET_ZONE,
        brand_held_until=row["held_until"],
    )


def _pools(routes: Iterable[Route]) -> dict[int, list[Route]]:
    pools: dict[int, list[Route]] = {}
    for route in routes:
        if route.pool_id is not None:
            pools.setdefault(route.pool_id, []).append(route)
    return pools


class Directory:
    """All channels by id and by hook. `refresh` reads them; lookups never touch the database."""

    def __init__(self, sealing_key: str) -> None:
        self._sealing_key = sealing_key
        self._by_id: dict[int, Route] = {}
        self._by_hook: dict[str, Route] = {}
        self._by_address: dict[tuple[int, str, str], Route] = {}
        self._by_service: dict[tuple[int, str, str, bool], Route] = {}
        self._by_pool: dict[int, list[Route]] = {}
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
        self._by_service = {
            (r.workspace_id, r.provider, r.service_id, r.kind == "whatsapp"): r for r in active if r.service_id
        }
        self._by_pool = _pools(active)
        self._read_at = time.monotonic()

    def by_id(self, channel_id: int) -> Route | None:
        return self._by_id.get(channel_id)

    def by_hook(self, provider: str, hook: str) -> Route | None:
        route = self._by_hook.get(hook)
        return route if route is not None and route.provider == provider else None

    def of_pool(self, pool_id: int) -> Sequence[Route]:
        """The numbers of a pool."""
        return self._by_pool.get(pool_id, ())

    def of_account(self, account_key: str) -> list[Route]:
        """The numbers reached through one provider account."""
        return [route for route in self._by_id.values() if route.account_key == account_key]

    @property
    def routes(self) -> dict[int, Route]:
        """Every channel by id, inactive ones too."""
        return self._by_id

    def active_ids(self) -> list[int]:
        return [route.id for route in self._by_id.values() if route.is_active]

    def recipient(self, hooked: Route, text: Inbound) -> Route | None:
        """The channel a text is for: by its To first, then by the provider's pool it came through.

        Both only within the workspace and provider of the webhook's own channel. A text that does not say whom it is
        for, as from a phone that does not know its own number, is for the hook's own channel.
        """
        if not text.recipient:
            return hooked if hooked.is_active else None
        exact = self._by_address.get((hooked.workspace_id, hooked.provider, text.recipient))
        if exact is not None or not text.service_id:
            return exact
        is_whatsapp = text.recipient.startswith("whatsapp:")
        return self._by_service.get((hooked.workspace_id, hooked.provider, text.service_id, is_whatsapp))

    def called(self, hooked: Route, number: str) -> Route:
        """The channel that was called, where several numbers share one address at the provider; else the webhook's own.

        Only one that is reached with the same account: it signs for both.
        """
        found = self._by_address.get((hooked.workspace_id, hooked.provider, number), hooked)
        return found if found.id == hooked.id or found.account_key == hooked.account_key else hooked

    def sender(self, hooked: Route, receipt: Receipt) -> Route:
        """The channel a receipt is about, where the provider names its number; else the webhook's own."""
        key = (hooked.workspace_id, hooked.provider, receipt.address)
        return self._by_address.get(key, hooked) if receipt.address else hooked
