"""A desk after half a year: 100,000 conversations and 1,000,000 texts, spread as real ones are, written by PostgreSQL.

    python -m bench.large --keep /tmp/twoway-large     # 500,000 conversations and 5,000,000 texts that stay there

What is kept once is used by `rig.kept(folder)` in any benchmark, without being written again.

60 % of the conversations are done and 5 % snoozed; of the open ones 40 % belong to nobody and most wait for us.
Threads are short mostly and long now and then, and one has 2,000 texts. Texts are written in order of time, so that
those of one conversation lie apart, as they would.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from bench import rig, words

MEMBERS, TEAMS, CHANNELS, TAGS = 12, 4, 6, 10
LONG = 2000

# What foreign keys would check is right by construction; the settings are of this session only.
SETTINGS = (
    "SET session_replication_role = replica",
    "SET synchronous_commit = off",
    "SET work_mem = '256MB'",
    "SET maintenance_work_mem = '256MB'",
    "SELECT setseed(0.42)",
)

DRAWN = """
    CREATE TEMP TABLE drawn AS
    SELECT n, state, needs, began,
           CASE WHEN state = 'open' THEN now() - random() * interval '3 days'
                ELSE began + random() * (now() - began) END AS ended,
           CASE WHEN n = 1 THEN %(long)s ELSE least(1 + floor(-%(mean)s * ln(1 - random()))::int, 400) END AS length,
           1 + floor(%(channels)s * power(random(), 2))::int AS channel,
           CASE WHEN random() < 0.7 THEN 1 + floor(%(teams)s * random())::int END AS team,
           CASE WHEN random() < CASE WHEN state = 'open' THEN 0.6 ELSE 0.9 END
                THEN 1 + floor(%(members)s * random())::int END AS member
    FROM (
        SELECT n, state, state = 'open' AND random() < 0.6 AS needs,
               now() - interval '4 days' - random() * interval '180 days' AS began
        FROM (
            SELECT n, CASE WHEN r < 0.60 THEN 'done' WHEN r < 0.65 THEN 'snoozed' ELSE 'open' END AS state
            FROM (SELECT n, CASE WHEN n = 1 THEN 1.0 ELSE random() END AS r
                  FROM generate_series(1, %(conversations)s) AS n) AS a
        ) AS b
    ) AS c
"""

# `place` turns the numbers drawn into ids of this workspace.
PLACE = """
    CREATE TEMP TABLE place AS
    SELECT d.*, c.id AS channel_id, c.address, t.id AS team_id, m.id AS member_id
    FROM drawn d
    JOIN (SELECT id, address, row_number() OVER (ORDER BY id) AS r FROM channel) c ON c.r = d.channel
    LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r FROM team) t ON t.r = d.team
    LEFT JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r FROM member) m ON m.r = d.member
