"""The shield on the way in: a text is masked before it is a row, and what it continues is masked with it.

`seen` costs most texts about 1 µs. The rest happens inside the transaction that stores the text: nobody, and no log,
no listener and no model, sees what was taken out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance.rules import Purpose
from twoway.compliance.shield.joining import CODE_WITHIN, MOST_TEXTS, WITHIN, join, may_continue
from twoway.compliance.shield.rules import EVERY, describe, is_suspect, redact
from twoway.messaging import notices, rules
from twoway.messaging.rows import InboundRow
from twoway.messaging.shielding_raw import in_order

NOTICE_TEXT = (
    "{business}: For your safety we removed the {what} you sent. Please don't text card numbers, codes or passwords."
)
NOTICE_LINK = "You can pay safely here: {link}"
NOTICE_EVERY = timedelta(hours=24)
_SHORT = 3


@dataclass(frozen=True, slots=True)
class Seen:
    """A body as it may be kept, what was taken out of it, and whether the texts before it must be looked at."""

    body: str
    kinds: tuple[str, ...] = ()
    may_continue: bool = False


def seen(body: str, *, kinds: frozenset[str] = EVERY) -> Seen:
    """Look at one text by itself."""
    if not is_suspect(body):
        return Seen(body, (), len(body) <= _SHORT and may_continue(body))
    kept, found = redact(body, kinds=kinds)
    return Seen(kept, in_order(one.kind for one in found), may_continue(kept))


_CARD_MASK = re.compile(r"(?<![0-9])[0-9]{6}\*{3,9}[0-9]{4}(?![0-9])")


def marked(body: str) -> tuple[str, ...]:
    """What was taken out of the parts of a text before they were joined, as its masks say."""
    found = {"card": _CARD_MASK.search(body) is not None, "ssn": "***-**-****" in body}
    return tuple(kind for kind, is_there in found.items() if is_there)


EARLIER = """
    SELECT id, body, shielded, created_at FROM message
    WHERE conversation_id = %(conversation)s AND direction = 'in' AND id <= %(message)s
    ORDER BY id DESC LIMIT %(most)s
"""

KEEP = "UPDATE message SET body = %(body)s, shielded = %(shielded)s WHERE id = %(id)s"

PREVIEW = """
    UPDATE conversation SET preview = %(preview)s WHERE id = %(conversation)s AND last_message_id = %(message)s
"""

MAY_TELL = """
    SELECT 1 FROM conversation x JOIN contact p ON p.id = x.contact_id
    WHERE x.id = %(conversation)s AND p.blocked_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM message WHERE conversation_id = x.id AND direction = 'out' AND purpose = %(purpose)s
          AND created_at > %(since)s)
      AND NOT EXISTS (
        SELECT 1 FROM opt_out o WHERE o.identity_id = %(identity)s AND o.channel_id = %(channel)s
          AND o.lifted_at IS NULL)
"""


async def settle(
    connection: AsyncConnection[Any], *, text: InboundRow, message_id: int, conversation_id: int, identity_id: int
) -> None:
    """Mark the text, mask what it continues, and tell the customer a safe way; in the transaction that stored it."""
    kinds = set(text.kinds)
    if kinds:
        await connection.execute(KEEP, {"id": message_id, "body": text.body, "shielded": " ".join(in_order(kinds))})
    if text.may_continue:
        kinds |= await _join(connection, text, message_id, conversation_id)
    if kinds and text.route.shield.tells_customers and text.kind in {"phone", "whatsapp"}:
        where = notices.place(text, message_id=message_id, conversation_id=conversation_id, identity_id=identity_id)
        await _tell(connection, text, kinds, where)


async def _join(connection: AsyncConnection[Any], text: InboundRow, message_id: int, conversation_id: int) -> set[str]:
    """Mask a number that began in the texts before this one; what was found in this one."""
    cursor = await connection.execute(
        EARLIER, {"conversation": conversation_id, "message": message_id, "most": MOST_TEXTS}
    )
    rows = list(reversed(await cursor.fetchall()))
    if len(rows) < 2:
        return set()
    near = [row for row in rows if text.at - row[3] <= WITHIN]
    joined = join([row[1] for row in near], follows_card=_follows_card(rows, text.at))
    for row, body, kind in zip(near, joined.bodies, joined.kinds, strict=True):
        if kind:
            told = " ".join(in_order({kind, *row[2].split()}))
            await connection.execute(KEEP, {"id": row[0], "body": body, "shielded": told})
    if joined.kinds[-1]:
        preview = rules.preview(joined.bodies[-1])
        await connection.execute(PREVIEW, {"preview": preview, "conversation": conversation_id, "message": message_id})
    return set(filter(None, joined.kinds))


def _follows_card(rows: Sequence[tuple[Any, ...]], at: datetime) -> bool:
    """Whether the text before the last one held a card number, not long ago."""
    _, _, shielded, came = rows[-2]
    return "card" in shielded.split() and at - came <= CODE_WITHIN


async def _tell(connection: AsyncConnection[Any], text: InboundRow, kinds: set[str], where: notices.Place) -> None:
    """Once per conversation and day."""
    asked = {
        "conversation": where.conversation_id,
        "identity": where.identity_id,
        "channel": text.route.id,
        "purpose": Purpose.SHIELD_NOTICE.value,
        "since": where.at - NOTICE_EVERY,
    }
    if await (await connection.execute(MAY_TELL, asked)).fetchone() is None:
        return
    told = text.route.shield
    body = notice(told.notice_text, business=text.route.business, kinds=kinds, link=told.payment_link)
    await notices.queue(
        connection, where=where, route=text.route, recipient=text.value, body=body, purpose=Purpose.SHIELD_NOTICE
    )


def notice(written: str, *, business: str, kinds: Iterable[str], link: str) -> str:
    """The words of the notice. A payment link is named where a card number was sent."""
    told = set(kinds)
    words = (written or NOTICE_TEXT).replace("{business}", business).replace("{what}", describe(told))
    if "{link}" in words:
        return words.replace("{link}", link).strip()
    return f"{words} {NOTICE_LINK.replace('{link}', link)}" if link and told & {"card", "cvv"} else words
