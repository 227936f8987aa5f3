"""The text that an idempotency key made before."""

from __future__ import annotations

from collections.abc import Callable

from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging import templating
from twoway.messaging.media import sending
from twoway.messaging.media.rules import without_links
from twoway.messaging.models import Message
from twoway.messaging.wishes import Wish

LONGEST_KEY = 200


def known(workspace_id: int, wish: Wish, is_same: Callable[[Message], bool]) -> Message | None:
    """The message of this wish's key, None when there is none yet.

    Raises `Refused` with `bad_idempotency_key` or `idempotency_key_reused`.
    """
    if wish.idempotency_key is None:
        return None
    if len(wish.idempotency_key) > LONGEST_KEY:
        raise Refused(
            t("An idempotency key has at most {most} characters.", most=LONGEST_KEY), code="bad_idempotency_key"
        )
    message = Message.objects.filter(workspace_id=workspace_id, idempotency_key=wish.idempotency_key).first()
    if message is None:
        return None
    is_alike = sending.is_same(message.media, media_ids=wish.media_ids, media_urls=wish.media_urls)
    is_alike = is_alike and templating.is_same(message.template, wish.template)
    body = wish.body if wish.template else without_links(message.body, message.media)
    if body != wish.body or not is_alike or not is_same(message):
        raise Refused(t("This idempotency key was used for another text."), code="idempotency_key_reused")
    return message
