"""What the intake transaction does: a batch of texts becomes contacts, conversations, messages and events.

Every statement takes the whole batch as arrays. The look-ups are LATERAL with a LIMIT, so that each is one walk down an
index whatever the planner believes about the tables. Duplicates die on `one_message_per_provider_id`. A conversation
that was merged into another one between the look-up and its lock takes no text: the batch is tried again and finds the
other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.compliance import bulk
from twoway.compliance.optin import rules as optin_rules
from twoway.lib.statement import Statement
from twoway.messaging import acquaint, arrays, forwarding, keywords, optin_intake, rules, shielding
from twoway.messaging.directory import Route
from twoway.messaging.media import arriving
from twoway.messaging.rows import InboundRow, heard, keyword_of, piece
from twoway.providers.base import Inbound
from twoway.sms import phone, segments


class Incomplete(Exception):
    """Somebody else changed the same rows at the same moment; the batch can simply be tried again."""


def row(*, route: Route, text: Inbound, trace: str, at: datetime) -> InboundRow:
    """Clean and count one text. The sender may be a number, a short code or a name."""
    seen = shielding.seen(segments.clean_inbound(text.body), kinds=route.shield.kinds)
    body = seen.body
    if seen.kinds:
        text = replace(text, body=body)
    sender = phone.identify(text.sender, region=route.region)
    counted = segments.count(body)
    part = None if text.part is None else piece(text)
    keyword = None if part else heard(text, keyword_of(route, body))
    return InboundRow(
        route=route,
        kind=sender.kind,
        value=sender.value,
        provider_id=segments.clean_inbound(text.provider_id)[:120],
        sender=segments.clean_inbound(text.sender)[:120],
        recipient=text.recipient[:120],
        body=body,
        encoding=counted.encoding,
        segments=text.segments or counted.segments,
        media=arriving.told(text),
        preview=rules.preview(body, arriving.words(text) if text.media else ""),
        trace=trace,
        at=at,
        sent_at=text.sent_at,
        keyword=keyword,
        topic=None if part or keyword else optin_rules.heard(body, route.topics),
        name=acquaint.name(text.sender_name) if text.sender_name else "",
        alias=phone.identify(text.alias, region=route.region).value if text.alias else "",
        part=part,
        kinds=seen.kinds,
        may_continue=seen.may_continue,
    )


PEOPLE = Statement("""
    WITH incoming AS (
        SELECT DISTINCT ON (w, k, v) w, k, v, at
        FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[], %(ats)s::timestamptz[])
             AS t(w, k, v, at)
        ORDER BY w, k, v
    ), added AS (
        INSERT INTO identity (workspace_id, kind, value, contact_id, created_at)
        SELECT w, k, v, nextval('contact_id_seq'), at FROM incoming
        WHERE (SELECT id FROM identity i WHERE i.workspace_id = w AND i.kind = k AND i.value = v) IS NULL
        ON CONFLICT DO NOTHING
        RETURNING id, workspace_id, kind, value, contact_id, created_at
    ), people AS (
        INSERT INTO contact (id, workspace_id, name, created_at)
        SELECT contact_id, workspace_id, '', created_at FROM added
    )
    SELECT id, workspace_id, kind, value FROM added
    WHERE EXISTS (SELECT 1 FROM suppression s WHERE s.workspace_id = added.workspace_id AND s.identity_id IS NULL)
