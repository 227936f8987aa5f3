"""What comes in from classic MessageBird: a form, a query or JSON, in the shape of long numbers or of short codes.

Sources: developers.messagebird.com on receiving messages; the shapes of Flow Builder's *Forward to URL*.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from twoway.lib.words import noted
from twoway.providers.base import Inbound, Malformed, Media, RawRequest
from twoway.providers.reading import json_of, moment, plus, thing, word

_MEDIA = ("mediaUrls", "mediaURLs", "mediaUrls[]", "media_urls")


def fields(request: RawRequest) -> Mapping[str, Any]:
    """Everything the request says by name: its query, over it its form or JSON. Raises `Malformed`.

    Of a name that comes twice the last value counts, except for the addresses of files, which are a list.
    """
    pairs = list(request.query) + list(request.form)
    told: dict[str, Any] = dict(pairs)
    if request.body and not request.form:
        said = thing(json_of(request.body))
        if not said:
            raise Malformed(noted("A webhook from MessageBird must be a form, a query or a JSON object."))
        told |= said
    for name in _MEDIA:
        listed = [value for key, value in pairs if key == name]
        if len(listed) > 1:
            told[name] = listed
    return told


def has_words(told: Mapping[str, Any]) -> bool:
    """Whether this is a text rather than a status report."""
    return any(name in told for name in ("originator", "sender", "message", "body"))


def text(told: Mapping[str, Any]) -> Inbound:
    """A text from a person. A short code's names differ: shortcode, mid, message. Raises `Malformed`."""
    found = word(told.get("mid")) or word(told.get("message_id")) or word(told.get("id"))
    sender = plus(told.get("originator") or told.get("sender"))
    recipient = word(told.get("shortcode")) or plus(told.get("recipient") or told.get("receiver"))
    if not found or not sender or not recipient:
        raise Malformed(noted("A text from MessageBird must have id, originator and recipient."))
    words = told.get("message") if word(told.get("shortcode")) or "body" not in told else told.get("body")
    return Inbound(
        provider_id=found,
        sender=sender,
        recipient=recipient,
        body=word(words),
        media=_media(told),
        sent_at=_sent_at(told),
    )


def _media(told: Mapping[str, Any]) -> tuple[Media, ...]:
    """The addresses of files: a list, a JSON list in a text, or one text with commas between them."""
    found = next((told[name] for name in _MEDIA if told.get(name)), None)
    if isinstance(found, str):
        listed = json_of(found.encode()) if found.startswith("[") else None
        found = listed if isinstance(listed, list) else found.replace(",http", "\nhttp").split("\n")
    urls = [word(url).strip() for url in found] if isinstance(found, list) else []
    return tuple(Media(url=url) for url in urls if url)


def _sent_at(told: Mapping[str, Any]) -> datetime | None:
    given = word(told.get("createdDatetime")) or word(told.get("receive_datetime"))
    if len(given) == 14 and given.isascii() and given.isdigit():
        try:
            return datetime.strptime(given, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None
    return moment(given)
