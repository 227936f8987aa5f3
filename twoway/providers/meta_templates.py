"""The templates of a WhatsApp business account, as Meta lists them.

Source: developers.facebook.com, WhatsApp Business Management API, message templates. Places are numbered ({{1}}) or
named ({{order}}); they may be in the header, in the body and at the end of a button's address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from twoway.lib.words import noted
from twoway.providers.base import HttpResponse
from twoway.providers.meta_json import listed, text_of
from twoway.providers.outcomes import json_object
from twoway.providers.templates import ListedTemplate, TemplatePage

FIELDS = "id,name,status,category,language,parameter_format,components"
PAGE = 100
_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,60})\s*\}\}")
_PLAIN_BUTTONS = ("QUICK_REPLY", "PHONE_NUMBER", "VOICE_CALL", "REQUEST_CONTACT_INFO")
_PARTS = ("HEADER", "BODY", "FOOTER", "BUTTONS")


def read(response: HttpResponse) -> TemplatePage:
    """One page of the list; the caller has looked at the status. Raises `Uncertain` when it can't be read."""
    told = json_object(response)
    paging = told.get("paging")
    cursors = paging.get("cursors") if isinstance(paging, dict) else None
    has_more = isinstance(paging, dict) and bool(paging.get("next"))
    cursor = text_of(cursors, "after") if has_more else ""
    return TemplatePage(items=[_template(one) for one in listed(told, "data")], cursor=cursor)


def _template(told: Mapping[str, Any]) -> ListedTemplate:
    parts = {text_of(part, "type").upper(): part for part in listed(told, "components")}
    buttons = listed(parts.get("BUTTONS"), "buttons")
    category = text_of(told, "category").lower()
    header, body = parts.get("HEADER", {}), parts.get("BODY", {})
    return ListedTemplate(
        id=text_of(told, "id"),
        name=text_of(told, "name"),
        language=text_of(told, "language"),
        category=category,
        status=text_of(told, "status").lower(),
        header=text_of(header, "text"),
        body=text_of(body, "text"),
        footer=text_of(parts.get("FOOTER"), "text"),
        buttons=[text_of(button, "text") for button in buttons if text_of(button, "text")],
        places=[
            *_header_places(header),
            *(f"body.{name}" for name in _names(text_of(body, "text"))),
            *_button_places(buttons),
        ],
        why_not=_why_not(category, parts, buttons),
    )


def _names(text: str) -> Sequence[str]:
    """The places of a text, each once: numbers by their size, names as they come."""
    found = list(dict.fromkeys(_PLACE.findall(text)))
    return sorted(found, key=int) if all(name.isdigit() for name in found) else found


def _header_places(header: Mapping[str, Any]) -> list[str]:
    kind = text_of(header, "format").lower()
    if kind in {"image", "video", "document"}:
        return [f"header.{kind}"]
    return [f"header.{name}" for name in _names(text_of(header, "text"))]


def _button_places(buttons: Sequence[Mapping[str, Any]]) -> list[str]:
    places = []
    for index, button in enumerate(buttons):
        kind = text_of(button, "type").upper()
        if kind == "URL" and _PLACE.search(text_of(button, "url")):
            places.append(f"button.{index}")
        elif kind == "COPY_CODE":
            places.append(f"button.{index}.code")
    return places


def _why_not(category: str, parts: Mapping[str, Mapping[str, Any]], buttons: Sequence[Mapping[str, Any]]) -> str:
    """A sentence when such a template needs more than words and addresses."""
    if category == "authentication":
        return noted("Templates that carry a code to sign in are not for people to send.")
    if text_of(parts.get("HEADER"), "format").upper() == "LOCATION":
        return noted("Its header is a place on a map.")
    odd = sorted(set(parts) - set(_PARTS))
    if odd:
        return f"It has a part that can't be filled in here: {odd[0].lower().replace('_', ' ')}."
    kinds = {text_of(button, "type").upper() for button in buttons} - {*_PLAIN_BUTTONS, "URL", "COPY_CODE"}
    return f"It has a button that can't be sent from here: {min(kinds).lower().replace('_', ' ')}." if kinds else ""
