"""A bad setting stops the program with an id and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django.fixtures import Settings

from twoway.ops import checks
from twoway.ops.errors import CommandFailed


def ids() -> set[str | None]:
    return {message.id for message in run_checks() if (message.id or "").startswith("twoway.E")}


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("https://desk.example.com", set()),
        ("http://127.0.0.1:8000", set()),
        ("http://localhost:8000", set()),
        ("http://[::1]:8000", set()),
        ("http://desk.example.com", {"twoway.E002"}),
        ("http://192.168.1.5", {"twoway.E002"}),
        ("desk.example.com", {"twoway.E001"}),
        ("https://desk.example.com/twoway", {"twoway.E001"}),
        ("", {"twoway.E001"}),
    ],
)
def test_the_public_address_must_be_one_a_provider_can_sign(settings: Settings, address: str, found: set[str]) -> None:
    settings.PUBLIC_URL = address
    assert ids() == found


def test_a_folder_that_cannot_be_written_is_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.DATA_DIR = tmp_path / "file" / "data"
    assert "twoway.E003" in ids()


def test_nothing_starts_with_a_bad_setting(settings: Settings) -> None:
    settings.PUBLIC_URL = "http://desk.example.com"
    with pytest.raises(CommandFailed, match=r"twoway\.E002: .*https"):
        checks.refuse_bad_settings()


def test_missing_assets_are_a_warning_not_a_stop(settings: Settings, tmp_path: Path) -> None:
    settings.PACKAGE_DIR = tmp_path
    assert "twoway.W001" in {message.id for message in run_checks()}
    checks.refuse_bad_settings()
