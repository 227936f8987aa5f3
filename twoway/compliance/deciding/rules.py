"""One answer per send: what every subject of compliance says about one text, joined.

An answer within an exchange asks what `SendFacts` holds. Every other text also asks for consent, the recipient's quiet
hours, how often they were texted, and where its purpose has a limit, how far away they are. A number's mode is asked
for every text where the number has one. A denial comes before a hold, and the longest hold counts
(`verdict.strictest`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from twoway.compliance.consent import rules as consent
from twoway.compliance.modes import rules as modes
from twoway.compliance.pacing import rules as pacing
from twoway.compliance.purposes.rules import INTERNAL, PurposeRule
from twoway.compliance.quiet import rules as quiet
from twoway.compliance.relevance import rules as relevance
from twoway.compliance.rules import NOTICES, Refusal, SendFacts, refusal, worded
from twoway.compliance.verdict import ALLOW, Verdict, deny, hold, strictest
from twoway.lib.words import noted, t

NOTHING: Mapping[str, Any] = MappingProxyType({})

VERDICTS: Mapping[str, Callable[..., Verdict]] = MappingProxyType(
    {
        "mode": modes.verdict,
        "consent": consent.verdict,
        "relevance": relevance.verdict,
        "pacing": pacing.verdict,
        "quiet": quiet.verdict,
    }
)
"""Each subject's rule, in the order in which their denials are told. Called with its facts, `rule` and `at`."""

BINDING = frozenset({"mode"})
"""What also binds a text that is only warned about."""

EXCHANGE = consent.CONVERSATION
"""How long after a customer's last text an answer still belongs to the exchange they began."""

ANSWERS_DOUBT = "consent_question"
IN_DOUBT = Refusal(
    code="in_doubt",
    for_agent=noted("They may have asked us to stop. Texts to them wait until somebody has answered that."),
)
UNKNOWN_PURPOSE = Refusal(code="unknown_purpose", for_agent=noted("There is no such purpose."))
RETIRED_PURPOSE = Refusal(code="unknown_purpose", for_agent=noted("The purpose of this text is no longer in use."))
DENIALS = (
    IN_DOUBT,
    RETIRED_PURPOSE,
    Refusal(code="no_consent", for_agent=noted("There is no consent on record for such a text.")),
    Refusal(code="consent_expired", for_agent=noted("Their consent to such texts has run out.")),
    Refusal(code="too_far", for_agent=noted("They are too far away for such texts.")),
    Refusal(code="place_unknown", for_agent=noted("Nothing says whether they are near enough for such texts.")),
    Refusal(code="never_responds", for_agent=noted("They never answer, so they get no more texts of this kind.")),
    Refusal(code="no_open_request", for_agent=noted("This number only answers, and they have no open request.")),
    Refusal(code="quiet_hours", for_agent=noted("Quiet hours last longer than the text is valid.")),
    Refusal(code="cap_reached", for_agent=noted("They got the most texts of this purpose that one person gets.")),
)
"""What a text is ended for besides `REFUSALS`, as a list shows it; the decision itself says more."""
LOOK_AGAIN = timedelta(minutes=5)
"""A hold without an end is looked at again this often."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """All that is known about one text: its `SendFacts`, its purpose, and the facts of the subjects that were asked.

    `is_first_text`: it is called a reply, but the person has not written within `EXCHANGE`; then its author is warned
    of consent and quiet hours, as for a text that begins something.
    """

    send: SendFacts
    rule: PurposeRule
    subjects: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    is_first_text: bool = False

    def as_json(self, warnings: tuple[Verdict, ...] = ()) -> dict[str, Any]:
        """The facts as they are kept with the decision; an answer within an exchange has those of `SendFacts` only."""
        kept = self.send.as_json()
        if self.is_first_text:
            kept["is_first_text"] = True
        if self.subjects:
            kept["rule"] = asdict(self.rule)
        kept |= {name: asdict(facts) for name, facts in self.subjects.items()}
        if warnings:
            kept["warnings"] = [{"code": one.code, "for_agent": one.for_agent} for one in warnings]
        return kept


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What is to become of a text, and what its author is warned of although it may go."""

    verdict: Verdict = ALLOW
    warnings: tuple[Verdict, ...] = ()


def decide(known: Known, *, at: datetime) -> Answer:
    """Allow, hold or deny one text that would leave `at`. The law and what can't work first, then each subject."""
    why = refusal(known.send)
    if why is not None:
        return Answer(verdict=deny(why.code, worded(why)))
    if is_notice(known.send):
        return Answer()
    doubt = _doubt(known)
    rule = INTERNAL["first_text"] if known.is_first_text else known.rule
    said = {name: VERDICTS[name](known.subjects[name], rule=rule, at=at) for name in VERDICTS if name in known.subjects}
    if not known.is_first_text:
        return Answer(verdict=strictest([*said.values(), doubt]))
    binding = [said.pop(name) for name in list(said) if name in BINDING]
    warnings = tuple(one for one in said.values() if one.kind != "allow")
    return Answer(verdict=strictest([*binding, doubt]), warnings=warnings)


def _doubt(known: Known) -> Verdict:
    """While somebody may have asked us to stop, only the one question that settles it goes out."""
    if not known.send.is_in_doubt or known.send.purpose == ANSWERS_DOUBT:
        return ALLOW
    return hold(IN_DOUBT.code, t(IN_DOUBT.for_agent), until=None)


def is_notice(facts: SendFacts) -> bool:
    """Whether it is Twoway's own answer to a keyword."""
    return facts.purpose in NOTICES and facts.author == "system"


def in_time(answer: Answer, *, expires_at: datetime | None) -> Answer:
    """The same, but what is held past the end of its validity may not go: it would be late or never."""
    verdict = answer.verdict
    if verdict.kind != "hold" or verdict.until is None or expires_at is None or verdict.until < expires_at:
        return answer
    late = t("{why} By then this text is no longer valid.", why=verdict.for_agent)
    return replace(answer, verdict=deny(verdict.code, late))


def held_until(verdict: Verdict, *, at: datetime) -> datetime:
    """When a held text is looked at again."""
    return max(verdict.until, at) if verdict.until is not None else at + LOOK_AGAIN


def is_exchange(last_inbound_at: datetime | None, *, at: datetime) -> bool:
    """Whether a text at this time still answers what the customer wrote."""
    return last_inbound_at is not None and at - last_inbound_at <= EXCHANGE


def expiry(*, starts: datetime, rule: PurposeRule, reply_seconds: int, asked: datetime | None) -> datetime:
    """When a text is too old to send: as its author said, else as its purpose, else as the workspace's replies."""
    if asked is not None:
        return asked
    hours = rule.validity_hours
    return starts + (timedelta(seconds=reply_seconds) if hours is None else timedelta(hours=hours))
