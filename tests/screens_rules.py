"""What every page of the desk keeps to."""

from __future__ import annotations

from html.parser import HTMLParser


class _Finder(HTMLParser):
    """Collects what a strict Content-Security-Policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if tag == "script" and "src" not in names:
            self.found.append("<script> without src")
        if tag == "style":
            self.found.append("<style>")
        self.found += [f"{tag} {name}" for name in names if name == "style" or name.startswith("on")]
        self.found += [f"{tag} {name}=javascript:" for name, value in attrs if (value or "").startswith("javascript:")]


def inline_code(html: str) -> list[str]:
    """Every inline script, style and event handler of a page; empty when it is as it should be."""
    finder = _Finder()
    finder.feed(html)
    return finder.found
