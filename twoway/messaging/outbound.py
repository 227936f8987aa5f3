"""The only door out: everybody who wants a text sent asks here.

It asks compliance, stores the decision, counts segments and writes the message as `queued` with its idempotency key, in
one transaction. `delivery` takes it from there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Unpack

import structlog
from django.db import IntegrityError, transaction

from twoway.channels.models import Channel
from twoway.compliance.content.rules import Warned
from twoway.compliance.modes.queries import require_shown
from twoway.compliance.rules import Purpose, Refusal
from twoway.compliance.verdict import Verdict
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.contacts.queries import find_identity
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.conversations.together import answering
from twoway.lib.refusal import NotAllowed, Refused
from twoway.lib.words import t
from twoway.messaging import asking, enqueue, overtaking, pooling, repeats, templating, wishes
from twoway.messaging.asking import Asked
from twoway.messaging.cost import door
from twoway.messaging.models import Message
from twoway.messaging.pooling import Sender
from twoway.messaging.screening import Screen
from twoway.messaging.wishes import Options, Wish, wish_of
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

LONGEST_BODY = wishes.LONGEST_BODY
LONGEST_KEY = repeats.LONGEST_KEY


@dataclass(frozen=True, kw_only=True)
class Queued:
    """The message, and whether this call made it; with a known idempotency key it is the one made before.

    `warnings` is what the content checks said, though it goes.
    """

    message: Message
    is_new: bool
    warnings: tuple[Warned, ...] = ()


def queue_text(
    *,
    by: Actor,
    conversation: Conversation,
    body: str,
    at: datetime,
    is_rehearsal: bool = False,
    **options: Unpack[Options],
) -> Queued:
    """Queue one text in a conversation, with files put beside it (`media_ids`) or named by their address.

    With a WhatsApp `template` its words are the body. After `valid_until` it isn't sent any more; without one its
    purpose says how long it is worth sending. What compliance holds is `scheduled` with a `held_reason`. Raises
    `Refused` with a code and a sentence: `empty`, `too_long`, `media_unreachable`, `bad_send_at`, `bad_valid_until`,
    `unknown_purpose`, `idempotency_key_reused`, `template_...`, or compliance's word (`opted_out`, `no_consent`, ...).
    A refusal is stored too. Also what `screening.Screen` raises; `is_confirmed`: a member was warned and means it.
    `seen_id` is the newest text of the conversation its writer has seen (0: none): anything newer of the customer, a
    colleague or a program raises `overtaking.Overtaken` and nothing is sent. Without it nobody asks.
    What somebody else has may be theirs alone to answer (`conversations.together.answering.check`).
    With `is_rehearsal` it is asked for all the same, and nothing is queued: a text that could not go is refused now.
    """
    wish = wish_of(body, options, is_rehearsal=is_rehearsal)
    sender = Sender(channel=conversation.channel)
    if _may_choose(wish):
        sender = pooling.sender_of(conversation, at=at)
    return _queue(
        by=by,
        wish=wish,
        channel=sender.channel,
        recipient=conversation.identity.value,
        is_same=lambda message: message.conversation_id == conversation.id,
        admit=lambda wish: _admit(by=by, conversation=conversation, sender=sender, wish=wish, at=at),
        screen=Screen(by=by, channel=sender.channel, conversation=conversation, identity=conversation.identity, at=at),
    )


def queue_first_text(
    *,
    by: Actor,
    channel: Channel,
    identity: phone.Identity,
    body: str,
    at: datetime,
    **options: Unpack[Options],
) -> Queued:
    """Queue a text to an address, known or new; its contact and conversation are made when they are missing.

    A text that is refused makes neither, and begins nothing again. Raises like `queue_text`, and `NotAllowed` when the
    conversation is somebody else's to see.
    """
    require(by, Right.REPLY)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed(t("This number is not in this workspace."))
    wish = wish_of(body, options)
    identity = templating.addressed(channel, identity)
    sender = Sender(channel=channel)
    known = find_identity(by.workspace_id, identity)
    require_shown(by=by, channel=channel, contact=known.contact if known else None)
    if channel.pool_id is not None and _may_choose(wish):
        contact_id = known.contact_id if known else None
        sender = pooling.first_sender(channel, contact_id=contact_id, recipient=identity.value, at=at)
    return _queue(
        by=by,
        wish=wish,
        channel=sender.channel,
        is_same=lambda message: message.recipient == identity.value and pooling.is_same_line(message, channel),
        recipient=identity.value,
        admit=lambda wish: _admit_first(by=by, sender=sender, identity=identity, wish=wish, at=at),
        screen=Screen(by=by, channel=sender.channel, identity=known, at=at),
    )


def _may_choose(wish: Wish) -> bool:
    """Whether another number of a pool may send it: not a test of this one, nor a template of its account."""
    return wish.purpose != Purpose.TEST and wish.template is None


def _queue(
    *,
    by: Actor,
    wish: Wish,
    channel: Channel,
    recipient: str,
    is_same: Callable[[Message], bool],
    admit: Callable[[Wish], Message | Refusal],
    screen: Screen,
) -> Queued:
    """What a key was used for already; else what can be sent at all, and then the decision, in one transaction."""
    known = _known(by.workspace_id, wish, is_same)
    if known is not None:
        return known
    wish = asking.with_rule(wish, by=by)
    wish = wishes.made_ready(wish, by=by, channel=channel, recipient=recipient, at=screen.at)
    screened = screen(wish)
    try:
        with transaction.atomic():
            admitted = admit(wish)
            if isinstance(admitted, Message):
                screen.keep(screened, message_id=admitted.id)
                if wish.is_rehearsal:
                    raise _Rehearsed(admitted)
    except _Rehearsed as rehearsed:
        return Queued(message=rehearsed.message, is_new=False, warnings=screened.warnings)
    except IntegrityError:
        known = _known(by.workspace_id, wish, is_same)
        if known is None:
            raise
        return known
    if isinstance(admitted, Refusal):
        raise Refused(admitted.for_agent, code=admitted.code)
    log.info("text_queued", trace=admitted.trace, message_id=admitted.id)
    return Queued(message=admitted, is_new=True, warnings=screened.warnings)


class _Rehearsed(Exception):
    """It could be sent like this; the transaction that tried it is taken back."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self.message = message


