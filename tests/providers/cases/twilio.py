"""A Twilio account, and how Twilio signs, by its own SDK."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qs

from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="+14155550199",
    credentials={"account_sid": "AC" + "2" * 32, "auth_token": "0123456789abcdef0123456789abcdef"},
)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The headers its signature adds."""
    form = {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}
    validator = RequestValidator(ACCOUNT.credentials["auth_token"])
    return {"x-twilio-signature": validator.compute_signature(request.url, form)}
