"""Who looks or acts. Every query and action takes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["member", "token", "system"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """A member, a program with a token, or Twoway itself (also the operator at the command line), in one workspace.

    `role` is a word of `teams.models.Role`. With `sees_own_teams_only` only conversations of `team_ids`, and those
    assigned to `member_id`, exist for this actor. Without `sees_numbers` they see the last digits of phone numbers only
    (`contacts.rules.masked`). `rights` are those of a role the workspace made itself, as words of `teams.rules.Right`;
    None means those of `role`.
    """

    kind: Kind
    workspace_id: int
    role: str
    name: str
    member_id: int | None = None
    sees_own_teams_only: bool = False
    team_ids: frozenset[int] = frozenset()
    sees_numbers: bool = True
    rights: frozenset[str] | None = None

    @property
    def audit_name(self) -> str:
        """How the audit trail names them."""
        return self.name if self.kind == "member" else f"{self.kind}: {self.name}"


def system(workspace_id: int, *, name: str = "Twoway") -> Actor:
    """Twoway itself in this workspace: what happens by a rule, a customer's keyword or an operator's command."""
    return Actor(kind="system", workspace_id=workspace_id, role="owner", name=name)
