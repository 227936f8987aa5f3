"""Where the database is, for the connections that don't go through Django: intake, delivery and the live stream."""

from __future__ import annotations

from django.db import connection
from psycopg.conninfo import make_conninfo


def dsn() -> str:
    """The connection string of Django's default database, as it is now (tests change it)."""
    known = connection.get_connection_params()
    names = {"dbname": "dbname", "user": "user", "password": "password", "host": "host", "port": "port"}
    given = {name: known[key] for name, key in names.items() if known.get(key)}
    return make_conninfo(**given, **{k: v for k, v in known.items() if k.startswith("ssl")})
