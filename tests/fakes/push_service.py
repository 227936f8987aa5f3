"""A push service on this machine, as RFC 8030 has them: it takes what is pushed, and a browser of the test reads it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Self

import orjson
from aiohttp import web

from twoway.lib import web_push

AUTH = web_push.encode(b"sixteen bytes ok")


@dataclass
class Browser:
    """One that subscribed: its address and its keys, of which the private one never leaves it."""

    endpoint: str
    keys: web_push.Keys
    read: list[dict[str, Any]] = field(default_factory=list)

    @property
    def subscription(self) -> dict[str, Any]:
        """What it gives to the desk."""
        return {"endpoint": self.endpoint, "keys": {"p256dh": self.keys.public, "auth": AUTH}}


class PushService:
    """Answers 201, or whatever `answers` holds for the next pushes: a status and headers."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.requests: list[dict[str, str]] = []
        self.problems: list[str] = []

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{name}", self._take)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.origin = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._runner.cleanup()

    def subscribe(self) -> Browser:
        """A new browser."""
        name = secrets.token_hex(8)
        self.browsers[name] = Browser(endpoint=f"{self.origin}/{name}", keys=web_push.new_keys())
        return self.browsers[name]

    async def _take(self, request: web.Request) -> web.Response:
        self.requests.append(dict(request.headers))
        if self.answers:
            status, headers = self.answers.pop(0)
            return web.Response(status=status, headers=headers)
        browser = self.browsers.get(request.match_info["name"])
        if browser is None or request.method != "POST":
            return web.Response(status=410)
        body = await request.read()
        claims = web_push.claims_of(request.headers["Authorization"])
        if claims["aud"] != self.origin or len(body) > 4096 or request.headers["Content-Encoding"] != "aes128gcm":
            self.problems.append(f"{claims} {len(body)}")
        browser.read.append(orjson.loads(web_push.decrypt(body, private=browser.keys.private, auth=AUTH)))
        return web.Response(status=201, headers={"Location": f"{self.origin}/message/1"})
