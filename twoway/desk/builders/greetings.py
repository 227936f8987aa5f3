"""Why an automatic text went, in sentences for whoever reads the thread."""

from __future__ import annotations

from collections.abc import Iterator

from twoway.lib.words import noted, t, tn
from twoway.messaging.greeting.queries import Promise, Told
from twoway.messaging.greeting.wording import rules as wording

_REASONS = {
    "welcome": noted("They texted this number for the first time."),
    "after_hours": noted("They texted while you were closed."),
    "wait": noted("They began to wait for an answer."),
    "late": noted("The answer was about to take longer than they had been told."),
}
_OUTCOMES = {
    "": noted("It is not decided yet whether that is kept."),
    "kept": noted("That was kept."),
    "broken": noted("That was not kept."),
    "void": noted("Nothing came of that: the conversation ended, or no time was named."),
}


def sentences(told: Told) -> list[str]:
    """Which automatic text it is, why it went, and what its words about time rest on."""
    return list(_sentences(told))


def _sentences(told: Told) -> Iterator[str]:
    kind = told.greeting.kind
    yield t("Automatic reply: {kind}.", kind=t(wording.LABELS[kind]))
    yield t(_REASONS[kind])
    if told.promise is not None and ("basis" in told.greeting.why or kind == "late"):
        yield from _promise(told.promise)


def _promise(promise: Promise) -> Iterator[str]:
    basis = promise.basis
    yield tn(
        "{percentile} in a hundred of {n} answer looked at came within {minutes} minutes.",
        "{percentile} in a hundred of {n} answers looked at came within {minutes} minutes.",
        int(basis.get("cases", 0)),
        percentile=round(float(basis.get("looked_up", promise.percentile / 100)) * 100),
        minutes=f"{promise.estimate_seconds / 60:.0f}",
    )
    if promise.said_minutes is None:
        yield t("They were told: more than an hour.")
    else:
        yield tn("They were told: within {n} minute.", "They were told: within {n} minutes.", promise.said_minutes)
    yield t(_OUTCOMES[promise.outcome])
