"""The fake SMSC as tests hold it: started, asked what it took, ended."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from tests.fakes.launch import ROOT


@dataclass(frozen=True)
class FakeSmsc:
    """An SMSC that is running: `port` for SMPP, `url` for its controls."""

    url: str
    port: int

    def accepted(self) -> list[dict[str, Any]]:
        """What it took, in order."""
        with urlopen(f"{self.url}/_accepted") as answer:  # noqa: S310 - our own fake
            messages: list[dict[str, Any]] = json.load(answer)["messages"]
        return messages

    def texts(self, destination: str = "") -> list[str]:
        """The texts as phones show them, parts joined, in the order in which they began."""
        shown: dict[tuple[str, int], dict[int, str]] = {}
        for one in self.accepted():
            if destination and one["destination"] != destination.removeprefix("+"):
                continue
            ref, _, number = one["part"] or (-one["number"], 1, 1)
            shown.setdefault((one["destination"], ref), {})[number] = one["text"]
        return ["".join(parts[number] for number in sorted(parts)) for parts in shown.values()]

    def state(self) -> dict[str, Any]:
        """How it stands."""
        return self.tell("state")

    def change(self, **faults: object) -> None:
        """Turn faults on and off, by their names in `smsc.Faults`."""
        self.tell("faults", faults)

    def text(self, body: str, *, sender: str, recipient: str, **more: Any) -> None:
        """Have a customer text us, as UCS-2."""
        self.deliver(source=sender, destination=recipient, octets=body.encode("utf-16-be").hex(), data_coding=8, **more)

    def deliver(self, **told: Any) -> None:
        """Deliver these octets (hexadecimal) with these fields."""
        self.tell("deliver", {"texts": [told]})

    def tell(self, control: str, told: object = None) -> dict[str, Any]:
        request = Request(f"{self.url}/_{control}", data=json.dumps(told or {}).encode(), method="POST")  # noqa: S310
        with urlopen(request) as answer:  # noqa: S310 - our own fake
            state: dict[str, Any] = json.load(answer)
        return state


@contextmanager
def running_smsc(*, port: int = 0, **options: object) -> Iterator[FakeSmsc]:
    """An SMSC on this machine, with these faults of `smsc.Faults`."""
    words = [sys.executable, "-m", "tests.fakes.smsc", "--port", str(port)]
    for name, value in options.items():
        flag = f"--{name.replace('_', '-')}"
        words += [flag] if value is True else [] if value is False else [flag, str(value)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            ports = [process.stdout.readline().split()[-1:] for _ in range(2)]
            assert all(ports), "the SMSC did not start"
            yield FakeSmsc(f"http://127.0.0.1:{ports[0][0]}", int(ports[1][0]))
        finally:
            process.terminate()
