"""The contract of every provider in the registry, on recorded payloads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.providers.recorded_cases import (
    ACCOUNTS,
    AT,
    HTTP,
    RECORDED,
    answer,
    answer_names,
    bare,
    leaves_unsigned,
    plain,
    proves_webhooks,
    signed,
    stripped,
    webhook,
)
from tests.providers.recorded_cases import webhook_names as names
from twoway.providers import failures, registry
from twoway.providers.base import (
    Accepted,
    HttpResponse,
    Malformed,
    OutboundText,
    Rejected,
    SendError,
    Status,
    Uncertain,
)

SLUGS = HTTP
WEBHOOKS = [(slug, name) for slug in SLUGS for name in names(slug)]
SENDS = [(slug, name) for slug in SLUGS for name in answer_names(slug, "send")]
LISTS = [(slug, name) for slug in SLUGS for name in answer_names(slug, "list")]
TEXT = OutboundText(
    ref="8d1c",
    recipient="+14155550101",
    body="It’s on its way & more + 100% é 😀",
    status_url="https://desk.example.com/hooks/x/status",
)
every_provider = pytest.mark.parametrize("slug", SLUGS)
every_webhook = pytest.mark.parametrize(("slug", "name"), WEBHOOKS)


@every_provider
def test_it_has_recorded_payloads_of_each_kind(slug: str) -> None:
    assert slug in ACCOUNTS
    assert any(name.startswith("inbound") for name in names(slug))
    assert any(name.startswith("receipt") for name in names(slug))
    assert {"accepted", "throttled", "unreadable"} <= set(answer_names(slug, "send"))


def test_no_recorded_payload_is_of_an_unknown_provider() -> None:
    assert {path.name for path in RECORDED.iterdir()} == set(SLUGS)


@every_provider
def test_it_introduces_itself(slug: str) -> None:
    provider = registry.get(slug)
    assert provider.slug == slug
    assert provider.name
    assert set(provider.kinds) <= {"sms", "whatsapp", "email", "chat", "voice"}
    assert provider.max_body >= 160
    assert provider.account_ids(ACCOUNTS[slug])
    for field in provider.fields:
        assert re.fullmatch(r"[a-z_]+", field.key)
        assert field.label
        assert field.help.endswith(".")
    assert any(field.secret for field in provider.fields)


@every_provider
def test_credentials_of_the_account_are_its_fields(slug: str) -> None:
    required = {field.key for field in registry.get(slug).fields if field.required}
    allowed = {field.key for field in registry.get(slug).fields}
    assert required <= set(ACCOUNTS[slug].credentials) <= allowed


# Webhooks


@every_webhook
def test_a_recorded_webhook_says_what_it_says(slug: str, name: str) -> None:
    request, expected = webhook(slug, name)
    assert [plain(record) for record in registry.get(slug).parse(request)] == expected


@every_webhook
def test_its_signature_is_accepted(slug: str, name: str) -> None:
    request, _ = webhook(slug, name)
    assert registry.get(slug).verify(ACCOUNTS[slug], request) is True


TAMPERED: dict[str, Callable[[Any], Any]] = {
    "longer": lambda request: replace(request, body=request.body + b"&x=1"),
    "shorter": lambda request: replace(request, body=request.body[:-1]),
    "empty": lambda request: replace(request, body=b""),
    "query": lambda request: replace(request, url=request.url + "&x=1"),
    "host": lambda request: replace(request, url=request.url.replace("desk.example.com", "evil.example.com")),
    "unsigned": lambda request: replace(request, headers={"content-type": request.headers.get("content-type", "")}),
    "bare": lambda request: replace(request, headers={}),
}


@pytest.mark.parametrize(
    ("slug", "name", "how"),
    [(slug, name, how) for slug, name in WEBHOOKS for how in TAMPERED if how not in leaves_unsigned(slug)],
)
def test_a_tampered_webhook_is_refused(slug: str, name: str, how: str) -> None:
    request, _ = webhook(slug, name)
    tampered = TAMPERED[how](stripped(slug, request) if how in ("unsigned", "bare") else request)
    assert tampered == request or registry.get(slug).verify(ACCOUNTS[slug], tampered) is False


@every_provider
def test_what_a_provider_leaves_unsigned_is_said_on_its_page(slug: str) -> None:
    page = (RECORDED.parents[2] / "docs" / "providers" / f"{slug}.md").read_text()
    assert leaves_unsigned(slug) <= set(TAMPERED) - {"unsigned", "bare"}
    assert not leaves_unsigned(slug) or "not signed" in page


@every_webhook
def test_a_wrong_signature_is_refused(slug: str, name: str) -> None:
    request, _ = webhook(slug, name)
    ours = signed(slug, replace(request, headers={})).headers
    for header in ours:
        for value in ("", "x", "é\udcff", ours[header][:-1], ours[header] + "A", ours[header][::-1]):
            forged = replace(request, headers={**request.headers, header: value})
            assert registry.get(slug).verify(ACCOUNTS[slug], forged) is False, (header, value)


@every_provider
def test_another_accounts_secret_is_refused(slug: str) -> None:
    request, _ = webhook(slug, "inbound_text")
    account = ACCOUNTS[slug]
    secret = proves_webhooks(slug)
    other = {key: value[::-1] if key in secret else value for key, value in account.credentials.items()}
    assert registry.get(slug).verify(replace(account, credentials=other), request) is False
    none = {key: "" if key in secret else value for key, value in account.credentials.items()}
    assert registry.get(slug).verify(replace(account, credentials=none), request) is False


@every_provider
def test_both_secrets_are_accepted_during_a_rotation(slug: str) -> None:
    request, _ = webhook(slug, "inbound_text")
    account = ACCOUNTS[slug]
    secret = proves_webhooks(slug)
    for pattern in ("new-one, {}", "{},old-one", " {} ,"):
        both = {k: pattern.format(v) if k in secret else v for k, v in account.credentials.items()}
        assert registry.get(slug).verify(replace(account, credentials=both), request) is True


@every_provider
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b"a=%FF", b"x=1", b'{"type": "text.received"}']
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded", "text/plain"])
def test_what_cannot_be_understood_is_malformed(slug: str, body: bytes, kind: str) -> None:
    request, _ = webhook(slug, "inbound_text")
    odd = replace(request, body=body, headers={**request.headers, "content-type": kind})
    if "longer" not in leaves_unsigned(slug):
        assert registry.get(slug).verify(ACCOUNTS[slug], odd) is False
    with pytest.raises(Malformed) as refused:
        registry.get(slug).parse(odd)
    assert str(refused.value)


@every_provider
def test_the_answer_is_a_success(slug: str) -> None:
    assert 200 <= registry.get(slug).answer().status < 300


# Calls


@every_provider
def test_a_call_carries_the_text_and_hides_the_secrets(slug: str) -> None:
    account = replace(ACCOUNTS[slug], settings={"api_base": "https://carrier.example.com/base/"})
    provider = registry.get(slug)
    calls = [
        provider.send(account, TEXT),
        provider.list_sent(account, TEXT, since=AT),
        provider.list_received(account, since=AT, until=AT, cursor=""),
        provider.check(account),
    ]
    for call in filter(None, calls):
        assert call.url.startswith("https://carrier.example.com/base/")
        assert 0 < call.timeout <= 30
        shown = repr(call) + repr(account) + call.url
        for field in provider.fields:
            assert not field.secret or account.credentials.get(field.key, "not given") not in shown
        assert call.headers["authorization"] not in shown
        assert all(name == name.lower() for name in call.headers)


@every_provider
def test_the_first_secret_is_used_for_calls_during_a_rotation(slug: str) -> None:
    account = ACCOUNTS[slug]
    secret = {field.key for field in registry.get(slug).fields if field.secret}
    both = {k: f"{v}, older" if k in secret else v for k, v in account.credentials.items()}
    before, after = (registry.get(slug).send(a, TEXT) for a in (account, replace(account, credentials=both)))
    assert after.headers == before.headers


@every_provider
def test_a_body_reaches_the_call_unharmed(slug: str) -> None:
    call = registry.get(slug).send(ACCOUNTS[slug], TEXT)
    body = call.body.decode()
    is_json = call.headers["content-type"] == "application/json"
    assert TEXT.body in (body if is_json else [value for values in parse_qs(body).values() for value in values])


@pytest.mark.parametrize(("slug", "name"), SENDS)
def test_an_answer_to_a_send_is_read(slug: str, name: str) -> None:
    response, expected = answer(slug, name)
    check_read(registry.get(slug).read_send, response, expected)


@pytest.mark.parametrize(("slug", "name"), LISTS)
def test_an_answer_to_a_list_is_read(slug: str, name: str) -> None:
    response, expected = answer(slug, name)
    check_read(registry.get(slug).read_list, response, expected)


def check_read(read: Callable[[HttpResponse], Any], response: HttpResponse, expected: Any) -> None:
    """The record, or the error with its codes and a sentence for the agent."""
    if isinstance(expected, list):
        assert [plain(record) for record in read(response)] == expected
    elif expected["kind"] == "Accepted":
        assert plain(read(response)) == expected
    else:
        with pytest.raises(SendError) as refused:
            read(response)
        error = refused.value
        told: dict[str, Any] = {"kind": type(error).__name__, "code": error.code, "provider_code": error.provider_code}
        if error.retry_after is not None:
            told["retry_after"] = error.retry_after
        assert bare(told) == expected
        assert failures.words(error.code).endswith(".")


@every_provider
@pytest.mark.parametrize("status", [500, 502, 503, 504, 599, 302, 303, 100])
def test_a_fault_of_the_provider_is_uncertain(slug: str, status: int) -> None:
    provider = registry.get(slug)
    reads: list[Callable[[HttpResponse], Any]] = [provider.read_send]
    if provider.list_sent(ACCOUNTS[slug], TEXT, since=AT) is not None:
        reads.append(provider.read_list)
    if provider.list_received(ACCOUNTS[slug], since=AT, until=AT, cursor="") is not None:
        reads.append(provider.read_received)
    for read in reads:
        with pytest.raises(Uncertain):
            read(HttpResponse(status=status, body=b"{}"))


@every_provider
@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'"id"', b"{}", b'{"sid": null, "id": ""}', b"\xff"])
def test_a_success_that_names_no_message_is_uncertain(slug: str, body: bytes) -> None:
    with pytest.raises(Uncertain):
        registry.get(slug).read_send(HttpResponse(status=201, body=body))


@every_provider
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"code": {"a": 1}}', b'{"code": 999999}', b"<html>"])
def test_any_refusal_has_a_known_reason(slug: str, body: bytes) -> None:
    for status in (400, 401, 403, 404, 422):
        with pytest.raises(Rejected) as refused:
            registry.get(slug).read_send(HttpResponse(status=status, body=body))
        assert refused.value.code in failures.REASONS


@every_provider
def test_an_accepted_text_is_not_final(slug: str) -> None:
    response, _ = answer(slug, "accepted")
    accepted = registry.get(slug).read_send(response)
    assert isinstance(accepted, Accepted)
    assert accepted.status in (Status.QUEUED, Status.SENDING, Status.SENT, Status.SCHEDULED)


@every_provider
def test_a_check_never_fails_and_says_a_sentence(slug: str) -> None:
    for status in (200, 301, 400, 401, 403, 404, 429, 500):
        for body in (b"", b"{}", b"[]", b"{", b'{"message": "no"}'):
            checked = registry.get(slug).read_check(ACCOUNTS[slug], HttpResponse(status=status, body=body))
            assert checked.detail.endswith("."), (status, body)
            assert status == 200 or not checked.ok


@every_provider
def test_times_are_in_utc_or_have_an_offset(slug: str) -> None:
    for name in names(slug):
        for record in registry.get(slug).parse(webhook(slug, name)[0]):
            when = getattr(record, "sent_at", None) or getattr(record, "at", None)
            assert when is None or when.utcoffset() == timedelta()
