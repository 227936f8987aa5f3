"""Plivo's own ways: both signatures against the official SDK, the secret in the address, calls, the check."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plivo.utils import validate_signature, validate_v3_signature  # type: ignore[import-untyped]

from tests.providers.recorded_cases import ACCOUNTS, AT, webhook
from twoway.providers import failures, plivo_signature, registry
from twoway.providers.base import Attachment, HttpResponse, Media, OutboundText, RawRequest
from twoway.providers.templates import Template

PLIVO = registry.get("plivo")
ACCOUNT = ACCOUNTS["plivo"]
TOKEN, SECRET = ACCOUNT.credentials["auth_token"], ACCOUNT.credentials["url_secret"]
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text())
MAP = json.loads((Path(__file__).parents[1] / "vectors" / "failure_map.json").read_text())["plivo"]
FORM = {"content-type": "application/x-www-form-urlencoded"}
OURS = "https://desk.example.com/hooks/plivo/k7q2k7q2/inbound"
TEXT = OutboundText(ref="8123", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s?m=8123")


def raw(url: str, form: dict[str, str], method: str = "POST", **headers: str) -> RawRequest:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    body = b"" if method == "GET" else urlencode(form).encode()
    return RawRequest(method=method, url=url, headers={**FORM, **names}, body=body, received_at=AT)


def verified(request: RawRequest, **credentials: str) -> bool:
    return PLIVO.verify(replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials}), request)


# Signatures


def test_the_v2_vector() -> None:
    told = VECTORS["plivo_v2"]
    headers = {"x_plivo_signature_v2": told["signature"], "x_plivo_signature_v2_nonce": told["nonce"]}
    request = raw(told["url"] + f"&key={SECRET}", {"Text": "Hi"}, **headers)
    assert verified(request, auth_token=told["auth_token"])
    assert not verified(request, auth_token=told["auth_token"][::-1])
    assert plivo_signature.sign(told["auth_token"], told["signed"].encode()).decode() == told["signature"]


@pytest.mark.parametrize("name", ["plivo_v3_post", "plivo_v3_post_noquery", "plivo_v3_get"])
def test_the_v3_vectors(name: str) -> None:
    told = VECTORS[name]
    assert (
        plivo_signature.sign(VECTORS["plivo_v2"]["auth_token"], told["signed"].encode()).decode() == told["signature"]
    )


@pytest.mark.parametrize(("name", "url", "method"), [
    ("plivo_v3_post", "https://desk.example.com/hooks/plivo/sms?tenant=7", "POST"),
    ("plivo_v3_post_noquery", "https://desk.example.com/hooks/plivo/sms", "POST"),
    ("plivo_v3_get", "https://desk.example.com/hooks/plivo/sms?tenant=7", "GET"),
])  # fmt: skip
def test_what_the_v3_vectors_sign_is_what_we_sign(name: str, url: str, method: str) -> None:
    form, told = VECTORS["plivo_v3_post"]["params"], VECTORS[name]
    request = raw(f"{url}&{urlencode(form)}" if method == "GET" else url, form, method)
    nonce = VECTORS["plivo_v3_post"]["nonce"]
    assert plivo_signature.signed_by_v3(request, nonce) == told["signed"]


NAMES = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=12)
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)
QUERIES = st.sampled_from(["", "&m=8123", "&b=2&a=1", "&a=2&a=1", "&empty="])


@given(st.dictionaries(NAMES, VALUES, max_size=8), QUERIES, st.text(alphabet="0123456789", min_size=1, max_size=20))
def test_whatever_the_official_sdk_signs_by_v3_is_accepted(form: dict[str, str], query: str, nonce: str) -> None:
    url = f"{OURS}?key={SECRET}{query}"
    request = raw(url, form)
    text = plivo_signature.signed_by_v3(request, nonce)
    assert text is not None
    signature = plivo_signature.sign(TOKEN, text.encode()).decode()
    assert validate_v3_signature("POST", url, nonce, TOKEN, signature, dict(form))
    signed = replace(
        request,
        headers={**FORM, "x-plivo-signature-v3": f"another,{signature}", "x-plivo-signature-v3-nonce": nonce},
    )
    assert verified(signed)
    assert not verified(replace(signed, body=request.body + b"&more=1"))


@given(st.text(alphabet="0123456789abcdef", min_size=1, max_size=30))
def test_v2_signs_what_the_official_sdk_says(nonce: str) -> None:
    url = f"{OURS}?key={SECRET}"
    signature = plivo_signature.sign(TOKEN, (OURS + nonce).encode()).decode()
    assert validate_signature(url, nonce, signature, TOKEN)
    headers = {"x_plivo_signature_v2": signature, "x_plivo_signature_v2_nonce": nonce}
    assert verified(raw(url, {"Text": "Hi"}, **headers))
    assert not verified(raw(url, {}, x_plivo_signature_v2=signature, x_plivo_signature_v2_nonce=nonce + "0"))


def by_v2(url: str, token: str = TOKEN, header: str = "x_plivo_signature_v2") -> RawRequest:
    signature = plivo_signature.sign(token, (url.partition("?")[0] + "123").encode()).decode()
    return raw(url, {"Text": "Hi"}, **{header: signature, "x_plivo_signature_v2_nonce": "123"})


def test_v2_alone_does_not_do_without_the_secret_in_the_address() -> None:
    """V2 leaves the words open: whoever saw one signed request could put others behind it."""
    assert verified(by_v2(f"{OURS}?key={SECRET}"))
    for query in ("", "?key=", "?key=wrong", f"?key={SECRET}x", f"?other={SECRET}", f"?key={SECRET}&key=wrong"):
        assert not verified(by_v2(OURS + query)), query
    assert not verified(by_v2(f"{OURS}?key="), url_secret="")
    assert verified(by_v2(f"{OURS}?key=older"), url_secret=f"{SECRET}, older")


def test_the_main_account_may_have_signed() -> None:
    assert verified(by_v2(f"{OURS}?key={SECRET}", header="x_plivo_signature_ma_v2"))
    assert verified(by_v2(f"{OURS}?key={SECRET}", token="main"), auth_token=f"{TOKEN},main")


def test_a_wrong_v3_is_not_saved_by_a_right_v2() -> None:
    request = by_v2(f"{OURS}?key={SECRET}")
    forged = {"x-plivo-signature-v3": "x", "x-plivo-signature-v3-nonce": "1"}
    assert not verified(replace(request, headers={**request.headers, **forged}))


@pytest.mark.parametrize("url", ["https://[::1/h", "", "not a url"])
def test_an_odd_url_is_no_crash(url: str) -> None:
    request, _ = webhook("plivo", "inbound_text")
    assert not verified(replace(request, url=url))


# Codes


def test_the_codes_are_those_of_the_reference_map() -> None:
    assert {code: failures.reason_of("plivo", code) for code in MAP} == MAP


# Calls


def sent(text: OutboundText = TEXT, **credentials: str) -> dict[str, Any]:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials})
    told: dict[str, Any] = json.loads(PLIVO.send(account, text).body)
    return told


def test_a_text_is_sent_from_the_number() -> None:
    call = PLIVO.send(ACCOUNT, TEXT)
    assert call.url == "https://api.plivo.com/v1/Account/MAXXXXXXXXXXXXXXXXXX/Message/"
    assert call.headers["authorization"] == "Basic " + b64encode(f"MAXXXXXXXXXXXXXXXXXX:{TOKEN}".encode()).decode()
    assert sent() == {
        "src": "14155550199",
        "dst": "14155550101",
        "type": "sms",
        "text": "Hi",
        "url": f"https://desk.example.com/s?m=8123&key={SECRET}",
        "method": "POST",
        "message_expiry": 3600,
    }


@pytest.mark.parametrize(("sender", "pool", "expected"), [
    ("", "", {"src": "14155550199"}),
    ("", "p1", {"powerpack_uuid": "p1"}),
    ("+14155550188", "p1", {"src": "14155550188"}),
    ("ACME", "", {"src": "ACME"}),
    ("72345", "", {"src": "72345"}),
])  # fmt: skip
def test_who_it_is_from(sender: str, pool: str, expected: dict[str, str]) -> None:
    told = sent(replace(TEXT, sender=sender), powerpack_uuid=pool)
    assert {name: told[name] for name in told if name in ("src", "powerpack_uuid")} == expected


def test_pictures_make_it_an_mms() -> None:
    told = sent(replace(TEXT, body="", media=[Attachment(url="https://d.example/1"), Attachment(url="https://d/2")]))
    assert (told["type"], told["media_urls"]) == ("mms", ["https://d.example/1", "https://d/2"])
    assert "text" not in told


def test_whatsapp_and_its_templates() -> None:
    template = Template(name="ready", language="en_US", values=["Ana", "3 pm"], places=["header.1", "body.1"])
    told = sent(replace(TEXT, recipient="whatsapp:+14155550101", body="", template=template))
    assert (told["type"], told["dst"], told["src"]) == ("whatsapp", "14155550101", "14155550199")
    assert told["template"] == {
        "name": "ready",
        "language": "en_US",
        "components": [
            {"type": "header", "parameters": [{"type": "text", "text": "Ana"}]},
            {"type": "body", "parameters": [{"type": "text", "text": "3 pm"}]},
        ],
    }


@pytest.mark.parametrize(("validity", "expiry"), [(0, 5), (600, 600), (90_000, 10_800)])
def test_the_validity_is_what_plivo_takes(validity: int, expiry: int) -> None:
    assert sent(replace(TEXT, validity=validity))["message_expiry"] == expiry


def test_the_list_is_asked_by_both_numbers_and_time() -> None:
    call = PLIVO.list_sent(ACCOUNT, TEXT, since=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    assert call is not None
    assert dict(parse_qsl(urlsplit(call.url).query)) == {
        "message_direction": "outbound",
        "to_number": "14155550101",
        "from_number": "14155550199",
        "message_time__gte": "2026-01-02 03:04:05",
        "limit": "20",
    }


@pytest.mark.parametrize(("url", "with_credentials"), [
    ("https://media.plivo.com/Account/MA1/Message/1/Media/2", True),
    ("https://plivo.com/m", True),
    ("http://media.plivo.com/m", False),
    ("https://media.plivo.com.evil.example/m", False),
    ("https://evilplivo.com/m", False),
    ("https://[::1/m", False),
])  # fmt: skip
def test_credentials_go_to_plivo_only(url: str, with_credentials: bool) -> None:
    call = PLIVO.fetch(ACCOUNT, Media(url=url))
    assert call is not None
    assert ("authorization" in call.headers) is with_credentials


def test_there_is_nothing_to_fetch_without_an_address() -> None:
    assert PLIVO.fetch(ACCOUNT, Media(id="1")) is None


# The check


@pytest.mark.parametrize(("addresses", "ok", "words"), [
    ([f"{OURS}?key={SECRET}"], True, "sends texts here"),
    (["https://x.example/", f"{OURS}?key={SECRET}"], True, "sends texts here"),
    ([OURS], False, "lacks the address secret: set it to " + OURS + "?key=YOUR_URL_SECRET."),
    ([f"{OURS}?key=wrong"], False, "lacks the address secret"),
    (["https://x.example/"], False, "no Plivo application sends texts here"),
    ([], False, "no Plivo application sends texts here"),
])  # fmt: skip
def test_what_the_check_says(addresses: list[str], ok: bool, words: str) -> None:
    told = {"objects": [{"app_name": "Desk", "message_url": address} for address in addresses]}
    account = replace(ACCOUNT, settings={"inbound_url": OURS})
    checked = PLIVO.read_check(account, HttpResponse(status=200, body=json.dumps(told).encode()))
    assert checked.ok is ok
    assert words in checked.detail
    assert SECRET not in checked.detail + checked.inbound_url
