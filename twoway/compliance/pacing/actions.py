"""Setting the guard for people who never answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from twoway.compliance.pacing.models import Pacing
from twoway.compliance.pacing.rules import MOST_GUARD_AFTER, question_objection
from twoway.compliance.purposes.queries import listed
from twoway.events.actions import audit
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


@transaction.atomic
def set_guard(*, guard_after: int, spared: Sequence[str], question: str, at: datetime, by: Actor) -> Pacing:
    """After how many texts without an answer the guard asks (0: never), which purposes it spares, and its question.

    An empty question is Twoway's own. Raises `NotAllowed`, `Invalid`.
    """
    require(by, Right.MANAGE_COMPLIANCE)
    if not 0 <= guard_after <= MOST_GUARD_AFTER:
        raise Invalid(
            t("Choose a number from 1 to {most}, or 0 for no guard.", most=MOST_GUARD_AFTER), field="guard_after"
        )
    known = {rule.slug for rule in listed(by.workspace_id)}
    if not known.issuperset(spared):
        raise Invalid(t("Choose purposes of this workspace."), field="spared")
    words = " ".join(question.split())
    if words and (objection := question_objection(words)):
        raise Invalid(objection, field="question")
    row, _ = Pacing.objects.update_or_create(
        workspace_id=by.workspace_id,
        defaults={
            "guard_after": guard_after,
            "spared": sorted({*spared, "emergency"}),
            "question": words,
            "changed_at": at,
        },
    )
    audit(
        workspace_id=by.workspace_id,
        actor=by.audit_name,
        action="pacing.changed",
        subject=f"workspace {by.workspace_id}",
        data={"guard_after": guard_after, "spared": row.spared, "question": words},
        at=at,
    )
    return row
