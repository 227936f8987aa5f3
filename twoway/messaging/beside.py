"""What there is beside the texts of one conversation, in one statement: what is empty, which most of it is mostly,
needs no query of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from twoway.compliance.prepared import fetch
from twoway.conversations.models import Conversation
from twoway.teams.actor import Actor

__all__ = ["Beside", "beside"]

# Each line is a look into one index.
_ASKED = """
SELECT coalesce((SELECT message_id FROM read_mark WHERE conversation_id = a.conversation AND member_id = a.me), 0),
       EXISTS (SELECT 1 FROM unseen_mention WHERE member_id = a.me AND conversation_id = a.conversation),
       EXISTS (SELECT 1 FROM draft WHERE conversation_id = a.conversation AND member_id = a.me),
       EXISTS (SELECT 1 FROM media WHERE message_id IS NULL AND conversation_id = a.conversation),
       EXISTS (SELECT 1 FROM scheduled_text WHERE conversation_id = a.conversation
               AND state IN ('waiting', 'answered', 'refused')),
       EXISTS (SELECT 1 FROM opt_out o JOIN identity i ON i.id = o.identity_id WHERE i.contact_id = a.contact),
       EXISTS (SELECT 1 FROM consent_state s JOIN identity i ON i.id = s.identity_id WHERE i.contact_id = a.contact),
       EXISTS (SELECT 1 FROM contact_event WHERE contact_id = a.contact),
       EXISTS (SELECT 1 FROM contact_note WHERE contact_id = a.contact),
       EXISTS (SELECT 1 FROM conversation WHERE contact_id = a.contact AND id <> a.conversation),
       EXISTS (SELECT 1 FROM contact_field WHERE workspace_id = a.workspace),
       EXISTS (SELECT 1 FROM own_price WHERE workspace_id = a.workspace),
       EXISTS (SELECT 1 FROM queue_entry WHERE conversation_id = a.conversation),
       EXISTS (SELECT 1 FROM call_hint WHERE workspace_id = a.workspace AND is_active),
       coalesce((SELECT first_text_needs_consent FROM sending_policy WHERE workspace_id = a.workspace), false)
FROM (SELECT %s::bigint AS conversation, %s::bigint AS contact, %s::bigint AS workspace, %s::bigint AS me) AS a
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What is there for one conversation and one actor, by name: true where a query would find something.

    `read_id` is the newest text this member has seen, 0 for none. `has_files` counts files of every member's draft.
    """

    read_id: int
    has_mention: bool
    has_draft: bool
    has_files: bool
    has_scheduled: bool
    has_opt_outs: bool
    has_consent: bool
    has_outside: bool
    has_contact_notes: bool
    has_others: bool
    has_fields: bool
    has_own_prices: bool
    is_queued: bool
    has_hints: bool
    first_needs_consent: bool


def beside(actor: Actor, conversation: Conversation) -> Beside:
    """What there is beside a conversation this actor has access to."""
    asked = [conversation.pk, conversation.contact_id, conversation.workspace_id, actor.member_id or 0]
    return Beside(**dict(zip(Beside.__slots__, fetch(_ASKED, asked)[0], strict=True)))
