"""Places in texts: what people send when they share where they are, as a link to a map or as coordinates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

_LONGEST_NAME = 80
_NUMBER = r"[-+]?\d{1,3}(?:\.\d+)?"
_PAIR = re.compile(rf"(?P<latitude>{_NUMBER}),\s*(?P<longitude>{_NUMBER})")
_EXACT = re.compile(
    r"(?<![\d.,/=])(?P<latitude>[-+]?\d{1,2}\.\d{3,}),\s*(?P<longitude>[-+]?\d{1,3}\.\d{3,})(?![\d.]*\w)"
)
_DEGREES = re.compile(r"(?P<lat>\d{1,2}(?:\.\d+)?)°?\s*(?P<ns>[NS])[,\s]+(?P<lon>\d{1,3}(?:\.\d+)?)°?\s*(?P<ew>[EW])\b")
_LINK = re.compile(r"(?:https?://|geo:)[^\s<>\"]+", re.IGNORECASE)
_GOOGLE = re.compile(r"(?:www\.|maps\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_IN_PATH = re.compile(rf"/@(?P<latitude>{_NUMBER}),(?P<longitude>{_NUMBER})")
_PIN = re.compile(rf"!3d(?P<latitude>{_NUMBER})!4d(?P<longitude>{_NUMBER})")
_VCARD_URL = re.compile(r"(?:^|\n)(?:item\d+\.)?(?:URL|GEO)[^:\n]*:(?P<value>[^\r\n]+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Degrees north and east, and what it is called there, "" mostly."""

    latitude: float
    longitude: float
    name: str = ""


def find(body: str) -> Place | None:
    """The first place a text gives coordinates of, or None. A street address alone, or a short link, is no place."""
    for link in _LINK.finditer(body):
        found = _of_link(link.group().rstrip(".,;:!?)"))
        if found is not None:
            return found
    if "BEGIN:VCARD" in body.upper():
        return of_vcard(body)
    exact = _EXACT.search(body)
    if exact:
        return _place(exact["latitude"], exact["longitude"])
    degrees = _DEGREES.search(body)
    if degrees:
        north = -1 if degrees["ns"] == "S" else 1
        east = -1 if degrees["ew"] == "W" else 1
        return _checked(north * float(degrees["lat"]), east * float(degrees["lon"]))
    return None


def of_vcard(card: str) -> Place | None:
    """Where a shared location is that came as a vCard: its link to a map, or its GEO line."""
    for line in _VCARD_URL.finditer(card):
        value = line["value"].strip().replace("\\,", ",").replace("\\;", ";")
        found = _of_link(value) if "://" in value or value.startswith("geo:") else _of_text(value.replace(";", ","))
        if found is not None:
            return found
    return None


def _of_link(link: str) -> Place | None:
    if link[:4].lower() == "geo:":
        return _of_text(link[4:].partition("?")[0].partition(";")[0])
    try:
        parts = urlsplit(link)
        host = (parts.hostname or "").lower()
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
    except ValueError:
        return None
    if host == "maps.apple.com":
        name = asked.get("q", "") or asked.get("name", "")
        found = _of_text(asked.get("ll", "") or asked.get("coordinate", "") or asked.get("sll", "")) or _of_text(name)
        return found and _named(found, name)
    if _GOOGLE.fullmatch(host):
        return _of_google(parts.path, asked)
    if host in {"www.openstreetmap.org", "openstreetmap.org"} and asked.get("mlat"):
        return _of_text(f"{asked['mlat']},{asked.get('mlon', '')}")
    return None


def _of_google(path: str, asked: dict[str, str]) -> Place | None:
    if not path.startswith("/maps") and "q" not in asked and "ll" not in asked:
        return None
    for key in ("query", "q", "ll", "destination", "center"):
        found = _of_text(asked.get(key, "").removeprefix("loc:"))
        if found is not None:
            return found
    spot = _PIN.search(path) or _IN_PATH.search(path)
    found = _place(spot["latitude"], spot["longitude"]) if spot else None
    named = re.match(r"/maps/place/([^/@]+)", path)
    return found and _named(found, unquote(named.group(1)).replace("+", " ") if named else "")


def _named(place: Place, name: str) -> Place:
    words = " ".join(name.split())
    return (
        place
        if _PAIR.fullmatch(words)
        else Place(latitude=place.latitude, longitude=place.longitude, name=words[:_LONGEST_NAME])
    )


def _of_text(pair: str) -> Place | None:
    found = _PAIR.fullmatch(pair.strip())
    return _place(found["latitude"], found["longitude"]) if found else None


def _place(latitude: str, longitude: str) -> Place | None:
    return _checked(float(latitude), float(longitude))


def _checked(latitude: float, longitude: float) -> Place | None:
    return Place(latitude=latitude, longitude=longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None
