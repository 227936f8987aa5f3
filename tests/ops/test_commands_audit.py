"""`twoway audit verify`: whole chains, broken ones, and hashes that were noted."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.db import connection

from tests import make
from tests.ops.test_commands_setup import Operator, operator
from twoway.compliance.consent import actions
from twoway.events.actions import audit
from twoway.teams.actor import system
from twoway.teams.models import Workspace

__all__ = ["operator"]


@pytest.fixture
def workspace_id(operator: Operator) -> int:
    workspace = Workspace.objects.get()
    at, by = datetime.now(UTC), system(workspace.pk)
    dana = make.make_identity(make.make_contact(workspace, at=at), at=at)
    for _ in range(3):
        actions.grant(identity=dana, purpose="survey", level="express", method="form", at=at, by=by)
        audit(workspace_id=workspace.pk, actor="Ana", action="tried", subject="", data={}, at=at)
    return workspace.pk


def test_whole_chains_and_their_last_hashes(operator: Operator, workspace_id: int) -> None:
    told = operator.json("audit", "verify")
    assert told["ok"]
    chains = {chain["chain"]: chain for chain in told["chains"]}
    assert chains["consent"]["entries"] == 3
    heads = [chains["audit"]["head"], chains["consent"]["head"]]
    assert all(len(head) == 64 for head in heads)
    assert heads[1] in operator.run("audit", "verify", "--workspace", str(workspace_id)).out
    again = operator.json("audit", "verify", "--audit-head", heads[0], "--consent-head", heads[1].upper())
    assert [each["is_there"] for each in again["noted"]] == [True, True]


def test_a_hash_that_was_noted_and_is_gone(operator: Operator, workspace_id: int) -> None:
    ran = operator.run("audit", "verify", "--consent-head", "f" * 64)
    assert (ran.status, "written anew" in ran.err, "gone" in ran.out) == (1, True, True)


@pytest.mark.parametrize(
    ("table", "trigger", "chain"),
    [("consent_entry", "consent_append_only", "consent ledger"), ("audit_entry", "audit_append_only", "audit trail")],
)
def test_where_a_chain_breaks(operator: Operator, workspace_id: int, table: str, trigger: str, chain: str) -> None:
    changed = {"consent_entry": "by_name = 'Nobody'", "audit_entry": "actor = 'Nobody'"}[table]
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        cursor.execute(f"SELECT id FROM {table} ORDER BY id DESC LIMIT 1 OFFSET 1")
        row_id = cursor.fetchone()[0]
        cursor.execute(f"UPDATE {table} SET {changed} WHERE id = {row_id}")
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER {trigger}")
    assert f"{chain} of workspace {workspace_id} at entry" in operator.run("audit", "verify").err
    ran = operator.run("audit", "verify", "--json")
    found = {each["chain"]: each for each in json.loads(ran.out)["chains"]}
    name = "consent" if table == "consent_entry" else "audit"
    assert (ran.status, found[name]["is_whole"], found[name]["broken_at"] is None) == (1, False, False)
