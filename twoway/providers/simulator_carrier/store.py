"""The simulated carrier's memory: one SQLite file, shared by any number of threads and processes."""

from __future__ import annotations

import mimetypes
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from twoway.providers.simulator_carrier import files
from twoway.providers.simulator_carrier.faults import Faults, Receipt, changed
from twoway.sms import segments

CLAIM_FOR = 60.0  # seconds one process has for a webhook before another may take it
GIVE_UP_AFTER = 86_400.0  # seconds a webhook is tried
LONGEST_PAUSE = 60.0  # seconds between two tries

SCHEMA = """
CREATE TABLE IF NOT EXISTS number (address TEXT PRIMARY KEY, inbound_url TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS text (
    id TEXT PRIMARY KEY, from_handset INTEGER NOT NULL, desk TEXT NOT NULL, handset TEXT NOT NULL, body TEXT NOT NULL,
    media TEXT NOT NULL, segments INTEGER NOT NULL, ref TEXT NOT NULL, status_url TEXT NOT NULL, status TEXT NOT NULL,
    error_code TEXT NOT NULL DEFAULT '', at REAL NOT NULL, changed_at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS text_of_handset ON text (handset, at);
CREATE INDEX IF NOT EXISTS text_by_time ON text (at);
CREATE TABLE IF NOT EXISTS due (
    id INTEGER PRIMARY KEY, text_id TEXT NOT NULL, status TEXT NOT NULL, error_code TEXT NOT NULL,
    url TEXT NOT NULL, at REAL NOT NULL, first_at REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS due_by_time ON due (at);
CREATE TABLE IF NOT EXISTS hosting (number TEXT PRIMARY KEY, at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (id TEXT PRIMARY KEY, desk TEXT, handset TEXT, told TEXT, at REAL);
"""


@dataclass(frozen=True, kw_only=True)
class CarrierText:
    """One text at the carrier. `status` is queued, sent, delivered or undelivered; times are UTC."""

    id: str
    from_handset: bool
    desk: str
    handset: str
    body: str
    media_urls: tuple[str, ...]
    segments: int
    ref: str
    status: str
    error_code: str
    at: datetime
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class Due:
    """A webhook whose time has come: an empty `status` is a text from a handset, otherwise it is a receipt."""

    id: int
    text: CarrierText
    status: str
    error_code: str
    url: str
    tries: int
    first_at: float


class UnknownNumber(LookupError):
    """The number is not one of a desk."""


