"""Secrets in requests as they came: what is taken out, and what stays byte for byte."""

from __future__ import annotations

from urllib.parse import parse_qs

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.compliance.shield.raw import redact_raw, redact_url

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "number", ["4111+1111+1111+1111", "4111-1111-1111-1111", "4111%201111%201111%201111", "4111111111111111"]
)
def test_form_fields(number: str) -> None:
    body = f"From=%2B14155552671&Body=my+card+{number}&To=%2b14155552672".encode()
    kept, kinds = redact_raw(body, content_type=FORM)
    assert kinds == {"card"}
    assert parse_qs(kept.decode())["Body"] == ["my card 411111******1111"]
    assert kept.startswith(b"From=%2B14155552671&")
    assert kept.endswith(b"&To=%2b14155552672")


def test_json_at_any_depth() -> None:
    body = orjson.dumps({"id": 4111111111111111, "data": [{"payload": {"text": "cvv 123", "n": 4111111111111111}}]})
    kept, kinds = redact_raw(body)
    assert kinds == {"card", "cvv"}
    assert orjson.loads(kept) == {
        "id": 4111111111111111,
        "data": [{"payload": {"text": "cvv ***", "n": "411111******1111"}}],
    }


def test_broken_json_xml_and_plain_words() -> None:
    for body in (b'{"text": "4111 1111 1111 1111"', b"<m><text>4111 1111 1111 1111</text></m>", b"4111 1111 1111 1111"):
        kept, kinds = redact_raw(body)
        assert kinds == {"card"}
        assert b"411111******1111" in kept


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16-be", "utf-16-le"])
def test_bytes_keep_their_length(encoding: str) -> None:
    body = b"\x00\x05\x01\xff" + "4111 1111 1111 1111".encode(encoding) + b"\x00\xfe"
    kept, kinds = redact_raw(body)
    assert kinds == {"card"}
    assert len(kept) == len(body)
    assert kept.count(b"*") == 6


def test_the_query_of_an_address() -> None:
    assert redact_url("https://x.example/hooks/a?text=4111+1111+1111+1111&to=1") == (
        "https://x.example/hooks/a?text=411111%2A%2A%2A%2A%2A%2A1111&to=1",
        frozenset({"card"}),
    )
    assert redact_url("https://x.example/hooks/4111111111111111") == (
        "https://x.example/hooks/4111111111111111",
        frozenset(),
    )


@given(st.binary(max_size=200))
def test_whatever_comes_it_never_fails_and_settles(body: bytes) -> None:
    kept, kinds = redact_raw(body)
    assert (kept == body) == (not kinds)
    assert redact_raw(kept)[0] == kept


def test_what_holds_no_secret_stays_byte_for_byte() -> None:
    body = b'{"b": 1,   "a": "my order 4821 \\u00e9"}'
    assert redact_raw(body) == (body, frozenset())
