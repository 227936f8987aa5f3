"""Pictures and files at Twilio.

Sources: twilio.com/docs on the Message resource (`MediaUrl`: at most 10, 5 MB together; pictures as JPEG, PNG or GIF,
other types up to 500 KB) and on securing media, which may ask for the account's credentials. A media address leads on
to Twilio's storage, where the credentials must not go.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from twoway.providers.adapter import MediaLimits
from twoway.providers.base import Account, HttpRequest, Media
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


def fetch(account: Account, media: Media, *, authorization: str) -> HttpRequest | None:
    """GET the file; with credentials when it is at Twilio itself."""
    if not media.url:
        return None
    is_theirs = is_at(media.url, "twilio.com") or is_under(media.url, account.api_base or "")
    return HttpRequest(method="GET", url=media.url, headers={"authorization": authorization} if is_theirs else {})
