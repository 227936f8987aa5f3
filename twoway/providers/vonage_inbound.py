"""What a webhook of Vonage's Messages API says: a text, a file, a place, a tap on a button, or a receipt.

Source: developer.vonage.com on the Messages API's inbound and status webhooks (version 1).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from twoway.lib.words import noted
from twoway.providers import reading
from twoway.providers.base import Inbound, Malformed, Media, Price, Receipt, Status

WHATSAPP = "whatsapp:"
FILES = ("image", "audio", "video", "file", "vcard", "sticker")
STATUS = {
    "submitted": Status.SENT,
    "delivered": Status.DELIVERED,
    "read": Status.READ,
    "rejected": Status.FAILED,
    "undeliverable": Status.UNDELIVERED,
}
MOST_DETAIL = 300

Told = Mapping[str, Any]


def record(told: Told) -> Inbound | Receipt:
    """One text or receipt. Raises `Malformed`."""
    if not reading.word(told.get("message_uuid")):
        raise Malformed(noted("A text or a receipt must have message_uuid."))
    return _receipt(told) if told.get("status") else _inbound(told)


def _inbound(told: Told) -> Inbound:
    sender, recipient = reading.word(told.get("from")), reading.word(told.get("to"))
    if not sender or not recipient:
        raise Malformed(noted("A text must have message_uuid, from and to."))
    is_whatsapp = told.get("channel") == "whatsapp"
    prefix = WHATSAPP if is_whatsapp else ""
    kind = reading.word(told.get("message_type")) or "text"
    return Inbound(
        provider_id=reading.word(told["message_uuid"]),
        sender=prefix + reading.plus(sender),
        recipient=prefix + reading.plus(recipient),
        body=_body(kind, told),
        media=_media(kind, told),
        segments=reading.count(reading.thing(told.get("sms")).get("num_messages")),
        sent_at=reading.moment(told.get("timestamp")),
        sender_name=reading.word(reading.thing(told.get("profile")).get("name")) if is_whatsapp else "",
    )


def _media(kind: str, told: Told) -> tuple[Media, ...]:
    """The file of this message type, or every one of a picture message with several."""
    parts = reading.things(told.get("content")) if kind == "content" else [reading.thing(told.get(kind))]
    return tuple(
        Media(url=reading.word(one["url"]), name=reading.word(one.get("name"))) for one in parts if one.get("url")
    )


def _body(kind: str, told: Told) -> str:
    """The words: the text, a file's caption, what was chosen, or where somebody is."""
    text = reading.word(told.get("text"))
    if text or kind == "text":
        return text
    if kind in FILES:
        return reading.word(reading.thing(told.get(kind)).get("caption"))
    if kind == "content":
        parts = reading.things(told.get("content"))
        words = [reading.word(one.get("text")) or reading.word(one.get("caption")) for one in parts]
        return "\n".join(word for word in words if word)
    read = _OTHER.get(kind)
    said = read(reading.thing(told.get(kind))) if read else ""
    return said or f"(A message of the kind “{kind[:40]}”, which can't be shown.)"


def _reply(told: Told) -> str:
    return reading.word(told.get("title"))


def _button(told: Told) -> str:
    return reading.word(told.get("text")) or reading.word(told.get("payload"))


def _reaction(told: Told) -> str:
    return reading.word(told.get("emoji"))


def _location(told: Told) -> str:
    latitude, longitude = reading.word(told.get("lat")), reading.word(told.get("long"))
    if not latitude or not longitude:
        return ""
    lines = [reading.word(told.get("name")), reading.word(told.get("address"))]
    lines.append(f"https://maps.google.com/?q={latitude},{longitude}")
    return "\n".join(["Location:", *(line[:MOST_DETAIL] for line in lines if line)])


_OTHER: dict[str, Callable[[Told], str]] = {
    "reply": _reply,
    "button": _button,
    "reaction": _reaction,
    "location": _location,
}


def _receipt(told: Told) -> Receipt:
    word = reading.word(told.get("status"))
    return Receipt(
        provider_id=reading.word(told["message_uuid"]),
        status=STATUS.get(word.lower(), Status.UNKNOWN),
        raw_status=word,
        ref=reading.word(told.get("client_ref")),
        error_code=code_of(reading.thing(told.get("error"))),
        segments=reading.count(reading.thing(told.get("sms")).get("count_total")),
        at=reading.moment(told.get("timestamp")),
        price=_price(reading.thing(told.get("usage"))),
        address=reading.plus(told.get("from")),
    )


def code_of(error: Told) -> str:
    """The code of an error (RFC 7807): its title when that is a number, otherwise what stands behind # in its type."""
    title = reading.word(error.get("title")).strip()
    if title.isascii() and title.isdigit():
        return title[:20]
    return reading.word(error.get("type")).rpartition("#")[2].strip()[:20] if "#" in str(error.get("type")) else ""


def _price(usage: Told) -> Price | None:
    found = reading.price(usage.get("price"), usage.get("currency"))
    return found if found is not None and found.amount else None
