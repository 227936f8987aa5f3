"""What is particular about Bandwidth: passwords instead of signatures, arrays, groups, codes, credentials for files."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bandwidth.models.inbound_callback import InboundCallback  # type: ignore[import-untyped]
from bandwidth.models.message_request import MessageRequest  # type: ignore[import-untyped]
from bandwidth.models.status_callback import StatusCallback  # type: ignore[import-untyped]

from tests.providers.cases.bandwidth import ACCOUNT
from tests.providers.recorded_cases import webhook, webhook_names
from twoway.providers import failures, registry
from twoway.providers.base import Attachment, HttpResponse, Inbound, Malformed, Media, OutboundText

MAP = json.loads((Path(__file__).parents[1] / "vectors" / "failure_map.json").read_text())["bandwidth"]
BANDWIDTH = registry.get("bandwidth")
TEXT = OutboundText(ref="41", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s")
FILES = "https://messaging.bandwidth.com/api/v2/users/9900000/media"


def header(user: str, password: str, scheme: str = "Basic") -> str:
    return f"{scheme} " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.mark.parametrize(
    ("authorization", "is_accepted"),
    [
        (header("twoway", "a-password-for-callbacks"), True),
        (header("twoway", "a-password-for-callbacks", "basic"), True),
        (header("twoway", "a-password-for-calls"), False),
        (header("desk-api", "a-password-for-callbacks"), False),
        (header("twoway", ""), False),
        (header("", ""), False),
        (header("twoway", "a-password-for-callbacks", "Bearer"), False),
        ("a-password-for-callbacks", False),
        ("", False),
    ],
)
def test_a_webhook_is_known_by_name_and_password(authorization: str, is_accepted: bool) -> None:
    request, _ = webhook("bandwidth", "inbound_text")
    assert BANDWIDTH.verify(ACCOUNT, replace(request, headers={"authorization": authorization})) is is_accepted


def test_without_a_password_nothing_is_believed() -> None:
    request, _ = webhook("bandwidth", "inbound_text")
    for password in ("", " ", ","):
        account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "callback_password": password})
        for given in ("", header("twoway", ""), header("twoway", password)):
            assert BANDWIDTH.verify(account, replace(request, headers={"authorization": given})) is False


def test_the_password_is_required() -> None:
    assert {field.key for field in BANDWIDTH.fields if field.required} == set(ACCOUNT.credentials)


ODD = {"inbound_one_of_two_unreadable", "inbound_unknown_fields", "inbound_no_text_at_all", "receipt_new_word"}
PLAIN = [name for name in webhook_names("bandwidth") if name.startswith(("inbound", "receipt")) and name not in ODD]


@pytest.mark.parametrize("name", PLAIN)
def test_recorded_events_have_the_shape_of_the_sdk(name: str) -> None:
    model = InboundCallback if name.startswith("inbound") else StatusCallback
    for event in json.loads(webhook("bandwidth", name)[0].body):
        read = model.from_dict(event)
        assert read is not None
        assert read.message.id == event["message"]["id"]


def test_its_codes_are_those_of_the_reference_map() -> None:
    assert {code: failures.reason_of("bandwidth", code) for code in MAP} == MAP
    assert failures.reason_of("bandwidth", "5106") == "provider_error"
    assert failures.reason_of("bandwidth", "5620") == "unreachable_temp"
    assert failures.reason_of("bandwidth", "4999") == "unknown"


def sent(**changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(BANDWIDTH.send(ACCOUNT, replace(TEXT, **changes)).body)
    return told


def test_a_text_is_sent_as_the_api_takes_it() -> None:
    told = sent()
    until = datetime.fromisoformat(told.pop("expiration"))
    assert timedelta(minutes=59) < until - datetime.now(UTC) < timedelta(minutes=61)
    assert told == {
        "applicationId": "93de2206-9669-4e07-948d-329f4b722ee2",
        "to": ["+14155550101"],
        "from": "+14155550199",
        "text": "Hi",
        "tag": "41",
    }
    assert MessageRequest.from_dict({**told, "expiration": until.isoformat()}) is not None


def test_pictures_are_sent_and_do_not_expire() -> None:
    told = sent(media=[Attachment(url="https://desk.example.com/m/1")], body="")
    assert told["media"] == ["https://desk.example.com/m/1"]
    assert not {"text", "expiration"} & set(told)


@pytest.mark.parametrize("body", [b"{}", b'{"type": "message-received"}', b"[1]", b'["a"]', b'[{"a": 1}, 2]'])
def test_what_is_no_array_of_events_is_malformed(body: bytes) -> None:
    request, _ = webhook("bandwidth", "inbound_text")
    with pytest.raises(Malformed, match="array of events"):
        BANDWIDTH.parse(replace(request, body=body))


def test_a_single_event_that_lacks_something_is_malformed() -> None:
    request, _ = webhook("bandwidth", "inbound_text")
    with pytest.raises(Malformed, match="id, from and owner"):
        BANDWIDTH.parse(replace(request, body=b'[{"type": "message-received", "message": {}}]'))


def test_a_group_text_is_for_its_owner() -> None:
    (said,) = BANDWIDTH.parse(webhook("bandwidth", "inbound_group")[0])
    assert isinstance(said, Inbound)
    assert (said.sender, said.recipient) == ("+14155550101", "+14155550199")


@pytest.mark.parametrize(
    ("url", "has_credentials"),
    [
        (f"{FILES}/1/photo.jpg", True),
        ("https://messaging.bandwidth.com/api/v2/users/1234567/media/1.jpg", False),
        ("https://messaging.bandwidth.com.evil.example.com/api/v2/users/9900000/media/1.jpg", False),
        ("http://messaging.bandwidth.com/api/v2/users/9900000/media/1.jpg", False),
        (f"{FILES}/../../../9900001/media/1.jpg", False),
        (f"{FILES}@evil.example.com/1.jpg", False),
        ("https://elsewhere.example.com/1.jpg", False),
    ],
)
def test_credentials_go_to_bandwidths_own_files_only(url: str, has_credentials: bool) -> None:
    call = BANDWIDTH.fetch(ACCOUNT, Media(url=url))
    assert call is not None
    assert call.url == url
    assert ("authorization" in call.headers) is has_credentials
    assert BANDWIDTH.fetch(ACCOUNT, Media()) is None


APPLICATION = """<?xml version="1.0"?><ApplicationProvisioningResponse><Application>
<ApplicationId>93de2206-9669-4e07-948d-329f4b722ee2</ApplicationId><ServiceType>Messaging-V2</ServiceType>
<AppName>Desk</AppName><InboundCallbackUrl>{url}</InboundCallbackUrl>
<InboundCallbackCreds><UserId>{user}</UserId></InboundCallbackCreds>
<OutboundCallbackUrl>https://desk.example.com/status</OutboundCallbackUrl>
</Application></ApplicationProvisioningResponse>"""


@pytest.mark.parametrize(
    ("url", "user", "is_ok", "says"),
    [
        ("https://desk.example.com/in?a=1&amp;b=2", "twoway", True, "are sent to"),
        ("https://other.example.com/", "twoway", False, "other.example.com"),
        ("", "twoway", False, "nowhere"),
        ("https://desk.example.com/in?a=1&amp;b=2", "somebody", False, "“somebody”"),
        ("https://desk.example.com/in?a=1&amp;b=2", "", False, "empty"),
    ],
)
def test_the_check_compares_the_application(url: str, user: str, is_ok: bool, says: str) -> None:
    account = replace(ACCOUNT, settings={"inbound_url": "https://desk.example.com/in?a=1&b=2"})
    told = APPLICATION.format(url=url, user=user).encode()
    checked = BANDWIDTH.read_check(account, HttpResponse(status=200, body=told))
    assert checked.ok is is_ok
    assert says in checked.detail


@pytest.mark.parametrize(("status", "says"), [(401, "credentials"), (404, "application"), (500, "500")])
def test_the_check_says_what_is_wrong(status: int, says: str) -> None:
    checked = BANDWIDTH.read_check(ACCOUNT, HttpResponse(status=status))
    assert not checked.ok
    assert says in checked.detail
