"""The shield and the content checks on the way out: before anything is decided, locked or stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.channels.models import Channel
from twoway.compliance.content import actions, queries
from twoway.compliance.content.rules import SECRETS, Warned, check
from twoway.compliance.shield.rules import describe, find, is_suspect
from twoway.compliance.shield.settings import settings_of
from twoway.contacts.models import Identity
from twoway.conversations.actions.opening import conversation_with
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid, Refused
from twoway.lib.words import t
from twoway.messaging.wishes import Wish
from twoway.teams.actor import Actor

SENSITIVE, BLOCKED, ASKS = "sensitive_data", "content_blocked", "confirm_needed"
CONFIRMED = frozenset({SECRETS})
"""Categories of which a member is asked before the text goes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Screened:
    """What the checks said about a text that may go, and whether its writer was asked and said yes."""

    warnings: tuple[Warned, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Screen:
    """The checks of one text, asked with its words once its template is filled in."""

    by: Actor
    channel: Channel
    at: datetime
    conversation: Conversation | None = None
    identity: Identity | None = None

    def __call__(self, wish: Wish) -> Screened:
        """Look at the words.

        Raises `Refused` with `sensitive_data` (a card number, a security code, an SSN or a password is in it; it is
        never sent and never stored), `content_blocked` (the workspace stops such words), or `confirm_needed` (a member
        asks for a secret and has not said that it is meant). What Twoway itself says is not looked at.
        """
        if self.by.kind == "system":
            return Screened()
        warnings = warned(
            wish.body,
            channel=self.channel,
            conversation=self.conversation or self._conversation(),
            identity_id=self.identity.id if self.identity else None,
            is_promotional=wish.rule.is_promotional,
            at=self.at,
        )
        blocked = [one for one in warnings if one.level == "block"]
        if blocked:
            raise Refused(blocked[0].sentence, code=BLOCKED)
        asked = [one for one in warnings if one.category in CONFIRMED] if self.by.kind == "member" else []
        if asked and not wish.is_confirmed:
            raise Refused(asked[0].sentence, code=ASKS)
        return Screened(warnings=warnings, confirmed=bool(asked))

    def _conversation(self) -> Conversation | None:
        if self.identity is None:
            return None
        return conversation_with(channel=self.channel, contact_id=self.identity.contact_id)

    def keep(self, screened: Screened, *, message_id: int) -> None:
        """Record what was warned of, in the transaction that queues the text."""
        actions.record(
            by=self.by, message_id=message_id, warnings=screened.warnings, confirmed=screened.confirmed, at=self.at
        )


def warned(
    body: str,
    *,
    channel: Channel,
    conversation: Conversation | None,
    identity_id: int | None,
    is_promotional: bool,
    at: datetime,
) -> tuple[Warned, ...]:
    """What the checks say about these words. Raises `Invalid` (`sensitive_data`)."""
    settings = queries.settings_for(channel.workspace_id)
    _refuse_secrets(body, kinds=settings_of(vars(settings)).kinds)
    facts = queries.facts_for(
        settings,
        channel=channel,
        identity_id=identity_id,
        is_first=conversation is None or conversation.last_message_id is None,
        is_promotional=is_promotional,
        at=at,
    )
    return check(body, facts=facts)


def _refuse_secrets(body: str, *, kinds: frozenset[str]) -> None:
    """One-time codes of ours may go: sending those is what a business does."""
    found = find(body, kinds=kinds - {"code"}) if is_suspect(body) else ()
    if found:
        what = describe(one.kind for one in found)
        sentence = t("This text has a {what} in it. It isn't sent and isn't kept: texts aren't encrypted.", what=what)
        raise Invalid(sentence, field="body", code=SENSITIVE)
