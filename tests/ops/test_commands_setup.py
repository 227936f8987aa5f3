"""init, channel, token, password-link, doctor and demo, as an operator gives them."""

from __future__ import annotations

import base64
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from tests import make
from tests.conftest import NOW
from tests.fakes.launch import fake
from twoway.compliance.rules import Purpose
from twoway.messaging.models import Message
from twoway.ops import cli
from twoway.teams.models import Workspace

PASSWORD = "correct horse battery"
SID, TOKEN = "AC" + "1" * 32, "0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str


class Operator:
    """Runs `twoway` commands in this process, on the test's database."""

    def __init__(self, captured: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._captured = captured
        self._patch = patch

    def run(self, *words: str, stdin: str = "") -> Done:
        self._patch.setattr(sys, "stdin", io.StringIO(stdin))
        self._captured.readouterr()
        try:
            status = cli.main(words)
        except SystemExit as usage:
            status = int(str(usage.code))
        out, err = self._captured.readouterr()
        return Done(status, out, err)

    def json(self, *words: str, stdin: str = "") -> Any:
        done = self.run(*words, "--json", stdin=stdin)
        assert (done.status, done.err) == (0, "")
        return json.loads(done.out)

    def refused(self, *words: str, status: int = 1, stdin: str = "") -> str:
        """What is said on standard error: one line."""
        done = self.run(*words, stdin=stdin)
        assert (done.status, done.out) == (status, "")
        (line,) = done.err.splitlines()
        return line


@pytest.fixture
def operator(
    db: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
    tmp_path: Path,
) -> Operator:
    """An installation with one workspace and a data folder of its own."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setenv("TWOWAY_DATA", str(tmp_path))
    made = Operator(capsys, monkeypatch)
    made.json("init", "--workspace", "Ridgeway Carshare", "--email", "ana@example.com", "--password", PASSWORD)
    return made


def test_a_process_of_its_own_prints_one_document_and_nothing_else(tmp_path: Path) -> None:
    """On a new data folder: the embedded server is started, the tables are made, and it is stopped again."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TWOWAY_")}
    del environment["DATABASE_URL"], environment["DJANGO_SETTINGS_MODULE"]
    tmp_path.chmod(0o755)
    data = tmp_path / "data"
    words = ["init", "--workspace", "W", "--email", "ana@example.com", "--password", PASSWORD, "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "twoway", *words, "--data", str(data)], capture_output=True, text=True, env=environment
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(json.loads(done.stdout)) == {"workspace_id", "user_id", "api_token"}
    assert not (data / "postgres" / "data" / "postmaster.pid").exists()


def test_init_makes_a_workspace_an_owner_and_a_token(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWOWAY_PASSWORD", PASSWORD)
    made = operator.json("init", "--workspace", "Tidy & Co.", "--email", "Cleo@Example.com")
    assert set(made) == {"workspace_id", "user_id", "api_token"}
    assert made["api_token"].startswith("tw_")
    refused = operator.refused("init", "--workspace", "Other", "--email", "cleo@example.com", "--password", PASSWORD)
    assert refused.startswith("twoway: There is an account with the email cleo@example.com already.")


@pytest.mark.parametrize(
    ("email", "password", "why"),
    [
        ("not an address", PASSWORD, "This is not an email address."),
        ("new@example.com", "short", "at least 10 characters"),
        ("new@example.com", "", "Give the owner a password"),
    ],
)
def test_init_refuses_in_one_line(operator: Operator, email: str, password: str, why: str) -> None:
    assert why in operator.refused("init", "--workspace", "Other", "--email", email, "--password", password)


@pytest.mark.parametrize(
    "words",
    [
        ("init",),
        ("channel",),
        ("channel", "sell"),
        ("channel", "add", "twilio"),
        ("channel", "check", "seven"),
        ("token", "create"),
        ("token", "create", "--name", "N", "--role", "king"),
        ("password-link",),
    ],
)
def test_wrong_usage(operator: Operator, words: tuple[str, ...]) -> None:
    said = operator.refused(*words, status=2)
    assert said.startswith(f"twoway {words[0]}")
    assert said.endswith(" --help.")


def of(workspace: str) -> tuple[str, str]:
    return "--workspace", workspace


def test_tokens_are_made_listed_and_revoked(operator: Operator) -> None:
    here = of("Ridgeway Carshare")
    made = operator.json("token", "create", "--name", "Orders", "--role", "agent", *here)
    assert (made["role"], made["api_token"][:3]) == ("agent", "tw_")
    listed = {each["token_id"]: each for each in operator.json("token", "list", *here)["items"]}
    assert listed[made["token_id"]]["name"] == "Orders"
    assert made["api_token"] not in json.dumps(list(listed.values()))
    assert operator.json("token", "revoke", str(made["token_id"]), *here)["revoked_at"]
    assert operator.refused("token", "revoke", "999999", *here) == "twoway: There is no such token."


def test_one_workspace_needs_no_name_and_several_do(operator: Operator) -> None:
    operator.run("init", "--workspace", "Third", "--email", "third@example.com", "--password", PASSWORD)
    assert operator.refused("token", "list") == "twoway: Say which --workspace."
    assert operator.refused("token", "list", *of("Nobody")) == "twoway: There is no workspace 'Nobody'."
    assert operator.json("token", "list", *of("third"))["items"][0]["name"] == "twoway init"


def test_a_simulator_number(operator: Operator, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://127.0.0.1:8791"
    here = of("Ridgeway Carshare")
    made = operator.json("channel", "add", "simulator", "--address", "(503) 555-0142", *here)
    assert set(made) == {"channel_id", "inbound_url", "status_url", "voice_url"}
    assert made["inbound_url"].startswith("http://127.0.0.1:8791/hooks/simulator/")
    listed = {each["channel_id"]: each for each in operator.json("channel", "list", *here)["items"]}
    assert (listed[made["channel_id"]]["address"], listed[made["channel_id"]]["rate"]) == ("+15035550142", 100.0)
    again = operator.refused("channel", "add", "simulator", "--address", "+15035550142", *here)
    assert again == "twoway: +15035550142 is connected already."


def test_a_twilio_number_checked_against_its_api(operator: Operator, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    here = of("Ridgeway Carshare")
    with fake("twilio_api", "--account", SID, "--token", TOKEN, "--sms-url", "https://old.example.com/in") as base:
        made = operator.json(
            *("channel", "add", "twilio", "--address", "+14155550199", "--name", "Front desk", *here),
            *("--set", f"account_sid={SID}", "--set", "auth_token=-", "--set", f"api_base={base}", "--set", "rate=30"),
            stdin=f"{TOKEN}\n",
        )
        assert made["status_url"].startswith("https://desk.example.com/hooks/twilio/")
        number = str(made["channel_id"])
        done = operator.run("channel", "check", number, "--json", *here)
        found = json.loads(done.out)
        assert found["provider_inbound_url"] == "https://old.example.com/in"
        assert found["inbound_url"] == made["inbound_url"]
        assert found["ok"] is (done.status == 0)
    listed = {each["channel_id"]: each for each in operator.json("channel", "list", *here)["items"]}
    assert listed[made["channel_id"]]["rate"] == 30.0
    assert listed[made["channel_id"]]["check_detail"] == found["detail"]
    assert TOKEN not in json.dumps(list(listed.values()))


def test_a_test_text_is_kept_as_one(operator: Operator, settings: Settings) -> None:
    settings.PUBLIC_URL, hook = "https://desk.example.com", "a-hook-we-know"
    expected = f"{settings.PUBLIC_URL}/hooks/twilio/{hook}/inbound"
    workspace = Workspace.objects.get(name="Ridgeway Carshare")
    with fake("twilio_api", "--account", SID, "--token", TOKEN, "--sms-url", expected) as base:
        number = make.make_channel(
            workspace,
            at=NOW,
            provider="twilio",
            address="+14155550199",
            credentials={"account_sid": SID, "auth_token": TOKEN},
            settings={"api_base": base},
            hook=hook,
        )
        words = ("channel", "check", str(number.pk), "--to", "415 555 0101")
        found = operator.json(*words, *of("Ridgeway Carshare"))
    text = Message.objects.get(id=found["test_message_id"])
    assert (text.purpose, text.recipient, text.status) == (Purpose.TEST, "+14155550101", "queued")


def test_credentials_from_the_environment(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    here = of("Ridgeway Carshare")
    refused = operator.refused("channel", "add", "twilio", "--address", "+14155550101", *here)
    assert refused == "twoway: Enter the Account SID."
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", SID)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", TOKEN)
    assert operator.json("channel", "add", "twilio", "--address", "+14155550101", *here)["channel_id"]


@pytest.mark.parametrize(
    ("provider", "address", "pair", "why"),
    [
        ("pigeon", "+15035550143", "a=b", "There is no provider"),
        ("simulator", "12", "rate=1", "digits"),
        ("simulator", "+15035550143", "rate=fast", "Write a rate"),
        ("simulator", "+15035550143", "colour=red", "There is no setting"),
        ("simulator", "+15035550143", "rate", "--set key=value"),
        ("simulator", "+15035550143", "api_base=ftp://x", "api_base"),
    ],
)
def test_channels_that_cannot_be(operator: Operator, provider: str, address: str, pair: str, why: str) -> None:
    words = ("channel", "add", provider, "--address", address, "--set", pair, *of("Ridgeway Carshare"))
    assert why in operator.refused(*words)


def test_a_link_to_set_a_password(operator: Operator, settings: Settings) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    made = operator.json("password-link", "ANA@example.com")
    assert made["email"] == "ana@example.com"
    assert made["url"].startswith("https://desk.example.com/")
    assert operator.refused("password-link", "nobody@example.com").startswith("twoway: There is no account")


def test_doctor_says_what_to_do(operator: Operator, settings: Settings) -> None:
    settings.PUBLIC_URL = "http://desk.example.com"
    done = operator.run("doctor", "--json")
    assert done.status == 1
    told = json.loads(done.out)
    found = {each["check"]: each for each in told["checks"]}
    assert told["ok"] is False
    assert {name: found[name]["state"] for name in ("database", "migrations", "clock", "data folder")} == {
        "database": "ok",
        "migrations": "ok",
        "clock": "ok",
        "data folder": "ok",
    }
    assert (found["worker"]["state"], found["public URL"]["state"]) == ("fail", "fail")
    assert "twoway serve" in found["worker"]["do"]
    assert "TWOWAY_PUBLIC_URL" in found["public URL"]["do"]
    assert done.err.startswith("twoway: ")


def test_doctor_finds_credentials_it_cannot_open(operator: Operator, settings: Settings) -> None:
    operator.json("channel", "add", "simulator", "--address", "+15035550144", *of("Ridgeway Carshare"))
    settings.SEALING_KEY = base64.urlsafe_b64encode(b"k" * 32).decode()
    told = json.loads(operator.run("doctor", "--json").out)
    sealed = [each for each in told["checks"] if each["check"].startswith("channel ")]
    assert {each["state"] for each in sealed} == {"fail"}
    assert "sealed with another key" in sealed[0]["detail"]


def test_the_demo_is_loaded_once(operator: Operator, tmp_path: Path) -> None:
    first = operator.json("demo")
    again = operator.json("demo")
    assert (first["is_new"], again["is_new"]) == (True, False)
    assert (first["workspace_id"], first["password"]) == (again["workspace_id"], again["password"])
    kept = tmp_path / "demo.txt"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.read_text().split() == ["ana@cascade.example", first["password"]]
    assert first["password"] in operator.run("demo").out
