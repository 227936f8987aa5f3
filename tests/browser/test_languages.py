"""The language in a browser: chosen by its member, and spoken by pages and scripts from then on."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.house import Scene, is_live
from twoway.desk.script_words import script_words
from twoway.lib.words import reading_in, t


def in_spanish(words: str) -> str:
    """What a script says in Spanish."""
    return str(script_words("es").get("words", {}).get(words, words))


def test_a_member_chooses_a_language(scene: Scene) -> None:
    page = scene.open()
    page.goto("/profile/")
    page.locator("#id_language").select_option("es")
    page.locator("form.sheetform:has(#id_language) button[type=submit]").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    with reading_in("es"):
        expect(page.locator("#toasts .toast")).to_contain_text(t("Saved."))
    page.goto("/inbox/open/")
    is_live(page)
    page.keyboard.press("z")
    expect(page.locator("#toasts .toast").last).to_have_text(in_spanish("There's nothing to undo."))
    theirs = scene.open(who="ben")
    expect(theirs.locator("html")).to_have_attribute("lang", "en")


@pytest.mark.parametrize(("locale", "language"), [("es-MX", "es"), ("en-GB", "en"), ("de-DE", "en")])
def test_signing_in_is_read_as_the_browser_asks(scene: Scene, locale: str, language: str) -> None:
    context = scene.context(locale=locale)
    context.clear_cookies()
    page = context.new_page()
    scene.complaints.listen(page)
    page.goto("/account/sign-in/")
    expect(page.locator("html")).to_have_attribute("lang", language)
