"""What Twilio says about a number's set-up: are the credentials right, is the number ours, where do texts go.

Sources: twilio.com/docs on IncomingPhoneNumber, ShortCode, Account and Messaging Service resources.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers.base import Account, Checked, HttpResponse
from twoway.providers.outcomes import maybe_json_object

MESSAGING_API = "https://messaging.twilio.com"
_SHORT_CODE = re.compile(r"[0-9]{3,8}")


def url(account: Account, account_url: str) -> str:
    """What to ask: the resource that holds the webhook address of this channel."""
    service = account.credentials.get("messaging_service_sid", "")
    if service:
        base = (account.api_base or MESSAGING_API).rstrip("/")
        return f"{base}/v1/Services/{quote(service, safe='')}"
    if account.address.startswith("whatsapp:") or not account.address.lstrip("+").isdigit():
        return f"{account_url}.json"
    if _SHORT_CODE.fullmatch(account.address):
        return f"{account_url}/SMS/ShortCodes.json?" + urlencode({"ShortCode": account.address})
    return f"{account_url}/IncomingPhoneNumbers.json?" + urlencode({"PhoneNumber": account.address})


def read(account: Account, response: HttpResponse) -> Checked:
    """The answer in words for the owner. `settings["inbound_url"]`, when given, is where texts should go."""
    told = maybe_json_object(response)
    if response.status != 200 or told is None:
        return Checked(ok=False, detail=_trouble(response, told or {}))
    if "inbound_request_url" in told:
        return _service(account, told)
    numbers = told.get("incoming_phone_numbers", told.get("short_codes"))
    if isinstance(numbers, list):
        return _number(account, [number for number in numbers if isinstance(number, dict)])
    if told.get("status", "active") != "active":
        return Checked(ok=False, detail=f"The Twilio account is {told['status']}.")
    return Checked(
        ok=True, detail=noted("The credentials work. Twilio doesn't show where texts to this address are sent.")
    )


def _trouble(response: HttpResponse, told: Mapping[str, Any]) -> str:
    if response.status == 401:
        return noted("Twilio doesn't accept these credentials. Check the account SID and the auth token or API key.")
    if response.status == 403:
        return noted("These credentials may not read the number's set-up. Use the auth token or a standard API key.")
    if response.status == 404:
        return noted("Twilio doesn't know this account or Messaging Service. Check the SIDs.")
    said = str(told.get("message") or "")[:200]
    return f"Twilio answered {response.status}{': ' + said if said else ''}."


def _number(account: Account, numbers: list[dict[str, Any]]) -> Checked:
    if not numbers:
        return Checked(ok=False, detail=f"The credentials work, but {account.address} isn't in this Twilio account.")
    number = numbers[0]
    able = number.get("capabilities")
    if isinstance(able, dict) and able.get("sms") is False:
        return Checked(ok=False, detail=f"{account.address} can't send or receive texts at Twilio.")
    goes_to = str(number.get("sms_url") or "")
    if number.get("sms_application_sid"):
        return Checked(ok=True, detail=noted("The credentials work. A TwiML App decides where texts are sent."))
    method = str(number.get("sms_method") or "POST").upper()
    if goes_to and method != "POST":
        return Checked(ok=False, detail=f"Twilio sends texts by {method}; set it to POST.", inbound_url=goes_to)
    return _compare(account, goes_to, "this number's messaging webhook")


def _service(account: Account, service: Mapping[str, Any]) -> Checked:
    if service.get("use_inbound_webhook_on_number"):
        detail = noted(
            "The credentials work. The service defers to each sender's webhook: set it on the number itself."
        )
        return Checked(ok=True, detail=detail)
    return _compare(account, str(service.get("inbound_request_url") or ""), "the Messaging Service's request URL")


def _compare(account: Account, goes_to: str, what: str) -> Checked:
    """Whether texts come to us. What follows # is only for Twilio's own connection settings."""
    wanted = account.settings.get("inbound_url", "")
    if not goes_to:
        detail = f"The credentials work, but {what} is empty"
        return Checked(ok=False, detail=f"{detail}: set it to {wanted}." if wanted else f"{detail}.")
    if wanted and goes_to.partition("#")[0] != wanted.partition("#")[0]:
        detail = f"The credentials work, but {what} is {goes_to}. Set it to {wanted}."
        return Checked(ok=False, detail=detail, inbound_url=goes_to)
    return Checked(ok=True, detail=f"The credentials work and texts are sent to {goes_to}.", inbound_url=goes_to)
