"""Why a text was not sent or did not arrive, in a sentence for the agent."""

from __future__ import annotations

from twoway.compliance.rules import REFUSALS
from twoway.messaging.cost.budgets import BUDGET_REACHED
from twoway.messaging.models import Message
from twoway.providers import failures

_REFUSED = {refusal.code: refusal.for_agent for refusal in (*REFUSALS, BUDGET_REACHED)}


def why_not(message: Message) -> str:
    """The reason of a text that failed or was withdrawn, with the carrier's own code where it gave one.

    What was withdrawn before it left carries compliance's reason; anything else one of the carriers' reasons.
    """
    words = _REFUSED.get(message.error, "") if message.status == "canceled" else ""
    sentence = words or failures.words(message.error)
    return f"{sentence} Code {message.error_code}." if message.error_code else sentence
