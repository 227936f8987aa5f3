"""Arguments that several commands share, and what they mean."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from django.db.models import QuerySet

from twoway.ops.errors import CommandFailed
from twoway.teams import actor
from twoway.teams.actor import Actor
from twoway.teams.models import Workspace

Action = Callable[[argparse.Namespace], int]


def add_actions(parser: argparse.ArgumentParser) -> Callable[..., argparse.ArgumentParser]:
    """A maker of the second words of a command (`channel add`), each of which takes --data and --json too."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)

    def add(name: str, does: str, action: Action) -> argparse.ArgumentParser:
        made = actions.add_parser(name, help=does, description=does)
        made.add_argument("--data", default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS)
        made.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document and nothing else"
        )
        made.set_defaults(do=action)
        return made

    return add


def add_workspace(parser: argparse.ArgumentParser) -> None:
    """`--workspace`, needed only where there are several."""
    parser.add_argument("--workspace", metavar="NAME-OR-ID", help="which workspace, where there are several")


def operator_of(args: argparse.Namespace) -> Actor:
    """The operator at the command line, in the workspace that was meant. Raises `CommandFailed`."""
    return actor.system(_workspace(args.workspace).pk, name="operator")


def _workspace(wanted: str | None) -> Workspace:
    found = list(_matching(wanted)[:2])
    if len(found) == 1:
        return found[0]
    if wanted is None:
        raise CommandFailed("There is no workspace yet. Run twoway init." if not found else "Say which --workspace.")
    raise CommandFailed(f"There is no workspace {wanted!r}." if not found else f"Several are called {wanted!r}.")


def _matching(wanted: str | None) -> QuerySet[Workspace]:
    every = Workspace.objects.order_by("id")
    if wanted is None:
        return every
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
        return every.filter(id=int(wanted))
    return every.filter(name__iexact=wanted)


def settings_of(pairs: Sequence[str]) -> dict[str, str]:
    """`key=value` words as a mapping; `key=-` reads one line, or one key file, of standard input.

    Raises `CommandFailed`.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise CommandFailed(f"Write --set key=value, not {pair!r}.")
        found[key.strip()] = _from_input() if value == "-" else value
    return found


def _from_input() -> str:
    """The next line; of a key file (PEM, RFC 7468) every line to its end."""
    line = sys.stdin.readline()
    lines = [line]
    while lines[0].startswith("-----BEGIN ") and line and not line.startswith("-----END "):
        line = sys.stdin.readline()
        lines.append(line)
    return "".join(lines).rstrip("\r\n")