"""

ROWS = (
    """
    INSERT INTO contact (id, workspace_id, name, created_at)
    SELECT n, %(workspace)s, CASE WHEN n %% 10 < 7 THEN (SELECT name FROM person p WHERE p.r = 1 + n %% %(names)s)
                                     ELSE '' END, began FROM place
    """,
    """
    INSERT INTO identity (id, workspace_id, contact_id, kind, value, created_at)
    SELECT n, %(workspace)s, n, 'phone', '+1415' || 5000000 + n, began FROM place
    """,
    """
    INSERT INTO message (workspace_id, conversation_id, channel_id, identity_id, direction, status, author, by_id,
                         by_name, sender, recipient, body, encoding, segments, provider_id, purpose, created_at,
                         claimed_at, attempts, sent_at, delivered_at)
    SELECT %(workspace)s, n, channel_id, n, CASE WHEN is_in THEN 'in' ELSE 'out' END,
           CASE WHEN is_in THEN 'received' WHEN k %% 50 = 0 THEN 'undelivered' ELSE 'delivered' END,
           CASE WHEN is_in THEN 'customer' ELSE 'member' END,
           CASE WHEN is_in THEN NULL ELSE member_id END, CASE WHEN is_in THEN '' ELSE 'Agent ' || member END,
           CASE WHEN is_in THEN customer ELSE address END, CASE WHEN is_in THEN address ELSE customer END,
           CASE WHEN (n + k) %% 9 = 0 THEN said || ' #' || 100000 + (n * 7919::bigint + k * 104729) %% 900000
                ELSE said END, 'GSM-7', 1, 'SM' || md5(n || ' ' || k),
           CASE WHEN is_in THEN '' ELSE 'reply' END, at,
           CASE WHEN is_in THEN NULL ELSE at END, CASE WHEN is_in THEN 0 ELSE 1 END,
           CASE WHEN is_in THEN NULL ELSE at END, CASE WHEN is_in THEN NULL ELSE at END
    FROM (
        SELECT n, k, channel_id, member_id, coalesce(member, 1) AS member, address, '+1415' || 5000000 + n AS customer,
               (length - k) %% 2 = CASE WHEN needs THEN 0 ELSE 1 END AS is_in,
               began + (ended - began) * (k::float / length) AS at
        FROM place, generate_series(1, length) AS k
    ) AS turn
    JOIN phrase ON phrase.r = 1 + (n * 7919::bigint + k * 104729) %% %(phrases)s
    ORDER BY turn.at
    """,
    """
    INSERT INTO conversation (id, workspace_id, contact_id, channel_id, identity_id, state, snoozed_until, assignee_id,
                              team_id, needs_reply, sort_at, unanswered, episode, last_message_at, last_inbound_at,
                              last_message_id, last_inbound_id, preview, preview_by, created_at)
    SELECT p.n, %(workspace)s, p.n, p.channel_id, p.n, p.state,
           CASE WHEN p.state = 'snoozed' AND p.n %% 5 > 0 THEN now() + random() * interval '9 days' END, p.member_id,
           p.team_id, p.needs, s.last_at, CASE WHEN p.needs THEN 1 ELSE 0 END, 1 + p.n %% 2, s.last_at, s.inbound_at,
           s.last_id, s.inbound_id, left(m.body, 160), CASE WHEN m.direction = 'in' THEN '' ELSE m.by_name END, p.began
    FROM place p
    JOIN (SELECT conversation_id, max(id) AS last_id, max(created_at) AS last_at,
                 max(id) FILTER (WHERE direction = 'in') AS inbound_id,
                 max(created_at) FILTER (WHERE direction = 'in') AS inbound_at
          FROM message GROUP BY 1) s ON s.conversation_id = p.n
    JOIN message m ON m.id = s.last_id
    """,
    """
    INSERT INTO episode (conversation_id, number, opened_at, closed_at, closed_by_id)
    SELECT n, number, CASE WHEN number = 1 THEN began ELSE began + (ended - began) / 2 END,
           CASE WHEN number = 1 AND n %% 2 = 1 THEN began + (ended - began) / 3 WHEN state = 'done' THEN ended END,
           CASE WHEN state = 'done' OR number = 1 AND n %% 2 = 1 THEN member_id END
    FROM place, generate_series(1, 1 + n %% 2) AS number
    """,
    """
    INSERT INTO event (workspace_id, type, conversation_id, contact_id, member_id, data, at, trace, is_pending,
                       is_shown)
    SELECT %(workspace)s, h.type, h.n, h.n, h.member_id,
           h.data || jsonb_build_object('by_name', 'Agent ' || h.member), h.at, '', false, true
    FROM (SELECT *, 'conversation_done' AS type, ended AS at, '{"episode": 1}'::jsonb AS data
          FROM place WHERE state = 'done'
          UNION ALL
          SELECT *, 'conversation_done', began + (ended - began) / 3, '{"episode": 1}' FROM place WHERE n %% 2 = 1
          UNION ALL
          SELECT *, 'conversation_snoozed', ended, '{"until": null}' FROM place WHERE state = 'snoozed') AS h
    WHERE h.member IS NOT NULL ORDER BY h.at
    """,
    """
    INSERT INTO note (conversation_id, body, by_id, by_name, key, created_at)
    SELECT n, 'Called back, left a voicemail. Order ' || n, member_id, 'Agent ' || member, '', ended
    FROM place WHERE n %% 20 = 1 AND member IS NOT NULL
    """,
    """
    INSERT INTO conversation_tag (conversation_id, tag_id)
    SELECT DISTINCT p.n, t.id FROM place p, generate_series(1, 2) AS k
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS r FROM tag) t ON true
    WHERE p.n %% 3 > 0 AND t.r = 1 + (p.n * k * 7) %% %(tags)s
    """,
    """
    INSERT INTO read_mark (conversation_id, member_id, message_id)
    SELECT c.id, m.id, coalesce(c.last_inbound_id, 0) - CASE WHEN c.id %% 7 = 0 THEN 1 ELSE 0 END
    FROM conversation c JOIN member m ON (c.id + m.id) %% 4 = 0 AND m.id <= %(reader)s
    """,
    """
    INSERT INTO opt_out (workspace_id, identity_id, channel_id, source, keyword, opted_out_at, lifted_by)
    SELECT %(workspace)s, n, channel_id, 'keyword', 'STOP', ended, '' FROM place WHERE n %% 100 = 99
    """,
)

AFTER = ("contact", "identity", "conversation")
BULKY = ("message", "contact", "identity")


def fill(*, workspace_id: int, reader: int, conversations: int, messages: int) -> float:
    """Write it all and count rows for the planner; the seconds it took. Members, teams, channels and tags must exist.

    `reader` is the member whose pages are measured: read marks are of those before them and of them.
    """
    began = time.monotonic()
    phrases, names = min(max(messages // 10, 1000), 400_000), 5000
    numbers = {
        "workspace": workspace_id,
        "reader": reader,
        "conversations": conversations,
        "mean": max(messages / conversations - 0.5, 0.1),
        "long": min(LONG, messages // 4),
        "channels": CHANNELS,
        "teams": TEAMS,
        "members": MEMBERS,
        "tags": TAGS,
        "phrases": phrases,
        "names": names,
    }
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
        for setting in SETTINGS:
            connection.execute(setting)
        _copy(connection, "phrase", "said", words.phrases(phrases))
        _copy(connection, "person", "name", words.names(names))
        with without_indexes(connection, BULKY):
            for statement in (DRAWN, PLACE, *ROWS):
                connection.execute(statement, numbers)
                sys.stderr.write(".")
        for table in AFTER:
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        connection.execute("VACUUM ANALYZE")
        sys.stderr.write("\n")
    return time.monotonic() - began


def _copy(connection: psycopg.Connection, table: str, column: str, values: Iterator[str]) -> None:
    """A temporary table of numbered texts."""
    connection.execute(f"CREATE TEMP TABLE {table} (r bigint PRIMARY KEY, {column} text NOT NULL)")
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for number, value in enumerate(values, start=1):
            copy.write_row((number, value))
    connection.execute(f"ANALYZE {table}")


@contextmanager
def without_indexes(connection: psycopg.Connection, tables: tuple[str, ...]) -> Iterator[None]:
    """Their indexes, but for those of constraints, are made when the rows are there, which takes a fraction."""
    found = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::text[]::regclass[])"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [list(tables)],
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    yield
    for _, definition in found:
        connection.execute(definition)


MARK = "large.json"
"""The file beside a kept data folder that says what is in it."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", type=Path, required=True, help="a folder of its own; it is made when missing")
    parser.add_argument("--conversations", type=int, default=500_000)
    parser.add_argument("--messages", type=int, default=5_000_000)
    parser.add_argument("--members", type=int, default=200)
    given = parser.parse_args()
    mark = given.keep / MARK
    if mark.exists():
        raise SystemExit(f"{given.keep} holds one already: {mark.read_text()}")
    with rig.database(keep=given.keep):
        from bench import seed  # noqa: PLC0415 - needs the database that exists only now

        owner = seed.desk(members=given.members)
        seconds = fill(
            workspace_id=owner.workspace_id,
            reader=owner.pk,
            conversations=given.conversations,
            messages=given.messages,
        )
    kept = {"workspace": owner.workspace_id, "owner": owner.pk, "conversations": given.conversations}
    mark.write_text(json.dumps({**kept, "messages": given.messages, "seconds": round(seconds)}))
    print(f"{given.keep}: {mark.read_text()}")


if __name__ == "__main__":
    main()
