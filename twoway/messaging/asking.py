"""Asking compliance about texts: about one at the door, with the person locked, and about a batch at the claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection

from twoway.channels.models import Channel
from twoway.compliance import bulk
from twoway.compliance.deciding import actions as keeping
from twoway.compliance.deciding import queries as deciding
from twoway.compliance.deciding.rules import (
    RETIRED_PURPOSE,
    UNKNOWN_PURPOSE,
    Answer,
    Known,
    decide,
    expiry,
    in_time,
    is_exchange,
    is_notice,
)
from twoway.compliance.purposes import queries as purposes
from twoway.compliance.purposes.rules import INTERNAL, PurposeRule
from twoway.compliance.queries import SendQuestion, send_facts
from twoway.compliance.rules import SendFacts, refusal, waits
from twoway.compliance.verdict import Verdict, deny
from twoway.contacts.models import Identity
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Refused
from twoway.lib.words import ENGLISH, reading_in, t
from twoway.messaging import templating
from twoway.messaging.wishes import Wish
from twoway.teams.actor import Actor

FIRST_TEXTS = frozenset({"reply", "test"})
"""Purposes by which somebody may begin an exchange, knowingly or not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was known about one text that would leave `at`, what is to become of it, and when it is too old to send.

    The answer's words are English, as decisions are kept; `words` are for whoever reads now.
    """

    known: Known
    answer: Answer
    at: datetime
    expires_at: datetime

    @property
    def verdict(self) -> Verdict:
        """Allow, hold or deny."""
        return self.answer.verdict

    def words(self) -> str:
        """What speaks against it, in the reader's language."""
        return t(in_time(decide(self.known, at=self.at), expires_at=self.expires_at).verdict.for_agent)


def with_rule(wish: Wish, *, by: Actor) -> Wish:
    """The same with what its purpose demands. Raises `Refused` (`unknown_purpose`)."""
    rule = purposes.named(by.workspace_id, wish.purpose, is_program=by.kind == "token")
    if rule is None:
        raise Refused(t(UNKNOWN_PURPOSE.for_agent), code=UNKNOWN_PURPOSE.code)
    return replace(wish, rule=rule)


def at_the_door(
    *,
    by: Actor,
    author: str,
    channel: Channel,
    identity: Identity,
    wish: Wish,
    thread: Conversation | None,
    at: datetime,
) -> Asked:
    """Ask about one text to somebody whose identity the caller has locked. It is asked for the time it would leave."""
    leaves_at = wish.send_at or at
    found = send_facts(identity_id=identity.id, channel_id=channel.pk, purpose=wish.purpose, author=author)
    facts = templating.at_the_door(
        found, channel=channel, conversation=thread, leaves_at=leaves_at, is_template=wish.template is not None
    )
    begins = _begins(wish, by=by, thread=thread, at=leaves_at)
    rule = wish.rule
    if begins and purposes.first_text_needs_consent(by.workspace_id):
        rule, begins = INTERNAL["first_text"], False
        facts = replace(facts, purpose=rule.slug)
    question = SendQuestion(identity_id=identity.id, channel_id=channel.pk, purpose=rule.slug, author=author)
    subjects: dict[str, Any] = {}
    if refusal(facts) is None and not is_notice(facts):
        wanted = _wanted(facts, is_proactive=begins or not rule.is_conversational)
        subjects = deciding.gather([question], wanted, at=leaves_at)[0]
    known = Known(send=facts, rule=rule, subjects=subjects, is_first_text=begins)
    seconds = channel.workspace.reply_validity
    ends = expiry(starts=leaves_at, rule=rule, reply_seconds=seconds, asked=wish.valid_until)
    with reading_in(ENGLISH):
        answer = in_time(decide(known, at=leaves_at), expires_at=ends)
    return Asked(known=known, answer=answer, at=leaves_at, expires_at=ends)


def _begins(wish: Wish, *, by: Actor, thread: Conversation | None, at: datetime) -> bool:
    """Whether a person or a program texts somebody who has not written lately, and calls it a reply."""
    if by.kind == "system" or wish.purpose not in FIRST_TEXTS or wish.template is not None:
        return False
    return not is_exchange(thread.last_inbound_at if thread else None, at=at)


def _wanted(facts: SendFacts, *, is_proactive: bool) -> Mapping[str, deciding.Subject]:
    """Which subjects are asked about a text."""
    mode = deciding.MODE if facts.is_reply_only else {}
    return {**mode, **(deciding.PROACTIVE if is_proactive else {})}


@dataclass(frozen=True, kw_only=True, slots=True)
class Fate:
    """What becomes of one locked message of a claim, and the decision that is kept about it."""

    row: dict[str, Any]
    status: str
    reason: str
    facts: Any
    for_agent: str = ""
    until: datetime | None = None


@dataclass(kw_only=True, slots=True)
class Asks:
    """A batch sorted. `told` has the facts of those allowed whose decision is kept: proactive ones and held ones."""

    allowed: list[dict[str, Any]] = field(default_factory=list)
    dropped: list[Fate] = field(default_factory=list)
    held: list[Fate] = field(default_factory=list)
    told: dict[int, Any] = field(default_factory=dict)


