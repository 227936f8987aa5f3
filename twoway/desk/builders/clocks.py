"""What the composer says of the customer's clock, while it is quiet where they are."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.quiet import rules
from twoway.compliance.quiet.rules import QuietFacts
from twoway.desk.words import clock_words
from twoway.lib.days import day_name
from twoway.lib.words import t

ANY = PurposeRule(slug="any", label="Any", level="express")
"""Some text that answers nobody: quiet hours treat them all alike."""


def quiet_words(facts: QuietFacts, *, is_reply: bool, is_held: bool, now: datetime) -> str:
    """Their time, and what becomes of a text sent now; "" while it is not quiet.

    `is_reply`: they wrote lately, so an answer is exempt. `is_held`: a first text waits for the hours here.
    """
    answer = rules.verdict(facts, rule=ANY, at=now)
    if answer.kind == "allow":
        return ""
    if not facts.zones:
        words = t("Nothing says where they are, so a first text waits until you set their time zone.")
        return words if is_held else ""
    zone = ZoneInfo(rules.shut_zone(facts, now))
    local = now.astimezone(zone)
    clock = _their_clock(clock_words(local), is_one=len(facts.zones) == 1)
    if is_reply:
        return f"{clock} " + t("Your reply goes out now: direct replies are exempt from quiet hours.")
    if answer.until is None:
        words = t("They haven't written lately, so this is a first text and not a reply.")
        return f"{clock} {words}"
    then = answer.until.astimezone(zone)
    opens = clock_words(then)
    if then.date() != local.date():
        opens = t("{time} {weekday}", time=opens, weekday=day_name(then))
    if is_held:
        words = t("They haven't written lately, so your text waits until {time}, by their clock.", time=opens)
    else:
        words = t(
            "They haven't written lately, so this is a first text. Quiet hours end at {time}, by their clock.",
            time=opens,
        )
    return f"{clock} {words}"


def _their_clock(time: str, *, is_one: bool) -> str:
    return t("It's {time} for them.", time=time) if is_one else t("It's {time} where they may be.", time=time)