def _known(workspace_id: int, wish: Wish, is_same: Callable[[Message], bool]) -> Queued | None:
    message = repeats.known(workspace_id, wish, is_same)
    return None if message is None else Queued(message=message, is_new=False)


def _admit(*, by: Actor, conversation: Conversation, sender: Sender, wish: Wish, at: datetime) -> Message | Refusal:
    """Decide and write the decision either way. Like intake, lock the conversation before the identity."""
    locked = Conversation.objects.select_for_update(no_key=True).get(id=conversation.id)
    answering.check(locked, by=by, is_confirmed=wish.is_confirmed)
    overtaking.check(locked.pk, wish, by=by)
    identity, asked = _ask(conversation.identity_id, by=by, channel=sender.channel, wish=wish, thread=locked, at=at)
    refused = _refused(asked, by=by, channel=sender.channel, to=identity.value, wish=wish, thread=locked, at=at)
    if refused is not None:
        return _refuse(asked, refused, by=by, at=at)
    return enqueue.write(
        by=by, conversation=conversation, identity=identity, sender=sender, wish=wish, asked=asked, at=at
    )


class _Undone(Exception):
    """A stranger may not be texted: nothing of them stays but the decision."""

    def __init__(self, asked: Asked, refused: Verdict) -> None:
        super().__init__(refused.code)
        self.asked = asked
        self.refused = refused


def _admit_first(*, by: Actor, sender: Sender, identity: phone.Identity, wish: Wish, at: datetime) -> Message | Refusal:
    """The same before there is a conversation, or before a done one begins again: that comes after the decision."""
    channel = sender.channel
    try:
        with transaction.atomic():
            known, _ = contacts.find_or_create(identity=identity, by=by, at=at)
            thread = conversations.lock_conversation_with(channel=channel, identity=known, by=by)
            if thread is not None:
                answering.check(thread, by=by, is_confirmed=wish.is_confirmed)
                overtaking.check(thread.pk, wish, by=by)
            found, asked = _ask(known.id, by=by, channel=channel, wish=wish, thread=thread, at=at)
            refused = _refused(asked, by=by, channel=channel, to=found.value, wish=wish, thread=thread, at=at)
            if refused is not None:
                raise _Undone(asked, refused)
            conversation, _ = conversations.open_conversation(by=by, channel=channel, identity=found, at=at)
            return enqueue.write(
                by=by, conversation=conversation, identity=found, sender=sender, wish=wish, asked=asked, at=at
            )
    except _Undone as undone:
        return _refuse(undone.asked, undone.refused, by=by, at=at)


def _refused(
    asked: Asked, *, by: Actor, channel: Channel, to: str, wish: Wish, thread: Conversation | None, at: datetime
) -> Verdict | None:
    """What speaks against it: compliance, then the money; None when nothing does."""
    if asked.verdict.kind == "deny":
        return asked.verdict
    why_not = door.refusal(enqueue.text_of(by=by, channel=channel, to=to, wish=wish, conversation=thread, at=at))
    return None if why_not is None else asking.denial(why_not.code, why_not.for_agent)


def _refuse(asked: Asked, refused: Verdict, *, by: Actor, at: datetime) -> Refusal:
    """Keep the decision, and say why."""
    asking.keep(asked, by=by, message_id=None, refused=refused, at=at)
    return Refusal(code=refused.code, for_agent=asked.words() if refused is asked.verdict else t(refused.for_agent))


def _ask(
    identity_id: int, *, by: Actor, channel: Channel, wish: Wish, thread: Conversation | None, at: datetime
) -> tuple[Identity, Asked]:
    """The identity, locked so that an opt-out cannot slip in, and what compliance says about a text to it."""
    identity = Identity.objects.select_for_update(no_key=True).get(id=identity_id)
    return identity, asking.at_the_door(
        by=by,
        author=enqueue.AUTHORS[by.kind].value,
        channel=channel,
        identity=identity,
        wish=wish,
        thread=thread,
        at=at,
    )
