"""The older SMS API's own ways: signatures against the official SDK, parts, calls, the check of a number."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vonage_http_client.auth import Auth  # type: ignore[import-untyped]
from vonage_sms import SmsMessage  # type: ignore[import-untyped]

from tests.providers.recorded_cases import ACCOUNTS, AT, webhook
from twoway.providers import failures, registry, vonage_sms_signature
from twoway.providers.base import HttpResponse, Inbound, OutboundText, RawRequest, Receipt, Status

VONAGE = registry.get("vonage_sms")
ACCOUNT = ACCOUNTS["vonage_sms"]
SECRET, KEY = ACCOUNT.credentials["signature_secret"], ACCOUNT.credentials["url_secret"]
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text())
MAP = json.loads((Path(__file__).parents[1] / "vectors" / "failure_map.json").read_text())
BETTER_KNOWN = {"4": "auth", "14": "auth", "32": "auth"}  # the map has no word for refused credentials
METHODS = ("md5hash", "md5", "sha1", "sha256", "sha512")
OURS = "https://desk.example.com/hooks/vonage_sms/k7q2k7q2/inbound"
TEXT = OutboundText(ref="8123", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s?m=8123")
FORM = {"content-type": "application/x-www-form-urlencoded"}


def post(told: dict[str, str], url: str = f"{OURS}?key={KEY}") -> RawRequest:
    return RawRequest(method="POST", url=url, headers=FORM, body=urlencode(told).encode(), received_at=AT)


def verified(request: RawRequest, **credentials: str) -> bool:
    return VONAGE.verify(replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials}), request)


# Signatures


def name_of(method: str) -> str:
    return "vonage_sms_md5hash" if method == "md5hash" else f"vonage_sms_hmac_{method}"


def test_what_is_signed() -> None:
    assert vonage_sms_signature.signed_text(VECTORS["vonage_sms_params"]) == VECTORS["vonage_sms_string"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("written", [str.lower, str.upper])
def test_the_vectors(method: str, written: Any) -> None:
    request = post({**VECTORS["vonage_sms_params"], "sig": written(VECTORS[name_of(method)])})
    assert verified(request, signature_method=method)
    assert not verified(request, signature_method=method, signature_secret=SECRET[::-1])
    for other in set(METHODS) - {method}:
        assert not verified(request, signature_method=other)


def test_sha256_is_meant_when_nothing_is_said_and_an_unknown_method_is_refused() -> None:
    request = post({**VECTORS["vonage_sms_params"], "sig": VECTORS["vonage_sms_hmac_sha256"]})
    assert verified(request, signature_method="")
    assert verified(request, signature_method=" SHA256 ")
    for method in ("crc32", "sha3_256", "none", "shake_128"):
        assert not verified(request, signature_method=method)


NAMES = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=12)
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)


@given(st.dictionaries(NAMES.filter(lambda name: name not in ("sig", "timestamp")), VALUES, max_size=8),
       st.sampled_from(METHODS[1:]))  # fmt: skip
def test_whatever_the_official_sdk_signs_is_accepted(told: dict[str, str], method: Any) -> None:
    told = {**told, "timestamp": "1767323045"}
    auth = Auth(api_key="a1b2c3d4", signature_secret=SECRET, signature_method=method)
    request = post({**told, "sig": auth.sign_params(dict(told))})
    assert verified(request, signature_method=method)
    assert not verified(replace(request, body=request.body + b"&more=1"), signature_method=method)


@pytest.mark.parametrize("sig", ["", "x", "é", "0" * 64, "aa"])
@pytest.mark.parametrize("name", ["inbound_text", "inbound_json", "inbound_by_get"])
def test_a_wrong_signature_is_refused(name: str, sig: str) -> None:
    request, _ = webhook("vonage_sms", name)
    url, _, right = request.url.partition("&sig=")
    body = request.body
    if right:
        request = replace(request, url=url + "&" + urlencode({"sig": sig}))
    elif body.startswith(b"{"):
        request = replace(request, body=json.dumps({**json.loads(body), "sig": sig}).encode())
    else:
        request = replace(request, body=urlencode({**dict(parse_qsl(body.decode())), "sig": sig}).encode())
    assert not verified(request)


def test_the_secret_in_the_address_is_needed_with_and_without_a_signature() -> None:
    request, _ = webhook("vonage_sms", "inbound_text")
    unsigned = post(VECTORS["vonage_sms_params"])
    assert verified(unsigned, signature_secret="")
    assert not verified(unsigned)
    for url in (OURS, f"{OURS}?key=", f"{OURS}?key=wrong"):
        assert not verified(replace(request, url=url))
        assert not verified(replace(unsigned, url=url), signature_secret="")
    assert not verified(unsigned, signature_secret="", url_secret="")
    assert verified(replace(unsigned, url=f"{OURS}?key=older"), signature_secret="", url_secret=f"{KEY},older")


def test_a_get_may_have_been_signed_with_our_secret_among_its_parameters() -> None:
    told = {**VECTORS["vonage_sms_params"], "key": KEY}
    text = vonage_sms_signature.signed_text(told)
    sig = vonage_sms_signature.sign(text, SECRET, "sha256")
    url = f"{OURS}?{urlencode({**told, 'sig': sig})}"
    request = RawRequest(method="GET", url=url, headers={}, body=b"", received_at=AT)
    assert verified(request)
    assert not verified(replace(request, url=url + "&x=1"))
    assert not verified(replace(request, body=b"x"))


def test_numbers_and_flags_in_json_count_as_their_words() -> None:
    told: dict[str, Any] = {"messageId": "1", "msisdn": 14155550101, "to": "14155550199", "text": "Hi", "concat": True}
    told |= {"concat-ref": 5, "concat-total": 2, "concat-part": 1, "null": None}
    request = replace(post({}), headers={"content-type": "application/json"}, body=json.dumps(told).encode())
    (inbound,) = VONAGE.parse(request)
    assert isinstance(inbound, Inbound)
    assert (inbound.sender, inbound.part and inbound.part.number) == ("+14155550101", 1)


# Codes


def test_the_codes_are_those_of_the_reference_map() -> None:
    sends = {**MAP["vonage_sms_send"], **BETTER_KNOWN}
    assert {code: failures.reason_of("vonage_sms", f"status-{code}") for code in sends} == sends
    receipts = MAP["vonage_dlr"]
    assert {code: failures.reason_of("vonage_sms", code) for code in receipts} == receipts


# Receipts


@pytest.mark.parametrize("scts", ["", "x", "9999999999", "26010203"])
def test_a_receipt_without_a_time(scts: str) -> None:
    (receipt,) = VONAGE.parse(post({"messageId": "1", "status": "delivered", "scts": scts}))
    assert isinstance(receipt, Receipt)
    assert (receipt.at, receipt.status) == (None, Status.DELIVERED)


# Calls


def sent(text: OutboundText = TEXT, **credentials: str) -> dict[str, str]:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials})
    return dict(parse_qsl(VONAGE.send(account, text).body.decode(), keep_blank_values=True))


def test_a_text_is_what_the_sdk_makes_of_it() -> None:
    theirs = SmsMessage(
        to="14155550101",
        from_="14155550199",
        text="Hi",
        type="text",
        ttl=3_600_000,
        status_report_req=True,
        client_ref="8123",
        callback=f"https://desk.example.com/s?key={KEY}",
    ).model_dump(by_alias=True, exclude_none=True)
    assert sent() == {**{name: str(value) for name, value in theirs.items()}, "status-report-req": "1"}
    assert VONAGE.send(ACCOUNT, TEXT).url == "https://rest.nexmo.com/sms/json"


@pytest.mark.parametrize(("body", "kind"), [("Hi {} €", "text"), ("é ñ", "text"), ("á", "unicode"), ("😀", "unicode")])
def test_what_is_not_plain_goes_as_unicode(body: str, kind: str) -> None:
    form = sent(replace(TEXT, body=body))
    assert (form["type"], form["text"]) == (kind, body)


@pytest.mark.parametrize(("sender", "told"), [("ACME", "ACME"), ("72345", "72345"), ("+14155550188", "14155550188")])
def test_who_it_is_from(sender: str, told: str) -> None:
    assert sent(replace(TEXT, sender=sender))["from"] == told


def test_a_status_address_that_is_too_long_is_left_to_the_accounts_own() -> None:
    assert "callback" not in sent(replace(TEXT, status_url="https://desk.example.com/" + "s" * 90))
    assert "callback" not in sent(replace(TEXT, status_url=""))


@pytest.mark.parametrize(("validity", "ttl"), [(0, "20000"), (60, "60000"), (9_000_000, "604800000")])
def test_the_validity_is_what_vonage_takes(validity: int, ttl: str) -> None:
    assert sent(replace(TEXT, validity=validity))["ttl"] == ttl


def test_there_is_no_list() -> None:
    assert VONAGE.list_sent(ACCOUNT, TEXT, since=AT) is None
    assert VONAGE.list_received(ACCOUNT, since=AT, until=AT, cursor="") is None
    assert VONAGE.limits.count == 0


# The check


def number(**more: Any) -> dict[str, Any]:
    return {"numbers": [{"msisdn": "14155550199", "features": ["SMS", "VOICE"], **more}]}


@pytest.mark.parametrize(("told", "ok", "words"), [
    (number(moHttpUrl=f"{OURS}?key={KEY}"), True, f"texts are sent to {OURS}."),
    (number(moHttpUrl=OURS), False, f"lacks the address secret: set it to {OURS}?key=YOUR_URL_SECRET."),
    (number(moHttpUrl="https://x.example/?a=secret"), False, "is https://x.example/: set it to"),
    (number(), True, "the account's default is used"),
    (number(app_id="1"), False, "unlink it"),
    (number(features=["VOICE"]), False, "can't send or receive texts"),
    ({"count": 0}, False, "isn't in this Vonage account"),
    ({"numbers": [{"msisdn": "141555501991"}]}, False, "isn't in this Vonage account"),
])  # fmt: skip
def test_what_the_check_says(told: dict[str, Any], ok: bool, words: str) -> None:
    account = replace(ACCOUNT, settings={"inbound_url": OURS})
    checked = VONAGE.read_check(account, HttpResponse(status=200, body=json.dumps(told).encode()))
    assert checked.ok is ok
    assert words in checked.detail
    assert KEY not in checked.detail + checked.inbound_url


@pytest.mark.parametrize("address", ["ACME", "72345"])
def test_names_and_short_codes_are_not_listed(address: str) -> None:
    checked = VONAGE.read_check(replace(ACCOUNT, address=address), HttpResponse(status=200, body=b'{"count": 0}'))
    assert checked.ok
    assert "names and short codes" in checked.detail


def test_the_check_asks_for_the_number() -> None:
    call = VONAGE.check(ACCOUNT)
    assert call is not None
    assert call.url == "https://rest.nexmo.com/account/numbers?pattern=14155550199&search_pattern=0"
