"""A WhatsApp number at Meta, and how Meta signs, written from its documentation: it has no official SDK for Python."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="whatsapp:+14155550199",
    credentials={
        "phone_number_id": "27681414235104944",
        "business_account_id": "8856996819413533",
        "access_token": "EAAG0123456789abcdef",
        "app_secret": "0123456789abcdef0123456789abcdef",
        "verify_token": "a-word-of-our-own",
    },
)
UNSIGNED = ("query", "host")
PROVES = ("app_secret",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    digest = hmac.new(ACCOUNT.credentials["app_secret"].encode(), request.body, hashlib.sha256).hexdigest()
    return {"x-hub-signature-256": f"sha256={digest}"}
