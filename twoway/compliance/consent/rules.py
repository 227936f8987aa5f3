"""Whether somebody's consent carries a text, and what the chain of the ledger covers.

Levels: CTIA Messaging Principles and Best Practices 5.1. Written consent for promotions: 47 CFR 64.1200(f)(9). Implied
consent lasts for the exchange the customer began and no longer; `CONVERSATION` is how long Twoway takes that to be.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from twoway.compliance.purposes.rules import RANK, PurposeRule, called
from twoway.compliance.verdict import ALLOW, Verdict, deny
from twoway.lib.words import noted, t

CONVERSATION = timedelta(hours=72)
"""How long after the customer's last message to a number of ours their implied consent lasts. Twoway's own choice."""
GRANTS = frozenset({"granted", "confirmed", "lifted"})
REFUSALS = frozenset({"withdrawn", "denied"})
FIRST_HASH = "0" * 64
FORM = "twoway-consent-1"

ASKED_FOR = {
    "implied": noted("their own message to this number, not long ago"),
    "express": noted("their agreement to get such texts"),
    "written": noted("their written agreement (a form they ticked or a text that confirmed it)"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class ConsentFacts:
    """What is on record for one text. Times are ISO 8601 in UTC or None.

    `level` is the highest that holds after the last withdrawal ("" when none), with `given_at` and `expires_at`;
    `withdrawn_at` is that withdrawal, `is_requested`: an answer to a double opt-in is waited for. `heard_at` is the
    person's last message to this number of ours.
    """

    level: str = ""
    given_at: str | None = None
    expires_at: str | None = None
    withdrawn_at: str | None = None
    is_requested: bool = False
    heard_at: str | None = None


def verdict(facts: ConsentFacts, *, rule: PurposeRule, at: datetime) -> Verdict:
    """Allow when consent of the purpose's level or a higher one is on record, has not expired and is not too old."""
    if rule.level == "none" or _is_implied(facts, rule=rule, at=at):
        return ALLOW
    needed = RANK[rule.level]
    if RANK.get(facts.level, 0) < needed:
        return deny("no_consent", _missing(facts, rule))
    if _is_over(facts, rule=rule, at=at):
        return deny(
            "consent_expired", t("Their consent to {kind} texts has run out. Ask again.", kind=called(rule).lower())
        )
    return ALLOW


def _is_implied(facts: ConsentFacts, *, rule: PurposeRule, at: datetime) -> bool:
    """Whether they wrote to this number lately, which is all that a purpose of level `implied` asks."""
    heard, withdrawn = moment(facts.heard_at), moment(facts.withdrawn_at)
    if rule.level != "implied" or heard is None or (withdrawn is not None and heard <= withdrawn):
        return False
    window = CONVERSATION if rule.max_age_days is None else min(CONVERSATION, timedelta(days=rule.max_age_days))
    return at - heard < window


def _is_over(facts: ConsentFacts, *, rule: PurposeRule, at: datetime) -> bool:
    expires, given = moment(facts.expires_at), moment(facts.given_at)
    if expires is not None and at >= expires:
        return True
    return rule.max_age_days is not None and given is not None and at - given >= timedelta(days=rule.max_age_days)


def _missing(facts: ConsentFacts, rule: PurposeRule) -> str:
    """The sentence for whoever wrote the text."""
    kind = called(rule).lower()
    if facts.is_requested:
        return t("They were asked whether they want {kind} texts and haven't said yes.", kind=kind)
    if facts.withdrawn_at is not None and not facts.level:
        return t("They don't want {kind} texts.", kind=kind)
    needed = t(ASKED_FOR.get(rule.level, noted("consent")))
    return t("There is no consent on record for {kind} texts: it takes {needed}.", kind=kind, needed=needed)


def moment(text: str | None) -> datetime | None:
    """The time of a fact."""
    return None if text is None else datetime.fromisoformat(text)


def canonical(proof: Mapping[str, Any]) -> str:
    """A proof as PostgreSQL's `jsonb::text` writes it: keys by length and then bytes, ", " and ": " between.

    Only text, whole numbers, true, false, null, lists and objects; `actions` refuses the rest.
    """
    return json.dumps(_ordered(proof), ensure_ascii=False, separators=(", ", ": "))


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
        return {key: _ordered(value[key]) for key in keys}
    if isinstance(value, list | tuple):
        return [_ordered(each) for each in value]
    return value


def proof_hash(proof: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical proof, as hexadecimal digits."""
    return hashlib.sha256(canonical(proof).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """What the hash of one entry covers."""

    workspace_id: int
    position: int
    previous_hash: str
    address_hash: str
    channel_id: int | None
    purpose: str
    change: str
    level: str
    method: str
    by_name: str
    at: datetime
    expires_at: datetime | None
    proof_hash: str


def chained(link: Link) -> str:
    """The text that is hashed: each field as its length in bytes, a colon, itself and a comma, in a fixed order."""
    fields = (
        FORM,
        str(link.workspace_id),
        str(link.position),
        link.previous_hash,
        link.address_hash,
        "" if link.channel_id is None else str(link.channel_id),
        link.purpose,
        link.change,
        link.level,
        link.method,
        link.by_name,
        stamp(link.at),
        stamp(link.expires_at),
        link.proof_hash,
    )
    return "".join(f"{len(field.encode())}:{field}," for field in fields)


def link_hash(link: Link) -> str:
    """SHA-256 of `chained`, as hexadecimal digits; the database computes the same."""
    return hashlib.sha256(chained(link).encode()).hexdigest()


def stamp(at: datetime | None) -> str:
    """A time as the chain has it: UTC to the microsecond; "" for none."""
    return "" if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def address_hash(*, key: bytes, workspace_id: int, kind: str, value: str) -> str:
    """HMAC-SHA256 of an address in a workspace, as hexadecimal digits: it names the address to who has the key."""
    return hmac.new(key, f"{workspace_id}:{kind}:{value}".encode(), hashlib.sha256).hexdigest()


KEPT = frozenset(
    {
        "channel_id",
        "conversation_id",
        "covers",
        "disclosure_hash",
        "form_id",
        "form_version",
        "keyword",
        "message_id",
        "message_ids",
        "version",
    }
)
"""What stays of a proof that is minimised: what was shown and how it was answered, by number and hash; no person."""


def minimised(proof: Mapping[str, Any]) -> dict[str, Any]:
    """A proof without what tells who it was: no address, network address, note, name, place or wording."""
    return {key: value for key, value in proof.items() if key in KEPT}
