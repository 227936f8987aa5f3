"""The palette: people, texts, commands, views and settings, by what is typed."""

from __future__ import annotations

from dataclasses import replace

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.analytics.wallboard.queries import may_see
from twoway.conversations.queries import Conversation, access_conversation
from twoway.conversations.views.queries import visible_views
from twoway.desk import settings_frame
from twoway.desk.builders import chips, found
from twoway.desk.builders.lists import ICONS, LABELS
from twoway.desk.context import Palette, PaletteGroup, PaletteHit, PaletteLine
from twoway.desk.inbox_frame import desk_view, id_of, shown
from twoway.desk.middleware import DeskRequest
from twoway.desk.presence_menu import menu_of
from twoway.lib.refusal import NotFound
from twoway.lib.words import noted, t
from twoway.messaging.search.queries import Page, Piece, Results, search
from twoway.messaging.search.words import fold
from twoway.replies.macro_queries import macros
from twoway.replies.macro_rules import key_words
from twoway.teams.actor import Actor
from twoway.teams.rules import Right, may

MOST_TEXTS = 4
COMMANDS_ONLY = ">"
MOST_VIEWS = 30
LONGEST = 120
MOST_MACROS = 100
_HERE = (
    PaletteLine(label=noted("Reply"), icon="send", command="reply"),
    PaletteLine(label=noted("Assign"), icon="user", command="assign"),
    PaletteLine(label=noted("Assign to me"), icon="user", command="assign_me"),
    PaletteLine(label=noted("Snooze"), icon="moon", command="snooze"),
    PaletteLine(label=noted("Mark done"), icon="check", command="done"),
    PaletteLine(label=noted("Tags"), icon="tag", command="tag"),
    PaletteLine(label=noted("Private note"), icon="note", command="note"),
    PaletteLine(label=noted("Mark as unread"), icon="in", command="unread"),
)


@require_safe
@desk_view
def palette(request: DeskRequest) -> HttpResponse:
    """What matches, as a dialog or, once something was typed there, its results alone. After `>` commands only."""
    q = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    here = _open(request)
    region = request.signed.member.workspace.region
    words = q.removeprefix(COMMANDS_ONLY).strip()
    results = _found(request.actor, words) if words and not q.startswith(COMMANDS_ONLY) else None
    shows = Palette(
        q=q,
        words=words,
        hits=tuple(_hit(one, results, region=region, to=request.actor) for one in results.people) if results else (),
        lines=tuple(found.text(one, actor=request.actor, region=region) for one in results.texts) if results else (),
        all_url=found.search_url(q) if results and results.texts else "",
        groups=tuple(_groups(request, words, open_id=here.pk if here else 0)),
        here=_short_name(here, region=region, to=request.actor) if here else "",
    )
    template = "palette_results" if "q" in request.GET else "palette"
    return shown(request, f"desk/inbox/{template}.html", {"palette": shows})


def _found(actor: Actor, words: str) -> Results:
    """People and a few texts; the last word may be a beginning."""
    return search(
        actor,
        words,
        at=timezone.now(),
        zone=timezone.get_current_timezone(),
        page=Page(limit=MOST_TEXTS),
        is_typing=True,
    )


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


def _hit(hit: Conversation, results: Results, *, region: str, to: Actor) -> PaletteHit:
    said = found.person(hit, results.wanted, actor=to, region=region)
    return PaletteHit(conversation_id=hit.pk, person=said.person, detail=said.detail, name=_name(said.name))


