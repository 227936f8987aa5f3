"""What compliance answers about one text: it may go, it must wait until a time, or it may not go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """An answer with its reason: a stable `code`, and a sentence for whoever wrote the text.

    A `hold` passes at `until` (aware, UTC) by itself; without `until` it waits until somebody acts.
    """

    kind: Literal["allow", "hold", "deny"]
    code: str = ""
    for_agent: str = ""
    until: datetime | None = None


ALLOW = Verdict(kind="allow")


def deny(code: str, for_agent: str) -> Verdict:
    """May not go."""
    return Verdict(kind="deny", code=code, for_agent=for_agent)


def hold(code: str, for_agent: str, *, until: datetime | None) -> Verdict:
    """Must wait."""
    return Verdict(kind="hold", code=code, for_agent=for_agent, until=until)


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """The first denial; else the hold that lasts longest (one without an end lasts longest); else `ALLOW`."""
    asked = list(verdicts)
    for verdict in asked:
        if verdict.kind == "deny":
            return verdict
    held = [verdict for verdict in asked if verdict.kind == "hold"]
    return max(held, key=lambda verdict: (verdict.until is None, verdict.until or EPOCH), default=ALLOW)
