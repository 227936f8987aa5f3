"""The pages about providers say what is so."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from twoway.providers import failures, registry, twilio_codes
from twoway.providers.base import SendError
from twoway.providers.simulator_carrier import Faults

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "providers"
RECIPE = (ROOT / "docs" / "adding-a-provider.md").read_text()


@pytest.mark.parametrize("slug", registry.slugs())
def test_every_provider_has_a_page_that_names_its_settings(slug: str) -> None:
    page = (PAGES / f"{slug}.md").read_text()
    assert f"twoway channel add {slug} " in page
    for field in registry.get(slug).fields:
        assert f"`{field.key}`" in page or f"--set {field.key}=" in page, field.key


def test_every_fault_is_explained_and_no_other() -> None:
    table = (PAGES / "simulator.md").read_text().split("## Faults")[1]
    explained = {name for row in re.findall(r"^\| (`.+?) \|", table, re.M) for name in re.findall(r"`(\w+)`", row)}
    assert explained == {field.name for field in fields(Faults)}


@pytest.mark.parametrize("slug", ["simulator", "twilio"])
def test_codes_in_a_page_are_known(slug: str) -> None:
    codes = set(re.findall(r"\b[236]\d{4}\b", (PAGES / f"{slug}.md").read_text()))
    assert codes
    assert {code for code in codes if failures.reason_of(slug, code) == "unknown"} == set()


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("telnyx", r"\b(?:40\d{3}|100\d\d)\b"),
        ("bandwidth", r"\b(?:4[347]\d\d|9902)\b"),
        ("messagebird", r"\b10\d\b|\bapi-\d+\b"),
        ("bird", r"\b(?:recipient|sender|blocked|content|insufficient)_\w+\b"),
        ("android", r"\b[A-Z]+_[A-Z_]{3,}\b"),
    ],
)
def test_codes_of_other_shapes_in_a_page_are_known(slug: str, code: str) -> None:
    table = (PAGES / f"{slug}.md").read_text().rpartition("\n## ")[2]
    codes = set(re.findall(code, table))
    assert codes
    assert {one for one in codes if one not in failures.CODES[slug]} == set()


def test_the_recipe_names_files_that_exist() -> None:
    for name in re.findall(r"`((?:twoway|tests|docs)/[\w/.-]+\.(?:py|json|md))`", RECIPE):
        assert (ROOT / name).is_file(), name
    for name in re.findall(r"`(\w+\.py)`", RECIPE):
        assert list(ROOT.glob(f"t*/**/{name}")), name


def test_the_recipe_names_errors_that_exist() -> None:
    errors = {error.__name__ for error in SendError.__subclasses__()}
    assert errors <= set(re.findall(r"`(\w+?)(?:\(reason\))?`", RECIPE))


def test_twilios_connection_overrides_are_on_its_page() -> None:
    page = (PAGES / "twilio.md").read_text()
    assert page.count("#ct=2000&rt=15000&rc=3&rp=ct,rt,5xx") == 2
    assert twilio_codes.REASONS["30034"] == "sender_unregistered"
