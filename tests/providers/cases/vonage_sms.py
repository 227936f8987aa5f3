"""An account of Vonage's SMS API, and how it signs webhooks, by its own SDK. The signature is one of the parameters."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit

import orjson
from vonage_http_client.auth import Auth  # type: ignore[import-untyped]

from twoway.providers.base import Account, RawRequest

UNSIGNED = {"query", "host"}
PROVES = {"signature_secret", "url_secret"}
SECRET = "a-long-secret-in-the-address"
ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "api_key": "a1b2c3d4",
        "api_secret": "Abcd1234Efgh5678",
        "signature_secret": "aVerySecretSignatureSecret0123456789",
        "signature_method": "sha256",
        "url_secret": SECRET,
    },
)


def sign(request: RawRequest) -> RawRequest:
    """The request with its signature."""
    if request.method == "GET":
        told = dict(parse_qsl(urlsplit(request.url).query, keep_blank_values=True))
        told.pop("key", None)
        return replace(request, url=f"{request.url}&sig={signature(told)}")
    if request.body.startswith(b"{"):
        told = orjson.loads(request.body)
        return replace(request, body=orjson.dumps({**told, "sig": signature(told)}))
    told = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
    return replace(request, body=request.body + b"&sig=" + signature(told).encode())


def strip(request: RawRequest) -> RawRequest:
    """The request without its signature."""
    if request.method == "GET":
        return replace(request, url=request.url.partition("&sig=")[0])
    if request.body.startswith(b"{"):
        told = {name: value for name, value in orjson.loads(request.body).items() if name != "sig"}
        return replace(request, body=orjson.dumps(told))
    pairs = [pair for pair in parse_qsl(request.body.decode(), keep_blank_values=True) if pair[0] != "sig"]
    return replace(request, body=urlencode(pairs).encode())


def signature(told: dict[str, str], method: str = "sha256") -> str:
    """What the SDK computes. It adds the time when the parameters have none, so they must."""
    known = ACCOUNT.credentials
    assert told.get("timestamp")
    auth = Auth(
        api_key=known["api_key"],
        signature_secret=known["signature_secret"],
        signature_method=method,
    )
    return str(auth.sign_params(dict(told)))
