"""Handing out the proof of one person's consent. It names them, so every export is in the audit trail."""

from __future__ import annotations

from datetime import datetime
from importlib import import_module
from typing import Any

from django.db import transaction

from twoway.compliance.consent.proof.queries import document
from twoway.events.actions import audit
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import require_second
from twoway.teams.approvals.rules import Rule

PAPER = "twoway.compliance.consent.proof.pdf"
"""Brought in when the first PDF is asked for: it takes 60 MB, which no other page needs."""


@transaction.atomic
def export(*, contact_id: int, by: Actor, at: datetime) -> dict[str, Any]:
    """The proof as a JSON document. Raises `NotAllowed`, `NotFound`, `SecondPersonNeeded`."""
    made = document(by, contact_id=contact_id, at=at)
    require_second(by, Rule.EXPORT)
    _audit(made, "json", by, at)
    return made


@transaction.atomic
def export_pdf(*, contact_id: int, by: Actor, at: datetime) -> bytes:
    """The same as a PDF file. Raises `NotAllowed`, `NotFound`, `SecondPersonNeeded`."""
    made = document(by, contact_id=contact_id, at=at)
    require_second(by, Rule.EXPORT)
    _audit(made, "pdf", by, at)
    paper: bytes = import_module(PAPER).render(made)
    return paper


def _audit(made: dict[str, Any], form: str, by: Actor, at: datetime) -> None:
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="consent.proof_exported",
        subject=f"contact {made['contact']['id']}",
        data={"form": form, "entries": len(made["entries"]), "head": made["chain"]["head"]},
        at=at,
    )
