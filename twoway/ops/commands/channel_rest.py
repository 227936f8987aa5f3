"""`twoway channel pause`, `resume` and `retire`: whether a number sends."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from twoway.channels import queries
from twoway.channels.health import actions
from twoway.channels.health import queries as health
from twoway.channels.models import Channel
from twoway.lib.refusal import Invalid
from twoway.messaging import pooling
from twoway.ops import printing
from twoway.ops.arguments import add_workspace, operator_of


def add_arguments(action: Callable[..., argparse.ArgumentParser]) -> None:
    """The three actions of `twoway channel`."""
    pause = action("pause", "send nothing from a number", _pause)
    pause.add_argument("--reason", default="", help="what agents read")
    pause.add_argument("--hours", type=float, metavar="N", help="resume by itself after so many hours")
    resume = action("resume", "send from a paused number again", _resume)
    retire = action("retire", "give a number a last day and another one to follow it", _retire)
    retire.add_argument("--successor", type=int, required=True, metavar="ID", help="the channel that follows")
    retire.add_argument("--on", metavar="TIME", help="when, such as 2026-06-30T18:00:00-07:00; now if not given")
    retire.add_argument("--note", default="", help="what people who still text it are told; {new} is the new number")
    for one in (pause, resume, retire):
        one.add_argument("id", type=int, metavar="ID")
        add_workspace(one)


def _pause(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    channel = queries.access_channel(by, args.id)
    until = None if args.hours is None else at + timedelta(hours=min(args.hours, 24 * 400))
    actions.pause_channel(by=by, channel=channel, at=at, words=args.reason, until=until)
    return _show(args, channel, at)


def _resume(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    channel = queries.access_channel(by, args.id)
    actions.resume_channel(by=by, channel=channel, at=at)
    return _show(args, channel, at)


def _retire(args: argparse.Namespace) -> int:
    by, at = operator_of(args), datetime.now(UTC)
    channel = queries.access_channel(by, args.id)
    pooling.retire_number(
        by=by,
        channel=channel,
        successor=queries.access_channel(by, args.successor),
        retires_at=at if args.on is None else _time(args.on),
        at=at,
        forwarding=args.note,
    )
    return _show(args, channel, at)


def _time(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise Invalid("Write the time with its offset, such as 2026-06-30T18:00:00-07:00.", field="on")
    return found


def document(channel: Channel, at: datetime) -> dict[str, Any]:
    """How a number stands, for programs."""
    state = health.state_of(channel)
    return {
        "channel_id": channel.pk,
        "address": channel.address,
        "stands": health.stand_of(channel, state, at=at),
        "reason": state.pause_words,
        "paused_until": state.paused_until,
        "down_since": state.down_since,
        "retires_at": state.retires_at,
        "successor_id": state.successor_id,
    }


def _show(args: argparse.Namespace, channel: Channel, at: datetime) -> int:
    found = document(queries.access_channel(operator_of(args), channel.pk), at)
    return printing.show(args, found, lambda: [f"{channel.address} at {channel.provider}: {found['stands']}."])
