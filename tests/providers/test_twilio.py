"""Twilio's own ways: signatures against the official SDK, calls, status words, the check of a number."""

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
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]
from twilio.rest.api.v2010.account.message import MessageInstance  # type: ignore[import-untyped]

from tests.providers.recorded_cases import ACCOUNTS, AT, webhook
from twoway.providers import registry
from twoway.providers.base import Account, Attachment, HttpResponse, Inbound, OutboundText, RawRequest, Receipt, Status
from twoway.providers.twilio import INBOUND_STATUS, STATUS

TWILIO = registry.get("twilio")
ACCOUNT = ACCOUNTS["twilio"]
TOKEN = ACCOUNT.credentials["auth_token"]
SHARED = "shared-key-0123456789"
VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text())
FORM = "application/x-www-form-urlencoded"
TEXT = OutboundText(ref="8d1c", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s")
BASE = replace(ACCOUNT, settings={"inbound_url": "https://desk.example.com/hooks/twilio/k7q2"})


def post(url: str, body: bytes, content_type: str = FORM, **headers: str) -> RawRequest:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return RawRequest(
        method="POST", url=url, headers={"content-type": content_type, **names}, body=body, received_at=AT
    )


def verified(request: RawRequest, **credentials: str) -> bool:
    return TWILIO.verify(replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials}), request)


# Signatures


def test_the_form_vector() -> None:
    told = VECTORS["twilio_form"]
    request = post(told["url"], urlencode(told["params"]).encode(), x_twilio_signature=told["signature"])
    assert verified(request, auth_token=told["auth_token"])


def test_the_shared_key_vector() -> None:
    form, told = VECTORS["twilio_form"], VECTORS["twilio_form_sha256"]
    name, _, value = told["header"].partition(": ")
    request = post(form["url"], urlencode(form["params"]).encode(), x_twilio_signature=told["signature"])
    request = replace(request, headers={**request.headers, name.lower(): value})
    assert verified(request, webhook_secret=told["secret"])
    assert not verified(request), "without a shared key nothing vouches for it"
    assert not verified(request, auth_token=told["secret"]), "the auth token does not sign with SHA-256"


def test_the_json_vector() -> None:
    told = VECTORS["twilio_json"]
    request = post(told["url"], told["body"].encode(), "application/json", x_twilio_signature=told["signature"])
    assert verified(request, auth_token=VECTORS["twilio_form"]["auth_token"])
    assert not verified(replace(request, body=request.body + b" "))


def test_a_body_nobody_vouches_for_is_refused() -> None:
    """The signature covers the URL only, so a body of another type could be anything."""
    url = "https://desk.example.com/hooks"
    signature = RequestValidator(TOKEN).compute_signature(url, {})
    assert verified(post(url, b"", x_twilio_signature=signature))
    assert not verified(post(url, b"From=%2B1415", "text/plain", x_twilio_signature=signature))
    assert not verified(post(url, b'{"a":1}', "application/json", x_twilio_signature=signature))


NAMES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40)
URLS = st.builds(
    "{}://desk.example.com{}/hooks/t{}".format,
    st.sampled_from(["https", "http"]),
    st.sampled_from(["", ":443", ":80", ":8443"]),
    st.sampled_from(["", "?a=1", "?m=8d1c&x=%20y", "?q=é", "?"]),
)
ALGORITHMS = st.sampled_from(["HMAC_SHA1", "HMAC_SHA256"])


