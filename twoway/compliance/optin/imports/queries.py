"""Reading imports of sign-ups."""

from __future__ import annotations

from itertools import islice

from twoway.compliance.optin.imports import rules
from twoway.compliance.optin.models import Import
from twoway.lib.refusal import NotFound
from twoway.teams.actor import Actor

__all__ = ["Import", "access_import", "columns", "recent"]


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


def columns(row: Import, *, samples: int = 3) -> list[tuple[str, tuple[str, ...], str]]:
    """The columns of a file that waits: heading, some cells, and the field it becomes; none once the file is gone."""
    if row.content is None:
        return []
    first, *rest = list(islice(rules.lines(bytes(row.content).decode()), samples + 1)) or [[]]
    becomes = {place: field for field, place in row.mapping.items()}
    return [
        (heading, tuple(cells[place][:40] for cells in rest if place < len(cells)), becomes.get(place, ""))
        for place, heading in enumerate(first)
    ]
