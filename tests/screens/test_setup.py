"""First run: the one page there is until somebody owns the installation, and who may fill it in."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.urls import reverse

from tests.conftest import Player
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.desk import setup
from twoway.lib import setup_code
from twoway.teams.models import Member, Workspace

FORM = {
    "workspace": "Ridgeway Carshare",
    "name": "Ana",
    "email": "ana@example.com",
    "password": "correct horse battery",
    "time_zone": "America/New_York",
}
FROM_AFAR = {"REMOTE_ADDR": "203.0.113.9"}


def here(**extra: Any) -> Client:
    """A browser on the machine Twoway runs on."""
    headers: dict[str, Any] = {"HTTP_HOST": "127.0.0.1:8000", **extra}
    return Client(**headers)


@pytest.fixture(autouse=True)
def _nobody_yet(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """The process has not seen a workspace yet."""
    monkeypatch.setattr(setup, "_done", False)


@pytest.mark.parametrize("path", ["/", "/inbox/open/", "/settings/people/", "/account/sign-in/", "/nowhere/"])
def test_every_page_leads_to_the_first_run(path: str) -> None:
    assert here().get(path)["Location"] == "/setup/"


def test_programs_are_not_sent_to_a_page() -> None:
    assert here().get("/api/v1/messages").status_code != 302
    assert here().get("/healthz").status_code != 302


def test_the_owner_is_made_signed_in_and_led_to_the_phone() -> None:
    client = here()
    page = client.get("/setup/").content.decode()
    assert inline_code(page) == []
    assert 'name="code"' not in page
    answer = client.post("/setup/", {**FORM, "wants_simulator": "on"})
    assert answer["Location"] == reverse("desk:simulator")
    owner = Member.objects.select_related("workspace", "user").get()
    assert (owner.role, owner.user.name, owner.workspace.name) == ("owner", "Ana", "Ridgeway Carshare")
    assert owner.workspace.time_zone == "America/New_York"
    assert Channel.objects.get().provider == "simulator"
    assert client.get(reverse("desk:profile")).status_code == 200


def test_without_the_simulated_number_the_numbers_page_comes_next() -> None:
    assert here().post("/setup/", FORM)["Location"] == reverse("desk:settings_channels")
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("password", "short", "at least 10 characters"),
        ("password", "password12", "too common"),
        ("email", "nonsense", "Enter a valid email address."),
        ("workspace", "", "This field is required."),
        ("time_zone", "Mars/Olympus", "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_made(field: str, value: str, words: str) -> None:
    answer = here().post("/setup/", {**FORM, field: value})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert FORM["password"] not in answer.content.decode()
    assert not Workspace.objects.exists()


def test_once_there_is_an_owner_the_page_is_closed(ana: Player) -> None:
    assert here().get("/setup/")["Location"] == reverse("account_login")
    assert here().post("/setup/", FORM)["Location"] == reverse("account_login")
    assert Workspace.objects.count() == 1


# From elsewhere


@pytest.mark.parametrize(
    "extra",
    [
        FROM_AFAR,
        {"HTTP_HOST": "desk.example.com"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_from_elsewhere_the_code_is_needed(extra: dict[str, str], settings: LazySettings) -> None:
    client = here(**extra)
    assert 'name="code"' in client.get("/setup/").content.decode()
    for wrong in ("", "AAAA-AAAA-AAAA-AAAA"):
        assert client.post("/setup/", {**FORM, "code": wrong}).status_code == 422
    assert not Workspace.objects.exists()
    typed = setup_code.code_for(settings.MASTER_KEY).lower().replace("-", " ")
    assert client.post("/setup/", {**FORM, "code": typed}).status_code == 302
    assert Workspace.objects.count() == 1


def test_a_public_address_asks_for_the_code_even_on_this_machine(settings: LazySettings) -> None:
    settings.PUBLIC_URL = "https://desk.example.com"
    assert 'name="code"' in here().get("/setup/").content.decode()


def test_the_code_is_in_a_private_file_until_there_is_an_owner(settings: LazySettings) -> None:
    file: Path = settings.DATA_DIR / "setup-code"
    code = setup_code.publish(settings.DATA_DIR, master_key=settings.MASTER_KEY)
    assert file.read_text() == f"{code}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    here().post("/setup/", FORM)
    assert not file.exists()


def test_the_code_says_nothing_about_the_key() -> None:
    first, second = setup_code.code_for("a" * 40), setup_code.code_for("b" * 40)
    assert first != second
    assert [len(group) for group in first.split("-")] == [4, 4, 4, 4]
    assert not setup_code.matches("", master_key="a" * 40)
    assert setup_code.matches(f" {first.lower()} ", master_key="a" * 40)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_come_at_once_one_becomes_the_owner() -> None:
    answers: list[int] = []
    start = threading.Barrier(4)

    def claim(n: int) -> None:
        start.wait()
        answers.append(here().post("/setup/", {**FORM, "email": f"owner{n}@example.com"}).status_code)
        connection.close()

    claimants: list[Any] = [threading.Thread(target=claim, args=(n,)) for n in range(4)]
    for claimant in claimants:
        claimant.start()
    for claimant in claimants:
        claimant.join()
    assert Workspace.objects.count() == 1
    assert Member.objects.count() == 1
    assert len(answers) == 4
