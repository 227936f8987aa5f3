"""The fakes as tests hold them: started, asked what they took, ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.request import Request, urlopen

from tests.fakes.launch import fake


@dataclass(frozen=True)
class Fake:
    """A fake Twilio that is running."""

    url: str

    def accepted(self) -> list[dict[str, Any]]:
        """What it took, in order."""
        with urlopen(f"{self.url}/_accepted") as answer:  # noqa: S310 - our own fake
            messages: list[dict[str, Any]] = json.load(answer)["messages"]
        return messages

    def change(self, **faults: object) -> None:
        """Turn faults on and off, by their names in `twilio_api.Faults`."""
        self._tell("faults", faults)

    def text(self, *, url: str, sender: str, recipient: str, body: str) -> None:
        """Have a customer text, which is told to `url`."""
        self._tell("inbound", {"url": url, "from": sender, "to": recipient, "body": body})

    def _tell(self, control: str, told: dict[str, Any]) -> None:
        request = Request(f"{self.url}/_{control}", data=json.dumps(told).encode(), method="POST")  # noqa: S310
        urlopen(request).close()  # noqa: S310 - our own fake


@contextmanager
def running_twilio(**options: object) -> Iterator[Fake]:
    """Twilio's API on this machine, with these options of `twilio_api`; without receipts unless asked for."""
    given = {"no_receipts": True, **options}
    words: list[str] = []
    for name, value in given.items():
        flag = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(flag)
        elif value is not False:
            words += [flag, str(value)]
    with fake("twilio_api", *words) as address:
        yield Fake(address)
