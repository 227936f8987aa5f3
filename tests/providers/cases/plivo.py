"""A Plivo account, and how Plivo signs (V3), by its own SDK."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from plivo.utils.signature_v3 import (  # type: ignore[import-untyped]
    construct_get_url,
    construct_post_url,
    get_signature_v3,
)

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "auth_id": "MAXXXXXXXXXXXXXXXXXX",
        "auth_token": "MjM0NTY3ODkwYWJjZGVmZ2hpams",
        "url_secret": "a-long-secret-in-the-address",
    },
)
NONCE = "05429567804466091622"


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    if request.method == "GET":
        signed = construct_get_url(request.url, {})
    else:
        signed = construct_post_url(request.url, parse_qs(request.body.decode(), keep_blank_values=True))
    made = get_signature_v3(ACCOUNT.credentials["auth_token"], signed.decode(), NONCE)
    return {"x-plivo-signature-v3": made.decode(), "x-plivo-signature-v3-nonce": NONCE}
