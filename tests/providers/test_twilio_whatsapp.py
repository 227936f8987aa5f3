"""WhatsApp through Twilio: addresses with their prefix, content templates, and lists that name people as we do."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson
import pytest

from tests.providers.cases.twilio import ACCOUNT
from tests.providers.recorded_cases import AT
from twoway.providers import registry
from twoway.providers.base import HttpResponse, OutboundText
from twoway.providers.templates import Template

TWILIO = registry.get("twilio")
WHATSAPP = replace(ACCOUNT, address="whatsapp:+14155550199")


def form(text: OutboundText, account: Any = WHATSAPP) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(TWILIO.send(account, text).body.decode()).items()}


@pytest.mark.parametrize(
    ("account", "recipient", "to", "sender"),
    [
        (WHATSAPP, "+14155550101", "whatsapp:+14155550101", "whatsapp:+14155550199"),
        (WHATSAPP, "whatsapp:+14155550101", "whatsapp:+14155550101", "whatsapp:+14155550199"),
        (WHATSAPP, "US.13491208655302741918", "whatsapp:US.13491208655302741918", "whatsapp:+14155550199"),
        (ACCOUNT, "+14155550101", "+14155550101", "+14155550199"),
    ],
)
def test_both_addresses_have_the_prefix_or_none(account: Any, recipient: str, to: str, sender: str) -> None:
    told = form(OutboundText(ref="1", recipient=recipient, body="Hi", sender=account.address), account)
    assert (told["To"], told["From"], told["Body"]) == (to, sender, "Hi")
    call = TWILIO.list_sent(
        account, OutboundText(ref="1", recipient=recipient, body="Hi"), since=AT - timedelta(minutes=1)
    )
    assert call is not None
    assert parse_qs(urlsplit(call.url).query)["To"] == [to]


def test_a_template_is_named_by_its_content_and_has_no_body() -> None:
    template = Template(name="order_ready", language="en", id="HX1", places=["1", "order"], values=["Kim", "é 1041"])
    told = form(OutboundText(ref="1", recipient="+14155550101", body="Hi Kim", template=template))
    assert told["ContentSid"] == "HX1"
    assert json.loads(told["ContentVariables"]) == {"1": "Kim", "order": "é 1041"}
    assert "Body" not in told
    bare = form(OutboundText(ref="1", recipient="+1", body="Hi", template=Template(name="a", language="en", id="HX2")))
    assert bare["ContentSid"] == "HX2"
    assert "ContentVariables" not in bare


def test_a_list_names_people_as_we_do() -> None:
    message = {"sid": "SM1", "to": "whatsapp:+14155550101", "body": "Hi", "status": "sent", "direction": "outbound-api"}
    (found,) = TWILIO.read_list(HttpResponse(status=200, body=orjson.dumps({"messages": [message]})))
    assert found.recipient == "+14155550101"


def test_a_page_of_templates_is_asked_for_at_the_same_host_whatever_the_last_one_said() -> None:
    page = {"contents": [], "meta": {"next_page_url": "https://evil.example.com/v1/x?PageToken=1&PageSize=2"}}
    cursor = TWILIO.read_templates(HttpResponse(status=200, body=orjson.dumps(page))).cursor
    call = TWILIO.list_templates(WHATSAPP, cursor=cursor)
    assert call is not None
    assert call.url == "https://content.twilio.com/v1/ContentAndApprovals?PageToken=1&PageSize=2"
