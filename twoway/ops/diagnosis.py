"""What `twoway doctor` looks at. Each check says how it stands and, when it is not well, what to do."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import WARNING, run_checks
from django.db import DatabaseError, connection

from twoway.channels.brands.queries import usage
from twoway.channels.health import queries as health
from twoway.channels.models import Brand, Channel, NumberRecord
from twoway.channels.numbers import queries as numbers
from twoway.lib import sealing
from twoway.messaging.models import QuarantineEntry
from twoway.messaging.queues import Waiting, waiting
from twoway.ops.health import pending_migrations
from twoway.ops.queries import workers_alive

State = Literal["ok", "warn", "fail"]

OLDEST_POSTGRESQL = 140_000
EXTENSIONS = ("pg_trgm", "unaccent")
LEAST_FREE_BYTES = 1_000_000_000
SKEW_TO_MIND, SKEW_TO_FIX = 2.0, 30.0
SHOWN_CHECKS = 5
LONG_WAIT = 600.0
"""Seconds after which a queue is worth a word."""


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands, and what to do about it when it is not well."""

    check: str
    state: State
    detail: str
    to_do: str = ""


def diagnose() -> Iterator[Finding]:
    """Every finding, in the order in which things depend on each other. Without a database it ends early."""
    yield from about_settings()
    yield from about_data_folder(settings.DATA_DIR)
    yield about_public_url(settings.PUBLIC_URL)
    try:
        for check in (about_database, about_clock, about_migrations):
            yield check()
        if not pending_migrations():
            for several in AFTER_MIGRATIONS:
                yield from several()
    except DatabaseError as error:
        first = str(error).strip().partition("\n")[0]
        yield Finding("database", "fail", f"The database does not answer: {first}", "Check DATABASE_URL.")


def about_settings() -> Iterator[Finding]:
    """What Django's own checks and ours say."""
    serious = [message for message in run_checks() if message.level >= WARNING]
    for message in serious[:SHOWN_CHECKS]:
        state: State = "fail" if message.is_serious() else "warn"
        yield Finding("settings", state, f"{message.id}: {message.msg}", message.hint or "")
    if settings.DEBUG:
        yield Finding("settings", "warn", "TWOWAY_DEBUG is on: errors show secrets.", "Unset TWOWAY_DEBUG.")
    elif not serious:
        yield Finding("settings", "ok", "The settings can be used.")


