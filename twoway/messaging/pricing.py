"""Prices that come after a text: reported in receipts, asked of the provider later, and of the texts people send us.

All of it is done by periodic jobs, a batch at a time, so that neither intake nor delivery waits for money. Each batch
is one transaction that locks messages in order of their id and then the days they are spent on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import connection, transaction

from twoway.channels.models import Channel
from twoway.channels.queries import account
from twoway.lib.sealing import WrongKey
from twoway.messaging.cost import pricelist, spending
from twoway.messaging.cost.spending import Change
from twoway.messaging.models import Message, PriceMark
from twoway.providers import http, registry
from twoway.providers.base import Price, SendError

log = structlog.get_logger(__name__)

BATCH = 1_000
MOST_BATCHES = 50
MOST_DUE = 2_000
MOST_PAGES = 40
GIVE_UP_AFTER = timedelta(days=3)
FORGET_STRANGERS = timedelta(days=1)
CLOCKS_DIFFER = timedelta(minutes=5)
SETTLED = timedelta(minutes=2)
"""Ids are given before rows are visible: a text this old is one that no other will come before."""


# Reported in receipts ---------------------------------------------------------------------------------------------

_REPORTED = """
    SELECT e.id, e.message_id, e.price, e.price_currency FROM status_event e
    WHERE e.price IS NOT NULL AND NOT e.price_is_taken AND e.message_id IS NOT NULL
    ORDER BY e.id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED
"""
_TAKEN = "UPDATE status_event SET price_is_taken = true WHERE id = ANY(%(ids)s)"
_STRANGERS = """
    UPDATE status_event SET price_is_taken = true
    WHERE price IS NOT NULL AND NOT price_is_taken AND message_id IS NULL AND received_at < %(before)s
"""


def take_reported(*, at: datetime) -> int:
    """Take the prices that came with receipts; how many. One of a message nobody knows is dropped after a day."""
    taken = 0
    for _ in range(MOST_BATCHES):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_REPORTED, {"limit": BATCH})
            rows = cursor.fetchall()
            prices = [(row[1], Price(amount=row[2], currency=row[3])) for row in rows]
            _change([Change(message_id=key, price=price, is_reported=True) for key, price in prices])
            cursor.execute(_TAKEN, {"ids": [row[0] for row in rows]})
        taken += len(rows)
        if len(rows) < BATCH:
            break
    with connection.cursor() as cursor:
        cursor.execute(_STRANGERS, {"before": at - FORGET_STRANGERS})
    return taken


def _change(changes: Sequence[Change]) -> None:
    if changes:
        with connection.cursor() as cursor:
            cursor.execute(spending.CHANGE, spending.change_columns(changes))


# Asked of the provider --------------------------------------------------------------------------------------------

_LATER = """
    UPDATE message SET price_due_at = CASE
        WHEN claimed_at IS NULL OR claimed_at < %(at)s - interval '3 days' THEN NULL
        WHEN claimed_at < %(at)s - interval '1 day' THEN %(at)s + interval '6 hours'
        WHEN claimed_at < %(at)s - interval '1 hour' THEN %(at)s + interval '1 hour'
        ELSE %(at)s + interval '10 minutes' END
    WHERE id = ANY(%(ids)s) AND price_due_at <= %(at)s
"""


def ask_providers(*, at: datetime) -> int:
    """Ask for the prices that are due by now; how many were told. What has none yet is asked again, for three days."""
    due = Message.objects.filter(price_due_at__lte=at).order_by("price_due_at")[:MOST_DUE]
    by_channel: dict[int, list[Message]] = {}
    for message in due:
        by_channel.setdefault(message.channel_id, []).append(message)
    channels = Channel.objects.select_related("workspace").in_bulk(list(by_channel))
    return sum(_ask(channels.get(key), messages, at) for key, messages in by_channel.items())


def _ask(channel: Channel | None, messages: Sequence[Message], at: datetime) -> int:
    told = _told(channel, [message for message in messages if message.provider_id], at) if channel else {}
    given_up = [message for message in messages if _is_hopeless(message, told, at)]
    with transaction.atomic():
        _change(
            [Change(message_id=key, price=price, is_reported=True) for key, price in told.items()]
            + [Change(message_id=one.pk, price=spending.NOTHING, is_reported=False) for one in given_up]
        )
        with connection.cursor() as cursor:
            cursor.execute(_LATER, {"ids": [message.pk for message in messages], "at": at})
    return len(told)


def _is_hopeless(message: Message, told: Mapping[int, Price], at: datetime) -> bool:
    """A text that failed and that the provider never put a price on: it was not charged."""
    is_old = message.claimed_at is not None and message.claimed_at < at - GIVE_UP_AFTER
    return is_old and message.pk not in told and message.status == "failed"


def _told(channel: Channel, messages: Sequence[Message], at: datetime) -> dict[int, Price]:
    """The prices the provider's list has for these messages, by our id; none when it can't be asked now."""
    wanted = {message.provider_id: message.pk for message in messages}
    since = min((message.claimed_at or message.created_at for message in messages), default=at) - CLOCKS_DIFFER
    found: dict[int, Price] = {}
    try:
        for provider_id, price in _listed(channel, since=since, until=at + CLOCKS_DIFFER):
            key = wanted.pop(provider_id, None)
            if key is not None and price is not None:
                found[key] = price
            if not wanted:
                break
    except (SendError, WrongKey) as error:
        log.warning("prices_not_told", channel_id=channel.pk, why=str(error))
    return found


def _listed(channel: Channel, *, since: datetime, until: datetime) -> Iterable[tuple[str, Price | None]]:
    """What the provider's list says, page by page. Raises a `SendError`."""
    adapter = registry.get(channel.provider)
    unsealed = account(channel)
    cursor = ""
    for _ in range(MOST_PAGES):
        request = adapter.list_prices(unsealed, since=since, until=until, cursor=cursor)
        if request is None:
            return
        page = adapter.read_prices(http.call_sync(request))
        for one in page.items:
            yield one.provider_id, one.price
        cursor = page.cursor
        if not cursor:
            return


