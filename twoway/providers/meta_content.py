"""What a person sent on WhatsApp, as words and files: each type of message of the Cloud API.

Source: developers.facebook.com, WhatsApp Cloud API, webhooks of incoming messages. What is no text becomes a line in
plain words, so that nobody has to know the type to answer it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from twoway.providers.base import Media
from twoway.providers.meta_json import listed, text_of

LONGEST_LINE = 300
MOST_LINES = 20
MEDIA = ("image", "video", "audio", "voice", "document", "sticker")


@dataclass(frozen=True, kw_only=True)
class Content:
    """The words and files of one message; `new_id` is the number or id under which the person is known from now on."""

    body: str = ""
    media: Sequence[Media] = ()
    new_id: str = ""


def read(message: Mapping[str, Any]) -> Content:
    """The content of one message. What is new or broken is named by its type, never dropped."""
    kind = text_of(message, "type") or "message"
    part = message.get(kind)
    if kind == "contacts":
        return Content(body=_contacts(part))
    if isinstance(part, dict):
        if kind in MEDIA:
            return _media(part)
        if kind == "location":
            return _location(part)
        if kind == "system":
            return _system(part)
        write = WRITERS.get(kind)
        if write is not None:
            return Content(body=write(part))
    return Content(body=_unsupported(message, kind))


def _media(part: Mapping[str, Any]) -> Content:
    """A file, by Meta's id: its address is asked for when it is fetched."""
    media = Media(
        id=text_of(part, "id"),
        content_type=text_of(part, "mime_type").partition(";")[0],
        name=text_of(part, "filename"),
    )
    return Content(body=text_of(part, "caption"), media=(media,) if media.id else ())


def _location(part: Mapping[str, Any]) -> Content:
    """A place as a geo: address (RFC 5870), with its name and street as words."""
    latitude, longitude = part.get("latitude"), part.get("longitude")
    name = text_of(part, "name")[:LONGEST_LINE]
    words = "\n".join(filter(None, [name, text_of(part, "address")[:LONGEST_LINE]]))
    if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
        return Content(body=words or _named("location"))
    return Content(body=words, media=(Media(url=f"geo:{latitude:.6f},{longitude:.6f}", name=name),))


def _contacts(part: object) -> str:
    """Names with their numbers and addresses, one person a line."""
    people = [one for one in part if isinstance(one, dict)] if isinstance(part, list) else []
    return _lines("Contact" if len(people) == 1 else "Contacts", [_contact(person) for person in people])


def _contact(person: Mapping[str, Any]) -> str:
    shown = text_of(person.get("name"), "formatted_name")
    told = [text_of(one, key) for key in ("phone", "email") for one in listed(person, f"{key}s")]
    return ": ".join(filter(None, [shown, ", ".join(filter(None, told))]))


def _interactive(part: Mapping[str, Any]) -> str:
    """The button, list row or form somebody answered with."""
    kind = text_of(part, "type")
    reply = part.get(kind)
    if not isinstance(reply, dict):
        return _named(kind or "interactive")
    if kind == "nfm_reply":
        return _form(reply)
    if kind == "call_permission_reply":
        return f"Calls: {text_of(reply, 'response') or 'answered'}"
    lines = [text_of(reply, "title"), text_of(reply, "description")]
    return "\n".join(filter(None, lines)) or _named(kind)


def _form(reply: Mapping[str, Any]) -> str:
    """A filled-in form: its fields, one a line; the token that only says which form it was is left out."""
    try:
        answers = orjson.loads(text_of(reply, "response_json") or "{}")
    except ValueError:
        answers = {}
    told = answers.items() if isinstance(answers, dict) else ()
    lines = [f"{name}: {value}" for name, value in told if name != "flow_token" and isinstance(value, str | int)]
    return _lines(text_of(reply, "body") or "Form", lines)


def _reaction(part: Mapping[str, Any]) -> str:
    emoji = text_of(part, "emoji")
    return f"Reacted with {emoji}" if emoji else "Took back a reaction"


def _order(part: Mapping[str, Any]) -> str:
    """What they ordered from the catalogue: quantity, article and price of each."""
    lines = [
        " ".join(
            filter(
                None,
                [
                    f"{text_of(item, 'quantity') or '1'} ×",
                    text_of(item, "product_retailer_id"),
                    _price(item),
                ],
            )
        )
        for item in listed(part, "product_items")
    ]
    return _lines("Order", [*lines, text_of(part, "text")])


def _price(item: Mapping[str, Any]) -> str:
    price = item.get("item_price")
    if isinstance(price, bool) or not isinstance(price, int | float):
        return ""
    return f"({price:g} {text_of(item, 'currency')})".replace(" )", ")")


def _system(part: Mapping[str, Any]) -> Content:
    """A notice of WhatsApp about the person, such as a new number; the new one is theirs from now on."""
    new = text_of(part, "wa_id") or text_of(part, "new_wa_id") or text_of(part, "user_id")
    return Content(body=text_of(part, "body")[:LONGEST_LINE] or _named("system"), new_id=new)


def _unsupported(message: Mapping[str, Any], kind: str) -> str:
    """A type Meta doesn't hand over, or one we don't know, with Meta's own words for it."""
    errors = listed(message, "errors")
    first = errors[0] if errors else {}
    why = text_of(first.get("error_data"), "details") or text_of(first, "message") or text_of(first, "title")
    return _named(kind if kind != "unsupported" else "", why)


def _named(kind: str, why: str = "") -> str:
    what = f"a message of the type “{kind[:40]}”" if kind else "a message that can't be shown here"
    return f"Sent {what}." + (f" WhatsApp says: {why[:LONGEST_LINE]}" if why else "")


WRITERS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "text": lambda part: text_of(part, "body"),
    "button": lambda part: text_of(part, "text") or text_of(part, "payload"),
    "interactive": _interactive,
    "reaction": _reaction,
    "order": _order,
}


def _lines(title: str, lines: Sequence[str]) -> str:
    """A title and some lines below it, bounded: what somebody sends must not become a page."""
    kept = [line[:LONGEST_LINE] for line in lines if line]
    more = [f"and {len(kept) - MOST_LINES} more"] if len(kept) > MOST_LINES else []
    return "\n".join([f"{title}:" if kept else title, *kept[:MOST_LINES], *more])
