"""Decisions about pictures and files, as pure functions: what leaves as it is, what becomes a link, when to retry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from twoway.lib.file_types import kind_of
from twoway.lib.words import noted, t
from twoway.providers.adapter import MediaLimits
from twoway.sms import phone

PICTURE_BUDGET = 600 * 1024
"""Bytes of one picture in an MMS: carriers shrink or refuse what is much larger (about 1 MB on AT&T and T-Mobile)."""
LEAST_BUDGET = 40 * 1024
MOST_FILES = 10
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=2)
GIVE_UP_AFTER = timedelta(days=1)
GEO = "geo:"

_WORDS = {
    "image": ("Photo", "photos"),
    "video": ("Video", "videos"),
    "audio": ("Voice message", "voice messages"),
    "pdf": ("PDF", "PDFs"),
    "contact": ("Contact", "contacts"),
    "location": ("Location", "locations"),
    "file": ("File", "files"),
}
WHY = {
    "bad_address": noted("The carrier gave an address that can't be used."),
    "not_public": noted("The carrier gave an address on a private network."),
    "too_big": noted("It is bigger than this desk takes."),
    "too_slow": noted("It came too slowly."),
    "unreachable": noted("The carrier's server can't be reached."),
    "gone": noted("The carrier doesn't have it any more."),
    "not_allowed": noted("The carrier refused us the file. Check the number's credentials."),
    "server": noted("The carrier's server answered with an error."),
    "too_many_redirects": noted("The carrier sent us from one address to the next."),
    "empty": noted("The file is empty."),
    "no_address": noted("The carrier didn't say where it is."),
    "no_store": noted("The place where files are kept can't be used. Tell your administrator."),
    "no_channel": noted("Its number is not connected any more."),
}


def words(types: Sequence[str]) -> str:
    """What a list says in place of a text: "Photo", "2 photos", "Video", "3 files"."""
    kinds = {"location" if one.startswith("location/") else kind_of(one) if one else "image" for one in types}
    if not kinds:
        return ""
    one, several = _WORDS[kinds.pop() if len(kinds) == 1 else "file"]
    return one if len(types) == 1 else f"{len(types)} {several}"


def why(code: str) -> str:
    """Why a file is not here, in a sentence for an agent."""
    return t(WHY.get(code, noted("It couldn't be fetched.")))


def retry_in(attempts: int) -> timedelta:
    """How long to wait after so many tries: 5 s, doubling, up to two hours."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(max(attempts - 1, 0), 20)
    return min(doubled, LONGEST_RETRY)


# What leaves, and how ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of one file that is to be sent. `is_picture` says that it can be made smaller."""

    id: int
    content_type: str
    size: int
    is_picture: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """How one file leaves: as it is, as a picture of at most `budget` bytes, or as a link; `why` says why a link."""

    id: int
    way: str  # "as_is", "smaller" or "link"
    budget: int = 0
    why: str = ""


def limits_for(limits: MediaLimits, *, kind: str, ours: str, theirs: str) -> MediaLimits:
    """What goes between these two: MMS exists between numbers of the US and Canada only.

    Source: twilio.com/docs on MMS ("supported in the US and Canada"); other providers say the same of theirs. One
    message of WhatsApp holds one file (developers.facebook.com, Cloud API, messages).
    """
    if kind == "whatsapp":
        return replace(limits, count=min(limits.count, 1))
    if kind == "sms" and not (phone.has_mms(ours) and phone.has_mms(theirs)):
        return MediaLimits()
    return limits


def choices(files: Sequence[Facts], limits: MediaLimits) -> list[Choice]:
    """How each file leaves. Files that are no pictures keep their place first; pictures share what is left of it."""
    kept = [one for one in files if _is_taken(one, limits)][: limits.count]
    fixed = 0
    linked: dict[int, str] = {one.id: _why_link(one, limits) for one in files if one not in kept}
    for one in kept:
        if one.is_picture:
            continue
        if one.size + fixed > limits.size:
            linked[one.id] = "too_big"
        else:
            fixed += one.size
    pictures = [one for one in kept if one.is_picture]
    budget = _budget(limits.size - fixed, len(pictures))
    while pictures and budget < LEAST_BUDGET:
        linked[pictures.pop().id] = "too_big"
        budget = _budget(limits.size - fixed, len(pictures))
    return [_choice(one, linked, budget, limits) for one in files]


def _choice(one: Facts, linked: Mapping[int, str], budget: int, limits: MediaLimits) -> Choice:
    if one.id in linked:
        return Choice(id=one.id, way="link", why=linked[one.id])
    if one.is_picture and (one.size > budget or not matches(one.content_type, limits.types)):
        return Choice(id=one.id, way="smaller", budget=budget)
    return Choice(id=one.id, way="as_is")


def _budget(room: int, pictures: int) -> int:
    return min(PICTURE_BUDGET, room // pictures) if pictures else 0


def _is_taken(one: Facts, limits: MediaLimits) -> bool:
    if limits.count <= 0:
        return False
    if one.is_picture:
        return True
    return one.size <= (limits.file_size or limits.size) and matches(one.content_type, limits.types)


def _why_link(one: Facts, limits: MediaLimits) -> str:
    if limits.count <= 0:
        return "no_mms"
    if not one.is_picture and not matches(one.content_type, limits.types):
        return "type"
    return "too_big" if not _is_taken(one, limits) else "too_many"


def matches(content_type: str, types: Sequence[str]) -> bool:
    """Whether a type is one of these, which may be families such as image/*; no types at all are all types."""
    family = content_type.partition("/")[0] + "/*"
    return not types or content_type in types or family in types


LINK_WORDS = {
    "no_mms": noted("Pictures and files can't go to this number: it gets a link."),
    "type": noted("The carrier doesn't take this kind of file: it gets a link."),
    "too_big": noted("Too big for the carrier: it gets a link."),
    "too_many": noted("More files than the carrier takes at once: it gets a link."),
}


def goes_through(media: Sequence[Mapping[str, Any]], limits: MediaLimits) -> bool:
    """Whether the files a message was queued with can leave just so by another number, with other limits."""
    attached = [one for one in media if "media" in one and not one.get("link")]
    if not attached:
        return True
    sizes = [int(one["size"]) for one in attached]
    fits = len(attached) <= limits.count and sum(sizes) <= limits.size
    return fits and all(matches(str(one["type"]), limits.types) for one in attached)


# What a message remembers of its files -------------------------------------------------------------------------------


def with_links(body: str, links: Sequence[str]) -> str:
    """A text and, on lines of their own below it, the links that stand for files."""
    return "\n".join([*([body] if body else []), *links])


def without_links(body: str, media: Sequence[Mapping[str, Any]]) -> str:
    """The text as it was written, from one that `with_links` made."""
    links = [str(one["link"]) for one in media if one.get("link")]
    if not links:
        return body
    tail = "\n".join(links)
    return body[: -len(tail)].removesuffix("\n") if body.endswith(tail) else body


def location_of(url: str) -> tuple[float, float] | None:
    """Latitude and longitude of a geo: address (RFC 5870), or None."""
    if not url.startswith(GEO):
        return None
    parts = url[len(GEO) :].partition(";")[0].partition("?")[0].split(",")
    try:
        latitude, longitude = float(parts[0]), float(parts[1])
    except (ValueError, IndexError):
        return None
    return (latitude, longitude) if -90 <= latitude <= 90 and -180 <= longitude <= 180 else None
