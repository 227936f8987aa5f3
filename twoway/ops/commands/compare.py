"""`twoway compare`: what the providers' own lists say we received, beside what is stored; what is missing comes in."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import Any

from twoway.messaging.comparing import Looked, compare_all
from twoway.ops import printing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which channel, and how far back."""
    parser.add_argument("--channel", type=int, metavar="ID", help="this channel only")
    parser.add_argument(
        "--hours", type=float, metavar="N", help="look back this far (since the last time; 168 at most)"
    )


def run(args: argparse.Namespace) -> int:
    """Compare now. Exit status 1 when a list could not be read."""
    at = datetime.now(UTC)
    if args.hours is not None and not 0 < args.hours <= 168:
        return printing.fail("--hours must be above 0 and at most 168.")
    since = None if args.hours is None else at - timedelta(hours=args.hours)
    looked = compare_all(at=at, channel_id=args.channel, since=since)
    if args.channel is not None and not looked:
        return printing.fail(f"There is no active channel {args.channel}.")
    printing.show(args, {"items": [_document(one) for one in looked]}, lambda: [_line(one) for one in looked])
    failed = sum(one.found is not None and bool(one.found.error) for one in looked)
    return printing.fail(f"{failed} of {len(looked)} lists could not be read.") if failed else 0


def _document(one: Looked) -> dict[str, Any]:
    told: dict[str, Any] = {"channel_id": one.channel_id, "address": one.address, "has_list": one.found is not None}
    if one.found is not None:
        told |= {name: getattr(one.found, name) for name in ("since", "until", "listed", "filled", "asked", "changed")}
        told["error"] = one.found.error or None
    return told


def _line(one: Looked) -> str:
    found = one.found
    if found is None:
        return f"{one.address}: nothing to compare."
    if found.error:
        return f"{one.address}: {found.error}"
    return (
        f"{one.address}: {found.listed} in the provider's list, {found.filled} were missing and came in;"
        f" {found.asked} of ours were asked after, {found.changed} are further now."
    )
