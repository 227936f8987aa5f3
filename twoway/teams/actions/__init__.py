"""Changing workspaces, the people in them, their teams and their tokens. Keyword-only; one transaction each."""

from twoway.teams.actions.members import (
    add_member,
    change_role,
    deactivate_member,
    limit_to_own_teams,
    set_theme,
    sign_out_member,
    update_profile,
)
from twoway.teams.actions.teams import create_team, delete_team, rename_team, set_members
from twoway.teams.actions.tokens import create_token, revoke_token
from twoway.teams.actions.workspaces import create_workspace, update_workspace

__all__ = [
    "add_member",
    "change_role",
    "create_team",
    "create_token",
    "create_workspace",
    "deactivate_member",
    "delete_team",
    "limit_to_own_teams",
    "rename_team",
    "revoke_token",
    "set_members",
    "set_theme",
    "sign_out_member",
    "update_profile",
    "update_workspace",
]
