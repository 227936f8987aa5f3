"""Reading the doubts that wait for an answer, and a workspace's own keywords."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from twoway.compliance.revocation.models import Doubt, DoubtState, OwnWord
from twoway.lib.refusal import NotFound
from twoway.sms import keywords
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

__all__ = [
    "Doubt",
    "DoubtState",
    "OwnWord",
    "access_doubt",
    "access_own_word",
    "count_open",
    "doubts",
    "open_doubt_of",
    "overdue",
    "own_words",
    "words_by_fold",
]

_BARE = "SELECT keyword, label FROM optin_topic WHERE workspace_id = %s AND is_active AND takes_bare ORDER BY id"


def doubts(actor: Actor, *, is_open: bool = True, limit: int = 100) -> list[Doubt]:
    """The doubts of the workspace with their people: the open ones by what is due first, else the newest settled."""
    require(actor, Right.SEE_COMPLIANCE)
    rows = _with_people(Doubt.objects.filter(workspace_id=actor.workspace_id))
    if is_open:
        return list(rows.filter(state=DoubtState.OPEN).order_by("due_at", "id")[:limit])
    return list(rows.exclude(state=DoubtState.OPEN).order_by("-settled_at", "-id")[:limit])


def count_open(actor: Actor, at: datetime) -> int:
    """How many wait."""
    return Doubt.objects.filter(workspace_id=actor.workspace_id, state=DoubtState.OPEN).count()


def access_doubt(actor: Actor, doubt_id: int) -> Doubt:
    """One doubt, for whoever may see compliance. Raises `NotFound`, `NotAllowed`."""
    require(actor, Right.SEE_COMPLIANCE)
    found = _with_people(Doubt.objects.filter(workspace_id=actor.workspace_id, id=doubt_id)).first()
    if found is None:
        raise NotFound("entry", doubt_id)
    return found


def open_doubt_of(identity_id: int) -> Doubt | None:
    """The doubt that keeps this person from being texted. The caller has checked who may see the person."""
    return _with_people(Doubt.objects.filter(identity_id=identity_id, state=DoubtState.OPEN)).first()


def overdue(at: datetime, *, limit: int = 50) -> list[Doubt]:
    """Doubts whose time is over, of every workspace."""
    return list(_with_people(Doubt.objects.filter(state=DoubtState.OPEN, due_at__lte=at)).order_by("due_at")[:limit])


def _with_people(rows: QuerySet[Doubt]) -> QuerySet[Doubt]:
    return rows.select_related("identity__contact", "channel__workspace")


def own_words(actor: Actor) -> list[OwnWord]:
    """The words this workspace added, by family."""
    require(actor, Right.SEE_COMPLIANCE)
    return list(OwnWord.objects.filter(workspace_id=actor.workspace_id).order_by("family", "word"))


def access_own_word(actor: Actor, word_id: int) -> OwnWord:
    """One of them, for whoever may change it. Raises `NotFound`, `NotAllowed`."""
    require(actor, Right.MANAGE_COMPLIANCE)
    found = OwnWord.objects.filter(workspace_id=actor.workspace_id, id=word_id).first()
    if found is None:
        raise NotFound("word", word_id)
    return found


def joined_alone(workspace_id: int, folded: str) -> str:
    """The label of the topic in use that this word alone joins, "" when none; `folded` as `sms.keywords` writes it.

    Topics belong to `optin`, which asks here what words mean; only their columns are read.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BARE, [workspace_id])
        return next((label for keyword, label in cursor.fetchall() if keywords.folded(keyword) == folded), "")


def words_by_fold(workspace_id: int) -> Mapping[str, str]:
    """Folded word -> family, as `rules.by_keyword` takes them."""
    return dict(OwnWord.objects.filter(workspace_id=workspace_id).values_list("folded", "family"))
