"""A stand-alone fake of any HTTP carrier's sending call, with the faults that make sending hard.

    python -m tests.fakes.any_carrier --provider telnyx --drop 0.1 --error 0.05 --throttle 0.1 --seed 1

It answers as the provider's recording of an accepted text does, each time with an id of its own (or the caller's), and
remembers what it took: the word of the text that looks like `reply-17`. It tells of one text by its id, keeps no list
and sends no receipts; a test sends those. `--drop` hangs up after accepting, `--error` answers 500 after accepting,
`--throttle` answers 429 before. GET /_accepted tells what was taken.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import uvloop

from tests.fakes.http_server import HANG_UP, Answer, Listener, Request

RECORDED = Path(__file__).resolve().parents[1] / "providers" / "recorded"
TEXT = re.compile(r"reply-(\d+)")


@dataclass
class AnyCarrier:
    """The fake's memory and its answers."""

    recording: dict[str, Any]
    dice: random.Random
    drop: float = 0.0
    error: float = 0.0
    throttle: float = 0.0
    taken: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: Request) -> Answer:
        """Route one request."""
        if request.path == "/_accepted":
            return _json(200, {"messages": self.taken})
        asked_for = request.path.rpartition("/")[2]
        if request.method == "GET" and any(one["provider_id"] == asked_for for one in self.taken):
            return self._as_recorded(asked_for)
        said = unquote_plus(request.body.decode())
        found = TEXT.search(said)
        if request.method != "POST" or found is None:
            return _json(404, {})
        if self.dice.random() < self.throttle:
            return _json(429, {})
        provider_id = _given_id(request.body) or uuid.uuid4().hex
        self.taken.append({"number": int(found[1]), "provider_id": provider_id})
        if self.dice.random() < self.drop:
            return HANG_UP
        if self.dice.random() < self.error:
            return _json(500, {})
        return self._as_recorded(provider_id)

    def _as_recorded(self, provider_id: str) -> Answer:
        body = self.recording["body"]
        text = body if isinstance(body, str) else json.dumps(body)
        return Answer(
            status=self.recording["status"],
            body=text.replace(self.recording["expect"]["provider_id"], provider_id).encode(),
            content_type=self.recording["headers"].get("content-type", "application/json"),
        )


def recording_of(provider: str) -> dict[str, Any]:
    """The provider's recorded answer to a text it took."""
    told: dict[str, Any] = json.loads((RECORDED / provider / "answers" / "accepted.json").read_text())
    return told


def _json(status: int, told: dict[str, Any]) -> Answer:
    return Answer(status=status, body=json.dumps(told).encode())


def _given_id(body: bytes) -> str:
    """The id the caller chose, where the provider lets it."""
    try:
        told = json.loads(body)
    except ValueError:
        return ""
    return str(told.get("id") or "") if isinstance(told, dict) else ""


async def run(options: argparse.Namespace) -> None:
    """Serve until the process is ended."""
    dice = random.Random(options.seed)
    carrier = AnyCarrier(recording_of(options.provider), dice, options.drop, options.error, options.throttle)
    listener = await Listener(carrier.answer).start()
    sys.stdout.write(f"listening on {listener.port}\n")
    sys.stdout.flush()
    await listener.forever()


def main() -> None:
    """Read the options and serve."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--provider", required=True)
    for name in ("drop", "error", "throttle"):
        parser.add_argument(f"--{name}", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=1)
    uvloop.run(run(parser.parse_args()))


if __name__ == "__main__":
    main()
