"""Who asks: the token in the Authorization header, as an actor."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256

from django.http import HttpRequest
from ninja.security import HttpBearer

from twoway.api import limits, problems
from twoway.teams import queries as teams
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

LONGEST_TOKEN = 200


class ApiRequest(HttpRequest):
    """A request that passed `Bearer`: `actor` is its token's, `at` the time it came."""

    actor: Actor
    at: datetime


class Bearer(HttpBearer):
    """`Authorization: Bearer <token>` (RFC 6750). The token's role decides what it may do."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        """The actor of this token, who is also put on the request. Raises `problems.Problem`: 401, 429, or 403."""
        at = datetime.now(UTC)
        token = token.strip()
        if not token or len(token) > LONGEST_TOKEN or not token.isascii():
            raise problems.unauthenticated()
        actor = teams.actor_of_token(token, at=at)
        if actor is None:
            raise problems.unauthenticated()
        require(actor, Right.READ)
        seconds = limits.per_token.wait(sha256(token.encode()).hexdigest())
        if seconds:
            raise problems.rate_limited(seconds)
        request.actor = actor  # type: ignore[attr-defined]
        request.at = at  # type: ignore[attr-defined]
        return actor
