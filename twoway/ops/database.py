"""Django and its database, for the commands that need them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
import psycopg
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from twoway.lib import collector
from twoway.ops.embedded import leased
from twoway.ops.errors import CommandFailed
from twoway.ops.postgres.binaries import OLDEST_MAJOR

_MIGRATION_LOCK = 7_296_229
"""An advisory lock's number of our own: hosts that start together migrate one after the other."""


@contextmanager
def database(args: argparse.Namespace, *, up_to_date: bool = False) -> Iterator[None]:
    """Have DATABASE_URL set and Django ready while this lasts; inside another such block it does nothing.

    With `up_to_date`, the tables are brought up to date first.
    """
    if apps.ready:
        yield
        return
    with leased(args.data):
        _check_server(os.environ["DATABASE_URL"])
        _set_up_django()
        try:
            if up_to_date:
                migrate()
            yield
        finally:
            close_connections()


@contextmanager
def without_database() -> Iterator[None]:
    """Have Django ready with no database behind it and nothing written to disk: enough to describe a command."""
    os.environ.setdefault("DATABASE_URL", "postgresql:///twoway")
    os.environ.setdefault("TWOWAY_SECRET_KEY", "only to describe a command, seals nothing")
    _set_up_django()
    yield


def migrate() -> list[str]:
    """Bring the tables up to date and return which migrations were applied. Safe to run twice at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATION_LOCK])
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATION_LOCK])
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def close_connections() -> None:
    """Give every connection of this thread back and close the pool."""
    for each in connections.all(initialized_only=True):
        each.close()
        close_pool = getattr(each, "close_pool", None)
        if close_pool:
            close_pool()


def _check_server(url: str) -> None:
    """Say at once, and plainly, when there is no usable server at that address."""
    try:
        with psycopg.connect(url, connect_timeout=10) as server:
            major = server.info.server_version // 10_000
    except psycopg.Error as error:
        raise CommandFailed(f"The database of DATABASE_URL cannot be used: {error}") from error
    if major < OLDEST_MAJOR:
        raise CommandFailed(f"DATABASE_URL leads to PostgreSQL {major}. Twoway needs {OLDEST_MAJOR} or newer.")


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoway.settings")
    with collector.paused():
        django.setup()
