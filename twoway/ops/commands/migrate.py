"""Bring the database's tables up to date. Several hosts may do it at once; one does the work."""

from __future__ import annotations

import argparse
from importlib import import_module

from twoway.ops import checks, database, printing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own, but what `twoway serve --demo` asks for: one process starts sooner than two."""
    parser.add_argument("--then-demo", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Apply what is missing and say what was applied; first refuse settings nothing can be served with."""
    checks.refuse_bad_settings()
    applied = database.migrate()
    told = f"{len(applied)} migrations applied." if applied else "The database is up to date."
    status = printing.show(args, {"applied": applied}, lambda: [told])
    return import_module("twoway.ops.commands.demo").run(args) if args.then_demo else status
