"""The judgement of texts: keywords first, then patterns and the classifier together.

For the command, and for the process that reads what customers write (`reading`): it brings in the model's libraries.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from twoway.compliance.revocation import classifier, rules
from twoway.compliance.revocation.rules import Verdict


def judge(
    texts: Sequence[str], *, languages: Collection[str] = (), own: Mapping[str, str] | None = None
) -> list[Verdict]:
    """A verdict for each text, in order. Texts of a batch are read together, which is faster than one by one."""
    return rules.judged(texts, by_meaning=by_meaning, languages=languages, own=own)


def by_meaning(texts: Sequence[str]) -> list[Verdict]:
    """A verdict for each of these texts, which are no keywords, in order."""
    asked = [rules.questions(text, may_matter=classifier.may_matter) for text in texts]
    odds = iter(classifier.odds([question for one in asked for question in one]))
    return [rules.by_odds(text, [next(odds) for _ in questions]) for text, questions in zip(texts, asked, strict=True)]
