"""Every error is a problem document with a stable code, and nothing anybody sends is an error of ours."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Answer, Program
from twoway.api import limits, problems
from twoway.api.limits import RateLimit


@pytest.mark.parametrize("path", ["/", "/nothing", "/messages/", "/messages/abc", "/messages/1/2", "/../v2", "/docs"])
def test_unknown_addresses(program: Program, path: str) -> None:
    answer = program.get(path)
    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/messages", "GET, POST, HEAD"),
        ("PUT", "/messages/1", "GET, HEAD"),
        ("POST", "/openapi.json", "GET, HEAD"),
        ("GET", "/conversations/1/notes", "POST"),
    ],
)
def test_methods_that_are_not_there(program: Program, method: str, path: str, allowed: str) -> None:
    answer = program.ask(method, path)
    assert (answer.status, answer.code, answer.response.headers["Allow"]) == (405, "method_not_allowed", allowed)


def test_head_is_get_without_a_body(program: Program) -> None:
    answer = program.ask("HEAD", "/messages")
    assert (answer.status, answer.response.content) == (200, b"")


@pytest.mark.parametrize(
    "body", [b"{", b"", b"\xff\xfe", b'{"a": NaN}', b'{"a": Infinity}', b"[" * 100_000, b'{"a": ' + b"9" * 5000 + b"}"]
)
def test_bodies_that_are_not_json(program: Program, body: bytes) -> None:
    answer = program.ask("POST", "/messages", body)
    assert (answer.status, answer.code) in {(400, "malformed_json"), (422, "invalid")}
    assert answer.status == (422 if body == b"" else 400)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_bodies_of_another_type(program: Program, content_type: str) -> None:
    answer = program.ask("POST", "/messages", b"{}", **{"Content-Type": content_type})
    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_bodies_in_chunks(program: Program) -> None:
    """WSGI knows no chunks: such a body would look empty, so it is not taken for an empty one."""
    request = {"REQUEST_METHOD": "POST", "HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/json"}
    response = program.client.request(
        PATH_INFO="/api/v1/contacts", HTTP_AUTHORIZATION=f"Bearer {program.token}", **request
    )
    answer = Answer(response)
    assert (answer.status, answer.code) == (411, "length_required")


def test_no_body_at_all(program: Program) -> None:
    answer = program.ask("POST", "/contacts", b"")
    assert (answer.status, answer.json["detail"]) == (422, "Send a JSON document as the body.")


@pytest.mark.parametrize("size", [problems.MOST_BYTES + 1, 2_000_000])
def test_bodies_that_are_too_large(program: Program, size: int) -> None:
    answer = program.ask("POST", "/messages", b" " * size)
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize("bad", ["\x00", "a\x00b", "\ud800", "\udfff!"])
@pytest.mark.parametrize("name", ["from", "to", "body", "purpose", "unknown\x00name"])
def test_what_cannot_be_stored_is_refused_by_field(program: Program, channel: Any, name: str, bad: str) -> None:
    fields = {"from": channel.address, "to": "+15035550178", "body": "Hello"} | {name: bad}
    answer = program.post("/messages", fields)
    assert (answer.status, answer.code) == (422, "invalid")
    assert len(answer.fields) == 1


def test_nul_in_a_query(program: Program) -> None:
    answer = program.get("/contacts?search=a%00b")
    assert (answer.status, answer.code, answer.fields) == (422, "invalid", ["search"])


def test_fields_we_do_not_know_are_noticed(program: Program, channel: Any) -> None:
    answer = program.post(
        "/messages", {"from": channel.address, "to": "+15035550178", "body": "Hi", "sendAt": "2026-01-01T00:00:00Z"}
    )
    assert (answer.status, answer.fields) == (422, ["sendAt"])


@pytest.mark.parametrize("body", [None, [], "text", 7, {"from": 1.5}, {"from": True, "to": 5, "body": []}])
def test_documents_of_another_shape(program: Program, body: Any) -> None:
    answer = program.post("/messages", body)
    assert (answer.status, answer.code) == (422, "invalid")


def test_too_many_requests(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "per_token", RateLimit(burst=2, per_second=0.1))
    assert [program.get("/messages/count").status for _ in range(2)] == [200, 200]
    answer = program.get("/messages/count")
    assert (answer.status, answer.code) == (429, "rate_limited")
    assert 1 <= int(answer.response.headers["Retry-After"]) <= 10


def test_answers_are_not_kept_on_the_way(program: Program) -> None:
    response = program.get("/messages").response
    assert response.headers["Cache-Control"] == "no-store"
    assert not response.cookies
    assert "X-Request-Id" in response.headers


@pytest.mark.parametrize("path", ["/messages?conversaton=5", "/messages/count?limit=5", "/teams?x=", "/contacts?=1"])
def test_parameters_we_do_not_know_are_noticed(program: Program, path: str) -> None:
    answer = program.get(path)
    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.fields == [path.partition("?")[2].partition("=")[0]]
