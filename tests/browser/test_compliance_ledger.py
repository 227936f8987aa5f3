"""The consent ledger in the browser: a STOP by text appears, consent on paper is recorded, its proof is fetched."""

from __future__ import annotations

import os
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.house import Scene

SHOTS = os.environ.get("TWOWAY_SAVE_SCREENSHOTS")


def shot(page: Page, name: str) -> None:
    """Keep a picture when somebody asked for it."""
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"consent-{name}.png", full_page=True)


def fits(page: Page) -> bool:
    """Whether nothing sticks out on the right."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_stop_consent_and_proof(scene: Scene, tmp_path: Path) -> None:
    phone, _ = scene.started("STOP")
    page = scene.context().new_page()
    scene.complaints.listen(page)
    page.goto("/compliance/opt-outs/")
    expect(page.locator("table")).to_contain_text(phone.pretty)
    expect(page.locator("table")).to_contain_text("Texted STOP")
    page.get_by_role("link", name=phone.pretty).click()
    expect(page.locator(".panel")).to_contain_text("Let them be texted again")
    shot(page, "optouts")

    scene.complaints.allow("422 (Unprocessable")
    page.goto("/compliance/ledger/record/")
    page.get_by_label("Phone number").fill("(503) 555-0178")
    page.get_by_label("For", exact=True).select_option(label="Promotion")
    page.get_by_label("How", exact=True).select_option(label="A paper form")
    page.get_by_label("Level").select_option(index=1)
    page.get_by_label("What they read or heard").fill("By signing you agree to promotion texts.")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator(".panel")).to_contain_text("This field is required")
    expect(page.get_by_label("Phone number")).to_have_value("(503) 555-0178")
    page.get_by_label("Proof", exact=True).fill("Binder 4, page 12")
    shot(page, "record")
    page.get_by_role("button", name="Write it down").click()
    expect(page.locator(".panel")).to_contain_text("Promotion: granted")
    shot(page, "person")
    with page.expect_download() as fetched:
        page.get_by_role("button", name="Proof as PDF").click()
    paper = tmp_path / "proof.pdf"
    fetched.value.save_as(paper)
    assert paper.read_bytes().startswith(b"%PDF-")

    page.goto("/compliance/ledger/")
    page.get_by_role("link", name="Wording, Note").click()
    expect(page.locator(".panel")).to_contain_text("Binder 4, page 12")
    expect(page.locator(".panel")).to_contain_text("As it was written")
    page.get_by_role("link", name="Withdrawn", exact=True).click()
    expect(page.locator("table")).to_contain_text("All texts")
    expect(page.locator("table")).not_to_contain_text("Promotion")


def test_it_fits_every_screen(scene: Scene) -> None:
    scene.started("STOP")
    for size in ("desk", "phone"):
        for theme in ("light", "dark"):
            page = scene.context(size=size, theme=theme).new_page()
            scene.complaints.listen(page)
            for path in ("ledger/", "ledger/1/", "ledger/look-up/", "opt-outs/", "opt-outs/scope/"):
                page.goto(f"/compliance/{path}")
                expect(page.locator("main")).to_contain_text("This isn't legal advice.")
                assert fits(page), (size, path)
                shot(page, f"{size}-{theme}-{path.strip('/').replace('/', '-')}")
