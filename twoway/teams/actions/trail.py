"""The audit trail of administrative acts."""

from __future__ import annotations

from datetime import datetime

from twoway.events.actions import Detail, audit
from twoway.teams.actor import Actor


def record(by: Actor, action: str, subject: str, at: datetime, **data: Detail) -> None:
    """Put an administrative act of this actor into the audit trail."""
    audit(workspace_id=by.workspace_id, actor=by.audit_name, action=action, subject=subject, data=data, at=at)
