"""What the fakes of number APIs share: a stock, an account, a door that knows the key, and faults."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote

from tests.fakes.http_server import HANG_UP, Answer, Request

Route = tuple[str, str, Callable[..., Answer]]


@dataclass
class NumberFake:
    """One provider. `stock` can be bought, `owned` is the account: number -> where its texts go ("" for nowhere).

    `registration` is what the provider says of a number: missing, pending, approved or rejected. `doubt` hangs up
    after the next purchase was carried out.
    """

    credentials: Mapping[str, str]
    stock: list[str] = field(default_factory=lambda: ["+15035550142", "+15035550143"])
    owned: dict[str, str] = field(default_factory=dict)
    registration: str = "approved"
    doubt: bool = False
    calls: list[str] = field(default_factory=list)

    DENIED: ClassVar[tuple[int, bytes]] = (401, b"{}")

    def __post_init__(self) -> None:
        """What else a provider keeps."""

    def answer(self, request: Request) -> Answer:
        """Route one request."""
        self.calls.append(f"{request.method} {request.path}")
        if request.headers.get("authorization") != self.authorization():
            return Answer(*self.DENIED)
        for method, pattern, work in self.routes():
            found = re.fullmatch(pattern, unquote(request.path))
            if found and method == request.method:
                return work(request, *found.groups())
        return Answer(404, b"{}")

    def authorization(self) -> str:
        """The header it wants."""
        raise AssertionError

    def routes(self) -> list[Route]:
        """Method, path and work."""
        raise AssertionError

    def take(self, number: str, done: Answer, refused: Answer) -> Answer:
        """Carry a purchase out."""
        if number not in self.stock:
            return refused
        self.stock.remove(number)
        self.owned[number] = ""
        if self.doubt:
            self.doubt = False
            return HANG_UP
        return done


def basic(user: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode()


def told(status: int, document: Any) -> Answer:
    return Answer(status, json.dumps(document).encode())


def query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.query, keep_blank_values=True))


def form(request: Request) -> dict[str, str]:
    return dict(parse_qsl(request.body.decode(), keep_blank_values=True))


def document(request: Request) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(request.body or b"{}")
    return found