""")
"""Also says who is new where addresses of forgotten people are suppressed: they may be one of them."""

THREADS = Statement("""
    WITH incoming AS (
        SELECT DISTINCT ON (i.contact_id, c) i.contact_id, i.id AS identity_id, w, c, team, at
        FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[], %(channels)s::bigint[],
                    %(teams)s::bigint[], %(ats)s::timestamptz[]) AS t(w, k, v, c, team, at)
        JOIN LATERAL (
            SELECT id, contact_id FROM identity WHERE workspace_id = w AND kind = k AND value = v LIMIT 1) i ON true
        ORDER BY i.contact_id, c
    ), added AS (
        INSERT INTO conversation (workspace_id, contact_id, channel_id, identity_id, team_id, state, needs_reply,
                                  sort_at, unanswered, episode, last_message_at, preview, preview_by, created_at)
        SELECT w, contact_id, c, identity_id, team, 'open', false, at, 0, 1, at, '', '', at FROM incoming
        WHERE (SELECT id FROM conversation x WHERE x.contact_id = incoming.contact_id AND x.channel_id = c) IS NULL
        ON CONFLICT DO NOTHING
        RETURNING id, created_at
    )
    INSERT INTO episode (conversation_id, number, opened_at) SELECT id, 1, created_at FROM added
""")

# Numbers of a pool share a person's conversation. Only batches with such a number run these two.
THREADS_OF_POOLS = Statement("""
    WITH incoming AS (
        SELECT DISTINCT ON (i.contact_id, coalesce(h.pool_id, -c))
               i.contact_id, i.id AS identity_id, w, c, team, at, h.pool_id
        FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[], %(channels)s::bigint[],
                    %(teams)s::bigint[], %(ats)s::timestamptz[]) AS t(w, k, v, c, team, at)
        JOIN LATERAL (
            SELECT id, contact_id FROM identity WHERE workspace_id = w AND kind = k AND value = v LIMIT 1) i ON true
        JOIN channel h ON h.id = c
        ORDER BY i.contact_id, coalesce(h.pool_id, -c), at
    ), added AS (
        INSERT INTO conversation (workspace_id, contact_id, channel_id, identity_id, team_id, state, needs_reply,
                                  sort_at, unanswered, episode, last_message_at, preview, preview_by, created_at,
                                  pool_id)
        SELECT w, contact_id, c, identity_id, team, 'open', false, at, 0, 1, at, '', '', at, pool_id FROM incoming
        WHERE (SELECT x.id FROM conversation x WHERE x.contact_id = incoming.contact_id
               AND (x.pool_id = incoming.pool_id OR x.channel_id = c) LIMIT 1) IS NULL
        ON CONFLICT DO NOTHING
        RETURNING id, created_at
    )
    INSERT INTO episode (conversation_id, number, opened_at) SELECT id, 1, created_at FROM added
