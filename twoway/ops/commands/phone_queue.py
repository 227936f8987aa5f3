"""`twoway phone-queue`: phone queues that offer a text, and what their offers brought."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

from twoway.messaging.deflection import actions, queries
from twoway.messaging.deflection.models import PhoneQueue
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    add_workspace(action("list", "the phone queues there are, with their addresses", _list))
    add = action("add", "make a phone queue", _add)
    add.add_argument("name", metavar="NAME")
    add.add_argument("channel", type=int, metavar="CHANNEL-ID", help="the number that texts")
    add.add_argument("--waiting", type=int, default=5, metavar="N", help="offer a text from so many calls on (5)")
    add.add_argument("--seconds", type=int, default=180, metavar="N", help="or from so long a wait on (180)")
    add_workspace(add)
    report = action("report", "what offers brought", _report)
    report.add_argument("--days", type=int, default=30, choices=range(1, 366), metavar="N", help="so many days (30)")
    add_workspace(report)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _list(args: argparse.Namespace) -> int:
    found = [_document(queue) for queue in queries.queues(operator_of(args))]
    return printing.show(args, {"items": found}, lambda: [_line(queue) for queue in found])


def _add(args: argparse.Namespace) -> int:
    made = actions.save_queue(
        by=operator_of(args),
        at=datetime.now(UTC),
        name=args.name,
        channel_id=args.channel,
        over_waiting=args.waiting,
        over_seconds=args.seconds,
    )
    found = _document(made)
    return printing.show(args, found, lambda: [_line(found)])


def _report(args: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    found = queries.report(operator_of(args).workspace_id, start=at - timedelta(days=args.days), end=at, at=at)
    names = ("offered", "accepted", "declined", "conversations", "solved", "unsolved", "open", "saved_seconds")
    told = {name: getattr(found, name) for name in names}
    return printing.show(args, told, lambda: [f"{name.replace('_', ' '):<14} {value}" for name, value in told.items()])


def _document(queue: PhoneQueue) -> dict[str, Any]:
    return {
        "phone_queue_id": queue.pk,
        "name": queue.name,
        "channel_id": queue.channel_id,
        "is_on": queue.is_on,
        "over_waiting": queue.over_waiting,
        "over_seconds": queue.over_seconds,
        "url": queries.state_url(queue),
    }


def _line(queue: dict[str, Any]) -> str:
    return f"{queue['phone_queue_id']:>5}  {queue['name']:<24} {queue['url']}"
