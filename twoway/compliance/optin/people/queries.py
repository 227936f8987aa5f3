"""Reading imports of people."""

from __future__ import annotations

from collections.abc import Iterator

from twoway.compliance.optin.people.rules import Property
from twoway.contacts.fields.queries import usual
from twoway.contacts.import_models import ContactImport, ContactImportState, ContactImportStretch
from twoway.lib import sheets
from twoway.lib.refusal import NotFound
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = ["ContactImport", "ContactImportState", "access_import", "error_lines", "known", "recent"]


def recent(actor: Actor, *, limit: int = 10) -> list[ContactImport]:
    """The newest imports. Raises `NotAllowed`."""
    require(actor, Right.MOVE_CONTACTS)
    return list(ContactImport.objects.filter(workspace_id=actor.workspace_id).order_by("-id")[:limit])


def access_import(actor: Actor, import_id: int) -> ContactImport:
    """One import. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MOVE_CONTACTS)
    found = ContactImport.objects.filter(workspace_id=actor.workspace_id, id=import_id).first()
    if found is None:
        raise NotFound("import", import_id)
    return found


def known(workspace_id: int) -> dict[str, Property]:
    """The properties a column may become, by key."""
    return {
        field.key: Property(key=field.key, name=field.name, kind=field.kind, choices=tuple(map(str, field.choices)))
        for field in usual(workspace_id)
    }


def error_lines(job: ContactImport) -> Iterator[str]:
    """The rows with errors as a CSV file: the line, why, and the row as it was."""
    yield sheets.line([t("Line"), t("Why"), *job.headings])
    rows = ContactImportStretch.objects.filter(job=job).exclude(errors=[]).order_by("number")
    for errors in rows.values_list("errors", flat=True).iterator(chunk_size=50):
        for line, why, cells in errors:
            yield sheets.line([line, t(why), *cells])


def has_errors(job: ContactImport) -> bool:
    """Whether there is such a row."""
    return ContactImportStretch.objects.filter(job=job).exclude(errors=[]).exists()
