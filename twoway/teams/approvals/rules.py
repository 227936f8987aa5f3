"""Which deeds a second person must agree to, who that may be, and what may be asked, as pure functions.

A kind of its own is one line in `KINDS`, and what does it, in the desk.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Literal

from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.rules import RIGHTS, Right, held, may, may_grant

Payload = dict[str, Any]
Shape = Literal["id", "ids", "words", "list", "yes"]

GOOD_FOR = timedelta(days=7)
"""How long somebody may agree."""
USABLE_FOR = timedelta(hours=24)
"""How long an agreed export may be taken."""
KEEP = timedelta(days=90)
"""How long a closed one is shown."""
MOST_OPEN = 50
"""What one member may have asked for at a time."""
MOST_BYTES = 16_000
LONGEST_WORDS = 8_000
MOST_LISTED = 200
LONGEST_NOTE = 300
LARGEST_ID = 2**63 - 1


class Rule(StrEnum):
    """What a workspace may want two people for."""

    EXPORT = "export"
    ERASE = "erase"
    POWERS = "powers"
    LIFT = "lift"


class State(StrEnum):
    """What became of something asked for. Only an export is AGREED: it is done when the asker takes it."""

    ASKED = "asked"
    AGREED = "agreed"
    DONE = "done"
    DECLINED = "declined"
    TAKEN_BACK = "taken_back"
    EXPIRED = "expired"


OPEN = frozenset({State.ASKED, State.AGREED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """A deed: the rule it falls under (None for switching rules off), the right it needs, what is needed to do it.

    `is_taken`: it is a file the asker takes afterwards; the others are done when somebody agrees.
    """

    id: str
    rule: Rule | None
    right: Right
    shape: Mapping[str, Shape] = field(default_factory=dict)
    is_taken: bool = False


_MEMBER: Mapping[str, Shape] = {
    "email": "words",
    "name": "words",
    "role": "words",
    "sees_own_teams_only": "yes",
    "team_ids": "ids",
}
KINDS: Mapping[str, Kind] = {
    kind.id: kind
    for kind in (
        Kind(id="people", rule=Rule.EXPORT, right=Right.MOVE_CONTACTS, shape={"query": "words"}, is_taken=True),
        Kind(
            id="transcript",
            rule=Rule.EXPORT,
            right=Right.EXPORT,
            shape={"conversation": "id", "form": "words", "query": "words"},
            is_taken=True,
        ),
        Kind(
            id="proof",
            rule=Rule.EXPORT,
            right=Right.SEE_COMPLIANCE,
            shape={"contact": "id", "form": "words"},
            is_taken=True,
        ),
        Kind(id="audit", rule=Rule.EXPORT, right=Right.SEE_COMPLIANCE, is_taken=True),
        Kind(id="copy", rule=Rule.EXPORT, right=Right.MANAGE_COMPLIANCE, shape={"request": "id"}, is_taken=True),
        Kind(
            id="erase",
            rule=Rule.ERASE,
            right=Right.MANAGE_COMPLIANCE,
            shape={"contact": "id", "law": "words", "asked_at": "words"},
        ),
        Kind(id="erase_request", rule=Rule.ERASE, right=Right.MANAGE_COMPLIANCE, shape={"request": "id"}),
        Kind(id="member_add", rule=Rule.POWERS, right=Right.MANAGE_MEMBERS, shape=_MEMBER),
        Kind(
            id="member_role",
            rule=Rule.POWERS,
            right=Right.MANAGE_MEMBERS,
            shape={"member": "id", "role": "words", "sees_own_teams_only": "yes"},
        ),
        Kind(
            id="role_change",
            rule=Rule.POWERS,
            right=Right.MANAGE_ROLES,
            shape={"role": "id", "name": "words", "base": "words", "rights": "list"},
        ),
        Kind(id="role_delete", rule=Rule.POWERS, right=Right.MANAGE_ROLES, shape={"role": "id"}),
        Kind(
            id="lift",
            rule=Rule.LIFT,
            right=Right.MANAGE_COMPLIANCE,
            shape={"opt_out": "id", "note": "words"},
        ),
        Kind(id="rules_off", rule=None, right=Right.MANAGE_ROLES, shape={"rules": "list"}),
    )
}
CONCERNED: frozenset[Right] = frozenset(kind.right for kind in KINDS.values())
"""The rights whose holders have to do with any of this."""


def rights_of(rule: Rule) -> frozenset[Right]:
    """What two people must have before a rule is switched on: its deeds' rights, and the one to switch it off again."""
    return frozenset(kind.right for kind in KINDS.values() if kind.rule in {rule, None})


