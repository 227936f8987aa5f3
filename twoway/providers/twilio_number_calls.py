"""The calls Twilio's number jobs make: several hosts, one account, forms and Basic authorization."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from twoway.providers.base import Account, HttpRequest
from twoway.providers.number_calls import basic, call, checker
from twoway.providers.numbers import text

API = "https://api.twilio.com"
PRICING = "https://pricing.twilio.com"
MESSAGING = "https://messaging.twilio.com"
NUMBERS = "https://numbers.twilio.com"


def account_path(account: Account, path: str) -> str:
    """The path of something in this account."""
    return f"/2010-04-01/Accounts/{quote(account.credentials['account_sid'], safe='')}{path}"


def make(account: Account, method: str, host: str, path: str, form: Mapping[str, str] | None = None) -> HttpRequest:
    """One call, with the API key when there is one, otherwise with the first auth token."""
    known = account.credentials
    user, secret = known.get("api_key_sid", ""), known.get("api_key_secret", "")
    if not user or not secret:
        user, secret = known["account_sid"], known["auth_token"].split(",")[0].strip()
    url = f"{(account.api_base or host).rstrip('/')}{path}"
    return call(method, url, authorization=basic(user, secret), form=form)


def get(account: Account, host: str, path: str) -> HttpRequest:
    """A call that changes nothing."""
    return make(account, "GET", host, path)


def post(account: Account, host: str, path: str, form: Mapping[str, str]) -> HttpRequest:
    """A call with a form."""
    return make(account, "POST", host, path, form)


checked = checker("Twilio", lambda told: text(told.get("message")))
