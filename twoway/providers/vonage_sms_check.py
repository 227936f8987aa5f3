"""What Vonage says about a number of the SMS API: do the credentials work, is it ours, where do its texts go.

Source: developer.vonage.com on the Numbers API. A number without an address of its own uses the account's default one,
which the API does not show.
"""

from __future__ import annotations

from twoway.lib.words import noted
from twoway.providers import reading, url_secret
from twoway.providers.base import Account, Checked, HttpResponse
from twoway.providers.outcomes import maybe_json_object


def read(account: Account, response: HttpResponse) -> Checked:
    """The number in words for the owner. `settings["inbound_url"]` is where texts should go."""
    told = maybe_json_object(response)
    if response.status in (401, 403):
        return Checked(
            ok=False, detail=noted("Vonage doesn't accept these credentials. Check the API key and the API secret.")
        )
    if response.status != 200 or told is None:
        return Checked(ok=False, detail=f"Vonage answered {response.status}.")
    ours = reading.digits_only(account.address)
    number = next((one for one in reading.things(told.get("numbers")) if one.get("msisdn") == ours), None)
    if number is None:
        if not ours.isdigit() or len(ours) <= 8:
            return Checked(ok=True, detail=noted("The credentials work. Vonage doesn't list names and short codes."))
        return Checked(ok=False, detail=f"The credentials work, but {account.address} isn't in this Vonage account.")
    features = number.get("features")
    if isinstance(features, list) and "SMS" not in features:
        return Checked(ok=False, detail=f"{account.address} can't send or receive texts at Vonage.")
    wanted = account.settings.get("inbound_url", "")
    goes_to = reading.word(number.get("moHttpUrl"))
    if number.get("app_id") and not goes_to:
        detail = f"{account.address} is linked to an application, so its texts go by the Messages API: unlink it."
        return Checked(ok=False, detail=f"The credentials work, but {detail}")
    if not wanted or not goes_to:
        detail = noted(
            "The credentials work. The number has no webhook address of its own: the account's default is used."
        )
        return Checked(ok=True, detail=detail)
    trouble = url_secret.compare(wanted, goes_to, account.credentials)
    shown = url_secret.without_query(goes_to)
    if trouble:
        detail = f"The credentials work, but the number's SMS webhook {trouble}."
        return Checked(ok=False, detail=detail, inbound_url=shown)
    return Checked(ok=True, detail=f"The credentials work and texts are sent to {shown}.", inbound_url=shown)
