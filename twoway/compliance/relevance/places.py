"""Where a postcode, an area code, a number or the details of a contact say that somebody is. The tables are beside it.

Postcodes are read from the file one by one, so they take no memory. Both tables are of the US, area codes of Canada
too; `scripts/places` makes them, and `area_places.json` names their sources and date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from struct import calcsize, unpack
from typing import Any

from twoway.compliance.relevance.rules import Point, Spot
from twoway.sms import phone

_HERE = Path(__file__).parent
_POSTCODES = _HERE / "postcodes.bin"
_ENTRY = "<hh"
"""Latitude and longitude in hundredths of a degree, at the postcode times the size of an entry; zeros: none."""
_DEGREES = re.compile(r"[-+]?\d{1,3}(?:\.\d{1,15})?")
_PAIR = re.compile(rf"\(?\s*({_DEGREES.pattern})\s*[,; ]\s*({_DEGREES.pattern})\s*\)?")
_POSTCODE = re.compile(r"(\d{5})(?:[- ]?\d{4})?")
_AREA_CODE = re.compile(r"\(?([2-9]\d{2})\)?")
_POSTCODE_KEYS = ("zip", "zipcode", "postcode", "postalcode")
_PAIR_KEYS = ("coordinates", "latlng", "latlong", "geolocation")
_LATITUDE_KEYS, _LONGITUDE_KEYS = ("latitude", "lat"), ("longitude", "lng", "lon", "long")
_READS_POSTCODES = frozenset({"", "US", "CA", "PR", "VI", "GU", "AS", "MP"})
"""Countries where five digits are a postcode of the US; elsewhere they are another country's."""
_COUNTRIES = {"usa": "US", "unitedstates": "US", "unitedstatesofamerica": "US", "us": "US"}


def of_postcode(text: str) -> Spot | None:
    """The middle of a US postcode, such as 94103 or 94103-1234; None when it is none or no place belongs to it."""
    found = _POSTCODE.fullmatch(text.strip())
    if found is None or not found[1].isascii():
        return None
    size = calcsize(_ENTRY)
    with _POSTCODES.open("rb") as file:
        file.seek(int(found[1]) * size)
        latitude, longitude = unpack(_ENTRY, file.read(size))
    if not (latitude or longitude):
        return None
    return Spot(point=Point(latitude=latitude / 100, longitude=longitude / 100), source="postcode")


@cache
def _area_places() -> Mapping[str, list[float]]:
    told: dict[str, list[float]] = json.loads((_HERE / "area_places.json").read_text("utf-8"))["places"]
    return told


def of_area_code(text: str) -> Spot | None:
    """The middle of the towns an area code of the US or Canada serves, such as 415; None when none is known."""
    found = _AREA_CODE.fullmatch(text.strip())
    place = _area_places().get(found[1]) if found else None
    if place is None:
        return None
    latitude, longitude, reach = place
    return Spot(point=Point(latitude=latitude, longitude=longitude), source="area_code", reach_km=reach)


def of_coordinates(text: str) -> Spot | None:
    """Latitude and longitude in degrees, such as "37.77, -122.42"; None when they are none, or 0, 0."""
    found = _PAIR.fullmatch(text.strip())
    return _pair(found[1], found[2]) if found else None


def _pair(latitude: str, longitude: str) -> Spot | None:
    if not (_DEGREES.fullmatch(latitude) and _DEGREES.fullmatch(longitude)):
        return None
    point = Point(latitude=float(latitude), longitude=float(longitude))
    if abs(point.latitude) > 90 or abs(point.longitude) > 180 or not (point.latitude or point.longitude):
        return None
    return Spot(point=point, source="coordinates")


def typed(text: str) -> Spot | None:
    """Where somebody says they are: coordinates, a US postcode, or an area code."""
    return of_coordinates(text) or of_postcode(text) or of_area_code(text)


def of_person(properties: Mapping[str, Any], *, value: str, country: str) -> Spot | None:
    """Where a contact is: by coordinates or the postcode in their details, else by their number's area code.

    `value` is their number, `country` that of their address in two letters, "" when unknown.
    """
    details = {_plain(key): str(each).strip() for key, each in properties.items() if each is not None}
    return _by_details(details, value=value, country=country) or _by_number(value)


def _by_details(details: Mapping[str, str], *, value: str, country: str) -> Spot | None:
    found = of_coordinates(_first(details, _PAIR_KEYS))
    found = found or _pair(_first(details, _LATITUDE_KEYS), _first(details, _LONGITUDE_KEYS))
    if found is not None:
        return found
    told = details.get("country", "")
    of = country or _COUNTRIES.get(_plain(told), told.upper()) or phone.country(value.removeprefix("whatsapp:"))
    return of_postcode(_first(details, _POSTCODE_KEYS)) if of in _READS_POSTCODES else None


def _by_number(value: str) -> Spot | None:
    number = value.removeprefix("whatsapp:")
    return of_area_code(number[2:5]) if number.startswith("+1") and len(number) == 12 else None


def _first(details: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((details[key] for key in keys if details.get(key)), "")


def _plain(key: str) -> str:
    """A name as it is looked up: "ZIP code" and "zip_code" are `zipcode`."""
    return "".join(char for char in str(key).casefold() if char.isalnum())
