"""`twoway pool`: several numbers behind one purpose."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import Any

from twoway.channels import queries as channels
from twoway.channels.health import queries as health
from twoway.channels.models import Pool
from twoway.channels.pools import actions, queries
from twoway.messaging import pooling
from twoway.ops import printing
from twoway.ops.arguments import add_actions, add_workspace, operator_of


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The command's own arguments."""
    action = add_actions(parser)
    add_workspace(action("list", "the pools there are, with their numbers", _list))
    create = action("create", "make an empty pool", _create)
    create.add_argument("name", metavar="NAME", help="what it is for")
    create.add_argument("--no-local", action="store_true", help="don't prefer numbers with a new person's area code")
    add_workspace(create)
    for name, does, do in (
        ("add", "put a number into a pool", _add),
        ("remove", "take a number out of its pool", _remove),
    ):
        one = action(name, does, do)
        one.add_argument("pool", type=int, metavar="POOL-ID")
        one.add_argument("channel", type=int, metavar="CHANNEL-ID")
        add_workspace(one)


def run(args: argparse.Namespace) -> int:
    """Do what was asked."""
    status: int = args.do(args)
    return status


def _list(args: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    found = [_document(pool, at) for pool in queries.pools(operator_of(args))]
    return printing.show(args, {"items": found}, lambda: [line for pool in found for line in _lines(pool)])


def _create(args: argparse.Namespace) -> int:
    at = datetime.now(UTC)
    pool = actions.create_pool(by=operator_of(args), name=args.name, prefers_local=not args.no_local, at=at)
    return _show(args, pool.pk, at)


def _add(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    pool = queries.access_pool(by, args.pool)
    pooling.add_number(by=by, pool=pool, channel=channels.access_channel(by, args.channel), at=at)
    return _show(args, pool.pk, at)


def _remove(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    pool = queries.access_pool(by, args.pool)
    channel = channels.access_channel(by, args.channel)
    if channel.pool_id != pool.pk:
        return printing.fail(f"Channel {channel.pk} is not in this pool.")
    pooling.remove_number(by=by, channel=channel, at=at)
    return _show(args, pool.pk, at)


def _show(args: argparse.Namespace, pool_id: int, at: datetime) -> int:
    found = _document(queries.access_pool(operator_of(args), pool_id), at)
    return printing.show(args, found, lambda: _lines(found))


def _document(pool: Pool, at: datetime) -> dict[str, Any]:
    return {
        "pool_id": pool.pk,
        "name": pool.name,
        "prefers_local": pool.prefers_local,
        "channels": [
            {
                "channel_id": channel.pk,
                "address": channel.address,
                "name": channel.name,
                "stands": health.stand_of(channel, health.state_of(channel), at=at),
            }
            for channel in pool.channels.all()
        ],
    }


def _lines(pool: dict[str, Any]) -> list[str]:
    return [f"{pool['pool_id']:>5}  {pool['name']}", *(_line(one) for one in pool["channels"])]


def _line(one: dict[str, Any]) -> str:
    return f"       {one['channel_id']:>5}  {one['address']:<16} {one['stands']}  {one['name']}"
