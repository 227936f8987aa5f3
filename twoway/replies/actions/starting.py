"""Adding the starter set."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from twoway.replies import rules
from twoway.replies.actions.saving import folder_of, record
from twoway.replies.models import Reply, Scope
from twoway.replies.starter import starter_set
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require


@transaction.atomic
def add_starter_set(*, by: Actor, at: datetime) -> int:
    """Add the replies of the starter set for everybody; how many. One whose name is there already is left out, and a
    word that is taken is left off. Raises `NotAllowed`.
    """
    require(by, Right.MANAGE_REPLIES)
    shared = Reply.objects.filter(workspace_id=by.workspace_id, scope=Scope.ALL)
    names = {name.casefold() for name in shared.values_list("name", flat=True)}
    words = set(shared.filter(archived_at=None).values_list("word", flat=True))
    made = [
        Reply(
            workspace_id=by.workspace_id,
            scope=Scope.ALL,
            folder=folder_of(one.folder, by=by),
            name=one.name,
            word="" if one.word in words else one.word,
            body=one.body,
            needle=rules.plain(f"{one.name} {one.word} {one.body}"),
            created_at=at,
            changed_at=at,
            changed_by=by.name[:80],
        )
        for one in starter_set()
        if one.name.casefold() not in names
    ]
    if made:
        Reply.objects.bulk_create(made)
        record(by, "reply.starter_added", made[0], at, replies=len(made))
    return len(made)
