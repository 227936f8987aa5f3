"""`twoway callbacks`: who was promised a call, and what came of it."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from twoway.messaging.callbacks import queries
from twoway.messaging.callbacks.models import Callback
from twoway.ops import printing
from twoway.ops.arguments import add_workspace, operator_of

BOXES = tuple(box for box in queries.BOXES if box != "mine")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    parser.add_argument("box", nargs="?", default="booked", choices=BOXES, help="which list (booked)")
    add_workspace(parser)


def run(args: argparse.Namespace) -> int:
    """Print one list."""
    rows = queries.listed(operator_of(args), args.box, at=datetime.now(UTC))
    found = [_document(row) for row in rows]
    return printing.show(args, {"items": found}, lambda: [_line(one) for one in found])


def _document(row: Callback) -> dict[str, Any]:
    return {
        "callback_id": row.pk,
        "conversation_id": row.conversation_id,
        "state": row.state,
        "starts_at": row.starts_at.isoformat() if row.starts_at else None,
        "ends_at": row.ends_at.isoformat() if row.ends_at else None,
        "caller_id": row.member_id,
        "attempt": row.attempt,
        "outcome": row.outcome or None,
    }


def _line(one: dict[str, Any]) -> str:
    return f"{one['callback_id']:>6}  {one['starts_at'] or '-':<28} {one['state']:<10} {one['outcome'] or ''}".rstrip()
