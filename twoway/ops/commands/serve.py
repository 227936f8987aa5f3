"""Everything in one: the embedded PostgreSQL if there is no DATABASE_URL, migrations, web and worker."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from twoway.lib import env
from twoway.ops import listening, printing
from twoway.ops.embedded import leased
from twoway.ops.errors import CommandFailed
from twoway.ops.postgres import Cluster, PostgresError
from twoway.ops.say import say
from twoway.ops.supervisor import Part, Supervisor

_RESTART_SECONDS = 30.0
_TIDY_SECONDS = 3600.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen, and whether to load the demo workspace."""
    add_address(parser)
    parser.add_argument("--demo", action="store_true", help="load a demo workspace first, unless there is one")


def add_address(parser: argparse.ArgumentParser) -> None:
    """--host and --port."""
    parser.add_argument("--host", metavar="H", default=env.text("HOST", "127.0.0.1"), help="HOST, else 127.0.0.1")
    parser.add_argument(
        "--port",
        metavar="N",
        type=_port,
        default=env.integer("PORT", 8000, least=0, most=65535),
        help="PORT, else 8000; 0 takes a free one",
    )


def _port(word: str) -> int:
    if not (word.isascii() and word.isdigit() and int(word) <= 65535):
        raise argparse.ArgumentTypeError(f"{word!r} is not a port: write a number from 0 to 65535")
    return int(word)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; returns 0 after a drain, 1 when the tables could not be brought up to date."""
    with listening.listen(args.host, args.port) as listener:
        os.environ["PORT"] = str(listener.getsockname()[1])
        with leased(args.data) as cluster:
            keeper = Keeper(cluster)
            supervisor = Supervisor(
                drain_seconds=env.integer("TWOWAY_DRAIN_SECONDS", 20, least=1, most=600),
                on_tick=keeper.tick,
                on_ready=Announcement(args, listening.url(listener)).ready,
            )
            shared = [cluster.lease_descriptor] if cluster else []
            words = ["migrate", "--then-demo"] if args.demo else ["migrate"]
            status = supervisor.run_to_end(part(words, data=args.data, descriptors=shared))
            if supervisor.is_stopping:
                return 0
            if status != 0:
                raise CommandFailed(f"twoway {' '.join(words)} failed, so nothing was started. Its reason is above.")
            return supervisor.run(_parts(args, listener, shared))


def part(words: Sequence[str], *, data: Path, name: str = "", descriptors: Sequence[int] = ()) -> Part:
    """A `twoway` command as a process of its own."""
    argv = [sys.executable, "-m", "twoway", *words, "--data", str(data)]
    return Part(name=name or words[0], argv=argv, descriptors=descriptors)


def web_parts(*, count: int, data: Path, listener: socket.socket, descriptors: Sequence[int] = ()) -> list[Part]:
    """Web processes that share one listening socket. What is to be said once, the first of them says."""
    words = ["web", "--socket", str(listener.fileno())]
    names = ["web"] if count == 1 else [f"web-{number}" for number in range(1, count + 1)]
    return [
        part(
            words if name == names[0] else [*words, "--sibling"],
            data=data,
            name=name,
            descriptors=[listener.fileno(), *descriptors],
        )
        for name in names
    ]


def _parts(args: argparse.Namespace, listener: socket.socket, descriptors: Sequence[int]) -> list[Part]:
    count = env.integer("TWOWAY_WEB_PROCESSES", 1, least=1, most=64)
    return [
        *web_parts(count=count, data=args.data, listener=listener, descriptors=descriptors),
        part(["worker", "--demo"] if args.demo else ["worker"], data=args.data, descriptors=descriptors),
    ]


class Announcement:
    """Says where the desk is, once a web process is there."""

    def __init__(self, args: argparse.Namespace, url: str) -> None:
        self._args = args
        self._url = url
        self._is_made = False

    def ready(self, name: str) -> None:
        """A part is at work."""
        say("part_ready", part=name)
        if name != "web" or self._is_made:
            return
        self._is_made = True
        document = {"url": self._url, "data": str(self._args.data)}
        printing.show(self._args, document, lambda: [f"Twoway is on {self._url}  (data in {self._args.data})"])


class Keeper:
    """Keeps the embedded server running."""

    def __init__(self, cluster: Cluster | None) -> None:
        self._cluster = cluster
        self._failures = 0
        self._try_at = 0.0
        self._tidy_at = time.monotonic() + _TIDY_SECONDS

    def tick(self) -> None:
        """Start the server again if it is gone, and keep its log small; about once a second."""
        if self._cluster is None:
            return
        now = time.monotonic()
        if now >= self._try_at and not self._cluster.is_running() and not self._cluster.is_ready():
            self._start_again(self._cluster)
        if now >= self._tidy_at:
            self._cluster.tidy_log()
            self._tidy_at = now + _TIDY_SECONDS

    def _start_again(self, cluster: Cluster) -> None:
        say("postgres_gone", level="warning")
        try:
            cluster.start(timeout=_RESTART_SECONDS)
        except PostgresError as error:
            self._failures += 1
            self._try_at = time.monotonic() + min(2.0**self._failures, 30.0)
            say("postgres_does_not_start", level="error", reason=str(error))
        else:
            self._failures = 0
            say("postgres_started_again")
