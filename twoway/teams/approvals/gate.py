"""Where deeds stop that need a second person. It stands inside of the actions, so that no caller can go round it.

The operator at the command line and Twoway itself (`Actor.kind` "system") pass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ClassVar

from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.approvals import rules
from twoway.teams.approvals.models import TwoPeople
from twoway.teams.approvals.rules import Rule

_Agreed = tuple[int, int | None, Rule | None]
_agreed: ContextVar[_Agreed | None] = ContextVar("agreed_by_two", default=None)


class SecondPersonNeeded(Refused):
    """The workspace wants somebody else to agree first; nothing was done."""

    status: ClassVar[int] = 409
    default_code = "second_person"

    def __init__(self) -> None:
        super().__init__(t("A second person has to agree to this first, in the desk."))


def rules_on(workspace_id: int) -> frozenset[str]:
    """The rules that are on."""
    found = TwoPeople.objects.filter(workspace_id=workspace_id).values_list("rules", flat=True).first()
    return frozenset(found or ())


def is_second_needed(by: Actor, rule: Rule | None) -> bool:
    """Whether somebody else must agree before this actor does a deed of this rule; None is switching a rule off."""
    if by.kind == "system" or _agreed.get() == (by.workspace_id, by.member_id, rule):
        return False
    return rules.is_needed(rule, rules_on(by.workspace_id))


def require_second(by: Actor, rule: Rule | None) -> None:
    """Raises `SecondPersonNeeded` while nobody else agreed. Call it last: only what could be done is asked for."""
    if is_second_needed(by, rule):
        raise SecondPersonNeeded


def require_second_for_powers(by: Actor, *, before: frozenset[str], after: frozenset[str]) -> None:
    """The same for what makes somebody more powerful; `before` and `after` are of `rules.powers`."""
    if rules.gains(before, after):
        require_second(by, Rule.POWERS)


@contextmanager
def agreed(by: Actor, rule: Rule | None) -> Iterator[None]:
    """In this block this actor may do deeds of this rule: a second person agreed."""
    token = _agreed.set((by.workspace_id, by.member_id, rule))
    try:
        yield
    finally:
        _agreed.reset(token)
