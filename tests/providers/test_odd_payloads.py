"""Whatever a webhook or an answer holds, the adapters of Plivo, Vonage and Sinch read it or refuse it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.providers.recorded_cases import ACCOUNTS, AT
from twoway.providers import registry
from twoway.providers.base import Checked, HttpResponse, Malformed, RawRequest, SendError, Unread

SLUGS = ("plivo", "sinch", "vonage", "vonage_sms")
NAMES = """
    message_uuid from to channel message_type text image content location reply button reaction profile sms usage
    status error client_ref timestamp file type id body batch_id code statuses client_reference at sent_at messageId
    msisdn concat concat-ref concat-part concat-total data scts err-code message-timestamp messages message inbounds
    batches objects page count title detail invalid_number capabilities numbers MessageUUID From To Text Status Units
    TotalAmount MessageIntent Media0 Media1 url name caption lat long media webhooks price currency message-id
    message-price message_time total_amount features canceled
"""
WORDS = """
    text image content location mo_text mo_media mo_binary recipient_delivery_report_sms delivery_report_sms whatsapp
    delivered 14155550101 2026-01-02T03:04:05Z 9999-99-99 true 1 0 99999999999999999999 ff00 NaN
"""
SCALARS = st.none() | st.booleans() | st.integers(-10, 10**9) | st.sampled_from(WORDS.split()) | st.text(max_size=6)


def grown(below: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES.split()), below, max_size=4)


PAYLOADS = st.dictionaries(st.sampled_from(NAMES.split()), st.recursive(SCALARS, grown, max_leaves=6), max_size=10)


def hook(body: bytes, content_type: str) -> RawRequest:
    url, headers = "https://desk.example.com/h?key=x", {"content-type": content_type}
    return RawRequest(method="POST", url=url, headers=headers, body=body, received_at=AT)


@pytest.mark.parametrize("slug", SLUGS)
@given(told=PAYLOADS)
def test_any_webhook_is_read_or_malformed(slug: str, told: dict[str, Any]) -> None:
    fields = {name: value if isinstance(value, str) else orjson.dumps(value).decode() for name, value in told.items()}
    provider = registry.get(slug)
    for request in (
        hook(orjson.dumps(told), "application/json"),
        hook(urlencode(fields).encode(), "application/x-www-form-urlencoded"),
    ):
        assert provider.verify(ACCOUNTS[slug], request) is False
        refused, records = "", []
        try:
            records = list(provider.parse(request))
        except Malformed as error:
            refused = str(error)
        assert not refused or refused.endswith(".")
        assert all(record.provider_id for record in records if not isinstance(record, Unread))


@pytest.mark.parametrize("slug", SLUGS)
@given(told=PAYLOADS, status=st.sampled_from([200, 201, 202, 400, 401, 402, 403, 404, 422, 429, 500]))
def test_any_answer_is_read_or_an_error(slug: str, told: dict[str, Any], status: int) -> None:
    provider, answer = registry.get(slug), HttpResponse(status=status, body=orjson.dumps(told))
    for read in (provider.read_send, provider.read_list, provider.read_received):
        code = ""
        try:
            read(answer)
        except SendError as error:
            code = error.provider_code
        assert len(code) <= 20
    assert isinstance(provider.read_check(ACCOUNTS[slug], answer), Checked)
