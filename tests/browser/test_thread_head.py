"""The bar over an open conversation: whatever it says, nothing lies over anything else, and the rest is under More."""

from __future__ import annotations

import os
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.house import Scene

SHOTS = os.environ.get("TWOWAY_SHOTS", "")
WIDTHS = {1440: 900, 1180: 820, 390: 844}
LONG = "Maximiliane Konstantinopoulos-Featherstonehaugh of the Northern Harbor"
LONG_WORDS = {
    ".thread__done .trunc": "Marcar como terminada",
    ".thread__assign .trunc": "Sin persona asignada todavía",
    ".thread__state .trunc": "Pospuesta hasta el miércoles 4 de diciembre, 15:30",
    ".thread__take .trunc": "Encargarme yo mismo",
}
_STATES = {
    "waits": "needs_reply = true, last_inbound_at = now() - interval '3 days', state = 'open'",
    "mine": "needs_reply = true, assignee_id = {ana}",
    "snoozed": "state = 'snoozed', snoozed_until = now() + interval '30 days', assignee_id = {ana}",
    "done": "state = 'done', needs_reply = false",
}
_BOXES = """() => [...document.getElementById('thread-head').children]
    .filter(one => !one.matches(':popover-open, [popover]') && one.getClientRects().length)
    .map(one => { const {left, right, top, bottom, width} = one.getBoundingClientRect();
        return {name: one.className, left, right, top, bottom, width}; })"""
_SPILLS = """() => [...document.querySelectorAll('#thread-head .btn, #thread-head .badge, #thread-head .wait')]
    .filter(one => one.getClientRects().length && !one.closest('[popover]'))
    .filter(one => [...one.children].some(part => {
        const inner = part.getBoundingClientRect(), outer = one.getBoundingClientRect();
        return inner.width > 1 && getComputedStyle(part).position !== 'absolute'
            && (inner.right > outer.right + 1 || inner.left < outer.left - 1); }))
    .map(one => one.className)"""


def overlaps(boxes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Which of these lie over each other, by more than a pixel."""
    return [
        (one["name"], other["name"])
        for one, other in combinations([box for box in boxes if box["width"] > 1], 2)
        if min(one["right"], other["right"]) - max(one["left"], other["left"]) > 1
    ]


def crowd(page: Page) -> None:
    """Long words, and a colleague who looks on, as they stand in the bar."""
    page.evaluate(
        """words => {
            for (const [where, said] of Object.entries(words))
                for (const one of document.querySelectorAll(`#thread-head ${where}`)) one.textContent = said;
            document.querySelector('#thread-here').innerHTML =
                '<span class="av av--xs here__av">BW</span><span class="here__words">Bartholomew is writing</span>';
        }""",
        LONG_WORDS,
    )


def check(page: Page, width: int) -> None:
    boxes = page.evaluate(_BOXES)
    edge = page.evaluate("document.getElementById('thread-head').getBoundingClientRect().right")
    assert overlaps(boxes) == []
    assert max(box["right"] for box in boxes) <= edge + 0.5
    assert page.evaluate(_SPILLS) == []
    who = next(box for box in boxes if "thread__who" in box["name"])
    assert who["width"] >= 72, f"{width}: {who}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (1440, "dark"), (1180, "light"), (390, "dark")])
def test_nothing_lies_over_anything_else(scene: Scene, width: int, theme: str) -> None:
    phone, talk = scene.started()
    installation = scene.house.installation
    page = scene.open(f"/c/{talk}/", theme=theme, size="phone" if width < 761 else "desk")
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    for state, fields in _STATES.items():
        values = fields.format(ana=scene.made["members"]["ana"]["id"])
        installation.rows(f"UPDATE conversation SET {values} WHERE id = %(id)s RETURNING id", id=talk)
        for name in ("Dana Whitfield", LONG):
            statement = "UPDATE contact SET name = %(name)s WHERE id = (SELECT contact_id FROM conversation"
            installation.rows(f"{statement} WHERE id = %(id)s) RETURNING id", name=name, id=talk)
            page.goto(f"/c/{talk}/")
            expect(page.locator("#thread-head h2")).to_have_text(name or phone.pretty)
            check(page, width)
            if SHOTS:
                page.screenshot(path=Path(SHOTS) / f"head-{state}-{width}-{theme}-{len(name)}.png")
            crowd(page)
            check(page, width)


def test_the_number_is_readable_beside_a_wait(scene: Scene) -> None:
    phone, talk = scene.started()
    statement = "UPDATE contact SET name = 'Dana Whitfield' WHERE id = (SELECT contact_id FROM conversation"
    scene.house.installation.rows(f"{statement} WHERE id = %(id)s) RETURNING id", id=talk)
    page = scene.open(f"/c/{talk}/")
    number = page.locator("#thread-head .thread__who .num")
    expect(number).to_have_text(phone.pretty)
    assert number.evaluate("one => one.scrollWidth <= one.clientWidth + 1")
    assert page.locator("#thread-head .thread__to").evaluate(
        "one => one.getBoundingClientRect().right <= one.closest('.thread__who').getBoundingClientRect().right + 1"
    )


def test_the_rest_is_under_more(scene: Scene) -> None:
    _, talk = scene.started()
    page = scene.open(f"/c/{talk}/")
    more = page.locator("#thread-head").get_by_role("button", name="More")
    more.click()
    menu = page.locator("#thread-more")
    menu.get_by_role("link", name="Tags").click()
    expect(page.locator("#popover .menu")).to_be_visible()
    expect(menu).to_be_hidden()
    thread, popover = page.locator("#thread").bounding_box(), page.locator("#popover").bounding_box()
    assert thread
    assert popover
    assert thread["x"] <= popover["x"] <= thread["x"] + thread["width"]
    page.keyboard.press("Escape")
    more.click()
    menu.get_by_role("button", name="Take it").click()
    expect(page.locator("#thread-head [data-open-popover=assign]")).to_contain_text("Ana")
