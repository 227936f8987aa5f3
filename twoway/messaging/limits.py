"""The limits several numbers share: a campaign's rate, and what a brand may send in a day.

Both are kept in the database and locked while a claim decides, so that any number of workers keep to them together.
A number that has neither causes no statement here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.channels.brands import rules as brands
from twoway.messaging import rules


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """What a route shares with others: its campaign with its rate in segments a second, its brand with its cap."""

    campaign_id: int | None = None
    campaign_rate: float | None = None
    brand_id: int | None = None
    brand_cap: int | None = None
    brand_zone: str = brands.RESET_ZONE
    brand_held_until: datetime | None = None

    @property
    def is_nothing(self) -> bool:
        return self.campaign_rate is None and self.brand_id is None


NOTHING = Shared()

CAMPAIGN = "SELECT tokens, refilled_at FROM campaign_rate WHERE campaign_id = %s FOR UPDATE SKIP LOCKED"
NEW_CAMPAIGN = """
    INSERT INTO campaign_rate (campaign_id, tokens, refilled_at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING
"""
SPEND_CAMPAIGN = "UPDATE campaign_rate SET tokens = %s, refilled_at = %s WHERE campaign_id = %s"
DAY = """
    INSERT INTO brand_day (brand_id, day, segments, warned) VALUES (%s, %s, 0, 0)
    ON CONFLICT (brand_id, day) DO UPDATE SET segments = brand_day.segments RETURNING segments
"""
SPEND_DAY = "UPDATE brand_day SET segments = %s WHERE brand_id = %s AND day = %s"


@dataclass(kw_only=True, slots=True)
class Open:
    """The shared limits of one route, locked until the transaction ends. `wait` is set when nothing may leave yet."""

    shared: Shared
    at: datetime
    bucket: rules.Bucket | None = None
    day: date | None = None
    used: int = 0
    spent: int = field(default=0)
    wait: float = 0.0

    def seconds_until(self, segments: int) -> float:
        """How long until a text of so many segments may leave; 0 is now."""
        if self.wait > 0:
            return self.wait
        cap = self.shared.brand_cap
        if self.day is not None and cap is not None and self.used + self.spent + segments > cap:
            return (brands.next_reset(self.at, self.shared.brand_zone) - self.at).total_seconds()
        if self.bucket is not None and not self.bucket.covers(segments):
            return self.bucket.seconds_until(segments)
        return 0.0

    def spend(self, segments: int) -> None:
        """Count a text that leaves."""
        self.spent += segments
        if self.bucket is not None:
            self.bucket = self.bucket.less(segments)

    async def save(self, connection: AsyncConnection[Any]) -> None:
        """Write what was spent."""
        if not self.spent:
            return
        if self.bucket is not None:
            values = (self.bucket.tokens, self.bucket.refilled_at, self.shared.campaign_id)
            await connection.execute(SPEND_CAMPAIGN, values)
        if self.day is not None:
            await connection.execute(SPEND_DAY, (self.used + self.spent, self.shared.brand_id, self.day))


async def lock(connection: AsyncConnection[Any], shared: Shared, at: datetime) -> Open | None:
    """The limits as they stand, locked; None when another worker claims for the same campaign at this moment."""
    opened = Open(shared=shared, at=at)
    if shared.campaign_rate is not None:
        opened.bucket = await _campaign(connection, shared, at)
        if opened.bucket is None:
            return None
    if shared.brand_id is not None:
        opened.day = brands.day_of(at, shared.brand_zone)
        cursor = await connection.execute(DAY, (shared.brand_id, opened.day))
        found = await cursor.fetchone()
        opened.used = found[0] if found else 0
        if shared.brand_held_until is not None and at < shared.brand_held_until:
            opened.wait = (shared.brand_held_until - at).total_seconds()
    return opened


async def _campaign(connection: AsyncConnection[Any], shared: Shared, at: datetime) -> rules.Bucket | None:
    rate = shared.campaign_rate or 0.0
    cursor = await connection.execute(CAMPAIGN, (shared.campaign_id,))
    found = await cursor.fetchone()
    if found is None:
        full = rules.Bucket(tokens=0.0, refilled_at=at, rate=rate).size
        await connection.execute(NEW_CAMPAIGN, (shared.campaign_id, full, at))
        return None
    return rules.Bucket(tokens=found[0], refilled_at=found[1], rate=rate).at(at)
