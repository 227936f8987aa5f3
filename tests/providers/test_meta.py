"""What is particular to Meta: its greeting, its signature, the shapes of its calls, its hosts and its templates."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.providers.cases.meta import ACCOUNT
from tests.providers.recorded_cases import AT
from twoway.providers import failures, registry
from twoway.providers.base import (
    Account,
    Attachment,
    HttpResponse,
    Inbound,
    Media,
    OutboundText,
    RawRequest,
    Rejected,
    Throttled,
    Unread,
)
from twoway.providers.meta_outbound import LARGEST_CLIP, LARGEST_IMAGE
from twoway.providers.templates import Template

META = registry.get("meta")
VECTORS = Path(__file__).parents[1] / "vectors"
URL = "https://desk.example.com/hooks/meta/k7q2/inbound"


def request(body: bytes = b"", *, query: str = "", method: str = "POST", **headers: str) -> RawRequest:
    url = f"{URL}?{query}" if query else URL
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(method=method, url=url, headers=told, body=body, received_at=AT)


def sent(text: OutboundText, account: Account = ACCOUNT) -> dict[str, Any]:
    """The JSON of a call."""
    found: dict[str, Any] = json.loads(META.send(account, text).body)
    return found


def text(**fields: Any) -> OutboundText:
    return OutboundText(**{"ref": "17", "recipient": "+14155550101", "body": "Hi", **fields})


# Webhooks


def test_the_documented_signature_is_accepted() -> None:
    vector = json.loads((VECTORS / "signatures.json").read_text())["meta"]
    header = vector["header"].split(": ")[1]
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "app_secret": vector["app_secret"]})
    assert META.verify(account, request(vector["body"].encode(), x_hub_signature_256=header))
    assert not META.verify(ACCOUNT, request(vector["body"].encode(), x_hub_signature_256=header))
    assert not META.verify(account, request(vector["body"].encode(), x_hub_signature_256=header.replace("256", "1")))


@pytest.mark.parametrize(
    ("query", "status", "body"),
    [
        ("hub.mode=subscribe&hub.verify_token=a-word-of-our-own&hub.challenge=1158201444", 200, b"1158201444"),
        ("hub.mode=subscribe&hub.verify_token=another&hub.challenge=1", 403, b"The verify token is another one.\n"),
        ("hub.mode=subscribe&hub.challenge=1", 403, b"The verify token is another one.\n"),
    ],
)
def test_the_greeting_is_answered_to_who_knows_the_token(query: str, status: int, body: bytes) -> None:
    answer = META.greet(ACCOUNT, request(query=query, method="GET"))
    assert answer is not None
    assert (answer.status, answer.body) == (status, body)


def test_both_verify_tokens_are_known_during_a_change_and_nothing_else_is_a_greeting() -> None:
    both = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "verify_token": "new-one, a-word-of-our-own"})
    for token in ("new-one", "a-word-of-our-own"):
        answer = META.greet(both, request(query=f"hub.mode=subscribe&hub.verify_token={token}&hub.challenge=1"))
        assert answer is not None
        assert answer.status == 200
    none = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "verify_token": ""})
    refused = META.greet(none, request(query="hub.mode=subscribe&hub.verify_token=&hub.challenge=1"))
    assert refused is not None
    assert refused.status == 403
    assert META.greet(ACCOUNT, request(method="GET")) is None


def message(**parts: Any) -> Any:
    """What one message of any shape says."""
    told = {"from": "14155550101", "id": "wamid.A", "timestamp": "1767323045", **parts}
    metadata = {"display_phone_number": "14155550199", "phone_number_id": "2768"}
    change = {"field": "messages", "value": {"metadata": metadata, "messages": [told]}}
    body = {"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [change]}]}
    (said,) = META.parse(request(json.dumps(body).encode()))
    return said


@pytest.mark.parametrize(
    "parts",
    [
        {"type": "text", "text": "not an object"},
        {"type": "text"},
        {"type": 7, "text": []},
        {"type": "image", "image": {"id": None}},
        {"type": "location", "location": {"latitude": "x"}},
        {"type": "contacts", "contacts": {"name": "x"}},
        {"type": "contacts", "contacts": [{"name": {"formatted_name": "A"}, "phones": [{"phone": "1"}] * 500}] * 500},
        {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": {"response_json": "{"}}},
        {"type": "interactive", "interactive": {"type": "of_tomorrow"}},
        {"type": "order", "order": {"product_items": [{"item_price": True, "quantity": []}]}},
        {"type": "system", "system": {}},
        {"type": "unsupported", "errors": [7]},
        {"type": "reaction", "reaction": {"emoji": 7}},
        {"timestamp": "99999999999999999999", "type": "text", "text": {"body": "x"}},
    ],
)
def test_a_message_of_any_shape_is_kept_and_bounded(parts: dict[str, Any]) -> None:
    said = message(**parts)
    assert isinstance(said, Inbound)
    assert said.provider_id == "wamid.A"
    assert len(said.body) < 10_000


@pytest.mark.parametrize("missing", ["id", "from"])
def test_a_message_without_an_id_or_a_sender_is_named(missing: str) -> None:
    assert isinstance(message(**{missing: None, "type": "text", "text": {"body": "x"}}), Unread)


# Calls


def test_the_codes_are_those_of_the_reference_map() -> None:
    expected = json.loads((VECTORS / "failure_map.json").read_text())["meta"]
    assert {code: failures.reason_of("meta", code) for code in expected} == expected


@pytest.mark.parametrize(
    ("recipient", "told"),
    [
        ("+14155550101", {"to": "14155550101"}),
        ("whatsapp:+14155550101", {"to": "14155550101"}),
        ("14155550101", {"to": "14155550101"}),
        ("US.13491208655302741918", {"recipient": "US.13491208655302741918"}),
    ],
)
def test_a_number_goes_into_to_and_an_id_into_recipient(recipient: str, told: dict[str, str]) -> None:
    found = sent(text(recipient=recipient))
    assert {key: found[key] for key in ("to", "recipient") if key in found} == told
    assert found["type"] == "text"
    assert found["text"]["body"] == "Hi"
    assert found["biz_opaque_callback_data"] == "17"


@pytest.mark.parametrize(
    ("file", "body", "kind", "told"),
    [
        ({"content_type": "image/jpeg", "size": 100}, "Look", "image", {"caption": "Look"}),
        ({"content_type": "image/png", "size": LARGEST_IMAGE + 1, "name": "a"}, "", "document", {"filename": "a"}),
        ({"content_type": "image/gif", "size": 100}, "", "document", {}),
        ({"content_type": "video/mp4", "size": LARGEST_CLIP}, "Look", "video", {"caption": "Look"}),
        ({"content_type": "audio/ogg; codecs=opus", "size": 100}, "", "audio", {}),
        ({"content_type": "audio/ogg", "name": "a"}, "Hear", "document", {"caption": "Hear", "filename": "a"}),
        ({"content_type": "application/pdf", "name": "a"}, "Sign", "document", {"caption": "Sign", "filename": "a"}),
    ],
)  # fmt: skip
def test_a_file_goes_as_what_whatsapp_takes_it_for(
    file: dict[str, Any], body: str, kind: str, told: dict[str, str]
) -> None:
    attachment = Attachment(url="https://desk.example.com/m/1", **file)
    found = sent(text(body=body, media=[attachment]))
    assert found["type"] == kind
    assert found[kind] == {"link": "https://desk.example.com/m/1", **told}


def test_what_a_message_cannot_hold_is_refused_before_the_call() -> None:
    file = Attachment(url="https://desk.example.com/m/1", content_type="image/png")
    for wrong, code in (
        (text(media=[file, file]), "media_problem"),
        (text(media=[file], body="x" * 1025), "content_invalid"),
        (text(template=Template(name="a", language="en", values=["x"], places=[])), "template_problem"),
    ):
        with pytest.raises(Rejected) as refused:
            META.send(ACCOUNT, wrong)
        assert refused.value.code == code


def test_a_templates_values_go_where_they_belong() -> None:
    template = Template(
        name="order_ready",
        language="en_US",
        places=["header.image", "body.1", "body.order", "button.0", "button.1.code"],
        values=["https://example.com/a.png", "Kim", "1041", "track/1041", "SAVE10"],
    )
    assert sent(text(template=template))["template"] == {
        "name": "order_ready",
        "language": {"code": "en_US"},
        "components": [
            {"type": "header", "parameters": [{"type": "image", "image": {"link": "https://example.com/a.png"}}]},
            {
                "type": "body",
                "parameters": [
                    {"type": "text", "text": "Kim"},
                    {"type": "text", "text": "1041", "parameter_name": "order"},
                ],
            },
            {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "track/1041"}]},
            {
                "type": "button",
                "sub_type": "copy_code",
                "index": "1",
                "parameters": [{"type": "coupon_code", "coupon_code": "SAVE10"}],
            },
        ],
    }
    bare = sent(text(template=Template(name="hello_world", language="en_US")))["template"]
    assert bare == {"name": "hello_world", "language": {"code": "en_US"}}


def test_the_limit_for_one_person_is_told_apart_whatever_the_status() -> None:
    for status in (400, 429):
        for code, one_person in ((131056, True), (130429, False)):
            with pytest.raises(Throttled) as told:
                META.read_send(HttpResponse(status=status, body=json.dumps({"error": {"code": code}}).encode()))
            assert told.value.one_person is one_person


# Files


def json_answer(**told: Any) -> HttpResponse:
    return HttpResponse(status=200, headers={"content-type": "application/json"}, body=json.dumps(told).encode())


def test_a_file_is_fetched_in_two_steps_with_the_token() -> None:
    media = Media(id="1003383421387256")
    first = META.fetch(ACCOUNT, media)
    assert first is not None
    assert first.url.startswith("https://graph.facebook.com/v23.0/1003383421387256?")
    url = "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1"
    second = META.follow(ACCOUNT, media, json_answer(url=url, messaging_product="whatsapp"))
    assert second is not None
    assert second.url == url
    assert second.headers["authorization"] == first.headers["authorization"]
    picture = HttpResponse(status=200, headers={"content-type": "image/jpeg"}, body=b"\xff\xd8")
    assert META.follow(ACCOUNT, media, picture) is None
    assert META.fetch(ACCOUNT, Media(url="https://example.com/a.png")) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/a",
        "https://fbsbx.com.evil.example.com/a",
        "https://evilfbsbx.com/a",
        "http://lookaside.fbsbx.com/a",
        "https://lookaside.fbsbx.com:8443/a",
        "https://evil.example.com@127.0.0.1/a",
        "file:///etc/passwd",
        "",
    ],
)
def test_the_token_goes_to_no_other_host(url: str) -> None:
    with pytest.raises(Rejected) as refused:
        META.follow(ACCOUNT, Media(id="1"), json_answer(url=url))
    assert refused.value.code == "media_problem"


def test_an_operators_own_address_holds_for_files_too() -> None:
    ours = replace(ACCOUNT, settings={"api_base": "http://127.0.0.1:9000"})
    found = META.follow(ours, Media(id="1"), json_answer(url="http://127.0.0.1:9000/file/1"))
    assert found is not None
    with pytest.raises(Rejected):
        META.follow(ours, Media(id="1"), json_answer(url="http://127.0.0.1:9001/file/1"))


# Templates and set-up


def component(kind: str, **parts: Any) -> dict[str, Any]:
    return {"type": kind, **parts}


@pytest.mark.parametrize(
    ("components", "places", "why_not"),
    [
        ([component("BODY", text="Hi")], [], ""),
        ([component("BODY", text="Hi {{2}} and {{1}}, {{1}}")], ["body.1", "body.2"], ""),
        ([component("BODY", text="Hi {{first_name}}, {{order}}")], ["body.first_name", "body.order"], ""),
        ([component("HEADER", text="{{1}}"), component("BODY", text="{{1}}")], ["header.1", "body.1"], ""),
        ([component("HEADER", format="IMAGE"), component("BODY", text="Hi")], ["header.image"], ""),
        ([component("HEADER", format="LOCATION"), component("BODY", text="Hi")], [], "place on a map"),
        ([component("BODY", text="Hi"), component("BUTTONS", buttons=[
            {"type": "QUICK_REPLY", "text": "Yes"}, {"type": "URL", "text": "Track", "url": "https://e.com/{{1}}"},
            {"type": "COPY_CODE", "text": "Copy"}])], ["button.1", "button.2.code"], ""),
        ([component("BODY", text="Hi"), component("BUTTONS", buttons=[{"type": "FLOW", "text": "Go"}])], [], "flow"),
        ([component("BODY", text="Hi"), component("CAROUSEL", cards=[])], [], "carousel"),
    ],
)  # fmt: skip
def test_a_template_says_where_its_values_go(components: list[Any], places: list[str], why_not: str) -> None:
    told = {"id": "1", "name": "a", "language": "en", "status": "APPROVED", "category": "UTILITY"}
    (found,) = META.read_templates(json_answer(data=[{**told, "components": components}])).items
    assert list(found.places) == places
    assert why_not in found.why_not
    assert bool(why_not) == bool(found.why_not)
    assert (found.status, found.category) == ("approved", "utility")


def test_sign_in_codes_are_not_for_people_to_send() -> None:
    told = {"name": "a", "language": "en", "status": "APPROVED", "category": "AUTHENTICATION", "components": []}
    (found,) = META.read_templates(json_answer(data=[told])).items
    assert found.why_not


def test_pages_follow_one_another() -> None:
    page = META.read_templates(json_answer(data=[], paging={"cursors": {"after": "abc"}, "next": "https://x"}))
    assert page.cursor == "abc"
    call = META.list_templates(ACCOUNT, cursor="abc")
    assert call is not None
    assert "after=abc" in call.url
    assert META.read_templates(json_answer(data=[], paging={"cursors": {"after": "abc"}})).cursor == ""


@pytest.mark.parametrize(
    ("told", "ok", "words"),
    [
        ({"display_phone_number": "+1 415-555-0199"}, False, "no callback URL"),
        ({"display_phone_number": "+1 415-555-0198"}, False, "+14155550198"),
        ({"id": "1"}, False, "isn't one of a WhatsApp number"),
        ({"webhook_configuration": {"application": URL}}, True, URL),
        ({"webhook_configuration": {"application": URL, "phone_number": "https://e.com/x"}}, False, "https://e.com/x"),
        ({"webhook_configuration": {"application": URL}, "quality_rating": "RED"}, True, "rates this number red"),
    ],
)
def test_a_check_compares_number_and_address(told: dict[str, Any], ok: bool, words: str) -> None:
    account = replace(ACCOUNT, settings={"inbound_url": URL})
    whole = told if "id" in told else {"display_phone_number": "+1 415-555-0199", **told}
    checked = META.read_check(account, json_answer(**whole))
    assert checked.ok is ok
    assert words in checked.detail
