"""The embedded PostgreSQL: found, started, shared and stopped by whichever command needs it.

Imports no Django and no psycopg, so the supervisor that holds it stays small.
"""

from __future__ import annotations

from twoway.ops.postgres.binaries import find_bin_dir, major_version
from twoway.ops.postgres.cluster import Cluster
from twoway.ops.postgres.errors import PostgresError

__all__ = ["Cluster", "PostgresError", "find_bin_dir", "major_version"]
