"""A Twoway of its own, as an operator has it: commands in a data folder, and `twoway serve` on a free port."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
from psycopg.rows import dict_row

from tests.ops.processes import TWOWAY, clean_environment, end_server, wait_for
from twoway.ops.postgres import Cluster, find_bin_dir, postmaster

PASSWORD = "correct horse battery"
PATIENCE = 180.0
"""Seconds until something that should happen counts as never happening; the machine may be busy."""


class Installation:
    """One data folder. `serve` starts everything in it; the other commands may run before, beside and after."""

    def __init__(self, data: Path, *, token: str = "", **environment: str) -> None:
        self.data = data
        self.token = token
        self.url = ""
        self.log = data.parent / "log"
        self._environment = environment
        self._process: subprocess.Popen[str] | None = None

    def command(self, *words: str) -> Any:
        """The document that a command prints."""
        more = {"TWOWAY_PUBLIC_URL": self.url} if self.url else {}
        done = subprocess.run(
            [*TWOWAY, *words, "--json", "--data", str(self.data)],
            capture_output=True,
            text=True,
            env=clean_environment(**self._environment, **more),
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def serve(self, *, port: int | None = None, **environment: str) -> None:
        """Start everything, and return when web and worker are at work. On the port it had before, or on a free one."""
        port = urlsplit(self.url).port or 0 if port is None else port
        with self.log.open("a") as log:
            self._process = subprocess.Popen(
                [*TWOWAY, "serve", "--json", "--port", str(port), "--data", str(self.data)],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=clean_environment(TWOWAY_LOG_FORMAT="json", **self._environment, **environment),
            )
        assert self._process.stdout is not None
        said, _, _ = select.select([self._process.stdout], [], [], PATIENCE)
        first = self._process.stdout.readline() if said else ""
        assert first, self.log.read_text()
        self.url = json.loads(first)["url"]
        wait_for(lambda: self.ask("GET", "/readyz")[0] == 200, PATIENCE)

    def stop(self) -> None:
        """Have it drain; whatever is left is ended."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            assert self._process.stdout is not None
            with self._process.stdout:
                try:
                    assert self._process.wait(timeout=PATIENCE) == 0, self.log.read_text()[-5000:]
                finally:
                    self._process.kill()
                    self._process.wait()
                    self._process = None
        end_server(self.data)

    def ask(
        self, method: str, path: str, told: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        """Status and body of an answer, read as JSON where it is JSON."""
        line = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            body = None if told is None else json.dumps(told)
            line.request(method, path, body=body, headers={"content-type": "application/json", **(headers or {})})
            answer = line.getresponse()
            text = answer.read()
            is_json = "json" in (answer.getheader("content-type") or "")
            return answer.status, json.loads(text) if is_json else text
        finally:
            line.close()

    def api(self, method: str, path: str, told: object = None, *, key: str = "") -> tuple[int, Any]:
        """The same for the API, with the token `init` printed and maybe an idempotency key."""
        headers = {"authorization": f"Bearer {self.token}"} | ({"idempotency-key": key} if key else {})
        return self.ask(method, f"/api/v1{path}", told, headers)

    def send(self, told: dict[str, Any], *, key: str = "") -> dict[str, Any]:
        """One text through the API."""
        status, message = self.api("POST", "/messages", told, key=key)
        assert status in {200, 201}, message
        found: dict[str, Any] = message
        return found

    def messages(self, **filters: object) -> list[dict[str, Any]]:
        """The newest texts, oldest first."""
        query = "&".join(f"{name}={value}" for name, value in {"limit": 200, **filters}.items())
        status, page = self.api("GET", f"/messages?{query}")
        assert status == 200, page
        return list(reversed(page["items"]))

    def rows(self, sql: str, **values: object) -> list[dict[str, Any]]:
        """What the database holds."""
        with psycopg.connect(self.dsn, row_factory=dict_row, connect_timeout=10) as connection:
            return connection.execute(sql, values).fetchall()

    @property
    def dsn(self) -> str:
        return Cluster(self.data, find_bin_dir()).dsn

    def pids(self, name: str) -> list[int]:
        """The living processes of a part (`worker`, `web`, `web-1`, ...)."""
        started = [line["pid"] for line in self.lines("part_started") if re.sub(r"-\d+$", "", line["part"]) == name]
        return [pid for pid in started if postmaster.is_alive(pid)]

    def postgres_pids(self) -> list[int]:
        """The server first, then its processes."""
        pgdata = self.data / "postgres" / "data"
        first = postmaster.find(pgdata)
        return [] if first is None else [first, *(pid for pid in postmaster.orphans(pgdata) if pid != first)]

    def lines(self, *events: str) -> Iterator[dict[str, Any]]:
        """What was logged, of these events or of all; lines of other programs left out."""
        for text in self.log.read_text().splitlines():
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and (not events or line.get("event") in events):
                yield line


def kill(pid: int) -> bool:
    """End a process without a warning; whether it was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True
