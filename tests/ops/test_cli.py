"""How every command behaves: help, exit status, one line when it fails."""

from __future__ import annotations

import socket
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from tests.ops.processes import TWOWAY, clean_environment
from twoway.ops.cli import COMMANDS


def twoway(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*TWOWAY, *words], capture_output=True, text=True, check=False, env=clean_environment(**environment)
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there(name: str) -> None:
    module = import_module(COMMANDS[name].module)
    assert callable(module.add_arguments)
    assert callable(module.run)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (["fly"], "twoway: there is no command 'fly'. See twoway --help."),
        (["serve", "--fly"], "twoway serve: unrecognized arguments: --fly. See twoway serve --help."),
        (["serve", "--data"], "twoway serve: argument --data: expected one argument. See twoway serve --help."),
        (
            ["serve", "--port", "70000"],
            (
                "twoway serve: argument --port: '70000' is not a port: write a number from 0 to 65535."
                " See twoway serve --help."
            ),
        ),
        (
            ["worker", "--lanes", "fast"],
            "twoway worker: argument --lanes: choose from hot, default, slow. See twoway worker --help.",
        ),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(words: list[str], line: str) -> None:
    done = twoway(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{line}\n"


def test_without_a_command_the_overview_comes_and_status_2() -> None:
    done = twoway()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("usage: twoway COMMAND")


def test_help_names_every_command_and_writes_nothing(tmp_path: Path) -> None:
    overview = twoway("--help")
    assert overview.returncode == 0
    assert all(name in overview.stdout for name in COMMANDS)
    of_one = twoway("migrate", "--help", "--data", str(tmp_path / "data"))
    assert of_one.returncode == 0
    assert "--json" in of_one.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_failure_is_one_line_and_status_1(tmp_path: Path) -> None:
    where = {"DATABASE_URL": f"postgresql:///twoway?host={tmp_path}", "TWOWAY_DATA": str(tmp_path)}
    done = twoway("migrate", **where)
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("twoway: The database of DATABASE_URL cannot be used")
    assert "Traceback" in twoway("migrate", TWOWAY_DEBUG="1", **where).stderr


def test_serve_says_when_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = twoway("serve", "--port", str(taken.getsockname()[1]), "--data", str(tmp_path / "data"))
    assert done.returncode == 1
    assert "cannot be used" in done.stderr
    assert "--port" in done.stderr


def test_serve_starts_nothing_when_the_tables_cannot_be_made(tmp_path: Path) -> None:
    done = twoway(
        "serve", "--port", "0", DATABASE_URL=f"postgresql:///twoway?host={tmp_path}", TWOWAY_DATA=str(tmp_path)
    )
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("twoway: twoway migrate failed")
    assert "part=web" not in done.stderr


@pytest.mark.parametrize("modules", [("twoway.asgi", "twoway.urls"), ("twoway.messaging.judging",)])
def test_what_few_requests_need_is_not_loaded_at_the_start(modules: tuple[str, ...], tmp_path: Path) -> None:
    """Each of these delays the start by a tenth of a second, or takes tens of megabytes that are never given back."""
    named = "; ".join(f"import {name}" for name in modules)
    unwanted = {"aiohttp", "numpy", "onnxruntime", "fpdf", "holidays"}
    check = f"import django, sys; django.setup(); {named}; print(sorted({unwanted} & set(sys.modules)))"
    environment = clean_environment(
        DJANGO_SETTINGS_MODULE="twoway.settings", DATABASE_URL="postgresql:///none", TWOWAY_DATA=str(tmp_path)
    )
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"


def test_the_supervisor_loads_neither_django_nor_a_database_driver() -> None:
    check = "import sys, twoway.ops.cli, twoway.ops.commands.serve; print({'django', 'psycopg'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, check=True, env=clean_environment()
    )
    assert done.stdout.strip() == "set()"
