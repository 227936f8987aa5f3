"""Why a text was not sent or did not arrive, in a sentence for the agent."""

from __future__ import annotations

from twoway.compliance.deciding.rules import DENIALS
from twoway.compliance.rules import REFUSALS
from twoway.lib.words import noted, t
from twoway.messaging.cost.budgets import BUDGET_REACHED
from twoway.messaging.models import Message
from twoway.providers import failures

_REFUSED = {refusal.code: refusal.for_agent for refusal in (*REFUSALS, *DENIALS, BUDGET_REACHED)}
_HELD = {
    "quiet_hours": noted("quiet hours"),
    "cap_reached": noted("enough texts for now"),
    "in_doubt": noted("they may have asked us to stop"),
    "zone_unknown": noted("their time zone is unknown"),
    "place_unknown": noted("where they are is unknown"),
}


def held_words(code: str, when: str) -> str:
    """Such as "Held until 9:00 AM: quiet hours". What has no end of its own says only why."""
    why = t(_HELD[code]) if code in _HELD else code.replace("_", " ")
    if code in {"quiet_hours", "cap_reached"}:
        return t("Held until {when}: {why}", when=when, why=why)
    return t("Held: {why}", why=why)


def why_not(message: Message) -> str:
    """The reason of a text that failed or was withdrawn, with the carrier's own code where it gave one.

    What was withdrawn before it left carries compliance's reason; anything else one of the carriers' reasons.
    """
    words = _REFUSED.get(message.error, "") if message.status == "canceled" else ""
    sentence = t(words or failures.words(message.error))
    if not message.error_code:
        return sentence
    return t("{sentence} Code {code}.", sentence=sentence, code=message.error_code)
