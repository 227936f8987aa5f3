"""A web process finishes what it has begun, and closes what would never end."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest

from tests.ops.processes import Running


class Web:
    """A running web process with the small application of serving.py."""

    def __init__(self, start: Callable[..., Running], data_dir: Path, **environment: str) -> None:
        settings = {
            "TWOWAY_DATA": str(data_dir),
            "TWOWAY_SECRET_KEY": "k" * 40,
            "DATABASE_URL": "postgresql:///none",
            **environment,
        }
        self.lines: list[HTTPConnection] = []
        self.process = start(sys.executable, "-m", "tests.ops.serving", **settings)
        assert self.process.stdout
        self.port = int(self.process.stdout.readline())

    def get(self, path: str, headers: dict[str, str] | None = None) -> HTTPResponse:
        """The answer, once its head is there."""
        line = HTTPConnection("127.0.0.1", self.port, timeout=60)
        self.lines.append(line)
        line.request("GET", path, headers=headers or {})
        return line.getresponse()

    def ended(self) -> list[str]:
        """What it printed until it ended."""
        printed, messages = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, messages
        return printed.split()


@pytest.fixture
def start_web(running: Callable[..., Running], tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Starts a web process with these settings."""
    started: list[Web] = []

    def start(**environment: str) -> Web:
        started.append(Web(running, tmp_path, **environment))
        return started[-1]

    yield start
    for line in [line for web in started for line in web.lines]:
        line.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_stop_it_finishes_requests_and_closes_streams(
    start_web: Callable[..., Web], number: signal.Signals
) -> None:
    web = start_web()
    slow, stream = web.get("/slow"), web.get("/stream")
    web.process.send_signal(number)
    assert stream.read() == b"begun 127.0.0.1"
    assert slow.read() == b"begun 127.0.0.1"
    assert web.ended() == ["drains", "ends"]
    with pytest.raises(ConnectionRefusedError):
        web.get("/who")


CALLERS = [("", b"127.0.0.1"), ("127.0.0.1", b"192.0.2.7"), ("192.0.2.1", b"127.0.0.1")]


@pytest.mark.parametrize(("trusted", "seen"), CALLERS)
def test_only_a_named_proxy_may_say_who_calls(start_web: Callable[..., Web], trusted: str, seen: bytes) -> None:
    web = start_web(TWOWAY_TRUSTED_PROXIES=trusted)
    assert web.get("/who", {"X-Forwarded-For": "192.0.2.7"}).read() == b"begun " + seen
    web.process.terminate()
    web.ended()
