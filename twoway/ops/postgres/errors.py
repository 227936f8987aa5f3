"""What goes wrong with the embedded server, in words for the operator."""

from __future__ import annotations


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message is one sentence or two that say what to do."""
