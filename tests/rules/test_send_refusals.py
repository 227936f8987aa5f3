"""Whether a text may be sent, fact by fact."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from twoway.compliance.rules import NOTICES, REFUSALS, Purpose, SendFacts, consent_state, refusal

FINE = SendFacts(
    purpose="reply",
    author="member",
    kind="phone",
    reach="",
    is_opted_out=False,
    is_blocked=False,
    is_channel_active=True,
)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, None),
        ({"is_opted_out": True}, "opted_out"),
        ({"is_opted_out": True, "author": "api"}, "opted_out"),
        ({"is_opted_out": True, "author": "system"}, "opted_out"),
        ({"is_opted_out": True, "author": "system", "purpose": "opt_out_notice"}, None),
        ({"is_opted_out": True, "author": "system", "purpose": "help_notice"}, None),
        ({"is_opted_out": True, "author": "api", "purpose": "opt_out_notice"}, "opted_out"),
        ({"is_opted_out": True, "author": "member", "purpose": "help_notice"}, "opted_out"),
        ({"is_blocked": True}, "blocked"),
        ({"is_blocked": True, "author": "system", "purpose": "opt_out_notice"}, None),
        ({"reach": "landline"}, "landline"),
        ({"reach": "unreachable"}, "unreachable"),
        ({"reach": "invalid"}, "unreachable"),
        ({"reach": "mobile"}, None),
        ({"kind": "alpha"}, "cannot_reply"),
        ({"kind": "short_code"}, None),
        ({"kind": "alpha", "author": "system", "purpose": "help_notice"}, "cannot_reply"),
        ({"is_channel_active": False}, "channel_inactive"),
        ({"is_opted_out": True, "is_blocked": True, "reach": "landline"}, "opted_out"),
    ],
)
def test_refusals(changes: dict[str, object], code: str | None) -> None:
    found = refusal(replace(FINE, **changes))  # type: ignore[arg-type]
    assert (found.code if found else None) == code


def test_nobody_but_twoway_reaches_someone_who_opted_out() -> None:
    """Whatever purpose a member or a program names, known or made up."""
    for purpose, author in product([*Purpose, "", "marketing", "OPT_OUT_NOTICE"], ["member", "api", "", "customer"]):
        found = refusal(replace(FINE, is_opted_out=True, purpose=purpose, author=author))
        assert found is not None, (purpose, author)
        assert found.code == "opted_out"


def test_only_notices_pass_an_opt_out() -> None:
    passing = {p for p in Purpose if refusal(replace(FINE, is_opted_out=True, purpose=p, author="system")) is None}
    assert passing == NOTICES


def test_every_refusal_has_a_code_and_a_sentence() -> None:
    assert len({found.code for found in REFUSALS}) == len(REFUSALS)
    assert all(found.for_agent.endswith(".") for found in REFUSALS)


@pytest.mark.parametrize(
    ("is_out", "has_lifted", "has_written", "expected"),
    [
        (False, False, False, "none"),
        (False, False, True, "in"),
        (False, True, False, "in"),
        (True, False, True, "out"),
        (True, True, True, "out"),
    ],
)
def test_consent_states(is_out: bool, has_lifted: bool, has_written: bool, expected: str) -> None:
    assert consent_state(is_opted_out=is_out, has_lifted=has_lifted, has_written=has_written) == expected
