"""What Bandwidth says about an application: whether the credentials work, and where it sends texts.

Source: dev.bandwidth.com on managing applications. The answer is XML with `InboundCallbackUrl` (older: `CallbackUrl`).
"""

from __future__ import annotations

import html
import re

from twoway.lib.words import noted
from twoway.providers.base import Account, Checked, HttpResponse

_ADDRESS = re.compile(r"<(?:InboundCallbackUrl|CallbackUrl|MsgCallbackUrl)>([^<]{0,2000})</")
_CREDENTIALS = re.compile(r"<(?:Inbound)?CallbackCreds>.*?<UserId>([^<]{0,200})</UserId>", re.S)


def read(account: Account, response: HttpResponse) -> Checked:
    """The answer in words for the owner. `settings["inbound_url"]`, when given, is where texts should go."""
    if response.status != 200:
        return Checked(ok=False, detail=_trouble(response.status))
    told = response.body.decode("utf-8", "replace")
    if "<Application" not in told:
        return Checked(ok=False, detail=noted("Bandwidth's answer names no application."))
    found, wanted = _ADDRESS.search(told), account.settings.get("inbound_url", "")
    goes_to = html.unescape(found[1]).strip() if found else ""
    if not goes_to or (wanted and goes_to != wanted):
        detail = f"The credentials work, but the application sends texts to {goes_to or 'nowhere'}. Set its inbound"
        to = f" callback URL to {wanted}." if wanted else " callback URL."
        return Checked(ok=False, detail=detail + to, inbound_url=goes_to)
    if (user := _callback_user(told)) != account.credentials["callback_user"]:
        detail = "The application's callback user ID is " + (f"“{user}”" if user else "empty")
        detail += f"; set it to “{account.credentials['callback_user']}”, with its password."
        return Checked(ok=False, detail=detail, inbound_url=goes_to)
    return Checked(ok=True, detail=f"The credentials work and texts are sent to {goes_to}.", inbound_url=goes_to)


def _callback_user(told: str) -> str:
    found = _CREDENTIALS.search(told)
    return html.unescape(found[1]).strip() if found else ""


def _trouble(status: int) -> str:
    if status in (401, 403):
        return noted("Bandwidth doesn't accept these API credentials. Check the account ID, the user and the password.")
    if status == 404:
        return noted("Bandwidth doesn't know this application in this account. Check both IDs.")
    return f"Bandwidth answered {status}."