class CarrierStore:
    """Everything the carrier knows. Every method is one transaction and may be called from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._open: sqlite3.Connection | None = None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            database = self._connected()
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")

    def change(self, statement: str, values: Sequence[object] = ()) -> None:
        """Run one statement, for what else the carrier keeps."""
        with self._writing() as database:
            database.execute(statement, values)

    def read(self, statement: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connected().execute(statement, values).fetchall()

    def _connected(self) -> sqlite3.Connection:
        if self._open is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._open = sqlite3.connect(self.path, timeout=10.0, isolation_level=None, check_same_thread=False)
            self._open.row_factory = sqlite3.Row
            self._open.execute("PRAGMA busy_timeout = 10000")
            self._open.execute("PRAGMA journal_mode = WAL")
            self._open.execute("PRAGMA synchronous = NORMAL")
            self._open.executescript(SCHEMA + files.SCHEMA)
        return self._open

    # Numbers and faults

    def register(self, *, address: str, inbound_url: str) -> None:
        """Make this a number of a desk, whose texts are sent to `inbound_url`."""
        with self._writing() as database:
            database.execute("INSERT OR REPLACE INTO number VALUES (?, ?)", (address, inbound_url))

    def take(self, address: str) -> bool:
        """Give this number to a desk that asked for it; False when it has it already."""
        with self._writing() as database:
            made = database.execute("INSERT OR IGNORE INTO number VALUES (?, '')", (address,))
            return made.rowcount == 1

    def forget(self, address: str) -> None:
        """Take a number back."""
        with self._writing() as database:
            database.execute("DELETE FROM number WHERE address = ?", (address,))

    def numbers(self) -> dict[str, str]:
        """The numbers of desks, each with where its texts go ("" for nowhere yet)."""
        rows = self.read("SELECT address, inbound_url FROM number ORDER BY address")
        return {str(row["address"]): str(row["inbound_url"]) for row in rows}

    def ask_hosting(self, number: str, *, at: datetime) -> None:
        """Remember since when a number is being text-enabled."""
        with self._writing() as database:
            database.execute("INSERT OR IGNORE INTO hosting VALUES (?, ?)", (number, at.timestamp()))

    def hosting_since(self, number: str) -> datetime | None:
        """Since when it is, or None."""
        rows = self.read("SELECT at FROM hosting WHERE number = ?", (number,))
        return datetime.fromtimestamp(rows[0]["at"], UTC) if rows else None

    def inbound_url(self, address: str) -> str:
        """Where texts to this number are sent. Raises `UnknownNumber`."""
        rows = self.read("SELECT inbound_url FROM number WHERE address = ?", (address,))
        if not rows:
            raise UnknownNumber(address)
        return str(rows[0]["inbound_url"])

    def faults(self) -> Faults:
        """The faults that are turned on."""
        rows = self.read("SELECT value FROM setting WHERE name = 'faults'")
        return Faults(**orjson.loads(rows[0]["value"])) if rows else Faults()

    def set_faults(self, told: Mapping[str, Any], *, reset: bool = False) -> Faults:
        """Change some faults, or all of them with `reset`. Raises `NotAFault`."""
        faults = changed(Faults() if reset else self.faults(), told)
        with self._writing() as database:
            value = orjson.dumps(faults.to_json()).decode()
            database.execute("INSERT OR REPLACE INTO setting VALUES ('faults', ?)", (value,))
        return faults

    # Texts

    def accept(
        self, told: Mapping[str, Any], *, receipts: Sequence[Receipt], copies: int = 1, at: datetime
    ) -> CarrierText:
        """Take a text from a desk: `from`, `to`, `body`, `ref`, `media_urls`, `status_url`."""
        text = _text(
            from_handset=False,
            desk=str(told["from"]),
            handset=str(told["to"]),
            body=str(told["body"]),
            media_urls=told.get("media_urls", ()),
            ref=str(told.get("ref", "")),
            at=at,
        )
        status_url = str(told.get("status_url", ""))
        now = at.timestamp()
        rows = [
            (text.id, receipt.status, receipt.error_code, status_url, now + receipt.after, now + receipt.after)
            for receipt in receipts
            for _ in range(copies)
        ]
        with self._writing() as database:
            _insert(database, text, status_url)
            _plan(database, rows)
        return text

    def text_from_handset(
        self, *, handset: str, desk: str, body: str, media_urls: Sequence[str] = (), at: datetime
    ) -> CarrierText:
        """A person texts a desk. It goes out by webhook. Raises `UnknownNumber`."""
        url = self.inbound_url(desk)
        faults = self.faults()
        text = _text(from_handset=True, desk=desk, handset=handset, body=body, media_urls=media_urls, ref="", at=at)
        now = at.timestamp() + faults.delay_ms / 1000
        copies = 2 if secrets.randbelow(1_000_000) < faults.duplicate * 1_000_000 else 1
        with self._writing() as database:
            _insert(database, text, "")
            _plan(database, [(text.id, "", "", url, now, now)] * copies)
        return text

    def keep_file(self, *, content: bytes, name: str, content_type: str) -> str:
        """Keep what a handset sends; the id at the end of its address."""
        with self._writing() as database:
            return files.keep(database, content=content, name=name, content_type=content_type)

    def file(self, found: str) -> tuple[str, bytes] | None:
        """Type and content of a file, or None when there is none."""
        rows = self.read("SELECT content_type, content FROM file WHERE id = ?", (found,))
        return (str(rows[0]["content_type"]), bytes(rows[0]["content"])) if rows else None

    def thread(self, *, handset: str, desk: str = "", limit: int = 200) -> list[CarrierText]:
        """The newest texts from and to a handset, oldest first."""
        rows = self.read(
            "SELECT * FROM text WHERE handset = ? AND (? = '' OR desk = ?) ORDER BY at DESC, rowid DESC LIMIT ?",
            (handset, desk, desk, limit),
        )
        return [_from_row(row) for row in reversed(rows)]

    def handsets(self, *, desk: str, limit: int = 50) -> list[str]:
        """The numbers that texted with this desk, the latest first."""
        rows = self.read(
            "SELECT handset FROM text WHERE desk = ? GROUP BY handset ORDER BY max(at) DESC LIMIT ?", (desk, limit)
        )
        return [str(row["handset"]) for row in rows]

    def sent(self, *, recipient: str, sender: str, since: datetime | None, limit: int = 200) -> list[CarrierText]:
        """What desks sent, newest first; empty names are not compared."""
        rows = self.read(
            "SELECT * FROM text WHERE NOT from_handset AND (? = '' OR handset = ?) AND (? = '' OR desk = ?) AND at >= ?"
            " ORDER BY at DESC, rowid DESC LIMIT ?",
            (recipient, recipient, sender, sender, since.timestamp() if since else 0.0, limit),
        )
        return [_from_row(row) for row in rows]

    def received(
        self, *, desk: str, since: datetime, until: datetime, after: int, limit: int = 100
    ) -> list[tuple[int, CarrierText]]:
        """What handsets sent to a desk between two times, oldest first, each with its place in the list."""
        rows = self.read(
            "SELECT rowid AS place, * FROM text WHERE from_handset AND desk = ? AND at >= ? AND at <= ? AND rowid > ?"
            " ORDER BY rowid LIMIT ?",
            (desk, since.timestamp(), until.timestamp(), after, limit),
        )
        return [(int(row["place"]), _from_row(row)) for row in rows]

    def accepted_since(self, at: datetime) -> int:
        """How many texts were taken from desks since a time."""
        return int(
            self.read("SELECT count(*) AS n FROM text WHERE NOT from_handset AND at > ?", (at.timestamp(),))[0]["n"]
        )

    # Webhooks that are due

    def claim(self, *, at: datetime, limit: int = 100) -> list[Due]:
        """Take webhooks whose time has come, so that no other process does; their texts get the new status."""
        now = at.timestamp()
        if not self.read("SELECT 1 FROM due WHERE at <= ? LIMIT 1", (now,)):
            return []
        with self._writing() as database:
            rows = database.execute(
                "SELECT id, text_id, status, error_code, tries FROM due WHERE at <= ? ORDER BY at, id LIMIT ?",
                (now, limit),
            ).fetchall()
            ids = [row["id"] for row in rows]
            database.executemany("UPDATE due SET at = ? WHERE id = ?", [(now + CLAIM_FOR, found) for found in ids])
            database.executemany(
                "UPDATE text SET status = ?, error_code = ?, changed_at = ?"
                " WHERE id = ? AND status NOT IN ('delivered', 'undelivered')",
                [(r["status"], r["error_code"], now, r["text_id"]) for r in rows if r["status"] and not r["tries"]],
            )
            return [_due(database, found) for found in ids]

    def done(self, webhooks: Sequence[Due], *, at: datetime) -> None:
        """These webhooks were taken by the desk; a text from a handset is thereby delivered."""
        with self._writing() as database:
            database.executemany("DELETE FROM due WHERE id = ?", [(webhook.id,) for webhook in webhooks])
            database.executemany(
                "UPDATE text SET status = 'delivered', changed_at = ? WHERE id = ? AND status = 'sent'",
                [(at.timestamp(), webhook.text.id) for webhook in webhooks if not webhook.status],
            )

    def again(self, webhook: Due, *, at: datetime) -> None:
        """This one was not: try later, twice as long after every try, for a day."""
        now = at.timestamp()
        pause = min(2.0 ** min(webhook.tries, 10), LONGEST_PAUSE)
        with self._writing() as database:
            if now - webhook.first_at > GIVE_UP_AFTER:
                database.execute("DELETE FROM due WHERE id = ?", (webhook.id,))
            else:
                database.execute("UPDATE due SET at = ?, tries = tries + 1 WHERE id = ?", (now + pause, webhook.id))

    def next_at(self) -> datetime | None:
        """When the next webhook is due."""
        (row,) = self.read("SELECT min(at) AS at FROM due")
        return None if row["at"] is None else datetime.fromtimestamp(row["at"], UTC)


def _text(
    *, from_handset: bool, desk: str, handset: str, body: str, media_urls: Sequence[str], ref: str, at: datetime
) -> CarrierText:
    return CarrierText(
        id=f"CT{secrets.token_hex(16)}",
        from_handset=from_handset,
        desk=desk,
        handset=handset,
        body=body,
        media_urls=tuple(str(url) for url in media_urls),
        segments=segments.count(body).segments,
        ref=ref,
        status="sent" if from_handset else "queued",
        error_code="",
        at=at,
        changed_at=at,
    )


def _insert(database: sqlite3.Connection, text: CarrierText, status_url: str) -> None:
    database.execute(
        "INSERT INTO text VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?)",
        (
            text.id,
            text.from_handset,
            text.desk,
            text.handset,
            text.body,
            orjson.dumps(text.media_urls).decode(),
            text.segments,
            text.ref,
            status_url,
            text.status,
            text.at.timestamp(),
            text.at.timestamp(),
        ),
    )


def _plan(database: sqlite3.Connection, rows: Sequence[tuple[str, str, str, str, float, float]]) -> None:
    database.executemany(
        "INSERT INTO due (text_id, status, error_code, url, at, first_at) VALUES (?, ?, ?, ?, ?, ?)", rows
    )


def _due(database: sqlite3.Connection, found: int) -> Due:
    row = database.execute("SELECT * FROM due WHERE id = ?", (found,)).fetchone()
    text = database.execute("SELECT * FROM text WHERE id = ?", (row["text_id"],)).fetchone()
    return Due(
        id=row["id"],
        text=_from_row(text),
        status=row["status"],
        error_code=row["error_code"],
        url=row["url"],
        tries=row["tries"],
        first_at=row["first_at"],
    )


def _from_row(row: sqlite3.Row) -> CarrierText:
    return CarrierText(
        id=row["id"],
        from_handset=bool(row["from_handset"]),
        desk=row["desk"],
        handset=row["handset"],
        body=row["body"],
        media_urls=tuple(orjson.loads(row["media"])),
        segments=row["segments"],
        ref=row["ref"],
        status=row["status"],
        error_code=row["error_code"],
        at=datetime.fromtimestamp(row["at"], UTC),
        changed_at=datetime.fromtimestamp(row["changed_at"], UTC),
    )


def content_type(url: str) -> str:
    """What a file is, by the end of its address."""
    return mimetypes.guess_type(urlsplit(url).path)[0] or "application/octet-stream"
