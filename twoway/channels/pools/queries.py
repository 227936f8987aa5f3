"""Reading pools and their numbers."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from twoway.channels.models import Channel, Pool
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor

__all__ = ["Pool", "access_pool", "members", "pools"]


def pools(actor: Actor) -> QuerySet[Pool]:
    """Every pool of the workspace by name, with its numbers."""
    ordered = Channel.objects.select_related("team", "state").order_by("name", "address", "id")
    rows = Pool.objects.filter(workspace_id=actor.workspace_id).order_by("name", "id")
    return rows.prefetch_related(Prefetch("channels", queryset=ordered))


def access_pool(actor: Actor, pool_id: int) -> Pool:
    """One pool of the workspace. Raises `NotFound`."""
    pool = pools(actor).filter(id=pool_id).first()
    if pool is None:
        raise NotFound("pool", pool_id)
    return pool


def members(pool_id: int) -> list[Channel]:
    """The numbers of a pool, switched off ones too, with how they stand."""
    rows = Channel.objects.filter(pool_id=pool_id).select_related("state", "record", "campaign__brand").order_by("id")
    return list(rows)
