"""Why a number that only answers may not text somebody now."""

from __future__ import annotations

from datetime import datetime

from twoway.compliance.modes import queries as modes
from twoway.compliance.modes import rules as mode_rules
from twoway.compliance.purposes.rules import GIVEN
from twoway.compliance.rules import Purpose, Refusal
from twoway.conversations.queries import Conversation
from twoway.messaging.pooling import Sender


def request_refusal(conversation: Conversation, sender: Sender, *, at: datetime) -> Refusal | None:
    """Why a number that only answers may not text them now, or None while they have an open request."""
    facts = modes.mode_facts(
        identity_id=conversation.identity_id, channel_id=sender.channel.pk, purpose=Purpose.REPLY.value, at=at
    )
    said = mode_rules.verdict(facts, rule=GIVEN[Purpose.REPLY.value], at=at)
    return Refusal(code=said.code, for_agent=said.for_agent) if said.kind == "deny" else None
