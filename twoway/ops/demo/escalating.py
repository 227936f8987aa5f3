"""What the demo's businesses give to a manager by rule, and when they would rather call."""

from __future__ import annotations

from datetime import datetime

from twoway.ops.demo.threads import Cast
from twoway.routing.escalation import actions
from twoway.routing.escalation.actions import RuleWish

LEGAL = {"all": [{"field": "words", "is": "any_of", "value": ["lawyer", "attorney", "sue you", "small claims"]}]}


def escalate(*, cast: Cast, at: datetime) -> None:
    """One rule for words nobody answers alone, and one hint."""
    ana = cast.of("Ana")
    wish = RuleWish(name="Legal words", conditions=LEGAL, gives="manager", tells_managers=True)
    actions.save_rule(wish=wish, by=ana, at=at)
    actions.take_over_hint(key="often", by=ana, at=at)
