"""Pictures and files at Twilio.

Sources: twilio.com/docs on the Message resource (`MediaUrl`: at most 10, 5 MB together; pictures as JPEG, PNG or GIF,
other types up to 500 KB), on its Media subresource, and on securing media, which may ask for the account's credentials.
A media address leads on to Twilio's storage, where the credentials must not go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from twoway.lib.words import noted
from twoway.providers.adapter import MediaLimits
from twoway.providers.base import Account, HttpRequest, HttpResponse, Media, Rejected
from twoway.providers.outcomes import json_object
from twoway.providers.reading import is_at, is_under

LIMITS = MediaLimits(
    count=10,
    size=5 * 1024 * 1024,
    file_size=500 * 1024,
    types=(
        *("image/jpeg", "image/png", "image/gif"),
        *("video/mp4", "video/quicktime", "video/webm", "video/3gpp", "video/mpeg"),
        *("audio/mp4", "audio/mpeg", "audio/ogg", "audio/3gpp", "audio/amr", "audio/wav"),
        *("application/pdf", "text/vcard", "text/calendar"),
    ),
)
_MEDIA_URL = re.compile(r"MediaUrl[0-9]{1,2}")
_OF_MESSAGE = r"/2010-04-01/Accounts/[A-Za-z0-9]{1,64}/Messages/[A-Za-z0-9]{1,64}"
_LISTED = re.compile(rf"(?P<path>{_OF_MESSAGE}/Media\.json)#(?P<place>[0-9])")
_FILE = re.compile(rf"{_OF_MESSAGE}/Media/[A-Za-z0-9]{{1,64}}(?:\.json)?")


def told(form: Mapping[str, str]) -> tuple[Media, ...]:
    """MediaUrl0, MediaUrl1, ... with their types, in order."""
    if "MediaUrl0" not in form and form.get("NumMedia", "0") == "0":
        return ()
    numbers = sorted(int(name[8:]) for name in form if _MEDIA_URL.fullmatch(name))
    return tuple(
        Media(url=form[f"MediaUrl{number}"], content_type=form.get(f"MediaContentType{number}", ""))
        for number in numbers
        if form[f"MediaUrl{number}"]
    )


def fetch(account: Account, media: Media, *, base: str, authorization: str) -> HttpRequest | None:
    """GET the file; with credentials when it is at Twilio itself.

    A picture that `twilio_received` found is named by the list it is in and its place there: GET that list first.
    """
    if not media.url:
        listed = _LISTED.fullmatch(media.id)
        wanted = {"authorization": authorization, "accept": "application/json"}
        return HttpRequest(method="GET", url=base + listed["path"], headers=wanted) if listed else None
    is_theirs = is_at(media.url, "twilio.com") or is_under(media.url, account.api_base or "")
    return HttpRequest(method="GET", url=media.url, headers={"authorization": authorization} if is_theirs else {})


def follow(media: Media, response: HttpResponse, *, base: str, authorization: str) -> HttpRequest | None:
    """GET the picture at its place in the list that came; None when what came is the file.

    Raises `Rejected` when the list names no picture there, as when it was deleted.
    """
    listed = _LISTED.fullmatch(media.id)
    if media.url or not listed:
        return None
    found = json_object(response).get("media_list")
    place = int(listed["place"])
    entry = found[place] if isinstance(found, list) and place < len(found) else None
    uri = str(entry.get("uri") or "") if isinstance(entry, dict) else ""
    if not _FILE.fullmatch(uri):
        raise Rejected("media_problem", noted("Twilio's list of the text's pictures doesn't name this one any more."))
    return HttpRequest(method="GET", url=base + uri.removesuffix(".json"), headers={"authorization": authorization})
