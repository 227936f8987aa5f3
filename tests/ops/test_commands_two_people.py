"""The command about two-person rules: the operator sees them, and switches them off where nobody in the desk could."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.ops.test_commands_setup import Operator, operator
from twoway.events.models import AuditEntry
from twoway.teams.approvals.models import TwoPeople
from twoway.teams.models import Workspace

__all__ = ["operator"]


def test_the_operator_switches_rules_off_alone(operator: Operator) -> None:
    workspace = Workspace.objects.get()
    assert operator.json("two-people", "list") == {"on": []}
    TwoPeople.objects.create(workspace=workspace, rules=["erase", "export", "lift"], changed_at=datetime.now(UTC))
    assert "erase, export, lift" in operator.run("two-people", "list").out
    assert operator.json("two-people", "off", "erase", "lift") == {"on": ["export"]}
    entry = AuditEntry.objects.filter(action="approval.rules_changed").get()
    assert (entry.actor, entry.data["after"]) == ("system: operator", ["export"])
    assert operator.json("two-people", "off", "export") == {"on": []}
