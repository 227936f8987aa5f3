"""What somebody wants sent, and whether it can be sent at all, before anything is decided or locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict

from twoway.channels.models import Channel
from twoway.compliance.purposes.rules import GIVEN, PurposeRule
from twoway.lib.refusal import Refused
from twoway.lib.words import t
from twoway.messaging import templating
from twoway.messaging.media import sending
from twoway.messaging.media.rules import with_links
from twoway.messaging.media.sending import Prepared
from twoway.messaging.templating import Filled, TemplateWish
from twoway.providers import registry
from twoway.sms import segments
from twoway.teams.actor import Actor

LONGEST_BODY = 10_000
FURTHEST_SEND = timedelta(days=35)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants sent. `rule` is what its purpose demands; after `valid_until` it is not worth sending.

    `seen_id` is the newest text its writer has seen, 0 for none: anything newer stops it. None asks nothing.
    `is_rehearsal`: it is only asked whether it could go.
    """

    body: str
    idempotency_key: str | None
    media_ids: Sequence[int] = ()
    media_urls: Sequence[str] = ()
    files: Prepared = sending.NOTHING
    purpose: str = "reply"
    rule: PurposeRule = GIVEN["reply"]
    send_at: datetime | None = None
    valid_until: datetime | None = None
    template: TemplateWish | None = None
    filled: Filled | None = None
    is_confirmed: bool = False
    seen_id: int | None = None
    is_rehearsal: bool = False

    @property
    def text(self) -> str:
        """What is sent: the text, and below it links for files that can't go with it."""
        return with_links(self.body, self.files.links)


class Options(TypedDict, total=False):
    """What may be said about any text. After `valid_until` it isn't sent any more; `is_confirmed`: a member was warned
    of what is in it and means it. The rest is as in `Wish`."""

    idempotency_key: str | None
    media_ids: Sequence[int]
    media_urls: Sequence[str]
    purpose: str
    send_at: datetime | None
    valid_until: datetime | None
    template: TemplateWish | None
    is_confirmed: bool
    seen_id: int | None


def wish_of(body: str, options: Options, *, is_rehearsal: bool = False) -> Wish:
    """A text as it was asked for: its words in the letters they are sent in, an empty key as none."""
    return Wish(
        body=segments.prepare(body),
        idempotency_key=options.get("idempotency_key") or None,
        media_ids=tuple(options.get("media_ids", ())),
        media_urls=tuple(options.get("media_urls", ())),
        purpose=options.get("purpose", "reply"),
        send_at=options.get("send_at"),
        valid_until=options.get("valid_until"),
        template=options.get("template"),
        is_confirmed=options.get("is_confirmed", False),
        seen_id=options.get("seen_id"),
        is_rehearsal=is_rehearsal,
    )


def made_ready(wish: Wish, *, by: Actor, channel: Channel, recipient: str, at: datetime) -> Wish:
    """The same with its template filled in and its files fetched. Raises `Refused`."""
    if wish.template is not None:
        filled = templating.fill(channel, wish.template)
        wish = replace(wish, body=filled.body, filled=filled)
    check(wish, channel, at)
    if wish.media_ids or wish.media_urls:
        return _with_files(wish, by=by, channel=channel, recipient=recipient, at=at)
    return wish


def check(wish: Wish, channel: Channel, at: datetime) -> None:
    """Whether a provider takes such a text at all. Raises `Refused`."""
    adapter = registry.get(channel.provider)
    if not wish.body.strip() and not wish.media_ids and not wish.media_urls:
        raise Refused(t("Write something first."), code="empty")
    most = min(adapter.max_body, LONGEST_BODY)
    if len(wish.text) > most:
        raise Refused(
            t(
                "This text has {length} characters. {name} takes up to {most}.",
                length=len(wish.text),
                name=adapter.name,
                most=most,
            ),
            code="too_long",
        )
    if wish.send_at is not None and not at <= wish.send_at <= at + FURTHEST_SEND:
        raise Refused(t("Choose a time within the next 35 days."), code="bad_send_at")
    starts = wish.send_at or at
    if wish.valid_until is not None and not starts < wish.valid_until <= starts + FURTHEST_SEND:
        raise Refused(t("Choose an end after it is sent and within 35 days of that."), code="bad_valid_until")


def _with_files(wish: Wish, *, by: Actor, channel: Channel, recipient: str, at: datetime) -> Wish:
    """The same with its files fetched and made ready, before any lock is taken."""
    prepared = sending.prepare(
        by=by,
        channel=channel,
        recipient=recipient,
        at=at,
        media_ids=wish.media_ids,
        media_urls=wish.media_urls,
    )
    ready = replace(wish, files=prepared)
    check(ready, channel, at)
    return ready
