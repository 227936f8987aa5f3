"""The body of a call that sends one WhatsApp message: words, a file by its address, or an approved template.

Source: developers.facebook.com, WhatsApp Cloud API, messages. A phone number goes into `to`, a business-scoped id into
`recipient`; a message holds one file at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from twoway.lib.words import noted
from twoway.providers.adapter import MediaLimits
from twoway.providers.base import Attachment, OutboundText, Rejected
from twoway.providers.templates import Template

MEGABYTE = 1024 * 1024
LARGEST_IMAGE = 5 * MEGABYTE
LARGEST_CLIP = 16 * MEGABYTE
LIMITS = MediaLimits(count=1, size=LARGEST_CLIP, types=("image/*", "video/*", "audio/*", "application/*", "text/*"))
LONGEST_CAPTION = 1024
IMAGES = frozenset({"image/jpeg", "image/png"})
VIDEOS = frozenset({"video/mp4", "video/3gpp"})
SOUNDS = frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"})
HEADER_FILES = ("image", "video", "document")
_NUMBER = re.compile(r"\+?[0-9]{5,15}")


def body(text: OutboundText) -> bytes:
    """The JSON of one message. Raises `Rejected` for what a message can't hold."""
    told: dict[str, Any] = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_to(text.recipient),
        **_content(text),
    }
    if text.ref:
        told["biz_opaque_callback_data"] = text.ref
    return orjson.dumps(told)


def _to(recipient: str) -> dict[str, str]:
    bare = recipient.removeprefix("whatsapp:")
    return {"to": bare.removeprefix("+")} if _NUMBER.fullmatch(bare) else {"recipient": bare}


def _content(text: OutboundText) -> dict[str, Any]:
    if text.template is not None:
        return {"type": "template", "template": _template(text.template)}
    if not text.media:
        return {"type": "text", "text": {"preview_url": True, "body": text.body}}
    if len(text.media) > 1:
        raise Rejected("media_problem", noted("A WhatsApp message holds one file."))
    return _file(text.media[0], text.body)


def _file(file: Attachment, caption: str) -> dict[str, Any]:
    """A file by its address. What its own kind can't hold, such as words with a sound, goes as a document."""
    if len(caption) > LONGEST_CAPTION:
        raise Rejected("content_invalid", f"The words beside a file have at most {LONGEST_CAPTION} characters.")
    kind = _kind(file, has_caption=bool(caption))
    told: dict[str, str] = {"link": file.url}
    if caption:
        told["caption"] = caption
    if kind == "document" and file.name:
        told["filename"] = file.name
    return {"type": kind, kind: told}


def _kind(file: Attachment, *, has_caption: bool) -> str:
    content_type = file.content_type.partition(";")[0].strip().lower()
    if content_type in IMAGES and file.size <= LARGEST_IMAGE:
        return "image"
    if content_type in VIDEOS and file.size <= LARGEST_CLIP:
        return "video"
    if content_type in SOUNDS and file.size <= LARGEST_CLIP and not has_caption:
        return "audio"
    return "document"


def _template(template: Template) -> dict[str, Any]:
    told: dict[str, Any] = {"name": template.name, "language": {"code": template.language}}
    components = list(_components(template.places, template.values))
    return told | {"components": components} if components else told


def _components(places: Sequence[str], values: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The values where they belong. Raises `Rejected` when there are too few or too many."""
    if len(places) != len(values):
        raise Rejected("template_problem", f"This template has {len(places)} values, {len(values)} were given.")
    parts: dict[str, list[dict[str, Any]]] = {"header": [], "body": []}
    buttons = []
    for place, value in zip(places, values, strict=True):
        part, _, name = place.partition(".")
        if part == "button":
            buttons.append(_button(name, value))
        else:
            parts.setdefault(part, []).append(_parameter(part, name, value))
    for part in ("header", "body"):
        if parts[part]:
            yield {"type": part, "parameters": parts[part]}
    yield from buttons


def _parameter(part: str, name: str, value: str) -> dict[str, Any]:
    if part == "header" and name in HEADER_FILES:
        return {"type": name, name: {"link": value}}
    told = {"type": "text", "text": value}
    return told if name.isdigit() else told | {"parameter_name": name}


def _button(name: str, value: str) -> dict[str, Any]:
    """The end of a button's address, or the code it copies (`INDEX.code`)."""
    index, _, code = name.partition(".")
    if code:
        parameter = {"type": "coupon_code", "coupon_code": value}
        return {"type": "button", "sub_type": "copy_code", "index": index, "parameters": [parameter]}
    return {"type": "button", "sub_type": "url", "index": index, "parameters": [{"type": "text", "text": value}]}
