"""What intake hands to the inbound transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from twoway.compliance.optin.rules import Said
from twoway.messaging.directory import Route
from twoway.providers.base import Inbound
from twoway.sms import keywords, tapbacks
from twoway.sms.keywords import Keyword
from twoway.sms.segments import clean_inbound


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


def keyword_of(route: Route, body: str) -> Keyword | None:
    """The keyword a whole text is, one everybody knows or one of the workspace's own."""
    known = keywords.match(body)
    if known is not None or not route.own_words or len(body) > keywords.LONGEST:
        return known
    own = route.own_words.get(keywords.folded(body))
    return Keyword(family=keywords.family_named(own[0]), word=own[1], language="") if own else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """One part of a longer text; `words` are UTF-16-BE, since a part may end in half a character."""

    reference: str
    number: int
    total: int
    words: bytes


MOST_PIECES = 255


def piece(text: Inbound) -> Piece | None:
    """The part a text is; None when it is whole, or says what cannot be."""
    part = text.part
    if part is None or not (1 < part.total <= MOST_PIECES and 1 <= part.number <= part.total):
        return None
    words = text.body.encode("utf-16-be", "surrogatepass")
    return Piece(reference=clean_inbound(part.reference)[:40], number=part.number, total=part.total, words=words)


@dataclass(kw_only=True, slots=True)
class InboundRow:
    """One text, cleaned and counted, ready for the database. Nobody changes it; `frozen` costs 2 µs a text.

    `name` is what the sender calls themselves, `alias` another address of theirs of the same kind (WhatsApp). A row
    with a `part` is stored by `parts`, never as a text of its own. `topic` is what it says about joining and leaving.
    `kinds` names the secrets taken out of the body; `may_continue`: the texts before it may hold the rest of one.
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
    topic: Said | None = None
    name: str = ""
    alias: str = ""
    part: Piece | None = None
    kinds: tuple[str, ...] = ()
    may_continue: bool = False

    @property
    def has_more(self) -> bool:
        """Whether it takes more than storing: a consent word, a topic, a part, a secret, a number that has retired."""
        is_special = self.keyword is not None or self.part is not None or self.topic is not None
        is_special = is_special or self.may_continue or self.kinds != ()
        return is_special or (self.route.successor != "" and self.route.forwards(self.at))

    @property
    def waits(self) -> bool:
        """Whether it waits for a person: what Twoway does by itself does not."""
        if self.keyword is not None:
            return self.keyword.needs_a_person
        return self.topic is None and not tapbacks.asks_nothing(self.body)
