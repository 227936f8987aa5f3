"""Every reason has words and a policy; every code has a reason; every answer has one meaning."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from twoway.providers import failures, registry
from twoway.providers.base import HttpResponse, Rejected, SendError, Throttled, Uncertain
from twoway.providers.outcomes import raise_for, retry_after

MAP = json.loads((Path(__file__).parents[1] / "vectors" / "failure_map.json").read_text())
BETTER_KNOWN = {"20003": "auth"}  # the map has no word for refused credentials


def all_errors(kind: type[SendError]) -> list[type[SendError]]:
    return [kind, *(below for one in kind.__subclasses__() for below in all_errors(one))]


def test_every_canonical_reason_has_words() -> None:
    assert {reason for codes in MAP.values() for reason in codes.values()} <= set(failures.REASONS)


@pytest.mark.parametrize(("code", "reason"), failures.REASONS.items())
def test_a_reason_has_a_sentence_a_label_and_a_policy(code: str, reason: failures.Reason) -> None:
    assert reason.retry in ("never", "later", "config", "ask")
    assert reason.for_agent.endswith(".")
    assert reason.for_agent[0].isupper()
    assert 0 < len(reason.label) <= 20
    assert failures.words(code) == reason.for_agent


@pytest.mark.parametrize("error", all_errors(SendError))
def test_every_error_has_words(error: type[SendError]) -> None:
    made = error("opted_out") if error is Rejected else error()
    assert made.code in failures.REASONS
    assert made.for_agent.endswith(".")
    assert str(made)


def test_twilios_codes_are_those_of_the_reference_map() -> None:
    expected = {**MAP["twilio"], **BETTER_KNOWN}
    assert {code: failures.reason_of("twilio", code) for code in expected} == expected


@pytest.mark.parametrize("slug", registry.slugs())
def test_every_code_has_a_reason_that_exists(slug: str) -> None:
    assert failures.CODES[slug]
    assert set(failures.CODES[slug].values()) <= set(failures.REASONS)


@pytest.mark.parametrize(
    ("slug", "code", "reason"),
    [("twilio", "", ""), ("twilio", "0", ""), ("twilio", "99999", "unknown"), ("nobody", "1", "unknown")],
)
def test_no_code_is_no_reason_and_a_new_code_is_unknown(slug: str, code: str, reason: str) -> None:
    assert failures.reason_of(slug, code) == reason


def test_an_unknown_reason_still_has_words() -> None:
    assert failures.words("something new") == failures.REASONS["unknown"].for_agent


def test_an_unknown_provider_is_named_with_those_there_are() -> None:
    with pytest.raises(registry.UnknownProvider, match=r"carrier-pigeon.*simulator.*twilio"):
        registry.get("carrier-pigeon")


def test_a_provider_is_loaded_once() -> None:
    assert registry.get("twilio") is registry.get("twilio")


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_raises_nothing(status: int) -> None:
    raise_for(HttpResponse(status=status))


@pytest.mark.parametrize(
    ("status", "error", "code"),
    [
        (429, Throttled, "rate_limited"),
        (425, Throttled, "rate_limited"),
        (408, Uncertain, "uncertain"),
        (409, Uncertain, "uncertain"),
        (500, Uncertain, "uncertain"),
        (503, Uncertain, "uncertain"),
        (302, Uncertain, "uncertain"),
        (307, Rejected, "config"),
        (401, Rejected, "auth"),
        (403, Rejected, "auth"),
        (404, Rejected, "unknown"),
        (400, Rejected, "unknown"),
    ],
)
def test_what_a_status_means(status: int, error: type[SendError], code: str) -> None:
    with pytest.raises(error) as refused:
        raise_for(HttpResponse(status=status), lambda _: None)
    assert refused.value.code == code


def test_the_adapter_reads_a_refusal_but_not_a_fault() -> None:
    def read(response: HttpResponse) -> SendError:
        return Rejected("opted_out")

    with pytest.raises(Rejected) as refused:
        raise_for(HttpResponse(status=409), read)
    assert refused.value.code == "opted_out"
    with pytest.raises(Uncertain):
        raise_for(HttpResponse(status=500), read)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "999999999"}, 86400.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "²"}, None),
        ({"retry-after": "Fri, 02 Jan 2026 03:04:35 GMT"}, None),
        ({"retry-after": "Fri, 02 Jan 2026 03:04:35 GMT", "date": "Fri, 02 Jan 2026 03:04:05 GMT"}, 30.0),
        ({"retry-after": "Fri, 02 Jan 2026 03:04:05 GMT", "date": "Fri, 02 Jan 2026 03:04:35 GMT"}, 0.0),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(HttpResponse(status=429, headers=headers)) == seconds
