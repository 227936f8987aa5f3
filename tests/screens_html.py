"""Reading answers of the inbox: which rows, items and parts they hold."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

HTMX = {"HX-Request": "true"}


def on_screen(*, view: str = "open", status: str = "open", open_id: int | str = "") -> dict[str, str]:
    """The headers htmx sends from the inbox."""
    return {**HTMX, "X-Desk-View": view, "X-Desk-Status": status, "X-Desk-Open": str(open_id)}


def html_of(response: Any) -> str:
    """The body as text."""
    return str(response.content.decode())


def row_ids(response: Any) -> list[int]:
    """The conversations whose rows an answer holds, in order."""
    return [int(found) for found in re.findall(r'<article class="conv[^>]* id="conv-(\d+)"', html_of(response))]


def row_of(response: Any, key: int) -> str:
    """One row's markup, or "" when the answer has none."""
    found = re.search(rf'<article [^>]*id="conv-{key}".*?</article>', html_of(response), re.DOTALL)
    return found.group() if found else ""


def gone_ids(response: Any) -> list[int]:
    """The rows an answer says have left the view."""
    found = re.search(r'data-gone="([\d,]*)"', html_of(response))
    return [int(part) for part in found.group(1).split(",")] if found else []


def sorts(html: str, kind: str) -> list[str]:
    """The sort keys of rows ("conv") or log items ("msg", "note", "event", "day", "episode"), in order."""
    return re.findall(rf'id="{kind}-[^"]+"[^>]*data-sort="([^"]+)"', html)


def item_ids(response: Any, kind: str) -> list[str]:
    """The ids of the log's items of one kind, in order."""
    return re.findall(rf'id="{kind}-([\w-]+)" data-sort', html_of(response))


def count_of(response: Any, name: str) -> int:
    """A number shown as `#count-<name>`, `#list-total`, and so on."""
    found = re.search(rf'id="{name}">(\d+)<', html_of(response))
    assert found, f"no #{name}"
    return int(found.group(1))


def more_url(response: Any) -> str:
    """Where the next rows come from, or ""."""
    found = re.search(r'id="list-more" href="([^"]+)"', html_of(response))
    return unescape(found.group(1)) if found else ""


def earlier_url(response: Any) -> str:
    """Where older items come from, or ""."""
    found = re.search(r'id="log-earlier"[^>]*href="([^"]+)"', html_of(response))
    return unescape(found.group(1)) if found else ""


def plain(html: str) -> str:
    """The words without the markup."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def toast_of(response: Any) -> str:
    """What an answer says once."""
    found = re.search(r'<div class="toast"[^>]*>(.*?)(<form|</div>)', html_of(response), re.DOTALL)
    return plain(found.group(1)) if found else ""


def undo_of(response: Any) -> tuple[str, dict[str, str]]:
    """Where the toast's Undo goes, and with what."""
    found = re.search(r'<div class="toast"[^>]*>.*?</div>', html_of(response), re.DOTALL)
    assert found, "nothing to undo"
    url = re.search(r'action="([^"]+)"', found.group())
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', found.group()))
    fields.pop("csrfmiddlewaretoken", None)
    assert url, "nothing to undo"
    return url.group(1), fields


def post(client: Client, url: str, fields: dict[str, Any] | None = None, **screen: Any) -> Any:
    """A write of the inbox by htmx, with the list of all open ones on screen unless told otherwise."""
    return client.post(url, fields or {}, headers=on_screen(**screen))
