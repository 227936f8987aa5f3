"""What Sinch says of texts, in a webhook or in its list, and of deliveries.

Source: developers.sinch.com on the SMS API's inbounds and delivery reports.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from twoway.lib.words import noted
from twoway.providers import reading
from twoway.providers.base import Inbound, Malformed, Media, Receipt, Status

STATUS = {
    "queued": Status.QUEUED,
    "dispatched": Status.SENT,
    "delivered": Status.DELIVERED,
    "failed": Status.UNDELIVERED,
    "expired": Status.UNDELIVERED,
    "deleted": Status.UNDELIVERED,
    "rejected": Status.FAILED,
    "aborted": Status.FAILED,
    "cancelled": Status.CANCELED,
    "canceled": Status.CANCELED,
}
IN_ORDER = ("0", "400", "401", "407")
"""Codes that say nothing went wrong: delivered, queued, dispatched, cancelled by us."""
BAD = (Status.UNDELIVERED, Status.FAILED)

Told = Mapping[str, Any]


def records(told: Told) -> list[Inbound | Receipt]:
    """One text, one receipt, or one receipt for each status of a summary. Raises `Malformed`."""
    kind = reading.word(told.get("type"))
    if kind.startswith("mo_"):
        return [inbound(told)]
    if kind.startswith("recipient_delivery_report"):
        return [_receipt(told, told)]
    if kind.startswith("delivery_report"):
        return [_receipt(told, one) for one in reading.things(told.get("statuses"))]
    raise Malformed(noted("A webhook's type must be mo_..., recipient_delivery_report_... or delivery_report_...."))


def inbound(told: Told) -> Inbound:
    """A text, a picture message, or a binary one, which is shown as words when it is words."""
    found, sender, recipient = (reading.word(told.get(name)) for name in ("id", "from", "to"))
    if not found or not sender or not recipient:
        raise Malformed(noted("A text must have id, from and to."))
    body = told.get("body")
    media: tuple[Media, ...] = ()
    if isinstance(body, Mapping):
        media = tuple(
            Media(url=reading.word(one.get("url")), content_type=reading.word(one.get("content_type")))
            for one in reading.things(body.get("media"))
        )
        lines = (reading.word(body.get("subject")), reading.word(body.get("message")))
        body = "\n".join(line for line in lines if line)
    elif told.get("type") == "mo_binary":
        body = _words(reading.word(body))
    return Inbound(
        provider_id=found,
        sender=reading.plus(sender),
        recipient=reading.plus(recipient),
        body=reading.word(body),
        media=media,
        sent_at=reading.moment(told.get("sent_at")) or reading.moment(told.get("received_at")),
    )


def _words(data: str) -> str:
    try:
        return base64.b64decode(data, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "(A binary message, which can't be shown.)"


def _receipt(told: Told, one: Told) -> Receipt:
    """What became of a message: ours has one recipient, so a batch is a message. `one` has the status and the code."""
    batch, word = reading.word(told.get("batch_id")), reading.word(one.get("status"))
    if not batch or not word:
        raise Malformed(noted("A receipt must have batch_id and a status."))
    status = STATUS.get(word.lower(), Status.UNKNOWN)
    code = reading.word(one.get("code"))
    if code in IN_ORDER or not code:
        code = word if status in BAD else ""
    return Receipt(
        provider_id=batch,
        status=status,
        raw_status=word,
        ref=reading.word(told.get("client_reference")),
        error_code=code,
        segments=reading.count(told.get("number_of_message_parts")),
        at=reading.moment(told.get("at")),
        address=reading.plus(told.get("applied_originator")),
    )