class Several(dict[str, list[str]]):
    """A form with several values of a name, as the SDK reads Django's."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


@given(URLS, st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3), max_size=8), ALGORITHMS)
def test_whatever_the_official_sdk_signs_is_accepted(url: str, form: dict[str, list[str]], algorithm: str) -> None:
    secret = SHARED if algorithm == "HMAC_SHA256" else TOKEN
    signature = RequestValidator(secret).compute_signature(url, Several(form), algorithm)
    body = urlencode(form, doseq=True).encode()
    settings = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
    request = post(url, body, x_twilio_signature=signature, x_twilio_webhooks_signature_settings=settings)
    assert verified(request, webhook_secret=SHARED)
    assert not verified(replace(request, url=url + "x"), webhook_secret=SHARED)
    assert not verified(replace(request, body=body + b"&more=1"), webhook_secret=SHARED)


@given(URLS, st.dictionaries(NAMES, VALUES, max_size=4), st.text(max_size=30))
def test_we_agree_with_the_official_sdk_on_any_signature(url: str, form: dict[str, str], signature: str) -> None:
    request = post(url, urlencode(form).encode(), x_twilio_signature=signature)
    assert verified(request) == bool(signature and RequestValidator(TOKEN).validate(url, form, signature))


@pytest.mark.parametrize(
    ("signed", "called"),
    [
        ("https://desk.example.com/h?a=1", "https://desk.example.com:443/h?a=1"),
        ("https://desk.example.com:443/h?a=1", "https://desk.example.com/h?a=1"),
        ("http://desk.example.com:80/h", "http://desk.example.com/h"),
        ("https://desk.example.com/h", "https://desk.example.com/h#ct=2000&rt=15000&rc=3&rp=ct,rt,5xx"),
        ("http://[::1]:80/h", "http://[::1]/h"),
        ("http://[::1]/h", "http://[::1]:80/h"),
    ],
)
def test_the_default_port_and_the_overrides_do_not_matter(signed: str, called: str) -> None:
    signature = RequestValidator(TOKEN).compute_signature(signed, {"Body": "Hi"})
    assert verified(post(called, b"Body=Hi", x_twilio_signature=signature))


@pytest.mark.parametrize("settings", ["algorithm=HMAC_MD5", "key=a,algorithm=none", "algorithm=HMAC_SHA512"])
def test_an_unknown_algorithm_is_refused(settings: str) -> None:
    request, _ = webhook("twilio", "inbound_text")
    headers = {**request.headers, "x-twilio-webhooks-signature-settings": settings}
    assert not verified(replace(request, headers=headers), webhook_secret=SHARED)


@pytest.mark.parametrize("url", ["https://desk.example.com:notaport/h", "https://[::1/h", "", "not a url"])
def test_an_odd_url_is_no_crash(url: str) -> None:
    assert verified(post(url, b"Body=Hi", x_twilio_signature="x")) is False


# Words


def test_every_status_of_the_sdk_has_ours() -> None:
    theirs = {name for name in vars(MessageInstance.Status) if not name.startswith("_")}
    words = {getattr(MessageInstance.Status, name) for name in theirs}
    assert words == set(STATUS) | set(INBOUND_STATUS)


@pytest.mark.parametrize(("word", "status"), STATUS.items())
def test_a_receipt_keeps_twilios_word_beside_ours(word: str, status: Status) -> None:
    body = urlencode({"MessageSid": "SM1", "MessageStatus": word, "ErrorCode": "0"}).encode()
    (receipt,) = TWILIO.parse(post("https://desk.example.com/s?m=8d1c", body))
    assert isinstance(receipt, Receipt)
    assert (receipt.status, receipt.raw_status, receipt.error_code) == (status, word, "")


def test_pictures_past_the_tenth_are_in_order() -> None:
    many = {f"MediaUrl{number}": f"https://x.example/{number}" for number in (10, 9, 2, 0, 1)}
    form = {"MessageSid": "SM1", "From": "+1", "To": "+2", "NumMedia": "5", **many}
    (inbound,) = TWILIO.parse(post("https://desk.example.com/h", urlencode(form).encode()))
    assert isinstance(inbound, Inbound)
    assert [media.url[-2:].strip("/") for media in inbound.media] == ["0", "1", "2", "9", "10"]


@pytest.mark.parametrize(
    "body",
    [
        "SGVsbG8gdGhlcmU=",
        "x" * 200,
        "A" * 200,
        b64encode(bytes(range(256))).decode(),
        b64encode(("one-long-word" * 20).encode()).decode(),
        b64encode(("two words \x00 and more " * 10).encode()).decode(),
        "please read " + b64encode(("many words in here " * 10).encode()).decode(),
    ],
)
def test_what_may_not_be_base64_stays(body: str) -> None:
    form = {"MessageSid": "SM1", "From": "+1", "To": "+2", "Body": body, "NumSegments": "2"}
    (inbound,) = TWILIO.parse(post("https://desk.example.com/h", urlencode(form).encode()))
    assert isinstance(inbound, Inbound)
    assert inbound.body == body


@given(VALUES)
def test_any_body_of_one_part_stays(body: str) -> None:
    form = {"MessageSid": "SM1", "From": "+1", "To": "+2", "Body": body, "NumSegments": "1"}
    (inbound,) = TWILIO.parse(post("https://desk.example.com/h", urlencode(form).encode()))
    assert isinstance(inbound, Inbound)
    assert inbound.body == body


# Calls


def sent(text: OutboundText = TEXT, **credentials: str) -> dict[str, str]:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials})
    return dict(parse_qsl(TWILIO.send(account, text).body.decode(), keep_blank_values=True))


def test_a_text_is_sent_from_the_number() -> None:
    call = TWILIO.send(ACCOUNT, TEXT)
    assert call.url == f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT.credentials['account_sid']}/Messages.json"
    assert call.headers["authorization"] == "Basic " + b64encode(f"AC{'2' * 32}:{TOKEN}".encode()).decode()
    assert sent() == {
        "To": "+14155550101",
        "From": "+14155550199",
        "Body": "Hi",
        "StatusCallback": "https://desk.example.com/s?m=8d1c",
        "ValidityPeriod": "3600",
    }


@pytest.mark.parametrize(
    ("sender", "service", "expected"),
    [
        ("", "", {"From": "+14155550199"}),
        ("", "MG1", {"MessagingServiceSid": "MG1"}),
        ("+14155550188", "MG1", {"From": "+14155550188", "MessagingServiceSid": "MG1"}),
    ],
)
def test_who_it_is_from(sender: str, service: str, expected: dict[str, str]) -> None:
    form = sent(replace(TEXT, sender=sender), messaging_service_sid=service)
    assert {name: form[name] for name in form if name in ("From", "MessagingServiceSid")} == expected


def test_whatsapp_is_on_both_ends() -> None:
    form = sent(replace(TEXT, recipient="whatsapp:+14155550101"))
    assert (form["From"], form["To"]) == ("whatsapp:+14155550199", "whatsapp:+14155550101")


@pytest.mark.parametrize(("validity", "given"), [(0, "1"), (3600, "3600"), (90_000, "36000")])
def test_the_validity_is_what_twilio_takes(validity: int, given: str) -> None:
    assert sent(replace(TEXT, validity=validity))["ValidityPeriod"] == given


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://d.example/s", "https://d.example/s?m=8d1c"),
        ("https://d.example/s?a=1", "https://d.example/s?a=1&m=8d1c"),
        ("https://d.example/s?m=8d1c", "https://d.example/s?m=8d1c"),
        ("https://d.example/s#rc=3", "https://d.example/s?m=8d1c#rc=3"),
    ],
)
def test_our_reference_is_in_the_status_address(url: str, expected: str) -> None:
    assert sent(replace(TEXT, status_url=url))["StatusCallback"] == expected


def test_pictures_without_words() -> None:
    text = replace(
        TEXT,
        body="",
        media=[Attachment(url="https://d.example/1"), Attachment(url="https://d.example/2")],
        status_url="",
    )
    form = parse_qsl(TWILIO.send(ACCOUNT, text).body.decode())
    assert [value for name, value in form if name == "MediaUrl"] == ["https://d.example/1", "https://d.example/2"]
    assert {name for name, _ in form} == {"To", "From", "MediaUrl", "ValidityPeriod"}


def test_an_api_key_is_used_for_calls_only() -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "api_key_sid": "SK1", "api_key_secret": "s3cret"})
    assert TWILIO.send(account, TEXT).headers["authorization"] == "Basic " + b64encode(b"SK1:s3cret").decode()
    assert TWILIO.verify(account, webhook("twilio", "inbound_text")[0])


@pytest.mark.parametrize(("service", "sender"), [("", "+14155550199"), ("MG1", None)])
def test_the_list_is_asked_by_recipient_and_sender(service: str, sender: str | None) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "messaging_service_sid": service})
    call = TWILIO.list_sent(account, TEXT, since=datetime(2026, 1, 2, tzinfo=UTC))
    assert call is not None
    query = dict(parse_qsl(urlsplit(call.url).query))
    assert (call.method, query["To"], query.get("From")) == ("GET", "+14155550101", sender)
    assert int(query["PageSize"]) >= 50


# The check


@pytest.mark.parametrize(
    ("address", "service", "path"),
    [
        ("+14155550199", "", "/IncomingPhoneNumbers.json?PhoneNumber=%2B14155550199"),
        ("72345", "", "/SMS/ShortCodes.json?ShortCode=72345"),
        ("whatsapp:+14155550199", "", f"/Accounts/AC{'2' * 32}.json"),
        ("+14155550199", "MG1", "https://messaging.twilio.com/v1/Services/MG1"),
    ],
)
def test_what_the_check_asks(address: str, service: str, path: str) -> None:
    account = replace(ACCOUNT, address=address, credentials={**ACCOUNT.credentials, "messaging_service_sid": service})
    call = TWILIO.check(account)
    assert call is not None
    assert call.method == "GET"
    assert call.url.endswith(path)


OURS = "https://desk.example.com/hooks/twilio/k7q2"


@pytest.mark.parametrize(
    ("told", "ok", "words"),
    [
        ({"incoming_phone_numbers": [{"sms_url": OURS}]}, True, "texts are sent to"),
        ({"incoming_phone_numbers": [{"sms_url": f"{OURS}#ct=2000&rc=3"}]}, True, "texts are sent to"),
        ({"incoming_phone_numbers": [{"sms_url": "https://demo.twilio.com/welcome"}]}, False, f"Set it to {OURS}"),
        ({"incoming_phone_numbers": [{"sms_url": ""}]}, False, f"set it to {OURS}"),
        ({"incoming_phone_numbers": [{"sms_url": OURS, "sms_method": "GET"}]}, False, "set it to POST"),
        ({"incoming_phone_numbers": [{"capabilities": {"sms": False}}]}, False, "can't send or receive"),
        ({"incoming_phone_numbers": [{"sms_application_sid": "AP1"}]}, True, "TwiML App"),
        ({"incoming_phone_numbers": []}, False, "isn't in this Twilio account"),
        ({"short_codes": [{"sms_url": OURS}]}, True, "texts are sent to"),
        ({"inbound_request_url": OURS, "use_inbound_webhook_on_number": False}, True, "texts are sent to"),
        ({"inbound_request_url": None, "use_inbound_webhook_on_number": True}, True, "on the number itself"),
        ({"inbound_request_url": "https://x.example"}, False, f"Set it to {OURS}"),
        ({"sid": "AC1", "status": "active"}, True, "credentials work"),
        ({"sid": "AC1", "status": "suspended"}, False, "suspended"),
    ],
)
def test_what_the_check_says(told: dict[str, Any], ok: bool, words: str) -> None:
    checked = TWILIO.read_check(BASE, HttpResponse(status=200, body=json.dumps(told).encode()))
    assert checked.ok is ok
    assert words in checked.detail


def test_the_check_shows_where_texts_go_when_we_do_not_say_where_they_should() -> None:
    told = json.dumps({"incoming_phone_numbers": [{"sms_url": "https://x.example"}]}).encode()
    checked = TWILIO.read_check(Account(address="+1415", credentials={}), HttpResponse(status=200, body=told))
    assert (checked.ok, checked.inbound_url) == (True, "https://x.example")
