"""What purposes are called: Twoway's own in the reader's language, a workspace's own as they were typed."""

from __future__ import annotations

from twoway.compliance.purposes.rules import GIVEN, INTERNAL, PurposeRule
from twoway.lib.words import t


def label_of(rule: PurposeRule) -> str:
    """The name of a purpose. One that came with Twoway is worded, unless the workspace calls it something else."""
    known = GIVEN.get(rule.slug) or INTERNAL.get(rule.slug)
    return t(rule.label) if known is not None and known.label == rule.label else rule.label
