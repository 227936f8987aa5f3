"""What Vonage says about an application: do the credentials work, and do its webhooks come to us.

Source: developer.vonage.com on the Application API, version 2.
"""

from __future__ import annotations

from twoway.lib.words import noted
from twoway.providers import reading
from twoway.providers.base import Account, Checked, HttpResponse
from twoway.providers.outcomes import maybe_json_object


def read(account: Account, response: HttpResponse) -> Checked:
    """The application in words for the owner. `settings["inbound_url"]` is where texts should go."""
    told = maybe_json_object(response)
    if response.status == 401:
        return Checked(
            ok=False, detail=noted("Vonage doesn't accept these credentials. Check the API key and the API secret.")
        )
    if response.status == 404:
        return Checked(ok=False, detail=noted("Vonage doesn't know this application. Check the application ID."))
    if response.status != 200 or told is None:
        said = reading.word((told or {}).get("detail"))[:200].rstrip(".")
        return Checked(ok=False, detail=f"Vonage answered {response.status}{': ' + said if said else ''}.")
    messages = reading.thing(reading.thing(told.get("capabilities")).get("messages"))
    inbound = reading.thing(reading.thing(messages.get("webhooks")).get("inbound_url"))
    goes_to = reading.word(inbound.get("address"))
    wanted = account.settings.get("inbound_url", "")
    if not wanted:
        return Checked(ok=True, detail=noted("The credentials work."), inbound_url=goes_to)
    where = "the application's inbound URL for messages"
    if not goes_to:
        return Checked(ok=False, detail=f"The credentials work, but {where} is empty: set it to {wanted}.")
    if goes_to != wanted:
        detail = f"The credentials work, but {where} is {goes_to}. Set it to {wanted}."
        return Checked(ok=False, detail=detail, inbound_url=goes_to)
    method = reading.word(inbound.get("http_method")).upper()
    if method not in ("", "POST"):
        return Checked(ok=False, detail=f"Vonage sends texts by {method}; set it to POST.", inbound_url=goes_to)
    if messages.get("authenticate_inbound_media") is False:
        detail = f"The credentials work and texts are sent to {goes_to}. Media are fetched without authentication."
        return Checked(ok=True, detail=detail, inbound_url=goes_to)
    return Checked(ok=True, detail=f"The credentials work and texts are sent to {goes_to}.", inbound_url=goes_to)
