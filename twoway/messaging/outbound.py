"""The only door out: everybody who wants a text sent asks here.

It asks compliance, stores the decision, counts segments and writes the message as `queued` with its idempotency key, in
one transaction. `delivery` takes it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import IntegrityError, connection, transaction

from twoway.channels.models import Channel
from twoway.compliance.content.rules import Warned
from twoway.compliance.deciding.rules import held_until
from twoway.compliance.modes.queries import require_shown
from twoway.compliance.rules import Purpose, Refusal
from twoway.compliance.verdict import Verdict
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.contacts.queries import find_identity
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation
from twoway.events import actions as events
from twoway.events.types import MessageQueued
from twoway.lib.logs import new_trace
from twoway.lib.refusal import NotAllowed, Refused
from twoway.messaging import asking, overtaking, pooling, repeats, rules, templating, wishes
from twoway.messaging.asking import Asked
from twoway.messaging.cost import budgets, door
from twoway.messaging.media import actions as media
from twoway.messaging.media.rules import without_links
from twoway.messaging.models import Author, Direction, Message
from twoway.messaging.pooling import Sender
from twoway.messaging.screening import Screen
from twoway.messaging.templating import TemplateWish
from twoway.messaging.wishes import Wish
from twoway.sms import phone, segments
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, require

log = structlog.get_logger(__name__)

LONGEST_BODY = wishes.LONGEST_BODY
LONGEST_KEY = repeats.LONGEST_KEY
AUTHORS = {"member": Author.MEMBER, "token": Author.API, "system": Author.SYSTEM}


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
    idempotency_key: str | None = None,
    media_ids: Sequence[int] = (),
    media_urls: Sequence[str] = (),
    purpose: str = "reply",
    send_at: datetime | None = None,
    valid_until: datetime | None = None,
    template: TemplateWish | None = None,
    is_confirmed: bool = False,
    seen_id: int | None = None,
) -> Queued:
    """Queue one text in a conversation, with files put beside it (`media_ids`) or named by their address.

    With a WhatsApp `template` its words are the body. After `valid_until` it isn't sent any more; without one its
    purpose says how long it is worth sending. What compliance holds is `scheduled` with a `held_reason`. Raises
    `Refused` with a code and a sentence: `empty`, `too_long`, `media_unreachable`, `bad_send_at`, `bad_valid_until`,
    `unknown_purpose`, `idempotency_key_reused`, `template_...`, or compliance's word (`opted_out`, `no_consent`, ...).
    A refusal is stored too. Also what `screening.Screen` raises; `is_confirmed`: a member was warned and means it.
    `seen_id` is the newest text of the conversation its writer has seen (0: none): anything newer of the customer, a
    colleague or a program raises `overtaking.Overtaken` and nothing is sent. Without it nobody asks.
    """
    wish = Wish(
        body=segments.prepare(body),
        idempotency_key=idempotency_key or None,
        media_ids=tuple(media_ids),
        media_urls=tuple(media_urls),
        purpose=purpose,
        send_at=send_at,
        valid_until=valid_until,
        template=template,
        is_confirmed=is_confirmed,
        seen_id=seen_id,
    )
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
    idempotency_key: str | None = None,
    media_urls: Sequence[str] = (),
    purpose: str = "reply",
    send_at: datetime | None = None,
    valid_until: datetime | None = None,
    template: TemplateWish | None = None,
    is_confirmed: bool = False,
    seen_id: int | None = None,
) -> Queued:
    """Queue a text to an address, known or new; its contact and conversation are made when they are missing.

    A text that is refused makes neither, and begins nothing again. Raises like `queue_text`, and `NotAllowed` when the
    conversation is somebody else's to see.
    """
    require(by, Right.REPLY)
    if channel.workspace_id != by.workspace_id:
        raise NotAllowed("This number is not in this workspace.")
    wish = Wish(
        body=segments.prepare(body),
        idempotency_key=idempotency_key or None,
        media_urls=tuple(media_urls),
        purpose=purpose,
        send_at=send_at,
        valid_until=valid_until,
        template=template,
        is_confirmed=is_confirmed,
        seen_id=seen_id,
    )
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
    except IntegrityError:
        known = _known(by.workspace_id, wish, is_same)
        if known is None:
            raise
        return known
    if isinstance(admitted, Refusal):
        raise Refused(admitted.for_agent, code=admitted.code)
    log.info("text_queued", trace=admitted.trace, message_id=admitted.id)
    return Queued(message=admitted, is_new=True, warnings=screened.warnings)


def _known(workspace_id: int, wish: Wish, is_same: Callable[[Message], bool]) -> Queued | None:
    message = repeats.known(workspace_id, wish, is_same)
    return None if message is None else Queued(message=message, is_new=False)


def _admit(*, by: Actor, conversation: Conversation, sender: Sender, wish: Wish, at: datetime) -> Message | Refusal:
    """Decide and write the decision either way. Like intake, lock the conversation before the identity."""
    locked = Conversation.objects.select_for_update(no_key=True).get(id=conversation.id)
    overtaking.check(locked.pk, wish, by=by)
    identity, asked = _ask(conversation.identity_id, by=by, channel=sender.channel, wish=wish, thread=locked, at=at)
    refused = _refused(asked, by=by, channel=sender.channel, to=identity.value, wish=wish, thread=locked, at=at)
    if refused is not None:
        return _refuse(asked, refused, by=by, at=at)
    return _write(by=by, conversation=conversation, identity=identity, sender=sender, wish=wish, asked=asked, at=at)


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
                overtaking.check(thread.pk, wish, by=by)
            found, asked = _ask(known.id, by=by, channel=channel, wish=wish, thread=thread, at=at)
            refused = _refused(asked, by=by, channel=channel, to=found.value, wish=wish, thread=thread, at=at)
            if refused is not None:
                raise _Undone(asked, refused)
            conversation, _ = conversations.open_conversation(by=by, channel=channel, identity=found, at=at)
            return _write(
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
    why_not = door.refusal(_text(by=by, channel=channel, to=to, wish=wish, conversation=thread, at=at))
    return None if why_not is None else asking.denial(why_not.code, why_not.for_agent)


def _refuse(asked: Asked, refused: Verdict, *, by: Actor, at: datetime) -> Refusal:
    """Keep the decision, and say why."""
    asking.keep(asked, by=by, message_id=None, refused=refused, at=at)
    return Refusal(code=refused.code, for_agent=refused.for_agent)


def _text(
    *, by: Actor, channel: Channel, to: str, wish: Wish, conversation: Conversation | None, at: datetime
) -> door.Text:
    """What the money is asked about. It is a reply when a person answers somebody who waits."""
    return door.Text(
        channel=channel,
        recipient=to,
        body=wish.text,
        media=wish.files.attached,
        at=at,
        team_id=conversation.team_id if conversation else channel.team_id,
        is_reply=by.kind == "member" and conversation is not None and conversation.needs_reply,
        is_notice=by.kind == "system" and wish.purpose in budgets.NOTICE_PURPOSES,
    )


def _ask(
    identity_id: int, *, by: Actor, channel: Channel, wish: Wish, thread: Conversation | None, at: datetime
) -> tuple[Identity, Asked]:
    """The identity, locked so that an opt-out cannot slip in, and what compliance says about a text to it."""
    identity = Identity.objects.select_for_update(no_key=True).get(id=identity_id)
    return identity, asking.at_the_door(
        by=by,
        author=AUTHORS[by.kind].value,
        channel=channel,
        identity=identity,
        wish=wish,
        thread=thread,
        at=at,
    )


def _timing(wish: Wish, verdict: Verdict, at: datetime) -> dict[str, object]:
    """When it leaves: at once, at the time its author chose, or when what holds it passes."""
    if verdict.kind == "hold":
        until = held_until(verdict, at=wish.send_at or at)
        return {"status": "scheduled", "send_after": until, "held_reason": verdict.code}
    later = wish.send_at is not None and wish.send_at > at
    return {"status": "scheduled" if later else "queued", "send_after": wish.send_at}


def _write(
    *,
    by: Actor,
    conversation: Conversation,
    identity: Identity,
    sender: Sender,
    wish: Wish,
    asked: Asked,
    at: datetime,
) -> Message:
    channel, author, rule = sender.channel, AUTHORS[by.kind], asked.known.rule
    counted = segments.count(wish.text, toll_free_us=phone.is_toll_free_us(channel.address))
    message = Message.objects.create(
        workspace_id=by.workspace_id,
        conversation=conversation,
        channel=channel,
        identity=identity,
        direction=Direction.OUT,
        author=author,
        by_id=by.member_id,
        by_name=by.name,
        sender=channel.address,
        recipient=identity.value,
        body=wish.text,
        media=list(wish.files.items),
        template=wish.filled.kept if wish.filled else None,
        encoding=counted.encoding,
        segments=1 if channel.kind == templating.WHATSAPP else counted.segments,
        idempotency_key=wish.idempotency_key,
        purpose=rule.slug,
        priority=rules.priority(author=author.value, purpose=rule.slug, is_promotional=rule.is_promotional),
        trace=new_trace(),
        expires_at=asked.expires_at,
        created_at=at,
        **_timing(wish, asked.verdict, at),
        **door.columns(_text(by=by, channel=channel, to=identity.value, wish=wish, conversation=conversation, at=at)),
    )
    asking.keep(asked, by=by, message_id=message.id, refused=None, at=at)
    if wish.files.items:
        media.attach(media_ids=wish.files.ids, message=message)
    pooling.note_change(message=message, sender=sender, contact_id=conversation.contact_id, at=at)
    _touch(conversation, message, wish.files.words, by, at)
    _announce(message, conversation, by, at)
    _wake_delivery()
    return message


def _announce(message: Message, conversation: Conversation, by: Actor, at: datetime) -> None:
    events.publish(
        MessageQueued(
            workspace_id=by.workspace_id,
            conversation_id=conversation.id,
            contact_id=conversation.contact_id,
            message_id=message.id,
            member_id=by.member_id,
            channel_id=message.channel_id,
            author=message.author,
        ),
        at=at,
        trace=message.trace,
    )


def _touch(conversation: Conversation, message: Message, files: str, by: Actor, at: datetime) -> None:
    """A reply ends the wait; the first person to answer an unassigned conversation takes it."""
    changes: dict[str, object] = {
        "last_message_id": message.id,
        "last_message_at": at,
        "preview": rules.preview(without_links(message.body, message.media), files),
        "preview_by": by.name,
    }
    if not (conversation.needs_reply and message.purpose in rules.BESIDE):
        changes |= {"sort_at": at, "needs_reply": False, "unanswered": 0}
    Conversation.objects.filter(id=conversation.id).update(**changes)
    conversation.refresh_from_db(fields=[*changes, "assignee", "team", "state"])
    if by.kind == "member" and conversation.assignee_id is None:
        conversations.assign(conversation=conversation, member_id=by.member_id, by=by, at=at)
    else:
        events.notify(
            workspace_id=by.workspace_id,
            conversations=[(conversation.id, conversation.team_id, conversation.assignee_id)],
        )


def _wake_delivery() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify('twoway_outbox', '')")
