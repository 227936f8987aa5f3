"""`twoway demo`: load the demo workspace, unless there is one. `twoway serve --demo` does it first."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from twoway.ops import demo, printing


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only the common ones."""


def run(args: argparse.Namespace) -> int:
    """Load it and print how to sign in."""
    result = demo.load(at=datetime.now(UTC))
    made = {
        "workspace_id": result.workspace_id,
        "email": result.email,
        "password": result.password,
        "is_new": result.is_new,
    }
    return printing.show(args, made, lambda: _lines(result))


def _lines(result: demo.DemoResult) -> list[str]:
    if result.password is None:
        return [f"Sign in as {result.email}; for a new password run twoway password-link {result.email}."]
    return [f"Sign in as {result.email} with the password {result.password}  (kept in {result.password_file})"]
