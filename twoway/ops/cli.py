"""The `twoway` command. Each subcommand is a module with `add_arguments(parser)` and `run(args) -> int`.

Modules are loaded when their command is used, so `twoway serve` loads no Django.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from twoway.lib import env
from twoway.lib.refusal import Refused
from twoway.ops import printing
from twoway.ops.errors import CommandFailed
from twoway.ops.postgres import PostgresError

USAGE_ERROR = 2


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong; only --help prints the usage. Parsers of second words are made alike."""

    def error(self, message: str) -> NoReturn:
        """As argparse calls it: exit status 2."""
        line = " ".join(message.split())
        self.exit(USAGE_ERROR, f"{self.prog}: {line}. See {self.prog} --help.\n")


@dataclass(frozen=True)
class Command:
    """Where a command lives.

    With `needs_database`, Django is ready and the database there before the module is loaded; with `needs_tables`, also
    up to date, for the commands that may be somebody's first.
    """

    module: str
    does: str
    needs_database: bool = False
    needs_tables: bool = False


COMMANDS = {
    "serve": Command("twoway.ops.commands.serve", "everything in one: database, migrations, web and worker"),
    "web": Command("twoway.ops.commands.web", "the desk, the API and the webhooks"),
    "worker": Command("twoway.ops.commands.worker", "delivery, reactions and jobs"),
    "migrate": Command("twoway.ops.commands.migrate", "bring the database's tables up to date", needs_database=True),
    "init": Command(
        "twoway.ops.commands.init", "the first workspace and its owner", needs_database=True, needs_tables=True
    ),
    "channel": Command("twoway.ops.commands.channel", "the numbers we own", needs_database=True),
    "hours": Command("twoway.ops.commands.hours", "when somebody answers", needs_database=True),
    "queues": Command("twoway.ops.commands.queues", "who waits in which queue, and who is there", needs_database=True),
    "callbacks": Command("twoway.ops.commands.callbacks", "who was promised a call", needs_database=True),
    "phone-queue": Command("twoway.ops.commands.phone_queue", "phone queues that offer a text", needs_database=True),
    "pool": Command("twoway.ops.commands.pool", "several numbers behind one purpose", needs_database=True),
    "compare": Command(
        "twoway.ops.commands.compare", "compare with the providers' lists now", needs_database=True, needs_tables=True
    ),
    "number": Command("twoway.ops.commands.number", "buy, set up and give back numbers", needs_database=True),
    "token": Command("twoway.ops.commands.token", "tokens for programs that use the API", needs_database=True),
    "two-people": Command("twoway.ops.commands.two_people", "what takes a second person's yes", needs_database=True),
    "password-link": Command("twoway.ops.commands.password_link", "a link to set a new password", needs_database=True),
    "demo": Command(
        "twoway.ops.commands.demo",
        "load the demo workspace, unless there is one",
        needs_database=True,
        needs_tables=True,
    ),
    "audit": Command(
        "twoway.ops.commands.audit", "is the audit trail, is the consent ledger as it was written", needs_database=True
    ),
    "doctor": Command("twoway.ops.commands.doctor", "what is wrong and what to do about it", needs_database=True),
    "prices": Command("twoway.ops.commands.prices", "what texts cost: lists and your own prices", needs_database=True),
    "redact": Command("twoway.ops.commands.redact", "take card numbers and other secrets out of a text"),
    "revocation": Command("twoway.ops.commands.revocation", "whether a text asks to stop texting, and why"),
    "segments": Command("twoway.ops.commands.segments", "how a text is encoded and how many parts it costs"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns 0 when done, 1 when refused or failed (standard error says why), 2 on wrong usage."""
    words = list(sys.argv[1:] if argv is None else argv)
    name = words.pop(0) if words else ""
    if name in ("-h", "--help", "help"):
        print(_overview())
        return 0
    if name == "--version":
        print(import_module("importlib.metadata").version("twoway"))
        return 0
    if name not in COMMANDS:
        print(f"twoway: there is no command {name!r}. See twoway --help." if name else _overview(), file=sys.stderr)
        return USAGE_ERROR
    try:
        return _run(name, COMMANDS[name], words)
    except KeyboardInterrupt:
        return printing.fail("Interrupted.")
    except Exception as error:
        return _explain(error)


def _run(name: str, command: Command, words: list[str]) -> int:
    common = _common_arguments(name)
    known, _ = common.parse_known_args(words)
    os.environ["TWOWAY_DATA"] = str(known.data)
    with _surroundings(command, known, is_help="-h" in words or "--help" in words):
        module = import_module(command.module)
        parser = Parser(prog=f"twoway {name}", description=module.__doc__, parents=[common], allow_abbrev=False)
        module.add_arguments(parser)
        status: int = module.run(parser.parse_args(words))
    return status


def _surroundings(command: Command, args: argparse.Namespace, *, is_help: bool) -> AbstractContextManager[None]:
    """What must be there before the command's module can be loaded."""
    if not (command.needs_database or command.needs_tables):
        return nullcontext()
    database = import_module("twoway.ops.database")
    if is_help:
        surroundings: AbstractContextManager[None] = database.without_database()
    else:
        surroundings = database.database(args, up_to_date=command.needs_tables)
    return surroundings


def _common_arguments(name: str) -> argparse.ArgumentParser:
    common = Parser(prog=f"twoway {name}", add_help=False, allow_abbrev=False)
    common.add_argument(
        "--data",
        metavar="DIR",
        type=lambda text: Path(text).expanduser().absolute(),
        default=env.folder("TWOWAY_DATA", "var"),
        help="the data folder (TWOWAY_DATA, else ./var)",
    )
    common.add_argument("--json", action="store_true", help="print one JSON document on standard output")
    return common


def _explain(error: Exception) -> int:
    """One line that a person can act on; the whole story with TWOWAY_DEBUG."""
    if env.flag("TWOWAY_DEBUG"):
        traceback.print_exception(error)
    known = isinstance(error, CommandFailed | PostgresError | Refused | env.BadSetting)
    return printing.fail(str(error) if known else f"{type(error).__name__}: {error}")


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:{width}}  {command.does}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: twoway COMMAND [--data DIR] [--json] ...", "", *lines])