""")

_BY_CHANNEL = "SELECT id FROM conversation WHERE contact_id = i.contact_id AND channel_id = c LIMIT 1"
_BY_POOL = """
            SELECT y.id FROM conversation y JOIN channel h ON h.id = c
            WHERE y.contact_id = i.contact_id AND (y.pool_id = h.pool_id OR y.channel_id = c)
            ORDER BY y.pool_id IS DISTINCT FROM h.pool_id LIMIT 1"""
_TEXTS = """
    WITH incoming AS (
        SELECT t.*, i.id AS identity_id, x.id AS conversation_id,
               i.is_blocked AND coalesce(i.blocked_until > t.at, true) AS is_blocked
        FROM unnest(%(workspaces)s::bigint[], %(kinds)s::text[], %(values)s::text[], %(channels)s::bigint[],
                    %(ats)s::timestamptz[], %(provider_ids)s::text[], %(senders)s::text[], %(recipients)s::text[],
                    %(bodies)s::text[], %(encodings)s::text[], %(segments)s::int[], %(media)s::text[],
                    %(previews)s::text[], %(traces)s::text[], %(sent)s::timestamptz[], %(waits)s::boolean[])
             WITH ORDINALITY AS t(w, k, v, c, at, provider_id, sender, recipient, body, encoding, segments, media,
                                  preview, trace, sent_at, waits, ord)
        JOIN LATERAL (
            SELECT id, contact_id, is_blocked, blocked_until FROM identity
            WHERE workspace_id = w AND kind = k AND value = v LIMIT 1) i ON true
        JOIN LATERAL (
            SELECT id FROM conversation WHERE contact_id = i.contact_id AND channel_id = c LIMIT 1) x ON true
    ), locked AS (
        SELECT id, state, needs_reply, episode FROM conversation
        WHERE id IN (SELECT conversation_id FROM incoming) ORDER BY id FOR NO KEY UPDATE
    ), added AS (
        INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, sender,
                             recipient, body, encoding, segments, media, provider_id, trace, created_at, sent_at)
        SELECT w, conversation_id, c, identity_id, 'in', 'received', 'customer', sender, recipient, body, encoding,
               segments, media::jsonb, provider_id, trace, at, sent_at
        FROM incoming JOIN locked ON locked.id = conversation_id
        ORDER BY ord
        ON CONFLICT DO NOTHING
        RETURNING id, workspace_id, conversation_id, channel_id, identity_id, provider_id, created_at, trace
    ), fresh AS (
        SELECT DISTINCT ON (added.id) added.*, incoming.preview, incoming.waits AND NOT incoming.is_blocked AS waits,
               incoming.ord
        FROM added JOIN incoming ON incoming.c = added.channel_id AND incoming.provider_id = added.provider_id
        ORDER BY added.id, incoming.ord
    ), per_thread AS (
        SELECT conversation_id, max(id) AS last_id, min(created_at) AS first_at, max(created_at) AS last_at,
               (array_agg(identity_id ORDER BY id DESC))[1] AS identity_id,
               (array_agg(preview ORDER BY id DESC))[1] AS preview, count(*) FILTER (WHERE waits) AS waiting
        FROM fresh GROUP BY conversation_id
    ), changed AS (
        UPDATE conversation x SET
            last_message_id = p.last_id, last_inbound_id = p.last_id,
            last_message_at = greatest(x.last_message_at, p.last_at),
            last_inbound_at = greatest(x.last_inbound_at, p.last_at),
            preview = p.preview, preview_by = '', identity_id = p.identity_id,
            state = CASE WHEN p.waiting > 0 THEN 'open' ELSE x.state END,
            snoozed_until = CASE WHEN p.waiting > 0 THEN NULL ELSE x.snoozed_until END,
            episode = l.episode + (p.waiting > 0 AND l.state = 'done')::int,
            needs_reply = l.needs_reply OR p.waiting > 0,
            sort_at = CASE WHEN l.needs_reply THEN x.sort_at WHEN p.waiting > 0 THEN p.first_at ELSE p.last_at END,
            unanswered = CASE WHEN l.needs_reply THEN x.unanswered ELSE 0 END + p.waiting
        FROM per_thread p JOIN locked l ON l.id = p.conversation_id
        WHERE x.id = p.conversation_id
        RETURNING x.id, x.workspace_id, x.team_id, x.assignee_id, x.episode, x.last_message_at,
                  p.waiting > 0 AND l.state = 'done' AS was_done, p.waiting > 0 AND l.state = 'snoozed' AS was_snoozed
    ), episodes AS (
        INSERT INTO episode (conversation_id, number, opened_at)
        SELECT id, episode, last_message_at FROM changed WHERE was_done ON CONFLICT DO NOTHING
    ), events AS (
        INSERT INTO event (workspace_id, type, conversation_id, message_id, data, trace, at, is_pending, is_shown)
        SELECT workspace_id, 'message_received', conversation_id, id,
               jsonb_build_object('channel_id', channel_id)
                   || CASE WHEN waits THEN '{}'::jsonb ELSE '{"waits": false}'::jsonb END,
               trace, created_at, false, false
        FROM fresh
        UNION ALL
        SELECT workspace_id, CASE WHEN was_done THEN 'conversation_reopened' ELSE 'conversation_woken' END, id, NULL,
               CASE WHEN was_done THEN jsonb_build_object('episode', episode) ELSE '{}' END, '',
               last_message_at, false, true
        FROM changed WHERE was_done OR was_snoozed
    ), told AS (
        SELECT pg_notify('twoway_live', json_build_object(
            'w', workspace_id,
            'c', json_agg(json_build_array(id, coalesce(team_id, 0), coalesce(assignee_id, 0))))::text)
        FROM changed GROUP BY workspace_id
    )
    SELECT (SELECT count(*) FROM incoming JOIN locked ON locked.id = conversation_id), (SELECT count(*) FROM told),
           (SELECT json_agg(json_build_array(ord, id, conversation_id, identity_id)) FROM fresh
            WHERE ord = ANY(%(keyword_ords)s::bigint[]))
