"""Where this installation answers: left in the data folder by whoever serves, for commands in another shell.

Without it a `twoway channel add` beside `twoway serve --port 9000` would print addresses with another port. A record
that is out of date does no harm: who serves never reads it, and writes it again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from twoway.lib.files import write_atomically

FILE = "address.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnAddress:
    """The port on this machine, and the address providers and browsers use."""

    port: int = 8000
    public_url: str = "http://127.0.0.1:8000"


def record(data_dir: Path, *, port: int, public_url: str) -> None:
    """Leave it for others; the data folder is made when it is missing."""
    data_dir.mkdir(parents=True, exist_ok=True)
    content = json.dumps(asdict(OwnAddress(port=port, public_url=public_url)))
    write_atomically(data_dir / FILE, f"{content}\n".encode())


def recorded(data_dir: Path) -> OwnAddress:
    """What was left last, or the defaults when there is nothing that can be used."""
    try:
        found = json.loads((data_dir / FILE).read_text())
        port, public_url = int(found["port"]), str(found["public_url"])
    except (OSError, ValueError, KeyError, TypeError):
        return OwnAddress()
    is_usable = 1 <= port <= 65535 and public_url.startswith(("http://", "https://"))
    return OwnAddress(port=port, public_url=public_url) if is_usable else OwnAddress()
