"""Writing how a workspace wants its texts to sound."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.messaging.tone import rules
from twoway.messaging.tone.models import ToneGuide
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


@transaction.atomic
def change(*, guide: str, lines: str, by: Actor, at: datetime) -> ToneGuide:
    """Write the guide, and the words to avoid as lines of "words = instead". Raises `NotAllowed`, `Invalid`."""
    require(by, Right.MANAGE_WORKSPACE)
    text = guide.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > rules.LONGEST_GUIDE:
        raise Invalid(t("Use at most {most} characters.", most=rules.LONGEST_GUIDE), field="guide")
    avoided, problem = rules.read(lines.replace("\0", ""))
    if problem:
        raise Invalid(problem, field="lines")
    row, _ = ToneGuide.objects.update_or_create(
        workspace_id=by.workspace_id,
        defaults={"guide": text, "avoided": [list(pair) for pair in avoided], "changed_at": at},
    )
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="tone.changed",
        subject="tone guide",
        data={"characters": len(text), "words": len(avoided)},
        at=at,
    )
    return row
