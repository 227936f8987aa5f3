"""The statements that keep `Spend` in step with the prices of messages, for many messages at a time.

A text is booked when it is claimed for delivery, at the estimated price. Whatever changes its price later moves the
difference on the same day, number and team. Locks are taken in one order, messages and then spend, and nothing that
holds a lock on spend waits for another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from psycopg import AsyncConnection

from twoway.providers.base import Price

NOTHING = Price(amount=Decimal(), currency="")
ASK_AFTER = timedelta(minutes=10)
"""How long after a text left its provider is first asked for the price, where it tells it later."""

TAKE = """
    WITH priced AS (
        SELECT * FROM unnest(%(ids)s::bigint[], %(amounts)s::numeric[], %(currencies)s::text[])
                      AS t(id, amount, currency)
    ), taken AS (
        UPDATE message m SET
            status = 'sending', claimed_by = %(worker)s, claimed_at = %(at)s, attempts = m.attempts + 1,
            price = CASE WHEN m.spent_on IS NULL THEN p.amount ELSE m.price END,
            price_currency = CASE WHEN m.spent_on IS NULL THEN p.currency ELSE m.price_currency END,
            spent_on = coalesce(m.spent_on, %(day)s),
            spent_team_id = coalesce(m.spent_team_id,
                                     (SELECT c.team_id FROM conversation c WHERE c.id = m.conversation_id), 0),
            price_due_at = %(due)s
        FROM priced p JOIN message was ON was.id = p.id WHERE m.id = p.id
        RETURNING m.workspace_id, m.channel_id, m.spent_team_id, m.spent_on, m.price, m.price_currency,
                  was.spent_on IS NULL AS is_first
    )
    INSERT INTO spend (workspace_id, day, channel_id, team_id, direction, currency, amount, texts)
    SELECT workspace_id, spent_on, channel_id, spent_team_id, 'out', price_currency, sum(coalesce(price, 0)), count(*)
    FROM taken WHERE is_first GROUP BY 1, 2, 3, 4, 6 ORDER BY 1, 2, 3, 4, 6
    ON CONFLICT (workspace_id, day, channel_id, team_id, direction, currency)
    DO UPDATE SET amount = spend.amount + excluded.amount, texts = spend.texts + excluded.texts
"""

CHANGE = """
    WITH told AS (
        SELECT DISTINCT ON (id) * FROM unnest(%(ids)s::bigint[], %(amounts)s::numeric[], %(currencies)s::text[],
                                              %(reported)s::boolean[], %(days)s::date[])
                      WITH ORDINALITY AS t(id, amount, currency, is_reported, day, ord)
        ORDER BY id, ord DESC
    ), before AS (
        SELECT m.id, m.workspace_id, m.channel_id, m.direction, m.price, m.price_currency, m.price_is_reported,
               m.spent_on, m.spent_team_id
        FROM message m WHERE m.id = ANY(%(ids)s) ORDER BY m.id FOR NO KEY UPDATE
    ), changed AS (
        UPDATE message m SET
            price = t.amount, price_is_reported = t.is_reported,
            price_due_at = CASE WHEN t.is_reported OR t.currency = '' THEN NULL ELSE m.price_due_at END,
            price_currency = CASE WHEN t.currency = '' THEN m.price_currency ELSE t.currency END,
            spent_on = coalesce(m.spent_on, t.day),
            spent_team_id = coalesce(m.spent_team_id,
                                     (SELECT c.team_id FROM conversation c WHERE c.id = m.conversation_id), 0)
        FROM told t, before b
        WHERE m.id = t.id AND m.id = b.id AND (t.is_reported OR NOT b.price_is_reported)
          AND (t.day IS NOT NULL OR b.spent_on IS NOT NULL)
        RETURNING m.id, m.spent_on, m.spent_team_id, m.price, m.price_currency
    ), moved AS (
        SELECT b.workspace_id, b.spent_on AS day, b.channel_id, b.spent_team_id AS team_id, b.direction,
               b.price_currency AS currency, -coalesce(b.price, 0) AS amount, -1 AS texts
        FROM before b JOIN changed USING (id) WHERE b.spent_on IS NOT NULL
        UNION ALL
        SELECT b.workspace_id, c.spent_on, b.channel_id, c.spent_team_id, b.direction, c.price_currency,
               coalesce(c.price, 0), 1
        FROM before b JOIN changed c USING (id)
    )
    INSERT INTO spend (workspace_id, day, channel_id, team_id, direction, currency, amount, texts)
    SELECT workspace_id, day, channel_id, team_id, direction, currency, sum(amount), sum(texts)
    FROM moved GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(amount) <> 0 OR sum(texts) <> 0 ORDER BY 1, 2, 3, 4, 5, 6
    ON CONFLICT (workspace_id, day, channel_id, team_id, direction, currency)
    DO UPDATE SET amount = spend.amount + excluded.amount, texts = spend.texts + excluded.texts
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The price of one message from now on. `day` books a message that was never booked; others keep their day.

    `NOTHING`, which has no currency, says that it will not be charged, whatever currency it was booked in.
    """

    message_id: int
    price: Price
    is_reported: bool
    day: date | None = None


def take_columns(
    prices: Sequence[tuple[int, Price | None]], *, worker: str, at: datetime, day: date, is_told_later: bool
) -> dict[str, Any]:
    """The parameters of `TAKE`: each message with its estimated price."""
    return {
        "ids": [key for key, _ in prices],
        "amounts": [price.amount if price else None for _, price in prices],
        "currencies": [price.currency if price else "" for _, price in prices],
        "worker": worker,
        "at": at,
        "day": day,
        "due": at + ASK_AFTER if is_told_later else None,
    }


def change_columns(changes: Iterable[Change]) -> dict[str, Any]:
    """The parameters of `CHANGE`."""
    every = list(changes)
    return {
        "ids": [one.message_id for one in every],
        "amounts": [one.price.amount for one in every],
        "currencies": [one.price.currency for one in every],
        "reported": [one.is_reported for one in every],
        "days": [one.day for one in every],
    }


async def change(connection: AsyncConnection[Any], changes: Sequence[Change]) -> None:
    """Write prices and move what is spent, in the caller's transaction, as the last thing it locks."""
    if changes:
        await connection.execute(CHANGE, change_columns(changes))
