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
import tempfile
from pathlib import Path

import psycopg

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


def clean_up() -> None:
    """Leave the server; in the process that made the folder, remove it."""
    global _cluster, _owned
    if _cluster is not None:
        _cluster.stop()
        _cluster = None
    if _owned is not None:
        shutil.rmtree(_owned, ignore_errors=True)
        _owned = None


def _made_for(folder: Path) -> Cluster:
    return Cluster(folder / "data", find_bin_dir())
