"""The firewall against two answers to one question: what is newer than a writer has seen stops their text.

The door asks inside the transaction that sends, with the conversation locked. Whoever else sends into it, and the
intake of what the customer writes, takes the same lock first, so ids rise in the order of the commits and nothing slips
between the question and the text. What its writer sent themselves is no news to them.
"""

from __future__ import annotations

from collections.abc import Sequence

from twoway.lib.refusal import Refused
from twoway.lib.words import noted, t
from twoway.messaging import rules
from twoway.messaging.models import Direction, Message
from twoway.messaging.wishes import Wish
from twoway.teams.actor import Actor

MOST_NEWS = 20
CODE = "overtaken"
READ_IT = noted("Read it before you send.")


class Overtaken(Refused):
    """Something newer than its writer has seen is in the conversation; nothing was sent, and nothing is stored.

    `news` are the newer texts, oldest first, `MOST_NEWS` at most; `seen_id` is what to say once they are read.
    """

    status = 409
    default_code = CODE

    def __init__(self, news: Sequence[Message], *, by: Actor) -> None:
        super().__init__(sentence(news, by=by))
        self.news = tuple(news)
        self.seen_id = news[-1].pk


def check(conversation_id: int, wish: Wish, *, by: Actor) -> None:
    """Stop a text that was written before something newer came. The caller has locked the conversation.

    Nothing is asked of a text that doesn't say what its writer has seen. Raises `Overtaken`.
    """
    if wish.seen_id is None:
        return
    found = news(conversation_id, seen_id=wish.seen_id, by=by, key=wish.idempotency_key)
    if found:
        raise Overtaken(found, by=by)


def news(conversation_id: int, *, seen_id: int, by: Actor, key: str | None = None) -> list[Message]:
    """What a writer who has seen everything up to `seen_id` doesn't know, oldest first, `MOST_NEWS` at most.

    Not their own texts, what was taken back, and what Twoway says about wishes. `key` names the text that is being
    sent: it is no news to itself.
    """
    found = Message.objects.filter(conversation_id=conversation_id, id__gt=seen_id).exclude(status="canceled")
    found = found.exclude(direction=Direction.OUT, purpose__in=rules.BESIDE)
    if by.member_id is not None:
        found = found.exclude(direction=Direction.OUT, by_id=by.member_id)
    if key:
        found = found.exclude(idempotency_key=key)
    return list(reversed(found.order_by("-id")[:MOST_NEWS]))


def newest_id() -> int:
    """The newest text there is: whoever looks at a list now has seen no newer one."""
    return Message.objects.order_by("-id").values_list("id", flat=True).first() or 0


def sentence(found: Sequence[Message], *, by: Actor) -> str:
    """Who was first, for a person; for a program the text it has not seen."""
    if by.kind != "member":
        return t("Text {id} is newer than what you have seen.", id=found[-1].pk)
    return f"{headline(found)} {t(READ_IT)}"


def headline(found: Sequence[Message], *, person: str = "") -> str:
    """Such as "Tom replied while you were typing." A colleague is named before the customer: theirs is an answer.

    `person` is the customer as this reader may see them, "" for one without a name.
    """
    ours = [one for one in found if one.direction == Direction.OUT]
    if not ours:
        return t("{person} wrote while you were typing.", person=person or t("The customer"))
    last = ours[-1]
    if last.author == "member" and last.by_name:
        return t("{person} replied while you were typing.", person=last.by_name.split()[0])
    return t("An automatic text went out while you were typing.")
