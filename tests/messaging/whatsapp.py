"""Hands for WhatsApp: a number at a fake Graph API, its webhooks through intake, and what was stored."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests import make
from tests.conftest import NOW
from tests.fakes import graph_api
from tests.messaging import hands
from twoway.channels.models import Channel, Template
from twoway.conversations.models import Conversation
from twoway.providers.base import HttpResponse, RawRequest
from twoway.teams.models import Workspace

NUMBER, USER_ID = "14155550101", "US.13491208655302741918"


def number(workspace: Workspace, *, api_base: str = "", address: str = "+14155550199", **fields: Any) -> Channel:
    """A WhatsApp number of ours at Meta."""
    given = {"rate": 100.0, "service_id": graph_api.PHONE_ID, **fields}
    settings = {"api_base": api_base} if api_base else {}
    return make.make_channel(
        workspace,
        at=NOW,
        provider="meta",
        kind="whatsapp",
        address=f"whatsapp:{address}",
        credentials=graph_api.CREDENTIALS,
        settings=settings,
        **given,
    )


def raw(channel: Channel, *changes: dict[str, Any], at: datetime | None = None) -> RawRequest:
    """A signed webhook."""
    body = graph_api.webhook(*changes)
    headers = {"content-type": "application/json", "x-hub-signature-256": graph_api.signature(body)}
    return RawRequest(
        method="POST", url=hands.url(channel), headers=headers, body=body, received_at=at or datetime.now(UTC)
    )


def hear(channel: Channel, *changes: dict[str, Any], at: datetime | None = None) -> HttpResponse:
    """One webhook through a real intake."""
    (answer,) = hands.post([(channel, raw(channel, *changes, at=at))])
    return answer


def written(channel: Channel, *, at: datetime | None = None, body: str = "Hi", **who: Any) -> Conversation:
    """The conversation of somebody who wrote at this time."""
    who = who or {"number": NUMBER, "name": "Kim"}
    assert hear(channel, graph_api.text(body, **who), at=at).status == 200
    return Conversation.objects.latest("id")


def known_template(channel: Channel, name: str = "order_ready", **fields: Any) -> Template:
    """A template that was fetched before."""
    given = {
        "provider_id": "594",
        "language": "en_US",
        "category": "utility",
        "status": "approved",
        "body": "Hi {{1}}, your order {{2}} is ready.",
        "places": ["body.1", "body.2"],
        "fetched_at": NOW,
        **fields,
    }
    return Template.objects.create(channel=channel, name=name, **given)
