"""Who is near enough: distances between known cities, what says where somebody is, and what each answer says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.compliance.purposes.rules import BUILT_IN, GIVEN
from twoway.compliance.relevance import places
from twoway.compliance.relevance.rules import (
    EARTH,
    KILOMETERS,
    MARGIN,
    Point,
    RelevanceFacts,
    Spot,
    distance,
    facts,
    far,
    objection,
    verdict,
)

AT = datetime(2026, 3, 10, 17, 0, tzinfo=UTC)
SAN_FRANCISCO, NEW_YORK = Point(latitude=37.7749, longitude=-122.4194), Point(latitude=40.7128, longitude=-74.0060)
LONDON, PARIS = Point(latitude=51.5074, longitude=-0.1278), Point(latitude=48.8566, longitude=2.3522)
SYDNEY, AUCKLAND = Point(latitude=-33.8688, longitude=151.2093), Point(latitude=-36.8509, longitude=174.7645)
SUVA, APIA = Point(latitude=-18.1248, longitude=178.4501), Point(latitude=-13.8333, longitude=-171.7667)
POINTS = st.builds(
    Point, latitude=st.floats(min_value=-90, max_value=90), longitude=st.floats(min_value=-180, max_value=180)
)
NEAR = RelevanceFacts(within=25, unit="mi", place="Mission shop", distance_km=30.0, source="postcode")


@pytest.mark.parametrize(
    ("one", "other", "kilometers"),
    [
        (SAN_FRANCISCO, NEW_YORK, 4129),
        (LONDON, PARIS, 344),
        (SYDNEY, AUCKLAND, 2156),
        (SUVA, APIA, 1146),  # over the date line
        (LONDON, LONDON, 0),
        (Point(latitude=90, longitude=0), Point(latitude=-90, longitude=50), 20015),
        (Point(latitude=0, longitude=0), Point(latitude=0, longitude=180), 20015),
        (Point(latitude=0, longitude=0), Point(latitude=1, longitude=0), 111),
    ],
)
def test_distances_between_known_places(one: Point, other: Point, kilometers: float) -> None:
    assert distance(one, other) == pytest.approx(kilometers, rel=0.003, abs=0.5)


@given(one=POINTS, other=POINTS, third=POINTS)
def test_a_distance_is_a_distance(one: Point, other: Point, third: Point) -> None:
    assert distance(one, other) == pytest.approx(distance(other, one), abs=1e-6)
    assert 0 <= distance(one, other) <= EARTH * pi + 1e-6
    assert distance(one, third) <= distance(one, other) + distance(other, third) + 1e-3
    assert distance(one, one) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(
    ("typed", "source", "near"),
    [
        ("94103", "postcode", SAN_FRANCISCO),
        (" 94103-1234 ", "postcode", SAN_FRANCISCO),
        ("10007", "postcode", NEW_YORK),
        ("212", "area_code", NEW_YORK),
        ("(415)", "area_code", SAN_FRANCISCO),
        ("37.7749, -122.4194", "coordinates", SAN_FRANCISCO),
        ("37.7749 -122.4194", "coordinates", SAN_FRANCISCO),
        ("(51.5074; -0.1278)", "coordinates", LONDON),
    ],
)
def test_what_is_typed_is_a_place(typed: str, source: str, near: Point) -> None:
    found = places.typed(typed)
    assert found is not None
    assert found.source == source
    assert distance(found.point, near) <= 10 + found.reach_km


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "nowhere",
        "00000",
        "99999",
        "800",
        "1234",
        "941031",
        "91, 10",
        "10, 181",
        "0, 0",
        "٩٤١٠٣",
        "1e3, 4",
        "\0",
        "nan, nan",
    ],
)
def test_what_is_no_place_is_none(typed: str) -> None:
    assert places.typed(typed) is None


@given(typed=st.text(max_size=50))
def test_nothing_typed_breaks_it(typed: str) -> None:
    found = places.of_person({"zip": typed, "latitude": typed, "coordinates": typed}, value="+14155550100", country="")
    assert found is not None
    assert abs(found.point.latitude) <= 90


SHOP = {"zip": "10007"}


@pytest.mark.parametrize(
    ("properties", "value", "country", "source"),
    [
        ({**SHOP, "Latitude": "51.5074", "Longitude": "-0.1278"}, "+14155550100", "", "coordinates"),
        ({**SHOP, "coordinates": "51.5, -0.1"}, "+14155550100", "", "coordinates"),
        ({**SHOP, "lat": "51.5"}, "+14155550100", "", "postcode"),  # half of a pair says nothing
        ({"lat": "0", "lng": "0"}, "+14155550100", "", "area_code"),  # what an empty field was imported as
        ({"ZIP code": "10007"}, "+14155550100", "", "postcode"),
        ({"zip_code": "10007-0001"}, "whatsapp:+14155550100", "US", "postcode"),
        ({"Postal code": "10007"}, "+14155550100", "", "postcode"),
        ({"zip": "10115"}, "+4930901820", "", ""),  # Berlin's postcode, not one of New York's state
        ({"zip": "10115"}, "+14155550100", "DE", "area_code"),
        ({"zip": "10007", "country": "Germany"}, "+14155550100", "", "area_code"),
        ({"zip": "10007", "country": "USA"}, "+4930901820", "", "postcode"),
        ({"zip": "nonsense"}, "+14155550100", "", "area_code"),
        ({"zip": None}, "+14155550100", "", "area_code"),
        ({}, "whatsapp:+14155550100", "", "area_code"),
        ({}, "+18005550100", "", ""),
        ({}, "+447700900123", "", ""),
        ({}, "262966", "", ""),
        ({}, "dana@example.com", "", ""),
    ],
)
def test_what_says_where_somebody_is(properties: dict[str, str], value: str, country: str, source: str) -> None:
    found = places.of_person(properties, value=value, country=country)
    assert (found.source if found else "") == source


PROMOTION = GIVEN["promotion"]
UNKNOWN = RelevanceFacts(within=25, unit="mi", place="Mission shop")
BY_CODE = replace(NEAR, source="area_code", reach_km=20.0)
EDGE = 25 * KILOMETERS["mi"]


@pytest.mark.parametrize(
    ("known", "kind", "code"),
    [
        (NEAR, "allow", ""),
        (replace(NEAR, distance_km=EDGE), "allow", ""),
        (replace(NEAR, distance_km=EDGE + 0.1), "deny", "too_far"),
        (replace(NEAR, unit="km"), "deny", "too_far"),
        (replace(NEAR, distance_km=EDGE + 5, reach_km=10.0), "allow", ""),
        (replace(BY_CODE, distance_km=EDGE + 20 + MARGIN), "allow", ""),
        (replace(BY_CODE, distance_km=EDGE + 20.1 + MARGIN), "deny", "too_far"),
        (UNKNOWN, "allow", ""),
        (replace(UNKNOWN, holds_unknown=True), "hold", "place_unknown"),
    ],
)
def test_who_is_near_enough(known: RelevanceFacts, kind: str, code: str) -> None:
    answer = verdict(known, rule=PROMOTION, at=AT)
    assert (answer.kind, answer.code) == (kind, code)


def test_an_answer_goes_however_far_they_are() -> None:
    for rule in BUILT_IN.values():
        answer = verdict(replace(NEAR, distance_km=4000.0), rule=rule, at=AT)
        assert (answer.kind == "allow") == rule.is_conversational


@pytest.mark.parametrize(
    ("known", "words"),
    [
        (
            replace(NEAR, distance_km=402.3),
            (
                "They are about 250 miles away, by the postcode in their details. "
                "Promotion texts go within 25 miles of Mission shop."
            ),
        ),
        (
            replace(NEAR, distance_km=4129.0, source="coordinates", unit="km"),
            (
                "They are 4,129 kilometers away, by the coordinates in their details. "
                "Promotion texts go within 25 kilometers of Mission shop."
            ),
        ),
        (
            replace(BY_CODE, distance_km=4129.0, within=1),
            (
                "Their area code is about 2,566 miles away, which is an estimate: a number may have moved. "
                "Promotion texts go within 1 mile of Mission shop."
            ),
        ),
    ],
)
def test_the_reason_says_how_far_and_by_what(known: RelevanceFacts, words: str) -> None:
    assert verdict(known, rule=PROMOTION, at=AT).for_agent == words


def test_both_places_may_be_off() -> None:
    ours = Spot(point=SAN_FRANCISCO, source="area_code", reach_km=33)
    theirs = Spot(point=NEW_YORK, source="area_code", reach_km=10)
    known = facts(within=25, unit="mi", place="415", holds_unknown=False, ours=ours, theirs=theirs)
    assert (known.reach_km, known.source) == (43, "area_code")
    assert far(known.distance_km or 0, "mi") == "2,566 miles"


@pytest.mark.parametrize(
    ("within", "unit", "field"),
    [(0, "mi", "within"), (-1, "mi", "within"), (5001, "km", "within"), (10, "ly", "unit"), (5000, "km", "")],
)
def test_what_a_limit_may_be(within: int, unit: str, field: str) -> None:
    assert objection(within=within, unit=unit)[0] == field
