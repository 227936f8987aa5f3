"""Why a text is sent, and what each purpose demands.

Levels of consent as CTIA's Messaging Principles and Best Practices 5.1 tell them apart: `implied` by the customer's own
message and only for the exchange it began; `express` for informational texts; `written` for promotional ones; `none`
where the law asks for no consent (an emergency).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["none", "implied", "express", "written"]
RANK: Mapping[str, int] = {"none": 0, "implied": 1, "express": 2, "written": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class PurposeRule:
    """What one purpose demands. A workspace may add its own and make the given ones stricter.

    `is_conversational`: an answer within an exchange; quiet hours, caps and the never-responder guard leave it alone.
    `max_age_days`: consent older than this no longer counts; None: it does not age. `per_day`, `per_week`: how many
    texts of this purpose one person gets; None is no cap.
    """

    slug: str
    label: str
    level: Level
    is_conversational: bool = False
    keeps_quiet_hours: bool = True
    is_promotional: bool = False
    max_age_days: int | None = None
    per_day: int | None = None
    per_week: int | None = None


GIVEN: Mapping[str, PurposeRule] = {
    rule.slug: rule
    for rule in (
        PurposeRule(slug="reply", label="Reply", level="implied", is_conversational=True, keeps_quiet_hours=False),
        PurposeRule(slug="service", label="Service", level="express", per_day=3, per_week=10),
        PurposeRule(slug="reminder", label="Reminder", level="express", per_day=3, per_week=10),
        PurposeRule(slug="transactional", label="Transactional", level="express", per_day=6),
        PurposeRule(slug="survey", label="Survey", level="express", per_day=1, per_week=2, max_age_days=540),
        PurposeRule(
            slug="promotion",
            label="Promotion",
            level="written",
            is_promotional=True,
            max_age_days=540,
            per_day=1,
            per_week=4,
        ),
        PurposeRule(slug="emergency", label="Emergency", level="none", keeps_quiet_hours=False),
    )
}
"""What every workspace begins with. Caps are Twoway's own default; FL and OK allow 3 solicitations in 24 hours."""
