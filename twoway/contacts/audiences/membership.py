"""Which of some contacts are in which saved audiences: one statement an audience, whatever the number of people."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection

from twoway.contacts.audiences.columns import columns_for, fields_for
from twoway.contacts.audiences.models import Audience
from twoway.contacts.audiences.queries import clock_of
from twoway.lib.conditions import read
from twoway.lib.conditions_sql import Params, compiled
from twoway.lib.refusal import Invalid
from twoway.teams.actor import system


def members_among(
    workspace_id: int, *, audience_ids: Collection[int], contact_ids: Collection[int], zone: str, at: datetime
) -> dict[int, frozenset[int]]:
    """By audience, which of these contacts are in it now. One whose conditions can't be read any more holds nobody.

    `zone` is the time zone in whose days its conditions are meant.
    """
    if not audience_ids or not contact_ids:
        return {}
    actor = system(workspace_id)
    fields = fields_for(actor)
    columns, clock = columns_for(actor, fields), clock_of(at=at, zone=zone)
    found: dict[int, frozenset[int]] = {}
    for row in Audience.objects.filter(workspace_id=workspace_id, id__in=list(audience_ids)):
        params = Params(values={"workspace": workspace_id, "at": at, "ids": list(contact_ids)})
        try:
            tree = read(row.conditions, fields=fields)
        except Invalid:
            continue
        condition = compiled(tree, columns=columns, fields=fields, clock=clock, params=params)
        sql = (
            "SELECT c.id FROM contact c WHERE c.workspace_id = %(workspace)s"  # noqa: S608 - of compiled conditions
            f" AND c.id = ANY(%(ids)s::bigint[]) AND ({condition})"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, params.values)
            found[row.pk] = frozenset(key for (key,) in cursor.fetchall())
    return found
