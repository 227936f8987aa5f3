"""Makes the demo workspace: its people, teams and numbers, and then its conversations."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from twoway.channels import actions as channels
from twoway.channels import simulator
from twoway.channels.models import Channel
from twoway.lib.files import write_atomically
from twoway.messaging.pricing import book_sent
from twoway.ops.demo import (
    agreeing,
    calling,
    cars,
    cleaning,
    dental,
    detailing,
    greeting,
    preparing,
    queueing,
    rung,
    weeks,
)
from twoway.ops.demo.threads import Cast, tell_stories
from twoway.teams import actions as teams
from twoway.teams import queries
from twoway.teams.actor import Actor
from twoway.teams.models import Member, Workspace

WORKSPACE = "Cascade Local"
OWNER_EMAIL = "ana@cascade.example"
OWNER_NAME = "Ana Ruiz"
PASSWORD_FILE = "demo.txt"  # noqa: S105 - its name
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without the ones that look alike."""


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the demo workspace beside the owner; they have no password of their own."""

    name: str
    email: str
    role: str
    team: str


PEOPLE = (
    Person("Marcus Bell", "marcus@cascade.example", "manager", "Roadside"),
    Person("Priya Shah", "priya@cascade.example", "agent", "Front desk"),
    Person("Jo Lindqvist", "jo@cascade.example", "agent", "Front desk"),
    Person("Tom Becker", "tom@cascade.example", "agent", "Billing"),
)
OWNERS_TEAMS = ("Roadside", "Front desk")
BEGAN = timedelta(days=30)
"""How long ago the workspace was made."""
STORIES = (*cars.STORIES, *cleaning.STORIES, *dental.STORIES)
NUMBERS = (
    (cars.NUMBER, "Ridgeway Carshare", "Roadside"),
    (cleaning.NUMBER, "Tidy & Co. Cleaning", "Front desk"),
    (dental.NUMBER, "Alder Street Dental", "Front desk"),
)
GREETS = cleaning.NUMBER
"""The number with automatic replies."""


@dataclass(frozen=True, kw_only=True)
class DemoResult:
    """The demo workspace. `password` is None when its file is gone; `password-link` makes a way in again."""

    workspace_id: int
    email: str
    password: str | None
    password_file: Path
    is_new: bool


def load(*, at: datetime) -> DemoResult:
    """Load the demo workspace, unless there is one, and tell the simulated carrier about its numbers."""
    path = settings.DATA_DIR / PASSWORD_FILE
    existing = Workspace.objects.filter(name=WORKSPACE, members__user__email=OWNER_EMAIL).first()
    workspace = existing or _make(password=_password(path), at=at)
    simulator.register_all()
    return DemoResult(
        workspace_id=workspace.pk,
        email=OWNER_EMAIL,
        password=_kept_password(path),
        password_file=path,
        is_new=existing is None,
    )


def _password(path: Path) -> str:
    """The password in the file, which is made for its owner alone when there is none."""
    kept = _kept_password(path)
    if kept:
        return kept
    made = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
    write_atomically(path, f"{OWNER_EMAIL}\n{made}\n".encode(), mode=0o600)
    return made


def _kept_password(path: Path) -> str | None:
    lines = path.read_text().split() if path.exists() else []
    return lines[1] if len(lines) == 2 else None


@transaction.atomic
def _make(*, password: str, at: datetime) -> Workspace:
    began = at - BEGAN
    owner = teams.create_workspace(
        name=WORKSPACE, owner_email=OWNER_EMAIL, owner_name=OWNER_NAME, password=password, at=began
    )
    cast = _hire(owner, at=began)
    numbers = {channel.address: channel for channel in _connect(cast.of("Ana"), cast, at=began)}
    agreeing.agree(cast=cast, numbers=numbers, at=at)
    preparing.prepare(by=cast.of("Ana"), at=began)
    detailing.plan(cast=cast, workspace=owner.workspace, at=began)
    queueing.set_up(cast=cast, numbers=numbers, at=began)
    tell_stories(stories=STORIES, cast=cast, numbers=numbers, at=at)
    detailing.detail(cast=cast, workspace=owner.workspace, at=at)
    greeting.greet(cast=cast, channel=numbers[GREETS], at=at)
    rung.ring(cast=cast, channel=numbers[cars.NUMBER], at=at)
    calling.call(cast=cast, workspace=owner.workspace, channel=numbers[cars.NUMBER], at=at)
    weeks.remember(cast=cast, workspace=owner.workspace, at=at)
    queueing.fill(cast=cast, workspace=owner.workspace, at=at)
    book_sent(workspace_id=owner.workspace_id)
    return owner.workspace


def _hire(owner: Member, *, at: datetime) -> Cast:
    """The people, by first name, and the teams, by name."""
    by = queries.actor_of(owner)
    members = {owner.user.name.split()[0]: owner}
    wanted: dict[str, list[Member]] = {team: [owner] for team in OWNERS_TEAMS}
    for person in PEOPLE:
        member = teams.add_member(by=by, email=person.email, name=person.name, role=person.role, password=None, at=at)
        members[person.name.split()[0]] = member
        wanted.setdefault(person.team, []).append(member)
    made = {
        name: teams.create_team(by=by, name=name, member_ids=[member.pk for member in people], at=at)
        for name, people in wanted.items()
    }
    return Cast(members=members, teams=made)


def _connect(by: Actor, cast: Cast, *, at: datetime) -> list[Channel]:
    return [
        channels.add_channel(
            by=by,
            provider="simulator",
            address=address,
            credentials={},
            settings={"rate": simulator.RATE},
            name=name,
            team_id=cast.teams[team].pk,
            at=at,
        )
        for address, name, team in NUMBERS
    ]
