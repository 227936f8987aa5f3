"""The desk, the API and the webhooks, in one process or several that share a socket."""

from __future__ import annotations

import argparse
import os
import socket
from importlib import import_module

from twoway.lib import env
from twoway.ops import listening
from twoway.ops.commands.serve import add_address, web_parts
from twoway.ops.embedded import leased
from twoway.ops.say import say
from twoway.ops.supervisor import Supervisor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen and in how many processes."""
    add_address(parser)
    parser.add_argument(
        "--processes",
        metavar="N",
        type=int,
        default=env.integer("TWOWAY_WEB_PROCESSES", 1, least=1, most=64),
        help="TWOWAY_WEB_PROCESSES, else 1",
    )
    parser.add_argument("--socket", metavar="FD", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--sibling", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop; returns 0 after the drain."""
    if args.socket is not None:
        return _serve(args, socket.socket(fileno=args.socket))
    listener = listening.listen(args.host, args.port)
    os.environ["PORT"] = str(listener.getsockname()[1])
    if args.processes == 1:
        return _serve(args, listener)
    return _supervise(args, listener)


def _serve(args: argparse.Namespace, listener: socket.socket) -> int:
    """Only from here on Django is loaded."""
    status: int = import_module("twoway.ops.web").main(args, listener)
    return status


def _supervise(args: argparse.Namespace, listener: socket.socket) -> int:
    with listener, leased(args.data) as cluster:
        shared = [cluster.lease_descriptor] if cluster else []
        supervisor = Supervisor(
            drain_seconds=env.integer("TWOWAY_DRAIN_SECONDS", 20, least=1, most=600),
            on_ready=lambda name: say("part_ready", part=name),
        )
        return supervisor.run(web_parts(count=args.processes, data=args.data, listener=listener, descriptors=shared))