# Texts people sent us ---------------------------------------------------------------------------------------------

_NEWEST = "SELECT id FROM message WHERE created_at < %(before)s ORDER BY id DESC LIMIT 1"

_INBOUND = """
    WITH rate AS (
        SELECT * FROM unnest(%(channels)s::bigint[], %(pictures)s::boolean[], %(amounts)s::numeric[], %(pers)s::text[],
                             %(currencies)s::text[]) AS t(channel_id, has_media, amount, per, currency)
    ), priced AS (
        UPDATE message m SET
            price = r.amount * CASE r.per WHEN 'segment' THEN greatest(m.segments, 1) ELSE 1 END,
            price_currency = r.currency,
            spent_on = (m.created_at AT TIME ZONE w.time_zone)::date,
            spent_team_id = coalesce((SELECT c.team_id FROM conversation c WHERE c.id = m.conversation_id), 0)
        FROM rate r, workspace w
        WHERE m.id > %(first)s AND m.id <= %(last)s AND m.direction = 'in' AND m.spent_on IS NULL
          AND m.channel_id = r.channel_id AND (m.media <> '[]'::jsonb) = r.has_media AND w.id = m.workspace_id
        RETURNING m.workspace_id, m.channel_id, m.spent_on, m.spent_team_id, m.price, m.price_currency
    )
    INSERT INTO spend (workspace_id, day, channel_id, team_id, direction, currency, amount, texts)
    SELECT workspace_id, spent_on, channel_id, spent_team_id, 'in', price_currency, sum(price), count(*)
    FROM priced GROUP BY 1, 2, 3, 4, 6 ORDER BY 1, 2, 3, 4, 6
    ON CONFLICT (workspace_id, day, channel_id, team_id, direction, currency)
    DO UPDATE SET amount = spend.amount + excluded.amount, texts = spend.texts + excluded.texts
"""


def price_inbound(*, at: datetime) -> int:
    """Price the texts that came in since the last time, where receiving costs something; how many ids were looked at.

    A number's price for receiving is the same whoever writes, so one statement prices thousands of texts.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST, {"before": at - SETTLED})
        row = cursor.fetchone()
    newest: int = row[0] if row else 0
    names = _inbound_rates(at)
    PriceMark.objects.get_or_create(id=1)
    looked = 0
    for _ in range(MOST_BATCHES):
        with transaction.atomic(), connection.cursor() as cursor:
            mark = PriceMark.objects.select_for_update().get(id=1)
            last = min(newest, mark.message_id + BATCH * 5)
            if last <= mark.message_id:
                break
            if names["channels"]:
                cursor.execute(_INBOUND, {**names, "first": mark.message_id, "last": last})
            looked += last - mark.message_id
            mark.message_id = last
            mark.save()
    return looked


def _inbound_rates(at: datetime) -> dict[str, Any]:
    """For each number, with and without pictures, what a text to it costs."""
    names: dict[str, list[Any]] = {"channels": [], "pictures": [], "amounts": [], "pers": [], "currencies": []}
    for channel in Channel.objects.select_related("workspace"):
        prices = pricelist.of_channel(channel)
        for media in (0, 1):
            rate = prices.incoming_rate(media=media, at=at)
            if rate is None or not rate.amount:
                continue
            values = (channel.pk, bool(media), rate.amount, rate.per, rate.currency)
            for name, value in zip(names, values, strict=True):
                names[name].append(value)
    return names


# Texts that were sent elsewhere -------------------------------------------------------------------------------------

_BOOK = """
    WITH booked AS (
        UPDATE message m SET
            spent_on = (m.sent_at AT TIME ZONE w.time_zone)::date,
            spent_team_id = coalesce((SELECT c.team_id FROM conversation c WHERE c.id = m.conversation_id), 0)
        FROM workspace w
        WHERE w.id = %(workspace)s AND m.workspace_id = w.id AND m.direction = 'out' AND m.spent_on IS NULL
          AND m.sent_at IS NOT NULL
        RETURNING m.workspace_id, m.channel_id, m.spent_on, m.spent_team_id, m.price, m.price_currency
    )
    INSERT INTO spend (workspace_id, day, channel_id, team_id, direction, currency, amount, texts)
    SELECT workspace_id, spent_on, channel_id, spent_team_id, 'out', price_currency, sum(coalesce(price, 0)), count(*)
    FROM booked GROUP BY 1, 2, 3, 4, 6 ORDER BY 1, 2, 3, 4, 6
    ON CONFLICT (workspace_id, day, channel_id, team_id, direction, currency)
    DO UPDATE SET amount = spend.amount + excluded.amount, texts = spend.texts + excluded.texts
"""


def book_sent(*, workspace_id: int) -> None:
    """Book what a workspace sent without our delivery, such as the demo's texts, on the days they left."""
    with connection.cursor() as cursor:
        cursor.execute(_BOOK, {"workspace": workspace_id})
