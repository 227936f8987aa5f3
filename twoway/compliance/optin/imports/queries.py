"""Reading imports of sign-ups."""

from __future__ import annotations

from twoway.compliance.optin.models import Import
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor

__all__ = ["Import", "access_import", "recent"]


def recent(actor: Actor, *, limit: int = 10) -> list[Import]:
    """The newest imports of a workspace, without their files."""
    rows = Import.objects.filter(workspace_id=actor.workspace_id).select_related("topic").defer("content", "problems")
    return list(rows.order_by("-id")[:limit])


def access_import(actor: Actor, import_id: int) -> Import:
    """One import. Raises `NotFound`."""
    rows = Import.objects.filter(workspace_id=actor.workspace_id, id=import_id)
    found = rows.select_related("topic", "channel", "workspace").first()
    if found is None:
        raise NotFound("import", import_id)
    return found
