"""Asking every address of the desk and every operation of the API, and looking for a number in what they answer."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

SKIPPED = re.compile(r"^(admin|static|accounts|hooks|media|simulator|api)/?|^health|^metrics")
"""The sign-in pages, what is no page of the desk, and the simulator, which plays the customer's own phone."""


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A number nobody may see, with the name WhatsApp told of its person."""

    number: str
    name: str
    shown_digits: int

    def notations(self) -> list[str]:
        """Every way the number is written, and its last seven digits; the last four where those are hidden too."""
        digits = self.number.removeprefix("+")
        national = digits.removeprefix("1")
        area, exchange, line = national[:3], national[3:6], national[6:]
        marked = [f"{exchange}{mark}{line}" for mark in ("", "-", ".", " ")]
        carried = [base64.b64encode(told.encode()).decode().rstrip("=")[:10] for told in (digits, self.number)]
        return [digits, national, f"({area}) {exchange}", f"{area}-{exchange}", *marked, *carried]

    def found_in(self, text: str) -> list[str]:
        """What of it stands in a text."""
        found = [told for told in (*self.notations(), self.name) if told and told.casefold() in text.casefold()]
        last = self.number[-4:]
        if not self.shown_digits and re.search(rf"(?<![\w.-]){last}(?!\w)", text):
            found.append(last)
        return found


def addresses(things: Mapping[str, object]) -> Iterator[str]:
    """Every address of the program that can be made with these things, by its pattern."""
    yield from _made(get_resolver(), "", things)


def _made(resolver: URLResolver, prefix: str, things: Mapping[str, object]) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if SKIPPED.match(route):
            continue
        if isinstance(pattern, URLResolver):
            yield from _made(pattern, route, things)
        elif isinstance(pattern, URLPattern):
            names = re.findall(r"<(?:\w+:)?(\w+)>", route)
            if "^" not in route and all(name in things for name in names):
                yield "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(things[found[1]]), route)


def pages(client: Client, urls: Iterable[str], *, open_id: int) -> Iterator[tuple[str, str]]:
    """What each address answers to a browser, as a page and as a fragment, refusals too."""
    fragment = {"HX-Request": "true", "X-Desk-Open": str(open_id), "X-Desk-View": "open"}
    for url in urls:
        for headers in ({}, fragment):
            yield url, told(client.get(url, headers=headers))


def told(answer: Any) -> str:
    """All of an answer that leaves the program: its headers and its body."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(dict(answer.headers)) + body.decode("utf-8", "replace")


def operations(client: Client, token: str, ids: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What each GET of the API answers, lists and single things."""
    headers = {"Authorization": f"Bearer {token}"}
    document = json.loads(client.get("/api/v1/openapi.json", headers=headers).content)
    for path, methods in document["paths"].items():
        names = re.findall(r"{(\w+)}", path)
        if "get" not in methods or any(name not in ids for name in names):
            continue
        url = re.sub(r"{(\w+)}", lambda found: str(ids[found[1]]), path)
        yield url, told(client.get(url, headers=headers))
