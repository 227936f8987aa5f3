"""What Plivo says about an account: do the credentials work, and does an application send texts to us.

Source: plivo.com/docs on the Application resource. A number sends its texts to the message URL of its application.
"""

from __future__ import annotations

from twoway.lib.words import noted
from twoway.providers import url_secret
from twoway.providers.base import Account, Checked, HttpResponse
from twoway.providers.outcomes import maybe_json_object

MOST_APPLICATIONS = 20


def read(account: Account, response: HttpResponse) -> Checked:
    """The list of applications in words for the owner. `settings["inbound_url"]` is where texts should go."""
    told = maybe_json_object(response) or {}
    if response.status == 401:
        return Checked(
            ok=False, detail=noted("Plivo doesn't accept these credentials. Check the auth ID and the auth token.")
        )
    if response.status == 404:
        return Checked(ok=False, detail=noted("Plivo doesn't know this account. Check the auth ID."))
    if response.status != 200:
        said = str(told.get("error") or "")[:200].rstrip(".")
        return Checked(ok=False, detail=f"Plivo answered {response.status}{': ' + said if said else ''}.")
    listed = told.get("objects")
    found = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    addresses = [(str(one.get("app_name") or ""), str(one.get("message_url") or "")) for one in found]
    return _compare(account, addresses)


def _compare(account: Account, addresses: list[tuple[str, str]]) -> Checked:
    wanted = account.settings.get("inbound_url", "")
    if not wanted:
        return Checked(ok=True, detail=noted("The credentials work."))
    troubles = []
    for name, address in addresses:
        trouble = url_secret.compare(wanted, address, account.credentials)
        if not trouble:
            detail = (
                f"The credentials work, and the Plivo application “{name}” sends texts here. See that it is the "
                f"application of {account.address}."
            )
            return Checked(ok=True, detail=detail, inbound_url=url_secret.without_query(address))
        if "secret:" in trouble:
            troubles.append(f"The Plivo application “{name}” has a message URL that {trouble}.")
    if troubles:
        return Checked(ok=False, detail=troubles[0], inbound_url=wanted)
    detail = (
        "The credentials work, but no Plivo application sends texts here. Set the message URL of this number's "
        f"application to {wanted}?{url_secret.NAME}={url_secret.SHOWN}."
    )
    return Checked(ok=False, detail=detail)
