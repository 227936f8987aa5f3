"""What is particular to WhatsApp through Twilio: prefixed addresses, profile names, places, and content templates.

Sources: twilio.com/docs/whatsapp, and the Content API (ContentAndApprovals, ContentSid and ContentVariables of a
Message). A person without a phone number comes as `whatsapp:US.1349...`, or with that id in `ExternalUserId`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode, urlsplit

import orjson

from twoway.lib.words import noted
from twoway.providers.base import Account, HttpResponse, Inbound, Media, OutboundText
from twoway.providers.outcomes import json_object
from twoway.providers.templates import ListedTemplate, TemplatePage

PREFIX = "whatsapp:"
CONTENT_API = "https://content.twilio.com"
PAGE = 200
_COORDINATE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")
_PLACE = re.compile(r"\{\{\s*([A-Za-z0-9_]{1,60})\s*\}\}")


def recipient(account: Account, text: OutboundText) -> str:
    """Whom Twilio is told: with WhatsApp's prefix when the number of ours is one of WhatsApp's."""
    ours = text.sender or account.address
    is_whatsapp = ours.startswith(PREFIX) or account.address.startswith(PREFIX)
    return f"{PREFIX}{text.recipient}" if is_whatsapp and not text.recipient.startswith(PREFIX) else text.recipient


def inbound(text: Inbound, form: Mapping[str, str]) -> Inbound:
    """A text with what only WhatsApp tells; any other text as it is."""
    if not text.sender.startswith(PREFIX):
        return text
    user_id = form.get("ExternalUserId", "").strip()
    place, words = _location(form)
    return replace(
        text,
        body=text.body or words or form.get("ButtonText", ""),
        media=[*text.media, *place],
        sender_name=form.get("ProfileName", ""),
        alias=f"{PREFIX}{user_id}" if user_id and f"{PREFIX}{user_id}" != text.sender else "",
    )


def _location(form: Mapping[str, str]) -> tuple[Sequence[Media], str]:
    """A place as a geo: address (RFC 5870), and its name and street as words; nothing when there is none."""
    latitude, longitude = form.get("Latitude", ""), form.get("Longitude", "")
    if not _COORDINATE.fullmatch(latitude) or not _COORDINATE.fullmatch(longitude):
        return (), ""
    label = form.get("Label", "")[:300]
    words = "\n".join(filter(None, [label, form.get("Address", "")[:300]]))
    return (Media(url=f"geo:{latitude},{longitude}", name=label),), words


def content(text: OutboundText) -> list[tuple[str, str]]:
    """The form fields of a template; none for an ordinary text."""
    if text.template is None:
        return []
    fields = [("ContentSid", text.template.id)]
    values = dict(zip(text.template.places, text.template.values, strict=True))
    return [*fields, ("ContentVariables", orjson.dumps(values).decode())] if values else fields


def list_url(account: Account, cursor: str) -> str:
    """Where a page of the account's templates is. The cursor is the query of the page before's `next_page_url`."""
    base = (account.api_base or CONTENT_API).rstrip("/")
    return f"{base}/v1/ContentAndApprovals?{cursor or urlencode({'PageSize': PAGE})}"


def read_templates(response: HttpResponse) -> TemplatePage:
    """One page of them; the caller has looked at the status. Raises `Uncertain` when it can't be read."""
    told = json_object(response)
    meta, found = told.get("meta"), told.get("contents")
    following = meta.get("next_page_url") if isinstance(meta, dict) else ""
    items = [_template(one) for one in (found if isinstance(found, list) else []) if isinstance(one, dict)]
    return TemplatePage(items=items, cursor=urlsplit(following).query if isinstance(following, str) else "")


def _template(told: Mapping[str, Any]) -> ListedTemplate:
    approval = _object(told.get("approval_requests"))
    types = _object(told.get("types"))
    kind = next(iter(types), "")
    part = _object(types.get(kind))
    is_code = kind == "whatsapp/authentication"
    return ListedTemplate(
        id=_text(told.get("sid")),
        name=_text(approval.get("name")) or _text(told.get("friendly_name")),
        language=_text(told.get("language")),
        category=_text(approval.get("category")).lower(),
        status=_text(approval.get("status")).lower() or "unsubmitted",
        header=_text(part.get("header_text")),
        body="\n".join(filter(None, (_text(part.get(name)) for name in ("title", "body", "subtitle")))),
        footer=_text(part.get("footer")),
        buttons=_buttons(part),
        places=_places(part),
        why_not=noted("Templates that carry a code to sign in are not for people to send.") if is_code else "",
    )


def _buttons(part: Mapping[str, Any]) -> list[str]:
    actions = part.get("actions")
    told = [action for action in (actions if isinstance(actions, list) else []) if isinstance(action, dict)]
    return [_text(action.get("title")) for action in told if _text(action.get("title"))]


def _places(part: Mapping[str, Any]) -> list[str]:
    """Every variable of a template wherever it stands, once: numbers by their size, then names as they come."""
    found = list(dict.fromkeys(_PLACE.findall(orjson.dumps(part).decode())))
    numbers = sorted((name for name in found if name.isdigit()), key=int)
    return [*numbers, *(name for name in found if not name.isdigit())]


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
