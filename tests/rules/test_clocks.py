"""What the composer says of the customer's clock."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from twoway.compliance.quiet.rules import QuietFacts
from twoway.desk.builders.clocks import quiet_words

NEW_YORK = ("America/New_York",)
NIGHT = datetime(2026, 3, 11, 3, 40, tzinfo=UTC)
NOON = datetime(2026, 3, 11, 16, 0, tzinfo=UTC)
REPLY = "It's 11:40 PM for them. Your reply goes out now: direct replies are exempt from quiet hours."
FIRST = "It's 11:40 PM for them. They haven't written lately, so "


@pytest.mark.parametrize(
    ("zones", "is_reply", "is_held", "now", "words"),
    [
        (NEW_YORK, True, False, NIGHT, REPLY),
        (NEW_YORK, False, True, NIGHT, f"{FIRST}your text waits until 9:00 AM Wednesday, by their clock."),
        (
            NEW_YORK,
            False,
            False,
            NIGHT,
            f"{FIRST}this is a first text. Quiet hours end at 9:00 AM Wednesday, by their clock.",
        ),
        (
            ("America/Chicago", "America/New_York"),
            True,
            False,
            NIGHT,
            "It's 10:40 PM where they may be. Your reply goes out now: direct replies are exempt from quiet hours.",
        ),
        (NEW_YORK, True, False, NOON, ""),
        ((), True, False, NIGHT, ""),
        (
            (),
            False,
            True,
            NOON,
            "Nothing says where they are, so a first text waits until you set their time zone.",
        ),
    ],
)
def test_the_composer_says_what_becomes_of_a_text(
    zones: tuple[str, ...], is_reply: bool, is_held: bool, now: datetime, words: str
) -> None:
    facts = QuietFacts(kind="phone", zones=zones, regions=("US",))
    assert quiet_words(facts, is_reply=is_reply, is_held=is_held, now=now) == words


def test_zones_too_far_apart_name_no_time() -> None:
    facts = QuietFacts(kind="phone", zones=("Asia/Tokyo", "Europe/London", "America/New_York"), regions=())
    said = quiet_words(facts, is_reply=False, is_held=False, now=NIGHT)
    assert said.endswith("so this is a first text and not a reply.")
