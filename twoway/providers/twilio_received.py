"""Twilio's list of what an address received: GET Messages.json with To and DateSent, newest first, page by page.

Source: twilio.com/docs/messaging/api/message-resource, reading a list. A received text has its DateSent when Twilio got
it. A page names the next one by an address of the same API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from twoway.providers import reading
from twoway.providers.base import Account, Inbound, Media, Page

PAGE = 200


def path(account: Account, *, since: datetime, until: datetime, cursor: str) -> str:
    """What to ask for below the account's address; `cursor` is Twilio's address of the next page."""
    if cursor:
        return cursor[cursor.index("/Messages.json") :] if "/Messages.json" in cursor else ""
    query = {
        "To": account.address,
        "DateSent>": _moment(since),
        "DateSent<": _moment(until),
        "PageSize": str(PAGE),
    }
    return "/Messages.json?" + urlencode(query)


def read(told: Mapping[str, Any]) -> Page:
    """The inbound texts of one page."""
    messages = told.get("messages")
    found: Sequence[Any] = messages if isinstance(messages, list) else []
    items = [_inbound(one) for one in found if isinstance(one, dict) and one.get("direction") == "inbound"]
    return Page(items=[item for item in items if item is not None], cursor=str(told.get("next_page_uri") or ""))


def _inbound(one: Mapping[str, Any]) -> Inbound | None:
    """One text. The list tells how many pictures it has, and where their list is, but not where they are."""
    sid, sender, recipient = (str(one.get(name) or "") for name in ("sid", "from", "to"))
    if not sid or not sender or not recipient:
        return None
    segments = str(one.get("num_segments") or "")
    return Inbound(
        provider_id=sid,
        sender=sender,
        recipient=recipient,
        body=str(one.get("body") or ""),
        service_id=str(one.get("messaging_service_sid") or ""),
        account_id=str(one.get("account_sid") or ""),
        media=_media(one),
        segments=int(segments) or None if segments.isascii() and segments.isdigit() else None,
        sent_at=reading.mail_moment(one.get("date_sent")),
    )


def _media(one: Mapping[str, Any]) -> Sequence[Media]:
    """The address of the list of its pictures stands for each of them; `fetch` follows it by number."""
    uris = one.get("subresource_uris")
    number = str(one.get("num_media") or "0")
    where = str(uris.get("media") or "") if isinstance(uris, dict) else ""
    if not where or not number.isascii() or not number.isdigit():
        return ()
    return tuple(Media(id=f"{where}#{place}") for place in range(min(int(number), 10)))


def _moment(at: datetime) -> str:
    """Twilio takes UTC without an offset."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
