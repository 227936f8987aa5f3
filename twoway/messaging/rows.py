"""What intake hands to the inbound transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.messaging.directory import Route
from twoway.providers.base import Inbound
from twoway.sms.keywords import Keyword


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A consent word in a text. `provider_did` says the provider has acted on it and answered by itself."""

    family: str
    word: str
    provider_did: bool

    @property
    def source(self) -> str:
        """Where the ledger says it came from."""
        return "provider" if self.provider_did else "keyword"

    @property
    def needs_a_person(self) -> bool:
        """Somebody who asks for help may need more than the answer HELP gets by itself."""
        return self.family == "help"


def heard(text: Inbound, keyword: Keyword | None) -> Heard | None:
    """The consent word of a text: the provider's signal counts even when the words are not on our list."""
    if text.opt_out is not None:
        return Heard(family=text.opt_out.value, word=text.body.strip()[:40], provider_did=True)
    if keyword is None:
        return None
    return Heard(family=keyword.family, word=keyword.word, provider_did=False)


@dataclass(kw_only=True, slots=True)
class InboundRow:
    """One text, cleaned and counted, ready for the database. Nobody changes it; `frozen` costs 2 µs a text.

    `name` is what the sender calls themselves, `alias` another address of theirs of the same kind (WhatsApp).
    """

    route: Route
    kind: str
    value: str
    provider_id: str
    sender: str
    recipient: str
    body: str
    encoding: str
    segments: int
    media: str
    preview: str
    trace: str
    at: datetime
    sent_at: datetime | None
    keyword: Heard | None
    name: str = ""
    alias: str = ""
