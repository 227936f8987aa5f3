"""A WhatsApp conversation whose window is closed: why, a template chosen, filled in and sent; axe finds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import SIZES, Scene
from tests.browser.test_sound import check, open_page
from tests.fakes import graph_api
from tests.providers.serving import serving

NUMBER = "14155550101"
TEMPLATES = [
    graph_api.template("order_ready", "Hi {{1}}, your order {{2}} is ready. We are open until 6 PM."),
    graph_api.template("appointment_reminder", "See you on {{1}}. Write here if you can't make it."),
    graph_api.template(
        "spring_offer",
        "Bikes are half price this week.",
        category="MARKETING",
        components=[{"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY", "text": "Tell me more"}]}],
    ),
    graph_api.template("not_yet", "Soon", status="PENDING"),
]


@pytest.fixture
def graph() -> Iterator[tuple[graph_api.GraphApi, str]]:
    """Meta's API on this machine."""
    script = graph_api.GraphApi(templates=TEMPLATES)
    with serving(script) as server:
        yield script, server.url


@pytest.fixture
def talk(scene: Scene, graph: tuple[graph_api.GraphApi, str]) -> tuple[int, int]:
    """A WhatsApp number with its templates, and the conversation of somebody who last wrote two days ago."""
    installation = scene.house.installation
    workspace = ("--workspace", str(scene.made["id"]))
    pairs = [word for key, value in graph_api.CREDENTIALS.items() for word in ("--set", f"{key}={value}")]
    words = ("--address", f"+{graph_api.OURS}", "--name", "Bikes", "--set", f"api_base={graph[1]}")
    made = installation.command("channel", "add", "meta", *words, *pairs, *workspace)
    installation.command("channel", "templates", str(made["channel_id"]), *workspace)
    body = graph_api.webhook(graph_api.text("Is my bike ready?", number=NUMBER, name="Kim Example"))
    assert graph_api.post(made["inbound_url"], body) == 200
    (known,) = installation.rows(
        "UPDATE conversation SET last_inbound_at = now() - interval '2 days' WHERE channel_id = %(channel)s"
        " RETURNING id",
        channel=made["channel_id"],
    )
    return int(known["id"]), int(made["channel_id"])


def choose(page: Page, title: str) -> None:
    page.get_by_role("button", name="Choose a template").click()
    page.get_by_role("link", name=title).click()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", sorted(SIZES))
def test_axe_finds_nothing_on_the_way(size: str, theme: str, scene: Scene, talk: tuple[int, int]) -> None:
    wrong: dict[str, Any] = {}
    key, channel = talk
    page = open_page(scene, f"/c/{key}/", size, theme)
    expect(page.get_by_text("Kim Example last wrote on")).to_be_visible()
    check(page, wrong, "closed window")
    page.get_by_role("button", name="Choose a template").click()
    expect(page.get_by_role("link", name="Spring offer")).to_be_visible()
    check(page, wrong, "picker")
    page.get_by_role("link", name="Order ready").click()
    expect(page.get_by_label("Value 2")).to_be_visible()
    check(page, wrong, "form")
    page.goto(f"/settings/numbers/{channel}/")
    expect(page.get_by_role("heading", name="Templates")).to_be_visible()
    check(page, wrong, "templates of the number")
    assert wrong == {}


def test_a_template_is_chosen_filled_in_seen_and_sent(
    scene: Scene, talk: tuple[int, int], graph: tuple[graph_api.GraphApi, str]
) -> None:
    page = scene.open(f"/c/{talk[0]}/")
    choose(page, "Order ready")
    page.get_by_label("Value 1").fill("Kim")
    page.get_by_label("Value 2").fill("1041")
    seen = page.get_by_label("What Kim Example will read")
    expect(seen).to_contain_text("Hi Kim, your order 1041 is ready.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("#dialog")).not_to_be_visible()
    expect(page.locator("#thread-log .msg--out")).to_contain_text("Hi Kim, your order 1041 is ready.")
    page.wait_for_function("document.querySelector('#thread-log .msg--out .ticks, #thread-log .msg--out .msg__meta')")
    script = graph[0]
    expect(page.locator("#composer .banner--warn")).to_be_visible()
    page.wait_for_timeout(1000)
    assert [taken["template"]["name"] for taken in script.taken] == ["order_ready"]


def test_what_whatsapp_would_refuse_is_said_in_the_form(scene: Scene, talk: tuple[int, int]) -> None:
    scene.complaints.allow("422")
    page = scene.open(f"/c/{talk[0]}/")
    choose(page, "Appointment reminder")
    page.get_by_label("Value 1").fill("Monday     9 AM")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("WhatsApp takes no line breaks, no tabs and no long gaps in a value.")).to_be_visible()
    expect(page.get_by_label("Value 1")).to_have_value("Monday     9 AM")
    page.get_by_role("button", name="Back to the templates").click()
    expect(page.get_by_role("link", name="Order ready")).to_be_visible()


def test_it_works_by_keyboard_alone(scene: Scene, talk: tuple[int, int]) -> None:
    page = scene.open(f"/c/{talk[0]}/")
    page.get_by_role("button", name="Choose a template").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Appointment reminder")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Value 1")).to_be_focused()
    page.keyboard.type("Monday")
    page.keyboard.press("Enter")
    expect(page.locator("#thread-log .msg--out")).to_contain_text("See you on Monday.")
