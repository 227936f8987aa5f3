"""The Messages API's own ways: both kinds of tokens against the official SDK, kinds of messages, the check."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import jwt
import pytest
from vonage_http_client.auth import Auth  # type: ignore[import-untyped]
from vonage_jwt.verify_jwt import verify_signature  # type: ignore[import-untyped]
from vonage_messages.models import (  # type: ignore[import-untyped]
    MmsImage,
    Sms,
    WhatsappFile,
    WhatsappTemplate,
    WhatsappText,
)

from tests.providers.cases.vonage import KEY, PEM
from tests.providers.recorded_cases import ACCOUNTS, AT, webhook
from twoway.providers import failures, registry, vonage_jwt
from twoway.providers.base import Account, Attachment, HttpResponse, Media, OutboundText, RawRequest, Rejected
from twoway.providers.templates import Template

VONAGE = registry.get("vonage")
ACCOUNT = ACCOUNTS["vonage"]
SECRET = ACCOUNT.credentials["signature_secret"]
VECTOR = json.loads((Path(__file__).parents[1] / "vectors" / "signatures.json").read_text())["vonage_jwt"]
OURS = "https://desk.example.com/hooks/vonage/k7q2k7q2/inbound"
TEXT = OutboundText(ref="8123", recipient="+14155550101", body="Hi", status_url="https://desk.example.com/s?m=8123")
PICTURE = Attachment(url="https://desk.example.com/m/1.jpg", content_type="image/jpeg", name="1.jpg")


def raw(body: bytes, token: str, scheme: str = "Bearer") -> RawRequest:
    headers = {"content-type": "application/json", "authorization": f"{scheme} {token}"}
    return RawRequest(method="POST", url=OURS, headers=headers, body=body, received_at=AT)


def verified(request: RawRequest, **credentials: str) -> bool:
    return VONAGE.verify(replace(ACCOUNT, credentials={**ACCOUNT.credentials, **credentials}), request)


# Signatures


def test_the_vector() -> None:
    request = raw(VECTOR["body"].encode(), VECTOR["token"])
    assert verified(request, signature_secret=VECTOR["secret"])
    assert verify_signature(VECTOR["token"], VECTOR["secret"])
    assert not verified(request, signature_secret=VECTOR["secret"] + "x")
    assert not verified(replace(request, body=request.body + b" "), signature_secret=VECTOR["secret"])


def signed_with(claims: dict[str, Any], **how: Any) -> RawRequest:
    request, _ = webhook("vonage", "inbound_text")
    token = request.headers["authorization"].partition(" ")[2]
    known = jwt.decode(token, SECRET, algorithms=["HS256"])
    made = {name: value for name, value in {**known, **claims}.items() if value is not None}
    return raw(request.body, jwt.encode(made, how.pop("secret", SECRET), **{"algorithm": "HS256", **how}))


@pytest.mark.parametrize("claims", [
    {"api_key": "another1"},
    {"application_id": "another"},
    {"payload_hash": "0" * 64},
    {"payload_hash": None},
    {"payload_hash": 7},
    {"payload_hash": ["x"]},
])  # fmt: skip
def test_a_token_for_something_else_is_refused(claims: dict[str, Any]) -> None:
    assert not verified(signed_with(claims))


def test_a_token_need_not_name_the_application() -> None:
    """Account-wide webhooks have none."""
    assert verified(signed_with({"application_id": None}))
    assert verified(signed_with({"payload_hash": signed_hash().upper()}))


def signed_hash() -> str:
    told = jwt.decode(signed_with({}).headers["authorization"][7:], SECRET, algorithms=["HS256"])
    return str(told["payload_hash"])


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused(algorithm: str) -> None:
    secret = SECRET * 3
    assert verified(signed_with({}, secret=secret), signature_secret=secret)
    assert not verified(signed_with({}, secret=secret, algorithm=algorithm), signature_secret=secret)


def test_no_algorithm_is_refused() -> None:
    request, _ = webhook("vonage", "inbound_text")
    claims = jwt.decode(request.headers["authorization"][7:], SECRET, algorithms=["HS256"])
    assert not verified(raw(request.body, jwt.encode(claims, "", algorithm="none")))


@pytest.mark.parametrize("token", ["", "a", "a.b", "a.b.c", "a.b.c.d", "..", "e30.e30.e30", "é.é.é", "\udcff.\udcff.a"])
def test_an_odd_token_is_no_crash(token: str) -> None:
    assert not verified(raw(b"{}", token))


def test_the_scheme_is_bearer() -> None:
    request, _ = webhook("vonage", "inbound_text")
    token = request.headers["authorization"][7:]
    assert verified(raw(request.body, token, "bearer"))
    assert not verified(raw(request.body, token, "Basic"))
    assert not verified(replace(request, method="GET"))


def test_the_sdk_agrees() -> None:
    token = signed_with({}).headers["authorization"][7:]
    assert verify_signature(token, SECRET)
    assert not verify_signature(token, SECRET[::-1])
    assert not verified(signed_with({}), signature_secret=SECRET[::-1])


# The token of our calls


def test_a_call_carries_the_applications_token() -> None:
    scheme, _, token = VONAGE.send(ACCOUNT, TEXT).headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    told = jwt.decode(token, KEY.public_key(), algorithms=["RS256"])
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}
    assert told["application_id"] == ACCOUNT.credentials["application_id"]
    assert 600 <= told["exp"] - told["iat"] <= 3600
    theirs = Auth(application_id=told["application_id"], private_key=PEM).generate_application_jwt()
    assert set(jwt.decode(theirs, KEY.public_key(), algorithms=["RS256"])) == set(told)


@pytest.mark.parametrize(
    "typed", [PEM, PEM.replace("\n", ""), PEM.replace("\n", "\\n"), f" {PEM.replace(chr(10), ' ')}"]
)
def test_the_key_is_read_however_it_was_pasted(typed: str) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "private_key": typed})
    token = VONAGE.send(account, TEXT).headers["authorization"][7:]
    assert jwt.decode(token, KEY.public_key(), algorithms=["RS256"])
    assert vonage_jwt.as_pem(typed).strip() == PEM.strip()


@pytest.mark.parametrize(
    "typed", ["", "x", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----AA-----END PRIVATE KEY-----"]
)
def test_a_key_that_cannot_be_read_is_said(typed: str) -> None:
    account = replace(ACCOUNT, credentials={**ACCOUNT.credentials, "private_key": typed})
    with pytest.raises(Rejected) as refused:
        VONAGE.send(account, TEXT)
    assert refused.value.code == "config"


# Calls


def sent(text: OutboundText = TEXT, account: Account = ACCOUNT) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(VONAGE.send(account, text).body)
    return told


def test_a_text_is_what_the_sdk_makes_of_it() -> None:
    theirs = Sms(
        to="14155550101",
        from_="14155550199",
        text="Hi",
        ttl=3600,
        sms={"encoding_type": "auto"},
        client_ref="8123",
        webhook_url="https://desk.example.com/s?m=8123",
        webhook_version="v1",
    )
    assert sent() == theirs.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert VONAGE.send(ACCOUNT, TEXT).url == "https://api.nexmo.com/v1/messages"


def test_a_picture_is_an_mms_with_the_words_as_caption() -> None:
    theirs = MmsImage(
        to="14155550101",
        from_="14155550199",
        image={"url": PICTURE.url, "caption": "Hi"},
        ttl=3600,
        client_ref="8123",
    )
    told = sent(replace(TEXT, media=[PICTURE], status_url=""))
    assert told == theirs.model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.parametrize(("content_type", "kind"), [
    ("image/png", "image"), ("video/mp4", "video"), ("audio/amr", "audio"), ("text/vcard", "vcard"),
    ("text/x-vcard", "vcard"), ("application/pdf", "file"), ("", "file"),
])  # fmt: skip
def test_the_type_of_a_file(content_type: str, kind: str) -> None:
    told = sent(replace(TEXT, body="", media=[replace(PICTURE, content_type=content_type)]))
    assert (told["message_type"], told[kind]["url"]) == (kind, PICTURE.url)


WHATSAPP = replace(ACCOUNT, address="whatsapp:+14155550199")


def test_whatsapp_is_what_the_sdk_makes_of_it() -> None:
    more = {"to": "14155550101", "from_": "14155550199", "client_ref": "8123"}
    bare = replace(TEXT, status_url="")
    text = WhatsappText(text="Hi", **more).model_dump(mode="json", by_alias=True, exclude_none=True)
    assert sent(bare, WHATSAPP) == text
    assert sent(replace(bare, recipient="whatsapp:+14155550101")) == text
    bill = replace(PICTURE, content_type="application/pdf", name="bill.pdf")
    file = WhatsappFile(file={"url": PICTURE.url, "caption": "Hi", "name": "bill.pdf"}, **more)
    told = sent(replace(bare, media=[bill]), WHATSAPP)
    assert told == file.model_dump(mode="json", by_alias=True, exclude_none=True)
    template = WhatsappTemplate(
        template={"name": "ns:ready", "parameters": ["Ana", "3 pm"]},
        whatsapp={"policy": "deterministic", "locale": "en_US"},
        **more,
    )
    approved = Template(name="ns:ready", language="en_US", values=["Ana", "3 pm"])
    told = sent(replace(bare, body="", template=approved), WHATSAPP)
    assert told == template.model_dump(mode="json", by_alias=True, exclude_none=True)


def test_a_person_without_a_number() -> None:
    assert sent(replace(TEXT, recipient="US.13491208655302741918"), WHATSAPP)["to"] == "US.13491208655302741918"


@pytest.mark.parametrize("text", [
    replace(TEXT, media=[PICTURE, PICTURE]),
    replace(TEXT, media=[replace(PICTURE, content_type="audio/amr")]),
    replace(TEXT, media=[replace(PICTURE, content_type="text/vcard")]),
])  # fmt: skip
def test_what_one_message_cannot_carry_is_refused_before_it_leaves(text: OutboundText) -> None:
    with pytest.raises(Rejected) as refused:
        VONAGE.send(ACCOUNT, text)
    assert refused.value.code == "media_problem"


@pytest.mark.parametrize(("validity", "sms", "mms"), [(0, 20, 300), (3600, 3600, 3600), (9_000_000, 604_800, 259_200)])
def test_the_validity_is_what_vonage_takes(validity: int, sms: int, mms: int) -> None:
    text = replace(TEXT, validity=validity)
    assert (sent(text)["ttl"], sent(replace(text, media=[PICTURE]))["ttl"]) == (sms, mms)


def test_there_is_no_list() -> None:
    assert VONAGE.list_sent(ACCOUNT, TEXT, since=AT) is None
    assert VONAGE.list_received(ACCOUNT, since=AT, until=AT, cursor="") is None


@pytest.mark.parametrize(("url", "with_token"), [
    ("https://api.nexmo.com/v3/media/1", True),
    ("https://api-us.nexmo.com/v3/media/1", True),
    ("https://messages-media.vonage.com/1", True),
    ("http://api.nexmo.com/v3/media/1", False),
    ("https://api.nexmo.com.evil.example/1", False),
    ("https://evilnexmo.com/1", False),
])  # fmt: skip
def test_a_token_goes_to_vonage_only(url: str, with_token: bool) -> None:
    call = VONAGE.fetch(ACCOUNT, Media(url=url))
    assert call is not None
    assert ("authorization" in call.headers) is with_token
    assert VONAGE.fetch(ACCOUNT, Media(id="1")) is None


# Codes and the check


def test_an_opt_out_is_known_wherever_it_is_named() -> None:
    assert failures.reason_of("vonage", "1240") == "opted_out"
    assert failures.reason_of("vonage", "1340") == "window_closed"


def application(address: str, method: str = "POST", **more: Any) -> dict[str, Any]:
    inbound = {"address": address, "http_method": method}
    return {"id": "1", "capabilities": {"messages": {"webhooks": {"inbound_url": inbound}, **more}}}


@pytest.mark.parametrize(("told", "ok", "words"), [
    (application(OURS), True, f"texts are sent to {OURS}"),
    (application(OURS, authenticate_inbound_media=False), True, "without authentication"),
    (application(OURS, "GET"), False, "set it to POST"),
    (application("https://x.example/"), False, f"Set it to {OURS}"),
    (application(""), False, f"set it to {OURS}"),
    ({"id": "1", "capabilities": {"voice": {}}}, False, f"set it to {OURS}"),
])  # fmt: skip
def test_what_the_check_says(told: dict[str, Any], ok: bool, words: str) -> None:
    account = replace(ACCOUNT, settings={"inbound_url": OURS})
    checked = VONAGE.read_check(account, HttpResponse(status=200, body=json.dumps(told).encode()))
    assert checked.ok is ok
    assert words in checked.detail


def test_the_check_asks_for_the_application() -> None:
    call = VONAGE.check(ACCOUNT)
    assert call is not None
    assert call.url == "https://api.nexmo.com/v2/applications/aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
    assert call.headers["authorization"] == "Basic " + b64encode(b"a1b2c3d4:Abcd1234Efgh5678").decode()
