"""`twoway two-people`: what takes two people in the desk. The operator switches it off where nobody could agree."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of
from twoway.teams.approvals import actions
from twoway.teams.approvals.gate import rules_on
from twoway.teams.approvals.rules import Rule


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    add = add_actions(parser)
    add_workspace(add("list", "the rules that are on", _list))
    off = add("off", "switch rules off", _off)
    off.add_argument("rule", nargs="+", choices=[str(rule) for rule in Rule], metavar="RULE", help=", ".join(Rule))
    add_workspace(off)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _list(args: argparse.Namespace) -> int:
    return _show(args, rules_on(operator_of(args).workspace_id))


def _off(args: argparse.Namespace) -> int:
    return _show(args, actions.switch_off(by=operator_of(args), unwanted=args.rule, at=datetime.now(UTC)))


def _show(args: argparse.Namespace, on: frozenset[str]) -> int:
    words = ", ".join(sorted(on))
    return printing.show(args, {"on": sorted(on)}, lambda: [f"On: {words}" if words else "None is on."])