def too_few(rule: Rule, holders: Mapping[Right, int]) -> list[Right]:
    """The rights of a rule that fewer than two people have."""
    wanted = rights_of(rule)
    return [right for right in Right if right in wanted and holders.get(right, 0) < 2]


def is_needed(rule: Rule | None, on: Collection[str]) -> bool:
    """Whether a second person must agree, with these rules on; None is switching one off."""
    return bool(on) if rule is None else rule in on


def may_open(actor: Actor) -> bool:
    """Whether the page is for them: members with a right that somebody may have to agree with."""
    return actor.kind == "member" and any(may(actor, right) for right in CONCERNED)


def kinds_for(actor: Actor) -> list[str]:
    """The kinds this actor may agree to, when somebody else asks."""
    return [kind.id for kind in KINDS.values() if actor.kind == "member" and may(actor, kind.right)]


def may_decide(actor: Actor, *, kind: str, asked_by: int) -> bool:
    """Whether this actor is a second person: another member, with the same right."""
    return (
        actor.kind == "member"
        and actor.member_id is not None
        and actor.member_id != asked_by
        and may(actor, KINDS[kind].right)
    )


def standing(state: str, *, expires_at: datetime, usable_until: datetime | None, at: datetime) -> State:
    """The state at this moment, also before the clock was written down."""
    now = State(state)
    ends = expires_at if now is State.ASKED else usable_until if now is State.AGREED else None
    return State.EXPIRED if ends is not None and ends <= at else now


# What makes somebody powerful -----------------------------------------------------------------------------------------

_HIGHER = RIGHTS["admin"] - RIGHTS["manager"]


def powers(role: str, rights: Collection[str] | None = None) -> frozenset[str]:
    """What of a role managers don't have: rights of admins, and the ranks of admins and owners."""
    ranks = {f"rank {rank}" for rank in ("admin", "owner") if may_grant(role, rank)}
    return frozenset({right.value for right in held(role, rights) & _HIGHER} | ranks)


def gains(before: frozenset[str], after: frozenset[str]) -> bool:
    """Whether somebody would be more powerful than they were."""
    return bool(after - before)


# What may be asked ----------------------------------------------------------------------------------------------------


def clean(kind: str, payload: Mapping[str, Any]) -> Payload:
    """The payload as it may be kept: exactly what the kind needs, nothing too long. Raises `Invalid`."""
    shape = KINDS[kind].shape
    if set(payload) != set(shape) or not all(_fits(payload[key], shape[key]) for key in shape):
        raise Invalid(t("This can't be asked for as it is."), code="bad_request")
    cleaned: Payload = {key: _plain(payload[key]) for key in shape}
    if len(json.dumps(cleaned).encode()) > MOST_BYTES:
        raise Invalid(t("This is too long to be asked for."), code="too_long")
    return cleaned


def _fits(value: Any, shape: Shape) -> bool:
    match shape:
        case "id":
            return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_ID
        case "yes":
            return isinstance(value, bool)
        case "words":
            return isinstance(value, str) and len(value) <= LONGEST_WORDS
        case "ids":
            return _is_list(value) and all(_fits(one, "id") for one in value)
    return _is_list(value) and all(isinstance(one, str) and len(one) <= LONGEST_NOTE for one in value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) <= MOST_LISTED


def _plain(value: Any) -> Any:
    """What JSON and the database give back as it was written."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def remains(payload: Mapping[str, Any]) -> Payload:
    """What is kept once it is closed: ids. Addresses, notes and filters go."""
    return {key: value for key, value in payload.items() if isinstance(value, int) and not isinstance(value, bool)}


def clean_note(note: str) -> str:
    """A remark beside an answer, in one line."""
    return " ".join(str(_plain(note)).split())[:LONGEST_NOTE]
