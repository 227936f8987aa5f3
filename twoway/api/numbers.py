"""Numbers as programs write them, read in the workspace's country."""

from __future__ import annotations

from twoway.api import problems
from twoway.sms import phone
from twoway.teams import queries as teams
from twoway.teams.actor import Actor


def read(actor: Actor, typed: str, *, field: str) -> phone.Identity:
    """The number that was meant, international or national. Raises `problems.Problem` naming the field."""
    try:
        return phone.parse_typed(typed.removeprefix("whatsapp:"), region=teams.workspace_of(actor).region)
    except phone.NotANumber as error:
        raise problems.invalid_field(field, str(error)) from None
