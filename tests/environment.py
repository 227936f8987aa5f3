"""What a test run stands on: a data folder of its own and an embedded PostgreSQL in it, or a server that was named.

`prepare` must run before Django reads its settings, so `tests/settings.py` calls it. The run's first process makes the
folder; the others (pytest-xdist) inherit it by the environment. The server starts when a test first needs it, is
shared by all of them, and stops with the last one. TWOWAY_TEST_DATABASE_URL names a server to use instead, and
TWOWAY_POSTGRES_BIN the programs to run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from tests.once import alone
from twoway.ops.postgres import Cluster, find_bin_dir

_FOLDER = "TWOWAY_TEST_FOLDER"
_KEPT = {"TWOWAY_TEST_DATABASE_URL", "TWOWAY_POSTGRES_BIN", "TWOWAY_SAVE_SCREENSHOTS", _FOLDER}

_owned: Path | None = None
_cluster: Cluster | None = None


def prepare() -> None:
    """Set what the settings read, and nothing else of the caller's."""
    global _owned
    if _FOLDER in os.environ:
        return
    _owned = Path(tempfile.mkdtemp(prefix="twoway-test-"))
    _owned.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("TWOWAY_") and name not in _KEPT]:
        del os.environ[name]
    os.environ |= {
        _FOLDER: str(_owned),
        "TWOWAY_DATA": str(_owned / "data"),
        "TWOWAY_SECRET_KEY": secrets.token_urlsafe(48),
        "TWOWAY_LOG_LEVEL": "warning",
        "DATABASE_URL": os.environ.get("TWOWAY_TEST_DATABASE_URL") or _made_for(_owned).dsn,
    }


def start_database() -> None:
    """Start the server or join it; a server that was named is left to whoever runs it."""
    global _cluster
    if _cluster is not None or os.environ.get("TWOWAY_TEST_DATABASE_URL"):
        return
    _cluster = _made_for(Path(os.environ[_FOLDER]))
    dsn = _cluster.start()
    with psycopg.connect(dsn, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} TO off")
        connection.execute("SELECT pg_reload_conf()")


def migrated() -> str:
    """The name of a database with Twoway's tables, made by the first process of the run that asks, to be copied."""
    name = f"{Path(os.environ[_FOLDER]).name}-migrated"
    server = os.environ["DATABASE_URL"]
    with alone("template"), psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            growing = f"{name}-growing"
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(growing)))
            command = [sys.executable, "-m", "django", "migrate", "--verbosity=0"]
            url = urlsplit(server)._replace(path=f"/{growing}").geturl()
            subprocess.run(command, check=True, env=os.environ | {"DATABASE_URL": url})
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(growing), sql.Identifier(name))
            )
    return name


def clean_up() -> None:
    """Leave the server; in the process that made the folder, remove it, and the database others were copied from."""
    global _cluster, _owned
    if _owned is not None and os.environ.get("TWOWAY_TEST_DATABASE_URL"):
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(f"{_owned.name}-migrated")))
    if _cluster is not None:
        _cluster.stop()
        _cluster = None
    if _owned is not None:
        shutil.rmtree(_owned, ignore_errors=True)
        _owned = None


def _made_for(folder: Path) -> Cluster:
    return Cluster(folder / "data", find_bin_dir())
