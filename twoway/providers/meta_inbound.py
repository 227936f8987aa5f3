"""What a webhook of the WhatsApp Cloud API says: many entries, changes, messages and receipts in one request.

Source: developers.facebook.com, WhatsApp Cloud API webhooks, and business-scoped user ids. A person is known by a phone
number, by a business-scoped id such as US.1349 when they chose a user name, or by both. One message that cannot be
understood is told as `Unread` and does not hold up the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from twoway.lib.words import noted
from twoway.providers import meta_content
from twoway.providers.base import Inbound, Malformed, RawRequest, Receipt, Status, Unread
from twoway.providers.meta_json import listed, text_of

OBJECT = "whatsapp_business_account"
STATUS = {
    "sent": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "played": Status.READ,
    "failed": Status.FAILED,
}
SAYS_NOTHING = frozenset({"deleted", "warning"})
"""Words about a message that change nothing about whether it arrived."""
_MILLISECONDS = 1_000_000_000_000
_LATEST = 253_402_300_799  # the last second of the year 9999

Said = Inbound | Receipt | Unread


def parse(request: RawRequest) -> list[Said]:
    """The messages and receipts of one request, in order. Raises `Malformed`."""
    try:
        told = orjson.loads(request.body)
    except ValueError:
        raise Malformed(noted("This is not JSON.")) from None
    if not isinstance(told, dict) or told.get("object") != OBJECT or not isinstance(told.get("entry"), list):
        raise Malformed(noted("This is not a webhook of a WhatsApp business account."))
    return [said for account_id, value in _values(told["entry"]) for said in _said(account_id, value)]


def _values(entries: list[Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every change that is about messages, with the id of its WhatsApp business account."""
    for entry in entries:
        if not isinstance(entry, dict):
            continue
        for change in listed(entry, "changes"):
            value = change.get("value")
            if change.get("field") == "messages" and isinstance(value, dict):
                yield text_of(entry, "id"), value


def _said(account_id: str, value: Mapping[str, Any]) -> Iterator[Said]:
    ours = _our_address(value)
    people = _people(value)
    for message in listed(value, "messages"):
        yield _inbound(message, account_id=account_id, ours=ours, people=people)
    for status in listed(value, "statuses"):
        if text_of(status, "status") not in SAYS_NOTHING:
            yield _receipt(status, ours=ours[0])


def _our_address(value: Mapping[str, Any]) -> tuple[str, str]:
    """Our own number as `whatsapp:+...`, "" when it is not told, and Meta's id of it."""
    metadata = value.get("metadata")
    digits = "".join(char for char in text_of(metadata, "display_phone_number") if char in "0123456789")
    return f"whatsapp:+{digits}" if digits else "", text_of(metadata, "phone_number_id")


def _people(value: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The people a change introduces, by their number and by their business-scoped id."""
    found: dict[str, Mapping[str, Any]] = {}
    for person in listed(value, "contacts"):
        for key in ("wa_id", "user_id"):
            if text_of(person, key):
                found[text_of(person, key)] = person
    return found


def _inbound(
    message: Mapping[str, Any], *, account_id: str, ours: tuple[str, str], people: Mapping[str, Mapping[str, Any]]
) -> Inbound | Unread:
    provider_id, number, user_id = (text_of(message, key) for key in ("id", "from", "from_user_id"))
    if not provider_id or not (number or user_id) or not any(ours):
        return Unread(detail=noted("A message must have an id, a sender and the number it was sent to."))
    person = people.get(number) or people.get(user_id) or {}
    user_id = user_id or text_of(person, "user_id")
    content = meta_content.read(message)
    sender = f"whatsapp:{number or user_id}"
    alias = content.new_id or (user_id if number and user_id != number else "")
    return Inbound(
        provider_id=provider_id,
        sender=sender,
        recipient=ours[0] or f"whatsapp:{ours[1]}",
        body=content.body,
        service_id=ours[1],
        account_id=account_id,
        media=content.media,
        segments=1,
        sent_at=_time(message.get("timestamp")),
        sender_name=_name(person),
        alias=f"whatsapp:{alias}" if alias else "",
    )


def _name(person: Mapping[str, Any]) -> str:
    """What they call themselves: the profile's name, else their user name."""
    profile = person.get("profile")
    return text_of(profile, "name") or text_of(profile, "username")


def _receipt(status: Mapping[str, Any], *, ours: str) -> Receipt | Unread:
    """A later word on a message of ours. The reference we gave it comes back as `biz_opaque_callback_data`."""
    provider_id, word = text_of(status, "id"), text_of(status, "status")
    if not provider_id or not word:
        return Unread(detail=noted("A receipt must have the id of a message and a status."))
    errors = listed(status, "errors")
    return Receipt(
        provider_id=provider_id,
        status=STATUS.get(word, Status.UNKNOWN),
        raw_status=word,
        ref=text_of(status, "biz_opaque_callback_data"),
        error_code=text_of(errors[0], "code") if errors else "",
        at=_time(status.get("timestamp")),
        address=ours,
        category=text_of(status.get("pricing"), "category"),
    )


def _time(value: object) -> datetime | None:
    """A Unix time in seconds, or in milliseconds as Meta sometimes sends; None when it is neither."""
    digits = str(value)
    if not digits.isascii() or not digits.isdigit() or len(digits) > 15:
        return None
    seconds = int(digits) / 1000 if int(digits) >= _MILLISECONDS else int(digits)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds <= _LATEST else None
