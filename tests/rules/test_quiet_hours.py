"""Quiet hours by the recipient: tables of times, and properties that no table can show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twoway.compliance.purposes.rules import GIVEN
from twoway.compliance.quiet import laws, places
from twoway.compliance.quiet.laws import Hours, Law
from twoway.compliance.quiet.rules import LEGAL, QuietFacts, is_open, next_open, verdict, window_on

REMINDER, PROMOTION = GIVEN["reminder"], GIVEN["promotion"]
EASTERN, CENTRAL, MOUNTAIN, PACIFIC = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
)
EVENING = datetime(2026, 1, 15, 1, 30, tzinfo=UTC)
"""Wednesday, 8:30 in the evening in New York."""
EIGHT_TO_EIGHT: dict[str, Any] = {
    "weekdays": (480, 1200),
    "saturday": (480, 1200),
    "sunday": (480, 1200),
    "on_holidays": True,
}


def facts(*zones: str, regions: tuple[str, ...] = ("US",), kind: str = "phone", **hours: Any) -> QuietFacts:
    return QuietFacts(kind=kind, zones=zones, regions=regions, **hours)


def opens(told: QuietFacts, at: datetime) -> datetime | None:
    answer = verdict(told, rule=REMINDER, at=at)
    return at if answer.kind == "allow" else answer.until


@pytest.mark.parametrize(
    ("zone", "local", "opens_at"),
    [
        (EASTERN, time(20, 30), "2026-01-15T08:00-05:00"),
        (CENTRAL, time(19, 30), None),
        (MOUNTAIN, time(18, 30), None),
        (PACIFIC, time(17, 30), None),
        ("Pacific/Honolulu", time(15, 30), None),
    ],
)
def test_one_moment_in_five_zones(zone: str, local: time, opens_at: str | None) -> None:
    assert EVENING.astimezone(ZoneInfo(zone)).time() == local
    told = facts(zone, **EIGHT_TO_EIGHT)
    assert opens(told, EVENING) == (datetime.fromisoformat(opens_at) if opens_at else EVENING)
    assert opens(replace(told, profile="legal"), EVENING) == EVENING


@pytest.mark.parametrize(
    ("local", "region", "zone", "opens_at"),
    [
        # The federal hours, 47 CFR 64.1200(c)(1), to the minute.
        ("2026-03-11T07:59", "US-OH", EASTERN, "2026-03-11T08:00"),
        ("2026-03-11T08:00", "US-OH", EASTERN, None),
        ("2026-03-11T20:59", "US-OH", EASTERN, None),
        ("2026-03-11T21:00", "US-OH", EASTERN, "2026-03-12T08:00"),
        # 8 PM in Florida, Oklahoma, Washington, Maryland.
        ("2026-03-11T20:00", "US-FL", EASTERN, "2026-03-12T08:00"),
        ("2026-03-11T20:00", "US-OK", CENTRAL, "2026-03-12T08:00"),
        ("2026-03-11T20:00", "US-WA", PACIFIC, "2026-03-12T08:00"),
        ("2026-03-11T20:00", "US-MD", EASTERN, "2026-03-12T08:00"),
        # Not on Sundays in Alabama, Mississippi, Louisiana; Pennsylvania and Rhode Island are treated so.
        ("2026-03-15T12:00", "US-AL", CENTRAL, "2026-03-16T08:00"),
        ("2026-03-15T12:00", "US-MS", CENTRAL, "2026-03-16T08:00"),
        ("2026-03-14T20:00", "US-LA", CENTRAL, "2026-03-16T08:00"),
        ("2026-03-15T12:00", "US-PA", EASTERN, "2026-03-16T08:00"),
        # Connecticut and Nevada from 9, Kentucky from 10.
        ("2026-03-11T08:30", "US-CT", EASTERN, "2026-03-11T09:00"),
        ("2026-03-11T20:30", "US-NV", PACIFIC, "2026-03-12T09:00"),
        ("2026-03-11T09:30", "US-KY", EASTERN, "2026-03-11T10:00"),
        ("2026-03-11T20:30", "US-KY", EASTERN, None),
        # Rhode Island: 9 to 6 on weekdays, 10 to 5 on Saturday, no Sunday.
        ("2026-03-13T18:00", "US-RI", EASTERN, "2026-03-14T10:00"),
        ("2026-03-14T17:00", "US-RI", EASTERN, "2026-03-16T09:00"),
        # Texas SB 140: from 9, on Sunday from noon.
        ("2026-03-15T10:00", "US-TX", CENTRAL, "2026-03-15T12:00"),
        ("2026-03-15T20:30", "US-TX", CENTRAL, None),
        ("2026-03-11T08:30", "US-TX", CENTRAL, "2026-03-11T09:00"),
        # New Jersey has 8 PM in one source and 9 PM in another.
        ("2026-03-11T20:30", "US-NJ", EASTERN, "2026-03-12T08:00"),
        # A country with no row keeps the federal hours.
        ("2026-03-11T21:30", "GB", "Europe/London", "2026-03-12T08:00"),
    ],
)
def test_the_legal_minimum_of_each_state(local: str, region: str, zone: str, opens_at: str | None) -> None:
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    wanted = datetime.fromisoformat(opens_at).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) if opens_at else at
    assert opens(facts(zone, regions=(region,), profile="legal"), at) == wanted


@pytest.mark.parametrize(
    ("local", "opens_at"),
    [
        ("2026-03-11T08:59", "2026-03-11T09:00"),
        ("2026-03-11T19:59", None),
        ("2026-03-14T20:00", "2026-03-15T12:00"),  # Saturday evening waits for Sunday noon
        ("2026-03-15T19:59", None),
        ("2026-07-03T12:00", "2026-07-05T12:00"),  # the 4th is a Saturday: observed on Friday, kept on both
        ("2026-11-26T12:00", "2026-11-27T09:00"),  # Thanksgiving
        ("2026-12-24T20:00", "2026-12-26T09:00"),  # over Christmas
    ],
)
def test_the_safe_profile(local: str, opens_at: str | None) -> None:
    zone = ZoneInfo(CENTRAL)
    at = datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)
    wanted = datetime.fromisoformat(opens_at).replace(tzinfo=zone).astimezone(UTC) if opens_at else at
    assert opens(facts(CENTRAL, regions=("US-MO",)), at) == wanted


def test_holidays_are_those_of_the_state() -> None:
    seward = date(2026, 3, 30)
    assert laws.holiday(("US-AK",), seward)
    assert laws.holiday(("US-OH",), seward) == ""
    at = datetime(2026, 3, 30, 20, 0, tzinfo=UTC)
    assert opens(facts("America/Anchorage", regions=("US-AK",)), at) == datetime(2026, 3, 31, 17, 0, tzinfo=UTC)


def test_a_law_holds_from_its_day() -> None:
    assert [law.name for law in laws.in_force(("US-TX",), date(2025, 8, 31))] == ["Federal (TCPA)"]
    assert [law.name for law in laws.in_force(("US-TX",), date(2025, 9, 1))] == ["Texas", "Federal (TCPA)"]


def test_the_newest_row_of_a_region_counts() -> None:
    old, new = (
        Law(region="US-XX", name="X", since=since, hours=LEGAL, per_day=None, source="", disagree="")
        for since in (None, date(2027, 1, 1))
    )
    assert laws.newest((old, new), "US-XX", date(2026, 12, 31)) is old
    assert laws.newest((old, new), "US-XX", date(2027, 1, 1)) is new
    assert laws.newest((new,), "US-XX", date(2026, 12, 31)) is None


def test_the_clock_change_is_kept() -> None:
    """On 8 March 2026 New York goes to summer time: 9 AM is 13:00 in UTC, the day before it is 14:00."""
    assert opens(facts(EASTERN), datetime(2026, 3, 7, 12, 0, tzinfo=UTC)) == datetime(2026, 3, 7, 14, 0, tzinfo=UTC)
    assert opens(facts(EASTERN), datetime(2026, 3, 9, 12, 0, tzinfo=UTC)) == datetime(2026, 3, 9, 13, 0, tzinfo=UTC)


def test_every_zone_must_be_inside() -> None:
    nine_in_new_york = datetime(2026, 3, 11, 13, 0, tzinfo=UTC)
    assert opens(facts(EASTERN, PACIFIC), nine_in_new_york) == datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
    assert opens(facts(EASTERN, PACIFIC), datetime(2026, 3, 12, 0, 30, tzinfo=UTC)) == datetime(
        2026, 3, 12, 16, 0, tzinfo=UTC
    )


def test_zones_that_never_agree_wait_for_somebody_to_say() -> None:
    answer = verdict(facts("Asia/Tokyo", EASTERN, "Europe/London"), rule=REMINDER, at=EVENING)
    assert (answer.kind, answer.code, answer.until) == ("hold", "zone_unknown", None)


def test_what_waits_for_no_clock() -> None:
    at = datetime(2026, 3, 11, 7, 0, tzinfo=UTC)
    assert verdict(facts(EASTERN), rule=REMINDER, at=at).kind == "hold"
    assert verdict(facts(EASTERN), rule=GIVEN["reply"], at=at).kind == "allow"
    assert verdict(facts(EASTERN), rule=GIVEN["emergency"], at=at).kind == "allow"
    assert verdict(facts(kind="email"), rule=REMINDER, at=at).kind == "allow"


def test_the_words_say_their_time_and_when_it_goes() -> None:
    answer = verdict(facts(EASTERN), rule=REMINDER, at=EVENING)
    assert answer.for_agent == "It's 8:30 PM for them. It goes out at 9:00 AM on Thursday, by their clock."
    answer = verdict(facts(EASTERN), rule=REMINDER, at=datetime(2026, 12, 25, 18, 0, tzinfo=UTC))
    assert "1:00 PM for them, and Christmas Day" in answer.for_agent


def test_stricter_hours_of_the_workspace_count_and_looser_ones_do_not() -> None:
    ten_to_noon = facts(EASTERN, weekdays=(600, 720))
    assert window_on(ten_to_noon, date(2026, 3, 11)) == (600, 720)
    assert window_on(facts(EASTERN, weekdays=(300, 1400)), date(2026, 3, 11)) == (480, 1260)
    assert window_on(facts(EASTERN, regions=("US-KY",), weekdays=(480, 540)), date(2026, 3, 11)) is None


# Where somebody may be ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "zones", "region"),
    [
        ("+14155552671", (PACIFIC,), "US-CA"),
        ("+18502345678", (CENTRAL,), "US-FL"),
        ("+18505551234", (EASTERN,), "US-FL"),
        ("+12082345678", (MOUNTAIN,), "US-ID"),
        ("+12087654321", (PACIFIC,), "US-ID"),
        ("+19075551234", ("America/Adak", "America/Anchorage"), "US-AK"),
        ("+14055551234", (CENTRAL,), "US-OK"),
        ("+14165550123", ("America/Toronto",), "CA-ON"),
        ("+353850123456", ("Europe/Guernsey", "Europe/Isle_of_Man", "Europe/London"), "IE"),
        ("whatsapp:+14155552671", (PACIFIC,), "US-CA"),
        # Toll-free and personal numbers say nothing.
        ("+18003569377", (), ""),
        ("+18005550199", (), ""),
        ("+15002345678", (), ""),
        ("72345", (), ""),
        ("MYBRAND", (), ""),
    ],
)
def test_what_a_number_says_of_a_place(value: str, zones: tuple[str, ...], region: str) -> None:
    assert (places.zones_of_number(value), places.region_of_number(value)) == (zones, region)


def test_a_number_from_nowhere_needs_a_zone() -> None:
    told = QuietFacts(kind="phone", zones=places.zones_of_number("+18003569377"), regions=())
    answer = verdict(told, rule=REMINDER, at=datetime(2026, 3, 11, 18, 0, tzinfo=UTC))
    assert (answer.kind, answer.code, answer.until) == ("hold", "zone_unknown", None)


@pytest.mark.parametrize(
    ("known", "told_by", "region", "zones"),
    [
        ("", "", "", (PACIFIC,)),
        (EASTERN, "customer", "", (EASTERN,)),  # their own word counts alone
        (EASTERN, "member", "", (PACIFIC, EASTERN)),
        (EASTERN, "", "", (PACIFIC, EASTERN)),
        ("", "member", "US-FL", (CENTRAL, PACIFIC, EASTERN)),
        ("", "member", "US-OR", ("America/Boise", PACIFIC)),
        (EASTERN, "member", "US-FL", (PACIFIC, EASTERN)),
    ],
)
def test_an_address_and_a_number_count_together(known: str, told_by: str, region: str, zones: tuple[str, ...]) -> None:
    found = places.zones("+14155552671", known_zone=known, told_by=told_by, region=region)
    assert found == tuple(sorted(zones))


def test_the_law_of_the_address_and_of_the_area_code_both_count() -> None:
    assert places.regions("+13055551234", region="US-TX") == ("US-FL", "US-TX")
    assert places.regions("+13055551234", region="") == ("US-FL",)
    assert places.regions("+18003569377", region="") == ()


def test_the_tables_are_whole() -> None:
    for region, zones in places.region_zones().items():
        assert set(zones) <= available_timezones(), region
    for law in laws.every():
        assert law.region in {"US", "FR"} or law.region in places.region_zones()
        assert law.source
        for day in (law.hours.weekdays, law.hours.saturday, law.hours.sunday):
            assert day is None or 0 <= day[0] < day[1] <= 24 * 60
    assert {law.region for law in laws.every() if law.per_day == 3} == {"US-FL", "US-OK"}


# Properties -----------------------------------------------------------------------------------------------------------

_ZONES = sorted({zone for zones in places.region_zones().values() for zone in zones} | {"Europe/London", "Asia/Tokyo"})
_REGIONS = ["US", "GB", "FR", *places.region_zones()]
_windows = st.one_of(
    st.none(),
    st.tuples(st.integers(480, 1259), st.integers(1, 780)).map(lambda told: (told[0], min(told[0] + told[1], 1260))),
)
_facts = st.builds(
    QuietFacts,
    kind=st.just("phone"),
    zones=st.lists(st.sampled_from(_ZONES), min_size=1, max_size=4, unique=True).map(tuple),
    regions=st.lists(st.sampled_from(_REGIONS), max_size=3, unique=True).map(tuple),
    profile=st.sampled_from(["safe", "legal"]),
    weekdays=_windows,
    saturday=_windows,
    sunday=_windows,
    on_holidays=st.booleans(),
)
_moments = st.timedeltas(timedelta(), timedelta(days=9 * 365)).map(lambda told: datetime(2026, 1, 1, tzinfo=UTC) + told)


@settings(max_examples=150, deadline=None)
@given(_facts, _moments)
def test_what_is_answered_is_inside_every_window_and_never_before_the_question(told: QuietFacts, at: datetime) -> None:
    moment = next_open(told, at)
    if moment is None:
        return
    assert moment >= at
    for zone in told.zones:
        assert is_open(told, zone, moment)
        local = moment.astimezone(ZoneInfo(zone))
        minute = local.hour * 60 + local.minute
        assert 480 <= minute < 1260
        for law in laws.in_force(told.regions, local.date()):
            window = law.hours.on(local.date())
            assert window is not None
            assert window[0] <= minute < window[1]


@settings(max_examples=100, deadline=None)
@given(_facts, _moments, st.timedeltas(timedelta(), timedelta(days=3)))
def test_a_later_question_is_never_answered_with_an_earlier_time(
    told: QuietFacts, at: datetime, later: timedelta
) -> None:
    first, second = next_open(told, at), next_open(told, at + later)
    if first is not None and second is not None:
        assert second >= first
    if first is not None and first >= at + later:
        assert second == first


@settings(max_examples=60, deadline=None)
@given(_facts, _moments)
def test_nothing_earlier_would_have_done(told: QuietFacts, at: datetime) -> None:
    """Between the question and the answer, at every quarter of an hour, some zone is shut."""
    moment = next_open(told, at)
    if moment is None:
        return
    step = at
    while step < min(moment, at + timedelta(days=2)):
        assert not all(is_open(told, zone, step) for zone in told.zones)
        step += timedelta(minutes=15)


def test_a_closed_week_never_opens() -> None:
    told = facts(EASTERN, weekdays=None, saturday=None, sunday=None)
    assert next_open(told, EVENING) is None
    assert Hours(weekdays=None, saturday=None, sunday=None).on(date(2026, 3, 11)) is None
