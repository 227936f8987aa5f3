"""Django and its database, for the commands that need them."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.apps import apps
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from twoway.ops.embedded import leased

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


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twoway.settings")
    django.setup()