"""
TEXTS = Statement(_TEXTS)
TEXTS_OF_POOLS = Statement(_TEXTS.replace(_BY_CHANNEL, _BY_POOL))


def _columns(rows: Sequence[InboundRow]) -> dict[str, str]:
    return {
        "workspaces": arrays.numbers([r.route.workspace_id for r in rows]),
        "channels": arrays.numbers([r.route.id for r in rows]),
        "teams": arrays.numbers([r.route.team_id for r in rows]),
        "kinds": arrays.texts([r.kind for r in rows]),
        "values": arrays.texts([r.value for r in rows]),
        "ats": arrays.times([r.at for r in rows]),
        "provider_ids": arrays.texts([r.provider_id for r in rows]),
        "senders": arrays.texts([r.sender for r in rows]),
        "recipients": arrays.texts([r.recipient for r in rows]),
        "bodies": arrays.texts([r.body for r in rows]),
        "encodings": arrays.texts([r.encoding for r in rows]),
        "segments": arrays.numbers([r.segments for r in rows]),
        "media": arrays.texts([r.media for r in rows]),
        "previews": arrays.texts([r.preview for r in rows]),
        "traces": arrays.texts([r.trace for r in rows]),
        "sent": arrays.times([r.sent_at for r in rows]),
        "waits": arrays.flags([r.waits for r in rows]),
        "keyword_ords": arrays.numbers([number for number, r in enumerate(rows, 1) if r.has_more]),
    }


def _is_pooled(rows: Sequence[InboundRow]) -> bool:
    return any(row.route.pool_id is not None for row in rows)


async def store_known(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> bool:
    """Store texts of people we know in one statement, which is its own transaction; True when that was all of them.

    Only for texts without consent words and files: what those cause belongs into the same transaction. What is left
    over is stored by `store`, to which the others are duplicates.
    """
    if any(row.media != arriving.NOTHING for row in rows):
        return False
    texts = TEXTS_OF_POOLS if _is_pooled(rows) else TEXTS
    cursor = await texts.execute(connection, _columns(rows))
    found = await cursor.fetchone()
    return found is not None and found[0] == len(rows)


async def store(connection: AsyncConnection[Any], rows: Sequence[InboundRow]) -> None:
    """Store a batch inside the caller's transaction, new people and threads first.

    Raises `Incomplete` when it should be tried again.
    """
    await optin_intake.settle(connection, rows)
    columns = _columns(rows)
    threads, texts = (THREADS_OF_POOLS, TEXTS_OF_POOLS) if _is_pooled(rows) else (THREADS, TEXTS)
    async with connection.pipeline():
        new = await PEOPLE.execute(connection, columns)
        await threads.execute(connection, columns)
        cursor = await texts.execute(connection, columns)
    await bulk.restore(connection, await new.fetchall())
    found = await cursor.fetchone()
    if found is None or found[0] != len(rows):
        raise Incomplete
    await acquaint.hide(connection, rows)
    await arriving.expect(connection, rows)
    for ord_, message_id, conversation_id, identity_id in found[2] or ():
        await _follow(
            connection,
            rows[ord_ - 1],
            {"message_id": message_id, "conversation_id": conversation_id, "identity_id": identity_id},
        )


async def _follow(connection: AsyncConnection[Any], text: InboundRow, stored: Mapping[str, int]) -> None:
    """What else one text causes, inside the transaction that stored it."""
    if text.kinds or text.may_continue:
        await shielding.settle(connection, text=text, **stored)
    if text.keyword is not None:
        await keywords.apply(connection, text=text, word=text.keyword, **stored)
        return
    await optin_intake.tell(connection, text=text, **stored)
    await forwarding.tell(connection, text=text, **stored)
