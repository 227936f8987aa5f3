"""The judgement of texts: keywords first, then patterns and the classifier together. For the worker and the command."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from twoway.compliance.revocation import classifier, rules
from twoway.compliance.revocation.rules import Verdict


def judge(
    texts: Sequence[str], *, languages: Collection[str] = (), own: Mapping[str, str] | None = None
) -> list[Verdict]:
    """A verdict for each text, in order. Texts of a batch are read together, which is faster than one by one."""
    verdicts = [rules.by_keyword(text, languages=languages, own=own) for text in texts]
    asked = [
        [] if known else rules.questions(text, may_matter=classifier.may_matter)
        for text, known in zip(texts, verdicts, strict=True)
    ]
    odds = iter(classifier.odds([question for one in asked for question in one]))
    return [
        known or rules.by_odds(text, [next(odds) for _ in questions])
        for text, known, questions in zip(texts, verdicts, asked, strict=True)
    ]
