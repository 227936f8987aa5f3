"""`twoway audit`: are the audit trail and the consent ledger as they were written?

Note the last hashes somewhere else now and then. Who can change the whole database could also write a new chain, but
not one that holds a hash you noted.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from twoway.compliance.consent.queries import entries, verify
from twoway.events.queries import audit_entries, follow_audit
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of
from twoway.teams.models import Workspace

CHAINS = {"audit": "audit trail", "consent": "consent ledger"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    one = action("verify", "compute both chains again, say where one breaks, print their last hashes", _verify)
    add_workspace(one)
    one.add_argument(
        "--audit-head", metavar="HASH", help="a last hash of the audit trail you noted: is it still there?"
    )
    one.add_argument("--consent-head", metavar="HASH", help="the same for the consent ledger")


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _verify(args: argparse.Namespace) -> int:
    ids = (
        [operator_of(args).workspace_id]
        if args.workspace
        else list(Workspace.objects.order_by("id").values_list("id", flat=True))
    )
    checked = [chain for workspace_id in ids for chain in _chains(workspace_id)]
    noted = list(_noted(args, ids))
    is_whole = all(chain["is_whole"] for chain in checked) and all(one["is_there"] for one in noted)
    printing.show(
        args,
        {"ok": is_whole, "chains": checked, "noted": noted},
        lambda: [*map(_line, checked), *map(_noted_line, noted)],
    )
    if is_whole:
        return 0
    broken = next((_line(chain) for chain in checked if not chain["is_whole"]), None)
    return printing.fail(broken or "A hash you noted is not in its chain any more: it was written anew.")


def _chains(workspace_id: int) -> Iterator[dict[str, Any]]:
    trail = follow_audit(workspace_id)
    yield {
        "workspace_id": workspace_id,
        "chain": "audit",
        "is_whole": trail.broken_id is None,
        "entries": trail.checked,
        "head": trail.last_hash,
        "broken_at": trail.broken_id,
        "why": None if trail.broken_id is None else "an entry was changed or follows a missing one",
    }
    ledger = verify(workspace_id)
    yield {
        "workspace_id": workspace_id,
        "chain": "consent",
        "is_whole": ledger.broken_at == 0,
        "entries": ledger.count,
        "head": ledger.head,
        "broken_at": ledger.broken_at or None,
        "why": ledger.why or None,
    }


def _noted(args: argparse.Namespace, ids: list[int]) -> Iterator[dict[str, Any]]:
    """Whether the hashes that were noted before are still in a chain."""
    for name, wanted, rows_of in (("audit", args.audit_head, audit_entries), ("consent", args.consent_head, entries)):
        if wanted:
            is_there = any(rows_of(workspace_id).filter(hash=wanted.lower()).exists() for workspace_id in ids)
            yield {"chain": name, "hash": wanted.lower(), "is_there": is_there}


def _line(chain: dict[str, Any]) -> str:
    told = f"{CHAINS[chain['chain']]} of workspace {chain['workspace_id']}"
    if chain["is_whole"]:
        return f"ok    {told}: {chain['entries']} entries, last hash {chain['head']}"
    return f"broken  {told} at entry {chain['broken_at']}: {chain['why']}"


def _noted_line(noted: dict[str, Any]) -> str:
    return f"{'ok' if noted['is_there'] else 'gone'}    {CHAINS[noted['chain']]}: noted hash {noted['hash']}"
