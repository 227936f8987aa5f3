"""What is particular about Bird's three generations: how each signs, what its words mean; none takes another's."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from messagebird.error import ValidationError  # type: ignore[import-untyped]
from messagebird.request_validator import RequestValidator  # type: ignore[import-untyped]

from tests.providers.bird_sdk import ERROR_CODES, STATUSES, WebhookVerificationError, send_body, unwrap
from tests.providers.cases import bird, bird_channels, messagebird
from tests.providers.recorded_cases import AT, answer, webhook, webhook_names
from twoway.providers import failures, registry
from twoway.providers.base import Attachment, HttpResponse, Inbound, Malformed, Media, OutboundText, RawRequest, Receipt
from twoway.providers.bird import STATUS as BIRD_STATUS
from twoway.providers.bird_channels import sign as sign_channels
from twoway.providers.messagebird import STATUS as CLASSIC_STATUS

VECTORS = Path(__file__).parents[1] / "vectors"
VECTOR = json.loads((VECTORS / "signatures.json").read_text())["messagebird_jwt"]
MAP = json.loads((VECTORS / "failure_map.json").read_text())["messagebird"]
CLASSIC, CHANNELS, BIRD = registry.get("messagebird"), registry.get("bird_channels"), registry.get("bird")
TEXT = OutboundText(ref="41", recipient="+14155550101", body="Hi é 😀", status_url="https://desk.example.com/s")


def request(body: bytes, headers: Mapping[str, str], *, url: str = "https://desk.example.com/in") -> RawRequest:
    return RawRequest(method="POST", url=url, headers=headers, body=body, received_at=datetime.now(UTC))


def sent(provider: Any, account: Any, **changes: Any) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(provider.send(account, replace(TEXT, **changes)).body)
    return told


@pytest.mark.parametrize("slug", ["messagebird", "bird_channels", "bird"])
@pytest.mark.parametrize("other", ["messagebird", "bird_channels", "bird"])
def test_no_generation_takes_the_signature_of_another(slug: str, other: str) -> None:
    cases = {"messagebird": messagebird, "bird_channels": bird_channels, "bird": bird}
    theirs, _ = webhook(other, "inbound_text")
    assert registry.get(slug).verify(cases[slug].ACCOUNT, theirs) is (slug == other)


# Classic


def test_the_reference_vector_of_the_token_is_accepted() -> None:
    made = request(VECTOR["body"].encode(), {"messagebird-signature-jwt": VECTOR["token"]}, url=VECTOR["url"])
    account = replace(
        messagebird.ACCOUNT, credentials={**messagebird.ACCOUNT.credentials, "signing_key": VECTOR["key"]}
    )
    assert CLASSIC.verify(account, made) is True
    assert CLASSIC.verify(account, replace(made, url=VECTOR["url"] + "&a=1")) is False


LONG_KEY = "mb-signing-key-" + "0123456789abcdef" * 4


def token(key: str = LONG_KEY, algorithm: str = "HS256", **changes: Any) -> str:
    now = int(time.time())
    claims = {
        "iss": "MessageBird",
        "nbf": now - 1,
        "exp": now + 86_400,  # the tests may run long after they were collected
        "jti": "a1",
        "url_hash": hashlib.sha256(b"https://desk.example.com/in").hexdigest(),
        "payload_hash": hashlib.sha256(b"body=Hi").hexdigest(),
        **changes,
    }
    told = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(told, key if algorithm != "none" else "", algorithm=algorithm)


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (token(), b"body=Hi"),
        (token(algorithm="HS384"), b"body=Hi"),
        (token(algorithm="HS512"), b"body=Hi"),
        (token(algorithm="none"), b"body=Hi"),
        (token(key=LONG_KEY[::-1]), b"body=Hi"),
        (token(iss="Somebody"), b"body=Hi"),
        (token(iss=None), b"body=Hi"),
        (token(nbf=None), b"body=Hi"),
        (token(exp=None), b"body=Hi"),
        (token(exp=int(time.time()) - 600), b"body=Hi"),
        (token(nbf=int(time.time()) + 86_000), b"body=Hi"),
        (token(url_hash="0" * 64), b"body=Hi"),
        (token(payload_hash=None), b"body=Hi"),
        (token(payload_hash="0" * 64), b"body=Hi"),
        (token(), b""),
        (token(payload_hash=None), b""),
        ("", b"body=Hi"),
        ("a.b", b"body=Hi"),
        ("a.b.c", b"body=Hi"),
        ("..", b"body=Hi"),
    ],
)
def test_we_and_the_classic_sdk_agree(given: str, body: bytes) -> None:
    try:
        RequestValidator(LONG_KEY).validate_signature(given, "https://desk.example.com/in", body)
        accepted = True
    except ValidationError:
        accepted = False
    account = replace(messagebird.ACCOUNT, credentials={"access_key": "x", "signing_key": LONG_KEY})
    assert CLASSIC.verify(account, request(body, {"messagebird-signature-jwt": given})) is accepted


def test_a_token_without_the_hash_of_the_address_is_refused() -> None:
    key = messagebird.ACCOUNT.credentials["signing_key"]
    made = request(b"body=Hi", {"messagebird-signature-jwt": token(key, url_hash=None)})
    assert CLASSIC.verify(messagebird.ACCOUNT, made) is False


def test_the_codes_are_those_of_the_reference_map() -> None:
    assert {code: failures.reason_of("messagebird", code) for code in MAP} == MAP


def test_every_classic_word_is_known() -> None:
    assert set(CLASSIC_STATUS) == {"scheduled", "sent", "buffered", "delivered", "expired", "delivery_failed"}


def test_a_classic_text_has_digits_and_a_reference() -> None:
    assert sent(CLASSIC, messagebird.ACCOUNT) == {
        "originator": "14155550199",
        "recipients": ["14155550101"],
        "reference": "41",
        "body": "Hi é 😀",
        "datacoding": "auto",
        "validity": 3600,
        "reportUrl": "https://desk.example.com/s?m=41",
    }
    picture = replace(TEXT, media=[Attachment(url="https://desk.example.com/m/1")], body="")
    call = CLASSIC.send(messagebird.ACCOUNT, picture)
    assert call.url == "https://rest.messagebird.com/mms"
    assert json.loads(call.body)["mediaUrls"] == ["https://desk.example.com/m/1"]


def test_a_pictures_doubt_is_looked_for_among_the_pictures() -> None:
    picture = replace(TEXT, media=[Attachment(url="https://desk.example.com/m/1")])
    for text, path in ((TEXT, "/messages?"), (picture, "/mms?")):
        call = CLASSIC.list_sent(messagebird.ACCOUNT, text, since=AT)
        assert call is not None
        assert path in call.url


def test_the_classic_list_is_not_asked_for_texts_that_may_have_another_id_there() -> None:
    assert CLASSIC.list_received(messagebird.ACCOUNT, since=AT, until=AT, cursor="") is None
    listed = CLASSIC.read_list(answer("messagebird", "list")[0])
    assert "From them" not in [one.body for one in listed]


@pytest.mark.parametrize(
    ("provider", "account", "own"),
    [
        (CLASSIC, messagebird.ACCOUNT, "https://media.messagebird.com/1.jpg"),
        (CHANNELS, bird_channels.ACCOUNT, "https://media.nest.messagebird.com/1"),
        (CHANNELS, bird_channels.ACCOUNT, "https://media.api.bird.com/1"),
    ],
)
def test_the_access_key_goes_to_birds_own_hosts_only(provider: Any, account: Any, own: str) -> None:
    others = [
        "https://messagebird.com.evil.example.com/1.jpg",
        "https://evilmessagebird.com/1.jpg",
        "http://media.messagebird.com/1.jpg",
        "https://media.messagebird.com:8443/1.jpg",
        "https://media.messagebird.com@evil.example.com/1.jpg",
        "https://elsewhere.example.com/1.jpg",
    ]
    assert "authorization" in provider.fetch(account, Media(url=own)).headers
    for url in others:
        assert "authorization" not in provider.fetch(account, Media(url=url)).headers, url


# Channels


def test_the_reference_signature_of_channels_is_made() -> None:
    body = b'{"service":"channels","event":"sms.inbound"}'
    url = "https://desk.example.com/hooks/bird?tenant=7"
    assert sign_channels("bird-signing-key", "1719823259", url, body) == b"FG4ubFkKxJ0chTYRA6PKaPgUSWCBJP1HvNOyK5fE3rE="


@pytest.mark.parametrize(("hours", "is_accepted"), [(0, True), (8, True), (23, True), (25, False), (-25, False)])
def test_a_webhook_tried_again_for_hours_is_accepted(hours: int, is_accepted: bool) -> None:
    made, _ = webhook("bird_channels", "inbound_text")
    late = replace(made, received_at=made.received_at + timedelta(hours=hours))
    assert CHANNELS.verify(bird_channels.ACCOUNT, late) is is_accepted


def test_a_channels_text_names_the_person_and_our_reference() -> None:
    assert sent(CHANNELS, bird_channels.ACCOUNT) == {
        "receiver": {"contacts": [{"identifierKey": "phonenumber", "identifierValue": "+14155550101"}]},
        "body": {"type": "text", "text": {"text": "Hi é 😀"}},
        "reference": "41",
    }
    image = Attachment(url="https://desk.example.com/m/1", content_type="image/png")
    card = Attachment(url="https://desk.example.com/m/2", content_type="text/vcard", name="me.vcf")
    assert sent(CHANNELS, bird_channels.ACCOUNT, media=[image])["body"] == {
        "type": "image",
        "image": {"images": [{"mediaUrl": "https://desk.example.com/m/1"}], "text": "Hi é 😀"},
    }
    files = sent(CHANNELS, bird_channels.ACCOUNT, media=[image, card])["body"]["file"]["files"]
    assert files[1] == {"mediaUrl": card.url, "contentType": "text/vcard", "filename": "me.vcf"}


@pytest.mark.parametrize("reason", ["contact has opted out", "Recipient unsubscribed", "opt-out"])
def test_an_opt_out_is_seen_in_the_words(reason: str) -> None:
    made, _ = webhook("bird_channels", "receipt_failed_opted_out")
    told = json.loads(made.body)
    told["payload"]["reason"] = reason
    (said,) = CHANNELS.parse(replace(made, body=json.dumps(told).encode()))
    assert isinstance(said, Receipt)
    assert failures.reason_of("bird_channels", said.error_code) == "opted_out"


def test_an_option_is_no_opt_out() -> None:
    made, _ = webhook("bird_channels", "receipt_failed_opted_out")
    told = json.loads(made.body)
    told["payload"]["reason"] = "optional parameter missing"
    (said,) = CHANNELS.parse(replace(made, body=json.dumps(told).encode()))
    assert isinstance(said, Receipt)
    assert failures.reason_of("bird_channels", said.error_code) == "unknown"


# Bird


def test_the_reference_signature_of_bird_is_accepted() -> None:
    headers = {
        "webhook-id": "msg_2abc",
        "webhook-timestamp": "1767323045",
        "webhook-signature": "v1,Vkm94Ixs8fK3pVh34rToFrqmMhWGAjn6WafjjRXqeiI=",
    }
    body = b'{"type":"zz.future","timestamp":"2026-01-02T03:04:05Z","data":{"id":"x"}}'
    made = replace(request(body, headers), received_at=datetime.fromtimestamp(1767323045, UTC))
    assert BIRD.verify(bird.ACCOUNT, made) is True
    several = {**headers, "webhook-signature": "v1,AAAA v2,BBBB " + headers["webhook-signature"]}
    assert BIRD.verify(bird.ACCOUNT, replace(made, headers=several)) is True
    assert BIRD.verify(bird.ACCOUNT, replace(made, received_at=made.received_at + timedelta(seconds=301))) is False


@pytest.mark.parametrize(("header", "value"), [("", ""), ("id", "x"), ("timestamp", "1"), ("signature", "v1,A")])
def test_we_and_birds_sdk_agree(header: str, value: str) -> None:
    body = b'{"type":"zz.future","timestamp":"2026-01-02T03:04:05Z","data":{"id":"x"}}'
    made = request(body, {})
    headers = {**bird.sign(made), **({f"webhook-{header}": value} if header else {})}
    try:
        unwrap(body, headers, bird.ACCOUNT.credentials["webhook_secret"], 300)
        accepted = True
    except WebhookVerificationError:
        accepted = False
    assert accepted is (not header)
    assert BIRD.verify(bird.ACCOUNT, replace(made, headers=headers)) is accepted


EVENTS = [name for name in webhook_names("bird") if name not in ("receipt_new_word", "event_of_another_kind")]


@pytest.mark.parametrize("name", EVENTS)
def test_recorded_events_have_the_shape_of_birds_sdk(name: str) -> None:
    body = webhook("bird", name)[0].body
    headers = bird.sign(request(body, {}))
    event = unwrap(body, headers, bird.ACCOUNT.credentials["webhook_secret"], 300)
    assert event.root.type == json.loads(body)["type"]


def test_every_word_and_code_of_birds_sdk_is_known() -> None:
    assert STATUSES - {"received"} == set(BIRD_STATUS)
    assert set(failures.CODES["bird"]) >= ERROR_CODES


def test_a_bird_text_is_what_the_sdk_sends() -> None:
    theirs = send_body(
        to="+14155550101", from_="+14155550199", text="Hi é 😀", category="service", metadata={"ref": "41"}
    )
    assert sent(BIRD, bird.ACCOUNT) == theirs


def test_a_birds_key_says_the_region() -> None:
    def at(**credentials: str) -> str:
        account = replace(bird.ACCOUNT, credentials={**bird.ACCOUNT.credentials, **credentials})
        return BIRD.send(account, TEXT).url

    assert at().startswith("https://us1.platform.bird.com/")
    assert at(api_key="bk_eu1_abc").startswith("https://eu1.platform.bird.com/")
    assert at(api_key="plain", region="eu1").startswith("https://eu1.platform.bird.com/")
    assert at(api_key="plain").startswith("https://us1.platform.bird.com/")
    assert at(region="evil.example.com/").startswith("https://us1.platform.bird.com/")


def test_what_cannot_be_right_is_said_at_once() -> None:
    assert BIRD.wrong(bird.ACCOUNT.credentials) == {}
    assert set(BIRD.wrong({"webhook_secret": "whsec_!", "region": "Europe"})) == {"webhook_secret", "region"}


def test_birds_texts_are_back_filled_page_by_page() -> None:
    message = {"id": "sms_1", "from": "+14155550101", "to": "+14155550199", "text": "Hi", "created_at": AT.isoformat()}
    told = {"data": [message, {"id": "sms_2"}], "next_cursor": "eyJ2"}
    page = BIRD.read_received(HttpResponse(status=200, body=json.dumps(told).encode()))
    (item,) = page.items
    assert isinstance(item, Inbound)
    assert (item.provider_id, item.body, item.sent_at, page.cursor) == ("sms_1", "Hi", AT, "eyJ2")
    call = BIRD.list_received(bird.ACCOUNT, since=AT, until=AT, cursor="eyJ2")
    assert call is not None
    assert "starting_after=eyJ2" in call.url
    assert "direction=inbound" in call.url


@pytest.mark.parametrize("provider", [CLASSIC, CHANNELS, BIRD])
def test_a_text_without_what_it_needs_is_malformed(provider: Any) -> None:
    made, _ = webhook(provider.slug, "inbound_json" if provider is CLASSIC else "inbound_text")
    told = json.loads(made.body)
    data = told if provider is CLASSIC else told["payload"] if provider is CHANNELS else told["data"]
    data.pop("id", None)
    data.pop("sms_id", None)
    with pytest.raises(Malformed, match="must have"):
        provider.parse(replace(made, body=json.dumps(told).encode()))


IN = "https://desk.example.com/in"
ALL = ["sms.received", "sms.delivered", "sms.undelivered", "sms.failed"]


@pytest.mark.parametrize(
    ("hooks", "is_ok", "says"),
    [
        ([{"url": IN, "events": ALL, "status": "active"}], True, "are sent to"),
        ([{"url": "https://other.example.com", "events": ALL}, {"url": IN, "events": ALL}], True, "are sent to"),
        ([{"url": "https://other.example.com", "events": ALL}], False, "other.example.com"),
        ([{"url": IN, "events": ["sms.received"]}], False, "sms.delivered, sms.failed, sms.undelivered"),
        ([{"url": IN, "events": ALL, "status": "paused"}], False, "paused"),
        ([], False, "nowhere"),
    ],
)
def test_birds_check_looks_for_the_webhook(hooks: list[dict[str, Any]], is_ok: bool, says: str) -> None:
    account = replace(bird.ACCOUNT, settings={"inbound_url": IN})
    checked = BIRD.read_check(account, HttpResponse(status=200, body=json.dumps({"data": hooks}).encode()))
    assert checked.ok is is_ok
    assert says in checked.detail


def subscription(event: str, url: str = IN, status: str = "active") -> dict[str, str]:
    return {"service": "channels", "event": event, "url": url, "status": status}


@pytest.mark.parametrize(
    ("listed", "is_ok", "says"),
    [
        ([subscription("sms.inbound"), subscription("sms.outbound")], True, "are sent to"),
        (
            [subscription("sms.inbound"), subscription("sms.inbound", "https://o"), subscription("sms.outbound")],
            True,
            IN,
        ),
        ([subscription("sms.inbound", "https://other.example.com")], False, "other.example.com"),
        ([subscription("sms.inbound", status="inactive")], False, "nowhere"),
        ([subscription("sms.inbound")], False, "sms.outbound"),
    ],
)
def test_channels_check_looks_for_the_subscriptions(listed: list[dict[str, str]], is_ok: bool, says: str) -> None:
    account = replace(bird_channels.ACCOUNT, settings={"inbound_url": IN})
    checked = CHANNELS.read_check(account, HttpResponse(status=200, body=json.dumps({"results": listed}).encode()))
    assert checked.ok is is_ok
    assert says in checked.detail


def test_the_classic_check_tries_the_key() -> None:
    good = CLASSIC.read_check(messagebird.ACCOUNT, HttpResponse(status=200, body=b'{"amount": 10.5, "type": "euros"}'))
    assert good.ok
    assert "text the number" in good.detail
    assert not CLASSIC.read_check(messagebird.ACCOUNT, HttpResponse(status=401)).ok


def test_a_secret_that_is_none_verifies_nothing() -> None:
    made, _ = webhook("bird", "inbound_text")
    for given in ("", "whsec_", "whsec_!", ",", base64.b64encode(b"other").decode()):
        account = replace(bird.ACCOUNT, credentials={**bird.ACCOUNT.credentials, "webhook_secret": given})
        assert BIRD.verify(account, made) is False
