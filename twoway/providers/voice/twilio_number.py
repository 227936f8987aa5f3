"""Where Twilio sends the calls of a number, and sending them to us. Source: twilio.com/docs, IncomingPhoneNumber."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from twoway.lib.words import noted
from twoway.providers import reading
from twoway.providers.base import Account, HttpRequest, HttpResponse, Rejected
from twoway.providers.outcomes import json_object, maybe_json_object, raise_for

API = "https://api.twilio.com"
UNSET = ("", "https://demo.twilio.com/welcome/voice/", "https://demo.twilio.com/welcome/voice")
"""What a number has that nobody has set up: nothing, or Twilio's own greeting."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """A number at Twilio: its SID, where its calls go now, and the application or trunk that takes them instead."""

    sid: str
    url: str
    holder: str = ""

    @property
    def is_free(self) -> bool:
        """Whether nobody set its calls up."""
        return self.url in UNSET and not self.holder


def look(account: Account) -> HttpRequest:
    """GET IncomingPhoneNumbers.json of our number."""
    return _request(account, "GET", f"/IncomingPhoneNumbers.json?{urlencode({'PhoneNumber': account.address})}", None)


def read(response: HttpResponse) -> Held:
    """The number of that list. Raises a `SendError`."""
    _raise_for(response)
    found = json_object(response).get("incoming_phone_numbers")
    first = found[0] if isinstance(found, list) and found and isinstance(found[0], dict) else {}
    sid = reading.word(first.get("sid"))
    if not sid:
        raise Rejected("config", noted("This number is not in the Twilio account."))
    holder = reading.word(first.get("voice_application_sid")) or reading.word(first.get("trunk_sid"))
    return Held(sid=sid, url=reading.word(first.get("voice_url")), holder=holder)


def point(account: Account, sid: str, url: str) -> HttpRequest:
    """POST the number: its calls and their ends come to us."""
    form = {
        "VoiceUrl": url,
        "VoiceMethod": "POST",
        "VoiceApplicationSid": "",
        "StatusCallback": url,
        "StatusCallbackMethod": "POST",
    }
    return _request(account, "POST", f"/IncomingPhoneNumbers/{quote(sid, safe='')}.json", form)


def read_point(response: HttpResponse) -> None:
    """Nothing, when it was taken. Raises a `SendError`."""
    _raise_for(response)


def _request(account: Account, method: str, path: str, form: dict[str, str] | None) -> HttpRequest:
    known = account.credentials
    user, secret = known.get("api_key_sid", ""), known.get("api_key_secret", "")
    if not user or not secret:
        user, secret = known["account_sid"], reading.first(known["auth_token"])
    headers = {"authorization": "Basic " + base64.b64encode(f"{user}:{secret}".encode()).decode("ascii")}
    headers["accept"] = "application/json"
    if form is not None:
        headers["content-type"] = "application/x-www-form-urlencoded"
    at = (account.api_base or API).rstrip("/")
    return HttpRequest(
        method=method,
        url=f"{at}/2010-04-01/Accounts/{quote(known['account_sid'], safe='')}{path}",
        headers=headers,
        body=urlencode(form).encode("ascii") if form is not None else b"",
    )


def _raise_for(response: HttpResponse) -> None:
    def said(answer: HttpResponse) -> Rejected | None:
        words = str((maybe_json_object(answer) or {}).get("message") or "")[:300]
        return Rejected("auth" if answer.status == 401 else "config", words) if words else None

    raise_for(response, said)
