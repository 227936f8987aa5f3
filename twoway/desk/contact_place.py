"""Where somebody is: a small form beside a conversation, by which texts that answer nobody keep their hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from twoway.compliance.quiet import actions, places, queries
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.context import Toast
from twoway.desk.forms import time_zones
from twoway.desk.inbox_actions import after_change
from twoway.desk.inbox_frame import desk_view, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.words import clock_words
from twoway.lib.refusal import Invalid
from twoway.lib.words import t
from twoway.teams.rules import Right

FORM, PAGE = "desk/inbox/contact_place.html", "desk/inbox/menu_page.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class PlaceForm:
    """The form: what is chosen, what may be, and what counts now. `told` are the words of who said it."""

    conversation_id: int
    time_zone: str
    region: str
    is_their_word: bool
    zones: tuple[tuple[str, str], ...]
    regions: tuple[tuple[str, str], ...]
    counts: tuple[str, ...]
    told: str = ""
    error: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def place(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The form, and saving it."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if request.method != "POST":
        return _form(request, found, _values(found))
    given = {name: request.POST.get(name, "") for name in ("time_zone", "region", "is_their_word")}
    country, _, state = given["region"].partition("-")
    try:
        actions.set_place(
            contact=found.contact,
            time_zone=given["time_zone"],
            country=country,
            state=state,
            told_by="customer" if given["is_their_word"] else "member",
            at=timezone.now(),
            by=request.actor,
        )
    except Invalid as refused:
        return _form(request, found, given, error=refused.sentence)
    return after_change(request, conversation_id, toasts=[Toast(words=t("Saved."))], with_panel=True)


def _values(found: Conversation) -> dict[str, str]:
    row = queries.place_of(found.contact)
    return {
        "time_zone": found.contact.time_zone,
        "region": places.region_name(row.country, row.state) if row else "",
        "is_their_word": "yes" if row and row.told_by == places.TOLD_BY_THEM else "",
    }


def _form(request: DeskRequest, found: Conversation, values: Mapping[str, str], *, error: str = "") -> HttpResponse:
    facts = queries.identity_facts(found.identity_id, at=timezone.now())
    row = queries.place_of(found.contact)
    names = places.region_names()
    regions = dict(sorted(names.items(), key=lambda each: (not each[0].startswith("US"), each[1])))
    if values["region"] and values["region"] not in regions:
        regions[values["region"]] = values["region"]
    form = PlaceForm(
        conversation_id=found.pk,
        time_zone=values["time_zone"],
        region=values["region"],
        is_their_word=bool(values["is_their_word"]),
        zones=tuple(time_zones(current=values["time_zone"])),
        regions=tuple(regions.items()),
        counts=tuple(_clock(zone) for zone in facts.zones) if facts else (),
        told=f"{row.get_told_by_display()}, {row.by_name}" if row else "",
        error=error,
    )
    status = 422 if error else 200
    if request.htmx:
        return shown(request, FORM, {"form": form}, status=status)
    return shown(request, PAGE, {"form": form, "menu_template": FORM}, status=status)


def _clock(zone: str) -> str:
    return f"{zone.replace('_', ' ')}, {clock_words(timezone.now().astimezone(ZoneInfo(zone)))}"
