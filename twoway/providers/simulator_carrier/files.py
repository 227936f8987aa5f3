"""Pictures and files that simulated handsets send: kept by the carrier, fetched by the desk with its key."""

from __future__ import annotations

import secrets
import sqlite3

LARGEST = 5 * 1024 * 1024
KEPT = 200
"""The newest files; a carrier keeps none for long."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, content_type TEXT NOT NULL,
    content BLOB NOT NULL
);
"""


def keep(database: sqlite3.Connection, *, content: bytes, name: str, content_type: str) -> str:
    """Keep one file and forget the oldest; the end of its address."""
    made = secrets.token_hex(16)
    database.execute(
        "INSERT INTO file (id, name, content_type, content) VALUES (?, ?, ?, ?)", (made, name, content_type, content)
    )
    database.execute("DELETE FROM file WHERE number <= (SELECT max(number) FROM file) - ?", (KEPT,))
    return made
