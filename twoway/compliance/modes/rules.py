"""Whether a text may leave a number with a mode.

A reply-only number answers and never begins: CTIA Messaging Principles and Best Practices (5.1) let the customer's own
message be the consent for the exchange it began and for no more. Twoway lets that exchange last for a set time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.verdict import ALLOW, Verdict, deny
from twoway.lib.words import t, tn

NO_OPEN_REQUEST = "no_open_request"
REQUEST_HOURS = 72
LEAST_HOURS, MOST_HOURS = 1, 24 * 30
DONE_GRACE = timedelta(minutes=15)
"""A text that was written just before its conversation was marked done still leaves."""

Ended = Literal["", "never", "expired", "done", "stopped"]


@dataclass(frozen=True, kw_only=True, slots=True)
class ModeFacts:
    """What is known of the number and of the customer's request. Times are ISO 8601 with their offset, "" for never.

    `asked_at`: their last text to this number or its pool. `done_at`: when that conversation was marked done, while it
    is. `stopped_at`: their last opt-out, lifted or not.
    """

    is_reply_only: bool = False
    request_hours: int = REQUEST_HOURS
    ends_when_done: bool = True
    asked_at: str = ""
    done_at: str = ""
    stopped_at: str = ""

    def as_json(self) -> dict[str, Any]:
        """The facts as they are kept with a decision."""
        return asdict(self)


def expires_at(facts: ModeFacts) -> datetime | None:
    """When the request runs out by itself, or ran out; None when there never was one."""
    asked = _time(facts.asked_at)
    return asked + timedelta(hours=facts.request_hours) if asked else None


def ended(facts: ModeFacts, *, at: datetime) -> Ended:
    """Why there is no open request at this time; "" while there is one."""
    asked, done, stopped = _time(facts.asked_at), _time(facts.done_at), _time(facts.stopped_at)
    if asked is None:
        return "never"
    if stopped is not None and stopped >= asked:
        return "stopped"
    if at >= asked + timedelta(hours=facts.request_hours):
        return "expired"
    if facts.ends_when_done and done is not None and done >= asked and at >= done + DONE_GRACE:
        return "done"
    return ""


def verdict(facts: ModeFacts, *, rule: PurposeRule, at: datetime) -> Verdict:
    """Allow, or deny with `no_open_request`. It holds for every purpose; Twoway's own notices are not asked about."""
    if not facts.is_reply_only:
        return ALLOW
    why = ended(facts, at=at)
    return deny(NO_OPEN_REQUEST, why_not(why, hours=facts.request_hours)) if why else ALLOW


def why_not(why: Ended, *, hours: int) -> str:
    """The sentence for whoever wrote the text."""
    ago = hours_words(hours)
    reasons = {
        "never": t("This number only answers, and they haven't texted it."),
        "expired": t("This number only answers, and they last texted it more than {hours} ago.", hours=ago),
        "done": t("This number only answers, and their request is done."),
        "stopped": t("This number only answers, and they ended it with an opt-out."),
    }
    return f"{reasons[why]} " + t("They can open a new request by texting it.")


def hours_words(hours: int) -> str:
    """Such as "72 hours", "1 hour" or "7 days"."""
    if hours % 24 == 0 and hours > 72:
        return tn("{n} day", "{n} days", hours // 24)
    return tn("{n} hour", "{n} hours", hours)


def _time(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