def about_data_folder(folder: Path) -> Iterator[Finding]:
    """Whether files can be written there, how much room is left, and who can read the key."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"twoway")
    except OSError as error:
        yield Finding(
            "data folder", "fail", f"{folder}: {error.strerror}.", "Let the user who runs Twoway write there."
        )
        return
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE_BYTES:
        yield Finding("data folder", "warn", f"{folder}: {free // 1_000_000} MB left.", "Make room on this disk.")
    else:
        yield Finding("data folder", "ok", f"{folder} can be written, {free // 1_000_000_000} GB left.")
    key = folder / "secret.key"
    if key.exists() and os.stat(key).st_mode & 0o077:
        yield Finding("secret key", "fail", f"{key} can be read by others.", f"Run chmod 600 {key}.")


def about_public_url(url: str) -> Finding:
    """https for providers; plain http only where nothing leaves this machine."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return Finding("public URL", "ok", f"Providers reach {url}.")
    if parts.scheme == "http" and _is_loopback(parts.hostname or ""):
        return Finding("public URL", "ok", f"{url} is this machine only: enough for the simulator, not for a provider.")
    return Finding(
        "public URL",
        "fail",
        f"{url} is not https, so texts and passwords would cross the network in the clear.",
        "Put a TLS proxy in front and set TWOWAY_PUBLIC_URL=https://your.name.",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def about_database() -> Finding:
    """Version, encoding and extensions."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
        cursor.execute("SELECT current_setting('server_encoding')")
        encoding = cursor.fetchone()[0]
        cursor.execute("SELECT name FROM pg_available_extensions WHERE name = ANY(%s)", [list(EXTENSIONS)])
        missing = sorted(set(EXTENSIONS) - {row[0] for row in cursor.fetchall()})
    if number < OLDEST_POSTGRESQL:
        return Finding("database", "fail", f"This is PostgreSQL {version}.", "Use PostgreSQL 14 or newer.")
    if encoding != "UTF8":
        return Finding("database", "fail", f"The database's encoding is {encoding}.", "Create it with ENCODING 'UTF8'.")
    if missing:
        return Finding("database", "fail", f"Missing: {', '.join(missing)}.", "Install postgresql-contrib on its host.")
    return Finding("database", "ok", f"PostgreSQL {version} with {' and '.join(EXTENSIONS)}.")


def about_clock() -> Finding:
    """How far this host's clock is from the database's. Due times and rates compare the two."""
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        theirs: float = cursor.fetchone()[0]
    skew = abs(theirs - (before + time.time()) / 2)
    if skew >= SKEW_TO_MIND:
        state: State = "fail" if skew >= SKEW_TO_FIX else "warn"
        return Finding("clock", state, f"{skew:.1f} s from the database's clock.", "Run an NTP client on both hosts.")
    return Finding("clock", "ok", "Agrees with the database's clock.")


def about_migrations() -> Finding:
    """Whether the tables are those of this version."""
    pending = pending_migrations()
    if pending:
        return Finding("migrations", "fail", f"{len(pending)} are pending, first {pending[0]}.", "Run twoway migrate.")
    return Finding("migrations", "ok", "The tables are up to date.")


def about_workers() -> Iterator[Finding]:
    """Whether anybody sends."""
    count = workers_alive(at=datetime.now(UTC))
    if count:
        yield Finding("worker", "ok", f"{count} running.")
    else:
        yield Finding("worker", "fail", "None runs, so nothing is sent.", "Start twoway serve, or twoway worker.")


def about_channels() -> Iterator[Finding]:
    """Whether every number in use has credentials that can be opened and that worked when last tried."""
    rows = list(Channel.objects.filter(is_active=True).order_by("id"))
    for channel in rows:
        yield _about_channel(channel)
    if not rows:
        yield Finding("channels", "warn", "There is none yet.", "Run twoway channel add, or add a number on the desk.")


def _about_channel(channel: Channel) -> Finding:
    name = f"channel {channel.pk} ({channel.provider} {channel.address})"
    try:
        sealing.unseal(bytes(channel.sealed_credentials), key=settings.SEALING_KEY)
    except sealing.WrongKey as error:
        return Finding(name, "fail", str(error), f"Then run twoway channel check {channel.pk}.")
    if channel.check_ok is None:
        return Finding(name, "warn", "Never checked.", f"Run twoway channel check {channel.pk}.")
    if not channel.check_ok:
        return Finding(name, "fail", channel.check_detail, f"Put it right, then run twoway channel check {channel.pk}.")
    return Finding(name, "ok", channel.check_detail)


def about_quarantine() -> Iterator[Finding]:
    """Whether webhooks wait for somebody to look at them."""
    count = QuarantineEntry.objects.filter(resolved_at=None).count()
    if count:
        yield Finding(
            "quarantine", "warn", f"{count} webhooks could not be used.", "Look at the desk's quarantine page."
        )


def about_numbers() -> Iterator[Finding]:
    """Whether texts to our numbers still come here, and whether carriers let theirs through."""
    rows = NumberRecord.objects.filter(channel__is_active=True).select_related("channel").order_by("channel_id")
    for record in rows.filter(webhook__in=numbers.ALARMING):
        name = f"webhook of channel {record.channel_id} ({record.channel.address})"
        yield Finding(name, "fail", record.webhook_detail, f"Run twoway number configure {record.channel_id}.")
    for record in rows.filter(registration__in=numbers.HELD, is_waived=False):
        name = f"registration of channel {record.channel_id} ({record.channel.address})"
        detail = f"Its texts are held: {record.registration_detail}"
        yield Finding(name, "warn", detail, f"See twoway number registration {record.channel_id}.")


def about_sending() -> Iterator[Finding]:
    """Numbers that send nothing now, brands at their limit, and texts that wait too long."""
    at = datetime.now(UTC)
    rows = list(Channel.objects.filter(is_active=True).order_by("id"))
    queues, states = waiting([channel.pk for channel in rows]), health.states(rows)
    for channel in rows:
        name, state = f"sending from channel {channel.pk} ({channel.address})", states[channel.pk]
        stand = health.stand_of(channel, state, at=at)
        queue = queues.get(channel.pk, Waiting())
        if stand == "paused":
            words = state.pause_words or "Paused by hand."
            yield Finding(name, "warn", words, f"When that is settled, run twoway channel resume {channel.pk}.")
        elif stand == "down":
            yield Finding(name, "fail", "Its provider can't be reached.", f"Run twoway channel check {channel.pk}.")
        elif queue.age(at) > LONG_WAIT:
            detail = f"{queue.count} texts wait, the oldest for {queue.age(at) / 60:.0f} minutes."
            yield Finding(name, "warn", detail, "Raise its rate, or put another number into its pool.")
    for brand in Brand.objects.order_by("id"):
        used = usage(brand, at=at)
        if used.is_held:
            detail = f"Held until {used.resets_at:%Y-%m-%d %H:%M %Z}: the limit of the day is reached."
            yield Finding(f"brand {brand.name}", "warn", detail, "Ask for a higher tier, or send less.")


AFTER_MIGRATIONS: tuple[Callable[[], Iterable[Finding]], ...] = (
    about_workers,
    about_channels,
    about_numbers,
    about_sending,
    about_quarantine,
)
