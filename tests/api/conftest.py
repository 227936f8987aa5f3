"""Programs that use the API as anybody outside would: by HTTP, with a token."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from tests.cast import Player
from twoway.api import limits
from twoway.teams import actions


@dataclass(frozen=True)
class Answer:
    """A response with its JSON."""

    response: Any

    @property
    def status(self) -> int:
        return int(self.response.status_code)

    @property
    def json(self) -> Any:
        return json.loads(self.response.content)

    @property
    def code(self) -> str:
        """Of a problem document, after checking that it is one."""
        problem = self.json
        assert self.response.headers["Content-Type"] == "application/problem+json"
        assert problem["status"] == self.status
        assert problem["type"] == f"urn:twoway:problem:{problem['code']}"
        assert problem["title"]
        assert problem["detail"].endswith(".")
        return str(problem["code"])

    @property
    def fields(self) -> list[str]:
        return [error["field"] for error in self.json["errors"]]


@dataclass(frozen=True)
class Program:
    """A program with a token, or without one."""

    token: str = ""
    client: Client = field(default_factory=Client)

    def ask(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Answer:
        """One request. A body is sent as JSON; bytes are sent as they are."""
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = headers.pop("Content-Type", "application/json")
        response = self.client.generic(method, f"/api/v1{path}", data, content_type, headers=headers)
        return Answer(response)

    def get(self, path: str) -> Answer:
        return self.ask("GET", path)

    def post(self, path: str, body: Any, *, key: str = "") -> Answer:
        return self.ask("POST", path, body, key=key)

    def patch(self, path: str, body: Any) -> Answer:
        return self.ask("PATCH", path, body)


@pytest.fixture(autouse=True)
def nobody_has_asked_yet() -> None:
    limits.per_token.forget()


@pytest.fixture
def program_of(now: Any) -> Callable[..., Program]:
    """Makes a program with a token of somebody's workspace."""

    def make(player: Player, *, role: str = "agent") -> Program:
        _, raw = actions.create_token(by=player.actor, name=f"A program ({role})", role=role, at=now)
        return Program(token=raw)

    return make


@pytest.fixture
def program(ana: Player, program_of: Callable[..., Program]) -> Program:
    """A program in Ana's workspace that may do what an agent may."""
    return program_of(ana)


@pytest.fixture
def stranger(cleo: Player, program_of: Callable[..., Program]) -> Program:
    """An owner's program in another workspace."""
    return program_of(cleo, role="owner")
