"""What a serving process leaves for others: its address for commands in another shell, a code for a first run."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests import make
from tests.conftest import NOW
from tests.ops.processes import TWOWAY, Running, clean_environment, wait_for
from twoway.lib import own_address, setup_code
from twoway.lib.own_address import OwnAddress
from twoway.ops import arrival
from twoway.providers.simulator_carrier import CarrierStore

PASSWORD = "correct horse battery"
NUMBER = "+15035550142"


# The code of a first run


@pytest.fixture
def data(db: None, settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    return tmp_path / "data"


def test_until_there_is_a_workspace_the_code_is_printed_and_kept(
    data: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    arrival.arrive()
    (line,) = capsys.readouterr().err.splitlines()
    code = setup_code.code_for(settings.MASTER_KEY)
    assert f"code={code}" in line
    assert f"{settings.PUBLIC_URL}/setup/" in line
    assert (data / setup_code.FILE).read_text().strip() == code

    make.make_workspace(at=NOW)
    arrival.arrive()
    assert capsys.readouterr().err == ""
    assert not (data / setup_code.FILE).exists()


def test_of_several_processes_one_says_it(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arrival.arrive(is_sibling=True)
    assert capsys.readouterr().err == ""
    assert not data.exists()


# The address


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"port": 9000}',
        '{"port": 0, "public_url": "http://127.0.0.1:0"}',
        '{"port": "x", "public_url": ""}',
        '{"port": 9000, "public_url": "file:///"}',
    ],
)
def test_a_record_that_cannot_be_used_is_as_none(tmp_path: Path, content: str) -> None:
    assert own_address.recorded(tmp_path) == OwnAddress()
    (tmp_path / own_address.FILE).write_text(content)
    assert own_address.recorded(tmp_path) == OwnAddress()


def test_what_is_recorded_is_read(tmp_path: Path) -> None:
    own_address.record(tmp_path / "new", port=9000, public_url="https://desk.example.com")
    assert own_address.recorded(tmp_path / "new") == OwnAddress(port=9000, public_url="https://desk.example.com")


def told(data: Path, **environment: str) -> tuple[int, str]:
    """The port and public address the settings of a command in another shell come to."""
    done = subprocess.run(
        [TWOWAY[0], "-c", "from twoway import settings; print(settings.PORT, settings.PUBLIC_URL)"],
        capture_output=True,
        text=True,
        check=True,
        env=clean_environment(TWOWAY_DATA=str(data), **environment),
    )
    port, url = done.stdout.split()
    return int(port), url


def test_the_environment_goes_before_the_record(tmp_path: Path) -> None:
    assert told(tmp_path) == (8000, "http://127.0.0.1:8000")
    own_address.record(tmp_path, port=8977, public_url="https://desk.example.com")
    assert told(tmp_path) == (8977, "https://desk.example.com")
    assert told(tmp_path, PORT="8978") == (8978, "http://127.0.0.1:8978")
    other = "https://other.example.com"
    assert told(tmp_path, TWOWAY_PUBLIC_URL=other) == (8977, other)
    assert told(tmp_path, TWOWAY_PUBLIC_URL=f"{other}/", PORT="8978") == (8978, other)


# All of it, as an operator has it


class Shell:
    """Commands in one data folder, without a word in their environment about ports or addresses."""

    def __init__(self, data: Path, start: Callable[..., Running]) -> None:
        self.data = data
        self._start = start

    def json(self, *words: str) -> Any:
        done = subprocess.run(
            [*TWOWAY, *words, "--json", "--data", str(self.data)],
            capture_output=True,
            text=True,
            check=False,
            env=clean_environment(),
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def serve(self, log: Path) -> tuple[Running, str]:
        """`twoway serve` on a free port, once it takes requests; and its address."""
        words = [*TWOWAY, "serve", "--json", "--port", "0", "--data", str(self.data)]
        process = self._start("sh", "-c", f'exec "$@" 2>{log}', "sh", *words)
        assert process.stdout
        line = process.stdout.readline()
        assert line, log.read_text()
        return process, json.loads(line)["url"]


def test_another_shell_knows_the_address_and_so_does_the_simulated_carrier(
    running: Callable[..., Running], installation: Path, tmp_path: Path
) -> None:
    shell = Shell(installation, running)
    process, first = shell.serve(tmp_path / "first")
    code = (installation / setup_code.FILE).read_text().strip()
    assert re.findall(r"set_up_code.* code=(\S+)", (tmp_path / "first").read_text()) == [code]

    shell.json("init", "--workspace", "Ridgeway Carshare", "--email", "ana@example.com", "--password", PASSWORD)
    made = shell.json("channel", "add", "simulator", "--address", NUMBER)
    assert made["inbound_url"].startswith(f"{first}/hooks/simulator/")
    assert shell.json("channel", "check", str(made["channel_id"]))["ok"]
    process.terminate()
    assert process.wait(timeout=60) == 0

    _, second = shell.serve(tmp_path / "second")
    assert second != first
    assert "set_up_code" not in (tmp_path / "second").read_text()
    moved = made["inbound_url"].replace(first, second)
    (channel,) = shell.json("channel", "list")["items"]
    assert channel["inbound_url"] == moved
    assert shell.json("channel", "check", str(made["channel_id"]))["provider_inbound_url"] == moved
    carrier = CarrierStore(installation / "carrier.sqlite3")
    wait_for(lambda: carrier.inbound_url(NUMBER) == moved)


def test_a_web_process_without_tables_says_the_code_too(
    running: Callable[..., Running], folder: Path, new_files: Path
) -> None:
    subprocess.run(["cp", "-a", new_files, folder / "data"], check=True)
    process = running(*TWOWAY, "web", "--port", "0", "--data", folder / "data")
    wait_for((folder / "data" / setup_code.FILE).exists)
    process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "set_up_code" in said
