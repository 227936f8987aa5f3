"""A Sinch service plan, and how Sinch signs webhooks, by its own SDK."""

from __future__ import annotations

from collections.abc import Mapping

from sinch.domains.authentication.sinch_events.v1.authentication_validation import (  # type: ignore[import-untyped]
    calculate_sinch_event_signature,
    compute_signed_data,
)

from twoway.providers.base import Account, RawRequest

UNSIGNED = {"query", "host"}
PROVES = {"webhook_secret", "url_secret"}
ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "service_plan_id": "jd63jf88477ll123ab4567cd89012ef3",
        "api_token": "e1f2a3b4c5d6e7f8a9b0c1d2e3f4a5b6",
        "url_secret": "a-long-secret-in-the-address",
        "webhook_secret": "sinch-webhook-secret",
    },
)
NONCE, TIMESTAMP = "01FJA8B4A7BM43YGWSG9GBV067", "1634579353"


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    signed = compute_signed_data(request.body.decode(), NONCE, TIMESTAMP)
    return {
        "x-sinch-webhook-signature": calculate_sinch_event_signature(signed, ACCOUNT.credentials["webhook_secret"]),
        "x-sinch-webhook-signature-nonce": NONCE,
        "x-sinch-webhook-signature-timestamp": TIMESTAMP,
        "x-sinch-webhook-signature-algorithm": "HmacSHA256",
    }
