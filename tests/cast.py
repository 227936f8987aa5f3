"""Who plays in the tests, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.test import Client

from twoway.teams.actor import Actor
from twoway.teams.models import Member
from twoway.teams.queries import actor_of

NOW = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
"""A Tuesday, 10 in the morning in Los Angeles."""


@dataclass(frozen=True, kw_only=True)
class Player:
    """One of the cast."""

    member: Member

    @property
    def actor(self) -> Actor:
        """Who they are now: read again each time, so that a changed role or team counts."""
        return actor_of(self.member)

    @property
    def id(self) -> int:
        """The member's id."""
        return self.member.pk

    @property
    def client(self) -> Client:
        """A browser of theirs, signed in without the form."""
        client = Client()
        client.force_login(self.member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client
