"""Ending live streams: a browser that listens asks for a new ticket, and with it for the right to look."""

from __future__ import annotations

import json
from collections.abc import Iterable

from django.db import connection

CHANNEL = "twoway_access"
"""What every process that holds streams listens to."""
MOST_MEMBERS = 500
"""Beyond this many, everybody of the workspace asks anew: a notice is at most 8000 bytes long."""


def end_streams(workspace_id: int, member_ids: Iterable[int]) -> None:
    """End the live streams of these members, in every process, when the transaction is through.

    Their tickets of before don't open another one.
    """
    members = sorted(set(member_ids))
    if not members:
        return
    said = {"w": workspace_id, "m": members if len(members) <= MOST_MEMBERS else None}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(said)])