def _name(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    """The name in pieces, unless what was typed stands inside a word; the template marks that."""
    return pieces if any(piece.is_hit for piece in pieces) else ()


def _groups(request: DeskRequest, words: str, *, open_id: int) -> list[PaletteGroup]:
    """The commands whose words hold what was typed; settings only once something was typed."""
    actor = request.actor
    may_write = may(actor, Right.REPLY)
    groups = [
        PaletteGroup(label=t("Do this here"), lines=_here(open_id) if open_id and may_write else ()),
        PaletteGroup(label=t("Macros"), lines=tuple(_macros(actor)) if open_id and may_write else ()),
        PaletteGroup(label=t("Your work"), lines=tuple(_work(actor)) if may_write else ()),
        PaletteGroup(label=t("Go to"), lines=tuple(_places(actor))),
        PaletteGroup(label=t("Settings"), lines=tuple(_settings(actor)) if words else ()),
    ]
    wanted = [replace(group, lines=tuple(line for line in group.lines if _is_meant(line, words))) for group in groups]
    return [group for group in wanted if group.lines]


def _here(open_id: int) -> tuple[PaletteLine, ...]:
    call = PaletteLine(label=t("Call"), icon="phone", url=reverse("desk:call_menu", args=[open_id]))
    own = PaletteLine(label=t("Call back"), icon="callback", url=reverse("desk:callback_menu", args=[open_id]))
    return (*(replace(line, label=t(line.label)) for line in _HERE), call, own)


def _work(actor: Actor) -> list[PaletteLine]:
    """Being there or not, and the next one who waits; nothing where no conversations are given out."""
    menu = menu_of(actor)
    if menu is None:
        return []
    lines = [
        PaletteLine(label=t("Take the next one waiting"), icon="inbox", command="take_next"),
        PaletteLine(label=t("Go online"), icon="check", command="online"),
        PaletteLine(label=t("Be away"), icon="clock", command="away"),
        PaletteLine(label=t("Go on break"), icon="pause", command="break"),
    ]
    return [line for line in lines if line.command != menu.state]


def _macros(actor: Actor) -> list[PaletteLine]:
    """The macros this member may run."""
    return [
        PaletteLine(label=one.name, icon="bolt", macro=one.pk, detail=key_words(one.key), also=t("macro"))
        for one in macros(actor)[:MOST_MACROS]
    ]


def _is_meant(line: PaletteLine, words: str) -> bool:
    """Whether every word is in the line's label or begins a word of what it is about."""
    said = fold(f"{line.label} {line.detail} {line.also}")
    return all(word in said for word in fold(words).split())


def _settings(actor: Actor) -> list[PaletteLine]:
    """Every page of the settings this member may open."""
    return [
        PaletteLine(label=line.label, icon=line.icon, url=line.url, detail=group.label, also=line.words)
        for group in settings_frame.groups(actor, here="", counts={})
        for line in group.lines
    ]


def _places(actor: Actor) -> list[PaletteLine]:
    lines = [
        PaletteLine(label=t(label), icon=ICONS[key], url=reverse("desk:inbox", args=[key]))
        for key, label in LABELS.items()
    ]
    lines += [
        PaletteLine(
            label=one.name, icon=one.icon, url=reverse("desk:inbox", args=[f"saved-{one.pk}"]), detail=t("Saved view")
        )
        for one in visible_views(actor)[:MOST_VIEWS]
    ]
    if may(actor, Right.REPLY):
        lines.append(PaletteLine(label=t("New conversation"), icon="plus", command="new"))
    lines.append(PaletteLine(label=t("Callbacks"), icon="callback", url=reverse("desk:callbacks")))
    if may_see(actor):
        lines.append(PaletteLine(label=t("Wallboard"), icon="monitor", url=reverse("desk:wallboard")))
    if may(actor, Right.SEE_WORK):
        lines.append(PaletteLine(label=t("Forecast"), icon="chart", url=reverse("desk:forecast")))
    if may(actor, Right.SEE_COMPLIANCE):
        lines.append(PaletteLine(label=t("Compliance"), icon="shield", url=reverse("desk:compliance")))
    lines.append(PaletteLine(label=t("Settings"), icon="sliders", url=reverse("desk:settings")))
    lines.append(PaletteLine(label=t("Profile and theme"), icon="user", url=reverse("desk:profile")))
    return lines
