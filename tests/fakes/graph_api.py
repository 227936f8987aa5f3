"""A fake of Meta's Graph API as WhatsApp uses it: messages, templates, files and a number, with faults.

It is a script for `tests.providers.serving`, so it runs in a thread of the test. It checks the token, remembers what it
took, signs webhooks as Meta documents it, and refuses what Meta refuses: a free text to somebody whose window is
closed, and a template with the wrong number of values.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from urllib.request import Request as Call
from urllib.request import urlopen

from tests.fakes.http_server import HANG_UP, Answer, Request

PHONE_ID, ACCOUNT_ID = "27681414235104944", "8856996819413533"
TOKEN, SECRET, VERIFY = "EAAG0123456789abcdef", "0123456789abcdef0123456789abcdef", "a-word-of-our-own"
CREDENTIALS = {
    "phone_number_id": PHONE_ID,
    "business_account_id": ACCOUNT_ID,
    "access_token": TOKEN,
    "app_secret": SECRET,
    "verify_token": VERIFY,
}
OURS = "14155550199"
_inbound = itertools.count(1)


def template(
    name: str, body: str, *, status: str = "APPROVED", category: str = "UTILITY", components: Any = (), **parts: Any
) -> dict[str, Any]:
    """A template as Meta lists it."""
    components = [{"type": "BODY", "text": body}, *components]
    told = {"id": f"59{len(name)}", "name": name, "language": "en_US", "status": status, "category": category}
    return {**told, "parameter_format": "POSITIONAL", "components": components, **parts}


@dataclass
class GraphApi:
    """The fake's memory, its faults and its answers. `closed` are people whose window is closed, by number or id."""

    templates: list[dict[str, Any]] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    pair_limits: dict[str, int] = field(default_factory=dict)
    drop: bool = False
    page: int = 2
    callback: str = ""
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: Any = field(default_factory=lambda: itertools.count(1))

    def __call__(self, request: Request) -> Answer:
        """Route one request."""
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return error(401, 190, "Error validating access token")
        parts = request.path.strip("/").split("/")[1:]
        if parts == [PHONE_ID, "messages"] and request.method == "POST":
            return self._message(json.loads(request.body))
        if parts == [ACCOUNT_ID, "message_templates"]:
            return self._templates(parse_qs(request.query))
        if parts == [PHONE_ID]:
            number = {"display_phone_number": "+1 415-555-0199", "quality_rating": "GREEN"}
            return answer({**number, "webhook_configuration": {"application": self.callback}})
        return error(404, 100, "Unsupported request")

    def _message(self, told: dict[str, Any]) -> Answer:
        to = told.get("to") or told["recipient"]
        if self.pair_limits.get(to, 0) > 0:
            self.pair_limits[to] -= 1
            return error(400, 131056, "Pair rate limit hit")
        if told["type"] == "template":
            wrong = self._wrong_template(told["template"])
            if wrong is not None:
                return wrong
        elif to in self.closed:
            return error(400, 131047, "Re-engagement message")
        wamid = f"wamid.{next(self.ids):08d}"
        self.taken.append({**told, "wamid": wamid})
        if self.drop:
            return HANG_UP
        return answer({"contacts": [{"input": to, "wa_id": to}], "messages": [{"id": wamid}]})

    def _wrong_template(self, told: dict[str, Any]) -> Answer | None:
        known = [one for one in self.templates if one["name"] == told["name"]]
        if not known:
            return error(404, 132001, "Template name does not exist")
        given = sum(len(part["parameters"]) for part in told.get("components", []) if part["type"] == "body")
        wanted = known[0]["components"][0]["text"].count("{{")
        return None if given == wanted else error(400, 132000, "Number of parameters does not match")

    def _templates(self, query: dict[str, list[str]]) -> Answer:
        start = int(query.get("after", ["0"])[0])
        end = start + self.page
        paging = {"cursors": {"after": str(end)}}
        more = {"next": "https://graph.facebook.com/next"} if end < len(self.templates) else {}
        return answer({"data": self.templates[start:end], "paging": {**paging, **more}})


def answer(told: dict[str, Any], status: int = 200) -> Answer:
    return Answer(status=status, body=json.dumps(told).encode())


def error(status: int, code: int, message: str) -> Answer:
    """An error as the Graph API writes it."""
    told = {"message": f"(#{code}) {message}", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    return answer({"error": told}, status)


# Webhooks


def webhook(*changes: dict[str, Any]) -> bytes:
    """The body of one webhook."""
    entry = [{"id": ACCOUNT_ID, "changes": [{"field": "messages", "value": change} for change in changes]}]
    return json.dumps({"object": "whatsapp_business_account", "entry": entry}).encode()


def change(*, ours: str = OURS, phone_id: str = PHONE_ID, **parts: Any) -> dict[str, Any]:
    """One change of a webhook, with `messages`, `contacts` or `statuses`."""
    metadata = {"display_phone_number": ours, "phone_number_id": phone_id}
    return {"messaging_product": "whatsapp", "metadata": metadata, **parts}


def text(
    body: str, *, number: str = "", user_id: str = "", name: str = "", wamid: str = "", **ours: str
) -> dict[str, Any]:
    """The change that one text is."""
    message: dict[str, Any] = {"id": wamid or f"wamid.in.{next(_inbound)}", "timestamp": "1767323045"}
    message |= {"type": "text", "text": {"body": body}}
    person: dict[str, Any] = {"profile": {"name": name}} if name else {}
    if number:
        message["from"], person["wa_id"] = number, number
    if user_id:
        message["from_user_id"], person["user_id"] = user_id, user_id
    return change(messages=[message], contacts=[person] if person else [], **ours)


def receipt(wamid: str, status: str, *, ref: str = "", code: int = 0, category: str = "") -> dict[str, Any]:
    """The change that one receipt is."""
    told: dict[str, Any] = {"id": wamid, "status": status, "timestamp": "1767323046", "recipient_id": "14155550101"}
    if ref:
        told["biz_opaque_callback_data"] = ref
    if code:
        told["errors"] = [{"code": code, "title": "No"}]
    if category:
        told["pricing"] = {"billable": True, "pricing_model": "PMP", "category": category}
    return change(statuses=[told])


def signature(body: bytes) -> str:
    """As Meta documents it, written again here so that the tests do not lean on our own."""
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def post(url: str, body: bytes) -> int:
    """Deliver a webhook over the wire; the status of the answer."""
    headers = {"content-type": "application/json", "x-hub-signature-256": signature(body)}
    with urlopen(Call(url, data=body, headers=headers, method="POST")) as heard:  # noqa: S310 - our own server
        status: int = heard.status
    return status
