"""Every inbox template renders from its record alone, keeps to the Content-Security-Policy, and escapes."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string

from tests.assets import sample
from twoway.desk import context as c
from twoway.desk.templatetags.desk import emphasise, initials, linked, marked

SPRITE = Path("twoway/desk/static/desk/sprite.svg").read_text(encoding="utf-8")
INBOX = c.InboxPage(views=sample.VIEWS, list=sample.LIST, thread=sample.THREAD, panel=sample.PANEL)
EMPTY = c.InboxPage(views=sample.VIEWS, list=sample.LIST)

CASES: dict[str, tuple[str, dict[str, Any]]] = {
    "page": ("page.html", {"inbox": INBOX}),
    "page without a thread": ("page.html", {"inbox": EMPTY}),
    "list": ("list_page.html", {"list": sample.LIST, "views": sample.VIEWS}),
    "patch": ("patch.html", {"patch": sample.PATCH}),
    "patch with a thread": ("patch.html", {"patch": c.Patch(open_id=7, thread=sample.THREAD, panel=sample.PANEL)}),
    "empty patch": ("patch.html", {"patch": c.Patch()}),
    "assign": ("assign_menu.html", {"menu": sample.ASSIGN}),
    "snooze": ("snooze_menu.html", {"menu": sample.SNOOZE}),
    "tags": ("tag_menu.html", {"menu": sample.TAGS}),
    "menu page": ("menu_page.html", {"menu": sample.TAGS, "menu_template": "desk/inbox/tag_menu.html"}),
    "new": ("new_conversation.html", {"form": sample.NEW}),
    "new page": ("new_page.html", {"form": sample.NEW}),
    "contact": ("contact_edit.html", {"form": sample.FORM}),
    "palette": ("palette.html", {"palette": sample.PALETTE}),
    "palette results": ("palette_results.html", {"palette": sample.PALETTE}),
    "no results": ("palette_results.html", {"palette": c.Palette(q=sample.NASTY, hits=())}),
    "meter": ("meter.html", {"meter": sample.composer().meter}),
}


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, ids, inline scripts and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[str]:
        return [value or "" for _, attrs in self.tags for key, value in attrs.items() if key == name]


def rendered(case: str) -> str:
    template, context = CASES[case]
    return render_to_string(f"desk/inbox/{template}", {"desk": sample.DESK, "now": sample.NOW, **context})


@pytest.fixture(params=CASES, ids=lambda name: name.replace(" ", "-"))
def page(request: pytest.FixtureRequest) -> Page:
    return Page(rendered(request.param))


def test_nothing_needs_more_than_default_src_self(page: Page) -> None:
    names = {name for _, attrs in page.tags for name in attrs}
    assert not {name for name in names if name.startswith(("on", "hx-on"))}
    assert "style" not in names
    assert not [tag for tag, _ in page.tags if tag == "style"]
    assert all(attrs.get("src") for tag, attrs in page.tags if tag == "script")
    assert not [url for url in page.all("href") + page.all("src") if url.startswith(("javascript:", "data:", "//"))]


def test_what_people_typed_stays_text(page: Page) -> None:
    assert "img" not in {tag for tag, _ in page.tags}


def test_every_icon_is_drawn(page: Page) -> None:
    icons = [href for tag, attrs in page.tags if tag == "use" and (href := attrs.get("href"))]
    assert {icon for icon in icons if f'id="{icon.removeprefix("#")}"' not in SPRITE} == set()


def test_ids_are_unique(page: Page) -> None:
    inside_template = {"thread", "contact-panel"}  # "no conversation picked" waits in a <template> beside the open one
    doubled = {key for key, count in Counter(page.all("id")).items() if count > 1}
    assert doubled <= inside_template


def test_labels_point_at_something(page: Page) -> None:
    assert set(page.all("for")) <= set(page.all("id"))


def test_an_item_carries_its_key_so_that_the_sent_bubble_is_replaced() -> None:
    assert 'id="msg-22"' in rendered("patch")
    assert 'data-key="key-22"' in rendered("patch")


def test_a_blocked_composer_cannot_send_but_takes_notes() -> None:
    html = rendered("patch")
    assert 'data-version="blocked-opted_out"' in html
    assert re.search(r"data-send disabled", html)
    assert 'formaction="/c/7/note/"' in html


def test_cursors_are_quoted() -> None:
    html = rendered("page")
    assert "before=cursor%261" in html
    assert "before=cursor%262" in html


def test_an_empty_patch_changes_nothing() -> None:
    assert rendered("empty patch").strip() == ""


@pytest.mark.parametrize(
    ("body", "html"),
    [
        ("no link", "no link"),
        ("<b>", "&lt;b&gt;"),
        ("http is a word", "http is a word"),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_text_without_an_address_is_only_escaped(body: str, html: str) -> None:
    assert linked(body) == html


def test_an_address_becomes_a_link_without_the_full_stop() -> None:
    html = linked('See https://example.com/a?b=1&c="2". Bye')
    assert '<a class="link" href="https://example.com/a?b=1&amp;c="' in html
    assert 'rel="noopener noreferrer nofollow"' in html
    assert html.startswith("See ")
    assert html.endswith(". Bye")


def test_emphasis_marks_the_words_and_not_its_own_tags() -> None:
    assert emphasise("Ana gave b to <b>", ("Ana", "b")) == "<b>Ana</b> gave <b>b</b> to &lt;b&gt;"


def test_a_match_is_marked_once_ignoring_case() -> None:
    assert marked("Bogdana <Dana>", "DANA") == "Bog<mark>dana</mark> &lt;Dana&gt;"
    assert marked("Dana", "") == "Dana"


@pytest.mark.parametrize(("name", "letters"), [("Dana Whitfield", "DW"), ("Prince", "P"), ("", ""), ("a. b. c", "AB")])
def test_initials(name: str, letters: str) -> None:
    assert initials(name) == letters
