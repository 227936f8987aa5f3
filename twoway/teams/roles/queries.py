"""The roles of a workspace: the built-in ones and its own."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Lower

from twoway.lib.refusal import Invalid, NotFound
from twoway.lib.words import t
from twoway.teams.actor import Actor
from twoway.teams.models import Member, Role
from twoway.teams.roles.models import CustomRole
from twoway.teams.rules import Right, covers, held, require

__all__ = ["Chosen", "CustomRole", "access_role", "choose", "counts", "custom_roles", "grantable"]

WORD = "role-"
"""What the word of a workspace's own role begins with; its id follows."""
_ORDER = (Role.AGENT, Role.VIEWER, Role.MANAGER, Role.ADMIN, Role.OWNER)


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """A role by its word: `role` is the built-in one, or the base of `custom`."""

    word: str
    role: str
    name: str
    custom: CustomRole | None = None

    @property
    def kept_name(self) -> str:
        """Its name as the audit trail keeps it: a built-in role's in English, whatever its reader's language."""
        return self.role.capitalize() if self.custom is None else self.name

    @property
    def rights(self) -> frozenset[str] | None:
        """The list that stands in the place of the built-in role's, if there is one."""
        return None if self.custom is None else frozenset(self.custom.rights)

    @property
    def held(self) -> frozenset[Right]:
        """What somebody with this role may do."""
        return held(self.role, self.rights)


def built_in(role: str) -> Chosen:
    """A built-in role."""
    return Chosen(word=role, role=role, name=str(Role(role).label))


def of(custom: CustomRole) -> Chosen:
    """A role of the workspace's own."""
    return Chosen(word=f"{WORD}{custom.pk}", role=custom.base, name=custom.name, custom=custom)


def choose(workspace_id: int, word: str) -> Chosen:
    """The role of this word, such as `agent` or `role-7`. Raises `Invalid`."""
    if word in Role.values:
        return built_in(word)
    key = word.removeprefix(WORD)
    if word.startswith(WORD) and key.isascii() and key.isdecimal() and len(key) < 19:
        found = CustomRole.objects.filter(workspace_id=workspace_id, id=int(key)).first()
        if found is not None:
            return of(found)
    raise Invalid(t("Choose one of: {choices}.", choices=", ".join(Role.values)), field="role")


def custom_roles(actor: Actor) -> list[CustomRole]:
    """The roles this workspace made, by name."""
    return list(CustomRole.objects.filter(workspace_id=actor.workspace_id).order_by(Lower("name")))


def access_role(actor: Actor, role_id: int) -> CustomRole:
    """A role this workspace made. Raises `NotAllowed`, `NotFound`."""
    require(actor, Right.MANAGE_ROLES)
    found = CustomRole.objects.filter(workspace_id=actor.workspace_id, id=role_id).first()
    if found is None:
        raise NotFound("role", role_id)
    return found


def grantable(actor: Actor) -> list[Chosen]:
    """The roles this actor may give: none with a right they lack. The usual one comes first."""
    every = [built_in(role) for role in _ORDER] + [of(custom) for custom in custom_roles(actor)]
    return [one for one in every if covers(actor, one.role, one.rights)]


def counts(actor: Actor) -> dict[str, int]:
    """How many members have each role now, by its word."""
    active = Member.objects.filter(workspace_id=actor.workspace_id, is_active=True, user__is_active=True)
    found: dict[str, int] = {}
    for role, custom_id, many in active.values_list("role", "custom_role_id").annotate(many=Count("id")):
        word = role if custom_id is None else f"{WORD}{custom_id}"
        found[word] = found.get(word, 0) + many
    return found
