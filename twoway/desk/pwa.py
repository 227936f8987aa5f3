"""What makes the desk installable: its manifest, and the service worker that runs for all of its pages."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_safe

from twoway.desk.script_words import script_words
from twoway.lib.words import ENGLISH, current, t

ICONS = "desk/build/icons"
WORKER = "desk/build/sw.js"
KEPT = (
    "desk/build/desk.css",
    "desk/build/desk.js",
    "desk/logo.svg",
    "desk/logo-unread.svg",
    f"{ICONS}/any-192.png",
    f"{ICONS}/badge-96.png",
)
"""Static files an offline page needs."""
_CHROME = {"theme_color": "#ecf1f0", "background_color": "#ecf1f0"}


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """The web app manifest (W3C): named after the workspace of whoever is signed in."""
    member = getattr(request, "member", None)
    name = member.workspace.name if member is not None else "Twoway"
    may_use = hasattr(request, "actor")
    told = {
        "id": "/",
        "name": name,
        "short_name": name[:12].strip() or "Twoway",
        "description": t("Text messages with customers, answered together."),
        "start_url": reverse("desk:inbox", args=["open"]),
        "scope": "/",
        "display": "standalone",
        "orientation": "any",
        "categories": ["business", "productivity"],
        **_CHROME,
        "icons": [
            {"src": static(f"{ICONS}/{use}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": use}
            for use, size in (("any", 192), ("any", 512), ("maskable", 512))
        ],
        "shortcuts": [
            {"name": t("Mine"), "url": reverse("desk:inbox", args=["mine"])},
            {"name": t("Unassigned"), "url": reverse("desk:inbox", args=["unassigned"])},
            {"name": t("New conversation"), "url": reverse("desk:new_conversation")},
            {"name": t("Notifications"), "url": reverse("desk:notifications")},
        ]
        if may_use
        else [],
    }
    response = JsonResponse(told, content_type="application/manifest+json")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, from the root so that it serves every page; a new build is a new version of it."""
    found = finders.find(WORKER)
    if found is None:
        return HttpResponse("// The assets are not built.\n", status=404, content_type="text/javascript; charset=utf-8")
    version, code = _built(str(found), _stamp(str(found)))
    told = json.dumps(
        {
            "version": version,
            "files": [static(name) for name in KEPT],
            "policy": policy(),
            "icon": static(f"{ICONS}/any-192.png"),
            "badge": static(f"{ICONS}/badge-96.png"),
            **_in_words(),
        }
    )
    response = HttpResponse(f"self.TWOWAY = {told};\n{code}", content_type="text/javascript; charset=utf-8")
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Service-Worker-Allowed"] = "/"
    return response


def _in_words() -> dict[str, object]:
    """The language of whoever asks, and its words: the worker draws a page of its own when the desk is out of reach."""
    return {} if current() == ENGLISH else {"language": current(), "words": script_words(current())}


def policy() -> str:
    """The content security policy of every page, for the pages the worker answers with."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _stamp(path: str) -> tuple[float, ...]:
    """When the files of this version were written: a new build counts at once."""
    every = [path, *(str(found) for name in KEPT if (found := finders.find(name)) is not None)]
    return tuple(Path(one).stat().st_mtime for one in every)


@lru_cache(maxsize=2)
def _built(path: str, stamp: tuple[float, ...]) -> tuple[str, str]:
    """The version, from what all the files say, and the worker's code. `stamp` makes a new build a new question."""
    digest = hashlib.sha256()
    for name in (WORKER, *KEPT):
        found = finders.find(name)
        if found is not None:
            digest.update(Path(str(found)).read_bytes())
    return digest.hexdigest()[:12], Path(path).read_text()
