"""A Bandwidth account. Bandwidth signs nothing: it sends the name and the password typed into the application."""

from __future__ import annotations

import base64
from collections.abc import Mapping

from twoway.providers.base import Account, RawRequest

ACCOUNT = Account(
    address="+14155550199",
    credentials={
        "account_id": "9900000",
        "application_id": "93de2206-9669-4e07-948d-329f4b722ee2",
        "api_user": "desk-api",
        "api_password": "a-password-for-calls",
        "callback_user": "twoway",
        "callback_password": "a-password-for-callbacks",
    },
)
UNSIGNED = ("longer", "shorter", "empty", "query", "host")
PROVES = ("callback_password",)


def sign(request: RawRequest) -> Mapping[str, str]:
    """The header Bandwidth adds when the application has callback credentials."""
    return {"authorization": "Basic " + base64.b64encode(b"twoway:a-password-for-callbacks").decode()}
