"""STOP, START and HELP, honoured in the transaction that stores the text."""

from __future__ import annotations

from typing import Any

from psycopg import AsyncConnection

from twoway.compliance import bulk
from twoway.compliance.rules import Purpose
from twoway.messaging import notices
from twoway.messaging.rows import Heard, InboundRow
from twoway.providers.base import OptOutSignal

STOP_TEXT = "{business}: You're opted out and won't get more texts from us. Reply START to opt back in."
START_TEXT = "{business}: You're opted back in. Reply HELP for help or STOP to opt out."
HELP_TEXT = (
    "{business}: Reply to this text and a person will answer. Msg & data rates may apply. Reply STOP to opt out."
)


SETTLE = """
    UPDATE revocation_doubt SET state = %(state)s, settled_at = %(at)s, settled_by = %(word)s
    WHERE identity_id = %(identity)s AND state = 'open' RETURNING id
"""


async def apply(
    connection: AsyncConnection[Any],
    *,
    text: InboundRow,
    word: Heard,
    message_id: int,
    conversation_id: int,
    identity_id: int,
) -> None:
    """Act on one text's consent word, inside the transaction that stored it."""
    where = notices.place(text, message_id=message_id, conversation_id=conversation_id, identity_id=identity_id)
    act = {OptOutSignal.STOP: _stop, OptOutSignal.START: _start, OptOutSignal.HELP: _help}
    await act[OptOutSignal(word.family)](connection, text, word, where)


async def _settle(connection: AsyncConnection[Any], word: Heard, where: notices.Place, *, answer: str) -> None:
    """STOP and START answer whether they want texts, when that was asked; the opt-out has locked the identity."""
    names = {"state": answer, "at": where.at, "word": f"They texted {word.word}"[:120], "identity": where.identity_id}
    cursor = await connection.execute(SETTLE, names)
    for (doubt_id,) in await cursor.fetchall():
        data = {"doubt_id": doubt_id, "answer": answer}
        await notices.event(connection, where=where, kind="doubt_settled", data=data)


async def _stop(connection: AsyncConnection[Any], text: InboundRow, word: Heard, where: notices.Place) -> None:
    fresh = await bulk.opt_out(
        connection,
        workspace_id=where.workspace_id,
        identity_id=where.identity_id,
        channel_id=text.route.id,
        source=word.source,
        keyword=word.word,
        message_id=where.message_id,
        at=where.at,
    )
    await _settle(connection, word, where, answer="out")
    if not fresh:
        return
    await notices.withdraw(connection, where=where, channel_ids=fresh)
    await notices.event(connection, where=where, kind="contact_opted_out", data=_consent(text, word, where, fresh))
    if text.route.confirms_stop and not word.provider_did:
        await _answer(connection, text, where, words=text.route.stop_text or STOP_TEXT, purpose=Purpose.OPT_OUT_NOTICE)


async def _start(connection: AsyncConnection[Any], text: InboundRow, word: Heard, where: notices.Place) -> None:
    lifted = await bulk.lift(
        connection,
        workspace_id=where.workspace_id,
        identity_id=where.identity_id,
        channel_id=text.route.id,
        by="keyword",
        at=where.at,
        source=word.source,
        keyword=word.word,
        message_id=where.message_id,
    )
    await _settle(connection, word, where, answer="kept")
    if not lifted:
        return
    await notices.event(connection, where=where, kind="contact_opted_in", data=_consent(text, word, where, lifted))
    if text.route.confirms_stop and not word.provider_did:
        await _answer(connection, text, where, words=text.route.start_text or START_TEXT, purpose=Purpose.OPT_IN_NOTICE)


async def _help(connection: AsyncConnection[Any], text: InboundRow, word: Heard, where: notices.Place) -> None:
    await notices.event(connection, where=where, kind="help_asked", data=_help_data(text, word))
    if not word.provider_did:
        await _answer(connection, text, where, words=text.route.help_text or HELP_TEXT, purpose=Purpose.HELP_NOTICE)


def _consent(text: InboundRow, word: Heard, where: notices.Place, channel_ids: list[int]) -> dict[str, Any]:
    """The fields of `ContactOptedOut` and `ContactOptedIn`."""
    return {
        "identity_id": where.identity_id,
        "channel_id": text.route.id,
        "channel_ids": sorted(channel_ids),
        "source": word.source,
        "keyword": word.word,
    }


def _help_data(text: InboundRow, word: Heard) -> dict[str, Any]:
    """The fields of `HelpAsked`."""
    return {"channel_id": text.route.id, "keyword": word.word}


async def _answer(
    connection: AsyncConnection[Any], text: InboundRow, where: notices.Place, *, words: str, purpose: Purpose
) -> None:
    """One answer of ours, to a person only: never to a name, and never to a short code, which may be a machine."""
    if text.kind not in {"phone", "whatsapp"}:
        return
    body = words.replace("{business}", text.route.business).replace("{program}", text.route.program or "texts")
    await notices.queue(connection, where=where, route=text.route, recipient=text.value, body=body, purpose=purpose)
