"""Delivery, reactions and jobs. Any number of workers, on any number of hosts, share the work."""

from __future__ import annotations

import argparse
from importlib import import_module

from twoway.ops.loops import LANES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which lanes it works on."""
    parser.add_argument(
        "--lanes",
        metavar="LANES",
        type=_lanes,
        default=LANES,
        help=f"some of {','.join(LANES)}, separated by commas; all of them by default",
    )
    parser.add_argument("--demo", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Work until told to stop; returns 0 after the drain. Only here Django is loaded."""
    with import_module("twoway.ops.database").database(args):
        status: int = import_module("twoway.ops.worker").main(args.lanes, is_demo=args.demo)
    return status


def _lanes(text: str) -> tuple[str, ...]:
    lanes = tuple(word.strip() for word in text.split(",") if word.strip())
    unknown = [lane for lane in lanes if lane not in LANES]
    if unknown or not lanes:
        raise argparse.ArgumentTypeError(f"choose from {', '.join(LANES)}")
    return lanes
