"""A retired number answers whoever still texts it, once: where to write now. Never to somebody who opted out."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

from twoway.compliance.rules import Purpose
from twoway.messaging import notices
from twoway.messaging.rows import InboundRow
from twoway.sms import phone

FORWARDING_TEXT = "{business}: {old} is no longer in use. Please text us at {new} from now on."

ONCE = """
    INSERT INTO channel_forwarded (channel_id, identity_id, at)
    SELECT %(channel)s, i.id, %(at)s FROM identity i JOIN contact p ON p.id = i.contact_id
    WHERE i.id = %(identity)s AND (p.blocked_at IS NULL OR p.blocked_until <= %(at)s) AND NOT EXISTS (
        SELECT 1 FROM opt_out o JOIN channel oc ON oc.id = o.channel_id JOIN channel here ON here.id = %(channel)s
        WHERE o.identity_id = i.id AND o.lifted_at IS NULL
          AND (o.covers = 'all' OR oc.id = here.id OR (here.service_id <> '' AND oc.service_id = here.service_id)
               OR oc.pool_id = here.pool_id))
    ON CONFLICT DO NOTHING RETURNING id
"""


async def tell(
    connection: AsyncConnection[Any], *, text: InboundRow, message_id: int, conversation_id: int, identity_id: int
) -> None:
    """Queue the note inside the transaction that stored the text. Only phones get one: others may be machines."""
    if text.kind != "phone" or not text.route.forwards(text.at):
        return
    names = {"channel": text.route.id, "identity": identity_id, "at": text.at}
    if await (await connection.execute(ONCE, names)).fetchone() is None:
        return
    where = notices.place(text, message_id=message_id, conversation_id=conversation_id, identity_id=identity_id)
    await notices.queue(
        connection,
        where=where,
        route=text.route,
        recipient=text.value,
        body=note(
            text.route.forwarding,
            business=text.route.business,
            old=text.route.address,
            new=text.route.successor,
            region=text.route.region,
        ),
        purpose=Purpose.FORWARDING_NOTE,
    )


def note(written: str, *, business: str, old: str, new: str, region: str | None) -> str:
    """The words of the note, with the names in braces filled in."""
    words = (written or FORWARDING_TEXT).replace("{business}", business)
    return words.replace("{old}", phone.pretty(old, region=region)).replace("{new}", phone.pretty(new, region=region))
