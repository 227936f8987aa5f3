"""The palette: conversations by name or number, and commands."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.conversations.queries import Conversation, access_conversation, search
from twoway.conversations.views.queries import has_mentions, visible_views
from twoway.desk.builders import chips
from twoway.desk.builders.lists import ICONS, LABELS
from twoway.desk.context import Palette, PaletteGroup, PaletteHit, PaletteLine
from twoway.desk.inbox_frame import desk_view, id_of, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.words import when_words
from twoway.lib.refusal import NotFound
from twoway.sms import phone
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

MOST_HITS = 8
MOST_VIEWS = 30
LONGEST = 120
_HERE = (
    PaletteLine(label="Reply", icon="send", command="reply"),
    PaletteLine(label="Assign", icon="user", command="assign"),
    PaletteLine(label="Assign to me", icon="user", command="assign_me"),
    PaletteLine(label="Snooze", icon="moon", command="snooze"),
    PaletteLine(label="Mark done", icon="check", command="done"),
    PaletteLine(label="Tags", icon="tag", command="tag"),
    PaletteLine(label="Private note", icon="note", command="note"),
    PaletteLine(label="Mark as unread", icon="in", command="unread"),
)


@require_safe
@desk_view
def palette(request: DeskRequest) -> HttpResponse:
    """What matches, as a dialog or, once something was typed there, its results alone."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    here = _open(request)
    region = request.signed.member.workspace.region
    found = search(request.actor, q, region=region, limit=MOST_HITS) if q else []
    shows = Palette(
        q=q,
        hits=tuple(_hit(one, region=region, to=request.actor) for one in found),
        groups=tuple(_groups(request, q, has_open=here is not None)),
        here=_short_name(here, region=region, to=request.actor) if here else "",
    )
    template = "palette_results" if "q" in request.GET else "palette"
    return shown(request, f"desk/inbox/{template}.html", {"palette": shows})


def _open(request: DeskRequest) -> Conversation | None:
    """The conversation on screen, if it may be seen."""
    key = id_of(request.GET.get("c", "") or request.headers.get("X-Desk-Open", ""))
    try:
        return access_conversation(request.actor, key) if key else None
    except NotFound:
        return None


def _short_name(here: Conversation, *, region: str, to: Actor) -> str:
    """A first name; an alias or a number stays whole."""
    person = chips.person(here, region=region, to=to)
    return chips.short(person.name) if person.is_known and not here.contact.is_anonymous else person.name


def _hit(found: Conversation, *, region: str, to: Actor) -> PaletteHit:
    said = when_words(timezone.localtime(found.last_message_at), now=timezone.localtime())
    channel = found.channel.name or phone.pretty(found.channel.address, region=region)
    person = chips.person(found, region=region, to=to)
    return PaletteHit(conversation_id=found.pk, person=person, detail=f"{channel} · {said}")


def _groups(request: DeskRequest, q: str, *, has_open: bool) -> list[PaletteGroup]:
    """The commands whose words hold what was typed."""
    may_write = may(request.actor, Right.REPLY)
    groups = [
        PaletteGroup(label="Do this here", lines=_HERE if has_open and may_write else ()),
        PaletteGroup(label="Go to", lines=tuple(_places(request.actor))),
    ]
    wanted = [
        replace(group, lines=tuple(line for line in group.lines if q.casefold() in line.label.casefold()))
        for group in groups
    ]
    return [group for group in wanted if group.lines]


def _places(actor: Actor) -> list[PaletteLine]:
    lines = [
        PaletteLine(label=label, icon=ICONS[key], url=reverse("desk:inbox", args=[key]))
        for key, label in LABELS.items()
        if key != "mentions" or has_mentions()
    ]
    lines += [
        PaletteLine(
            label=one.name, icon=one.icon, url=reverse("desk:inbox", args=[f"saved-{one.pk}"]), detail="Saved view"
        )
        for one in visible_views(actor)[:MOST_VIEWS]
    ]
    if may(actor, Right.REPLY):
        lines.append(PaletteLine(label="New conversation", icon="plus", command="new"))
    if may(actor, Right.SEE_COMPLIANCE):
        lines.append(PaletteLine(label="Compliance", icon="shield", url=reverse("desk:compliance")))
    lines.append(PaletteLine(label="Settings", icon="sliders", url=reverse("desk:settings")))
    lines.append(PaletteLine(label="Profile and theme", icon="user", url=reverse("desk:profile")))
    return lines
