"""What an answer to HELP and to STOP must say."""

from __future__ import annotations

import pytest

from twoway.compliance.overview.rules import missing_in_help, missing_in_stop
from twoway.messaging.keywords import HELP_TEXT, STOP_TEXT

WHOLE = "Ridgeway: for help call (503) 555-0142. Msg & data rates may apply. Reply STOP to opt out."


def test_what_twoway_answers_itself_is_complete() -> None:
    assert missing_in_help(HELP_TEXT, business="Ridgeway") == ()
    assert missing_in_stop(STOP_TEXT, business="Ridgeway") == ()


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        (WHOLE, ()),
        (WHOLE.replace("Ridgeway", "RIDGEWAY"), ()),
        (WHOLE.replace("Ridgeway", "Us"), ("your business's name",)),
        (WHOLE.replace(" call (503) 555-0142", ""), ("how to reach you",)),
        (WHOLE.replace("(503) 555-0142", "help@ridgeway.example"), ()),
        (WHOLE.replace("(503) 555-0142", "https://ridgeway.example/help"), ()),
        (WHOLE.replace("Msg & data rates may apply. ", ""), ("that message and data rates may apply",)),
        (WHOLE.replace("STOP", "stopping"), ("STOP",)),
        ("", ("your business's name", "how to reach you", "that message and data rates may apply", "STOP")),
    ],
)
def test_help(text: str, lacks: tuple[str, ...]) -> None:
    assert missing_in_help(text, business="Ridgeway") == lacks


@pytest.mark.parametrize(
    ("text", "lacks"),
    [
        ("Ridgeway: you're out. Reply START to come back.", ()),
        ("Ridgeway: you're out.", ("how to opt back in (START)",)),
        ("You're out. UNSTOP brings you back.", ("your business's name",)),
    ],
)
def test_stop(text: str, lacks: tuple[str, ...]) -> None:
    assert missing_in_stop(text, business="Ridgeway") == lacks
