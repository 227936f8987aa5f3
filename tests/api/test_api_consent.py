"""Consent over the API: recorded by purpose, read, and proven."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.compliance.consent.models import ConsentEntry
from twoway.events.models import AuditEntry
from twoway.teams.approvals.models import TwoPeople
from twoway.teams.models import Workspace

AGREED: dict[str, Any] = {
    "purpose": "promotion",
    "change": "granted",
    "level": "written",
    "disclosure": "By checking this box…",
    "source_url": "https://shop.example/checkout",
    "ip": "203.0.113.9",
}


@pytest.fixture
def place(channel: Channel, now: datetime) -> str:
    """Where Dana's consent is."""
    return f"/contacts/{make.make_conversation(channel, at=now, messages=1, name='Dana').contact_id}/consent"


def test_consent_is_recorded_and_read(program: Program, place: str) -> None:
    made = program.post(place, AGREED)
    assert (made.status, made.json["position"], made.json["change"]) == (201, 1, "granted")
    entry = ConsentEntry.objects.get()
    assert (entry.method, entry.level, entry.proof["ip"]) == ("api", "written", "203.0.113.9")
    assert len(entry.proof["disclosure_hash"]) == 64
    (found,) = program.get(place).json["purposes"]
    assert (found["purpose"], found["state"], found["level"]) == ("promotion", "granted", "written")
    assert program.post(place, {"purpose": "promotion", "change": "withdrawn"}).status == 201
    assert program.get(place).json["purposes"][0]["state"] == "withdrawn"
    assert AuditEntry.objects.filter(action__startswith="consent.").count() == 2


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"purpose": "gossip"}, "purpose"),
        ({"purpose": "all", "change": "withdrawn"}, "purpose"),
        ({"identity_id": 999_999}, "identity_id"),
        ({"level": "total"}, "level"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_refused(program: Program, place: str, change: dict[str, Any], field: str) -> None:
    refused = program.post(place, AGREED | change)
    assert (refused.status, refused.fields) == (422, [field])
    assert not ConsentEntry.objects.exists()


def test_the_proof_is_for_managers_and_audited(
    program: Program, ana: Player, cleo: Player, program_of: Callable[..., Program], place: str
) -> None:
    program.post(place, AGREED)
    proof = program_of(ana, role="manager").get(f"{place}/proof")
    assert (proof.status, proof.json["chain"]["is_whole"], len(proof.json["entries"])) == (200, True, 1)
    assert AuditEntry.objects.filter(action="consent.proof_exported").count() == 1
    assert program_of(ana, role="agent").get(f"{place}/proof").status == 403
    assert program_of(cleo, role="owner").get(f"{place}/proof").status == 404
    assert Program().ask("GET", f"{place}/proof").status == 401


def test_where_exports_take_two_people_a_program_gets_no_proof(
    ana: Player, program_of: Callable[..., Program], place: str, workspace: Workspace, now: datetime
) -> None:
    TwoPeople.objects.create(workspace=workspace, rules=["export"], changed_at=now)
    refused = program_of(ana, role="owner").get(f"{place}/proof")
    assert (refused.status, refused.code) == (409, "second_person")
    assert not AuditEntry.objects.filter(action="consent.proof_exported").exists()
