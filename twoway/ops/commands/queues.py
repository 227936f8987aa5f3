"""`twoway queues`: who waits in which queue, and who is there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of
from twoway.routing import queries
from twoway.routing.queries import Queue, QueueState

HEADS = ("id", "queue", "waiting", "longest", "online", "room")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    add_workspace(action("list", "the queues in their order, and how each stands now", _list))
    waiting = action("waiting", "who waits in a queue, longest first; at most 200", _waiting)
    waiting.add_argument("queue", type=int, metavar="QUEUE-ID")
    add_workspace(waiting)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _list(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    states = {one.id: one for one in queries.state_of(by.workspace_id, at)}
    found = [_document(row, states.get(row.pk)) for row in queries.queues(by)]
    return printing.show(args, {"items": found}, lambda: _table(found, at))


def _document(row: Queue, state: QueueState | None) -> dict[str, Any]:
    oldest = state.oldest_at if state else None
    return {
        "queue_id": row.pk,
        "name": row.name,
        "team_id": row.team_id,
        "mode": row.mode,
        "priority": row.priority,
        "is_default": row.is_default,
        "is_active": row.is_active,
        "waiting": state.waiting if state else None,
        "oldest_at": oldest.isoformat() if oldest else None,
        "online": state.online if state else None,
        "free": state.free if state else None,
    }


def _table(found: list[dict[str, Any]], at: datetime) -> Iterator[str]:
    """Columns under their heads; no table where there is no queue."""
    if not found:
        yield "No queues: everybody takes what they like."
        return
    width = max(len(HEADS[1]), *(len(one["name"]) for one in found))
    yield f"{HEADS[0]:>5}  {HEADS[1]:<{width}}" + "".join(f"  {head:>8}" for head in HEADS[2:])
    for one in found:
        cells = (one["waiting"], _minutes(one["oldest_at"], at), one["online"], one["free"])
        told = ("off", "", "", "") if one["waiting"] is None else cells
        yield f"{one['queue_id']:>5}  {one['name']:<{width}}" + "".join(f"  {cell:>8}" for cell in told)


def _minutes(since: str | None, at: datetime) -> str:
    return f"{int((at - datetime.fromisoformat(since)).total_seconds() // 60)} min" if since else ""


def _waiting(args: argparse.Namespace) -> int:
    by = operator_of(args)
    queue = queries.access_queue(by, args.queue)
    found = [
        {
            "conversation_id": one.conversation_id,
            "priority": one.priority,
            "entered_at": one.entered_at.isoformat(),
            "rule": one.rule_name,
        }
        for one in queries.waiting(by.workspace_id, queue_id=queue.pk)
    ]
    lines = (f"{one['conversation_id']:>8}  priority {one['priority']}  {one['entered_at']}" for one in found)
    return printing.show(args, {"items": found}, lambda: lines)
