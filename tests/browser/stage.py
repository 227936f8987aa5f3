"""Sets the stage in an installation that runs: workspaces with their people, numbers and teams, everybody signed in.

`main` runs in a process of its own, because the Django of the tests is bound to their own database. It reads wishes as
JSON, one a line, and answers each with what it made:

    {"ben": {"role": "viewer"}, "undo": {"ana": 10}, "teams": {"Roadside": ["ana"]},
     "numbers": [{"name": "Ridgeway", "team": "Roadside"}]}
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from itertools import count
from typing import Any

from django.conf import settings
from django.test import Client

from twoway.channels import actions as channels
from twoway.channels import simulator
from twoway.messaging.scheduling import undoing
from twoway.teams import actions as teams
from twoway.teams.actor import Actor
from twoway.teams.models import Member
from twoway.teams.queries import actor_of

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_workspace = count(1)
_line = count()


def main() -> None:
    """Answer wishes until there are no more."""
    for words in sys.stdin:
        print(json.dumps(_make(json.loads(words))), flush=True)


def _make(wish: dict[str, Any]) -> dict[str, Any]:
    """A workspace with Ana as its owner, and Ben."""
    at, n = datetime.now(UTC), next(_workspace)
    ana = teams.create_workspace(
        name="Ridgeway Carshare", owner_name="Ana", owner_email=f"ana-{n}@example.com", password=None, at=at
    )
    by = actor_of(ana)
    options = {"role": "agent", **wish.get("ben", {})}
    ben = teams.add_member(by=by, name="Ben", email=f"ben-{n}@example.com", password=None, at=at, **options)
    people = {"ana": ana, "ben": ben}
    for who, seconds in wish.get("undo", {}).items():
        undoing.choose(seconds=seconds, by=actor_of(people[who]))
    made = {
        name: teams.create_team(by=by, name=name, member_ids=[people[who].pk for who in inside], at=at).pk
        for name, inside in wish.get("teams", {}).items()
    }
    numbers = [_add_number(by, made, at=at, **each) for each in wish.get("numbers") or [{"name": "Ridgeway"}]]
    return {
        "id": ana.workspace_id,
        "members": {name: {"id": member.pk, "cookie": _sign_in(member)} for name, member in people.items()},
        "numbers": numbers,
        "teams": made,
    }


def _add_number(by: Actor, made: dict[str, int], *, at: datetime, name: str, team: str = "") -> dict[str, Any]:
    """One of our numbers at the simulated carrier, of the block reserved for fiction."""
    n = next(_line)
    channel = channels.add_channel(
        by=by,
        provider="simulator",
        address=f"+1{201 + n // 100}555{100 + n % 100:04d}",
        credentials={},
        settings={"rate": simulator.RATE},
        name=name,
        team_id=made.get(team),
        at=at,
    )
    simulator.register(channel)
    return {"id": channel.pk, "address": channel.address}


def _sign_in(member: Member) -> str:
    """The cookie of a new session of theirs."""
    client = Client()
    client.force_login(member.user, backend=BACKEND)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