async def at_the_claim(
    connection: AsyncConnection[Any],
    *,
    workspace_id: int,
    channel_id: int,
    kind: str,
    rows: Sequence[dict[str, Any]],
    at: datetime,
) -> Asks:
    """Ask again about the locked messages of one number. A new statement, so that it sees what committed meanwhile.

    What is in none of the lists stays queued: texts of a number that carriers block until it is registered.
    """
    asks = Asks()
    if not rows:
        return asks
    for row, known in zip(rows, await _known(connection, workspace_id, channel_id, kind, rows, at), strict=True):
        if isinstance(known, Fate):
            asks.dropped.append(known)
            continue
        why = refusal(known.send)
        if why is not None and waits(why, known.send):
            continue
        _sort(asks, row, known, at)
    return asks


async def _known(
    connection: AsyncConnection[Any],
    workspace_id: int,
    channel_id: int,
    kind: str,
    rows: Sequence[dict[str, Any]],
    at: datetime,
) -> list[Known | Fate]:
    """What is known about each message now; at once its end when its purpose was retired."""
    questions = [
        SendQuestion(
            identity_id=row["identity_id"], channel_id=channel_id, purpose=row["purpose"], author=row["author"]
        )
        for row in rows
    ]
    closed = await templating.closed_windows(connection, kind=kind, rows=rows, at=at)
    facts = await bulk.claim_facts(connection, channel_id=channel_id, questions=questions)
    slugs = [row["purpose"] for row in rows]
    rules = await purposes.rules_of_batch(connection, workspace_id=workspace_id, slugs=slugs)
    subjects = await _subjects(connection, questions, facts, rules, at)
    found: list[Known | Fate] = []
    for row, send, asked in zip(rows, facts, subjects, strict=True):
        rule = rules.get(row["purpose"])
        if rule is None:
            found.append(_end(row, "canceled", RETIRED_PURPOSE.code, send.as_json(), RETIRED_PURPOSE.for_agent))
            continue
        now = replace(send, needs_template=True) if row["id"] in closed else send
        found.append(Known(send=now, rule=rule, subjects=asked))
    return found


async def _subjects(
    connection: AsyncConnection[Any],
    questions: Sequence[SendQuestion],
    facts: Sequence[SendFacts],
    rules: Mapping[str, PurposeRule],
    at: datetime,
) -> list[dict[str, Any]]:
    """The facts of the subjects that are asked about each; nothing is read for a batch of answers."""
    found: list[dict[str, Any]] = [{} for _ in questions]
    for subjects, wanted in (
        (deciding.MODE, [send.is_reply_only for send in facts]),
        (deciding.PROACTIVE, [not _is_answer(question, rules) for question in questions]),
    ):
        asked = [index for index, is_wanted in enumerate(wanted) if is_wanted]
        told = await deciding.gather_batch(connection, [questions[index] for index in asked], subjects, at=at)
        for index, one in zip(asked, told, strict=True):
            found[index] |= one
    return found


def _is_answer(question: SendQuestion, rules: Mapping[str, PurposeRule]) -> bool:
    """Whether it belongs to an exchange. A retired purpose is ended anyway, so nothing is read for it."""
    rule = rules.get(question.purpose)
    return rule is None or rule.is_conversational


def _sort(asks: Asks, row: dict[str, Any], known: Known, at: datetime) -> None:
    """Put one message where its answer says."""
    answer = decide(known, at=at)
    verdict = answer.verdict
    facts = known.as_json(answer.warnings)
    if verdict.kind == "deny":
        asks.dropped.append(_end(row, "canceled", verdict.code, facts, verdict.for_agent))
    elif row["expires_at"] is not None and row["expires_at"] <= at:
        asks.dropped.append(_end(row, "failed", "expired", {"expires_at": row["expires_at"].isoformat()}))
    elif verdict.kind == "hold":
        late = in_time(answer, expires_at=row["expires_at"]).verdict
        if late.kind == "deny":
            asks.dropped.append(_end(row, "failed", "expired", facts, late.for_agent))
        else:
            held = Fate(
                row=row,
                status="scheduled",
                reason=verdict.code,
                facts=facts,
                for_agent=verdict.for_agent,
                until=verdict.until,
            )
            asks.held.append(held)
    else:
        asks.allowed.append(row)
        if row["held_reason"] or known.subjects:
            asks.told[row["id"]] = facts


def _end(row: dict[str, Any], status: str, reason: str, facts: Any, for_agent: str = "") -> Fate:
    return Fate(row=row, status=status, reason=reason, facts=facts, for_agent=for_agent)


def keep(asked: Asked, *, by: Actor, message_id: int | None, refused: Verdict | None, at: datetime) -> None:
    """Keep the decision of the door: compliance's, or that of a budget that refused what compliance allowed."""
    answer = asked.answer if refused is None else replace(asked.answer, verdict=refused)
    decided = keeping.Decided(
        workspace_id=by.workspace_id, message_id=message_id, stage="door", known=asked.known, answer=answer
    )
    keeping.record_decision(decided=decided, at=at)


def denial(code: str, for_agent: str) -> Verdict:
    """What somebody other than compliance says against a text, as the decision keeps it."""
    return deny(code, for_agent)
