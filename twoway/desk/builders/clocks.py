"""What the composer says of the customer's clock, while it is quiet where they are."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.quiet import rules
from twoway.compliance.quiet.rules import QuietFacts
from twoway.desk.words import clock_words

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
        return "Nothing says where they are, so a first text waits until you set their time zone." if is_held else ""
    zone = ZoneInfo(rules.shut_zone(facts, now))
    local = now.astimezone(zone)
    clock = f"It's {clock_words(local)} {'for them' if len(facts.zones) == 1 else 'where they may be'}."
    if is_reply:
        return f"{clock} Your reply goes out now: direct replies are exempt from quiet hours."
    if answer.until is None:
        return f"{clock} They haven't written lately, so this is a first text and not a reply."
    then = answer.until.astimezone(zone)
    day = "" if then.date() == local.date() else f" {then:%A}"
    opens = f"{clock_words(then)}{day}"
    if is_held:
        return f"{clock} They haven't written lately, so your text waits until {opens}, by their clock."
    return f"{clock} They haven't written lately, so this is a first text. Quiet hours end at {opens}, by their clock."
