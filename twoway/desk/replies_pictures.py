"""Pictures that are kept to be sent again: the grid beside the reply form, adding, sending and removing one."""

from __future__ import annotations

from urllib.parse import unquote

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk import media
from twoway.desk.builders import files
from twoway.desk.context.replies import PictureCard, PictureGrid
from twoway.desk.inbox_frame import desk_view, require_right, shown
from twoway.desk.middleware import DeskRequest
from twoway.lib.refusal import Refused
from twoway.messaging.media.files import scratch
from twoway.replies import actions, picture_queries
from twoway.teams.rules import Right, may

GRID, RESULTS, PAGE = "desk/replies/pictures.html", "desk/replies/pictures_found.html", "desk/inbox/menu_page.html"
MOST_SHOWN = 60


@require_safe
@desk_view
def pictures(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """The grid, or with `q` what is found by name."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    if "q" in request.GET:
        return _results(request, found)
    context = {"grid": _grid(request, found), "may_share": may(request.actor, Right.MANAGE_REPLIES)}
    if request.htmx:
        return shown(request, GRID, context)
    return shown(request, PAGE, {**context, "menu_template": GRID})


@require_POST
@desk_view
def add(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """Keep one more: the request's body, its name in X-File-Name; with `everybody=1` for the whole workspace."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    is_shared = request.GET.get("everybody") == "1"
    try:
        with scratch() as path:
            media.receive(request, path)
            name = unquote(request.headers.get("X-File-Name", ""))[:200]
            actions.add_picture(path=path, name=name, is_shared=is_shared, by=request.actor, at=timezone.now())
    except Refused as refused:
        return _results(request, found, error=refused.sentence)
    return _results(request, found)


@require_POST
@desk_view
def use(request: DeskRequest, conversation_id: int, picture_id: int) -> HttpResponse:
    """Put one beside the text."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    chosen = picture_queries.access_picture(request.actor, picture_id)
    try:
        actions.use_picture(picture=chosen, conversation=found, by=request.actor, at=timezone.now())
    except Refused as refused:
        return media.strip(request, found, error=refused.sentence)
    return media.strip(request, found)


@require_POST
@desk_view
def remove(request: DeskRequest, conversation_id: int, picture_id: int) -> HttpResponse:
    """Let go of one."""
    found = access_conversation(request.actor, conversation_id)
    require_right(request.actor, Right.REPLY)
    chosen = picture_queries.access_picture(request.actor, picture_id)
    actions.remove_picture(picture=chosen, by=request.actor, at=timezone.now())
    return _results(request, found)


def _results(request: DeskRequest, found: Conversation, *, error: str = "") -> HttpResponse:
    grid = _grid(request, found, error=error)
    if request.htmx:
        return shown(request, RESULTS, {"grid": grid}, status=422 if error else 200)
    may_share = may(request.actor, Right.MANAGE_REPLIES)
    context = {"grid": grid, "may_share": may_share, "menu_template": GRID}
    return shown(request, PAGE, context, status=422 if error else 200)


def _grid(request: DeskRequest, found: Conversation, *, error: str = "") -> PictureGrid:
    q = request.GET.get("q", "")[: picture_queries.LONGEST_SEARCH]
    now = timezone.now()
    cards = []
    for row, file in picture_queries.found(request.actor, q, limit=MOST_SHOWN):
        shows = files.item(file, at=now)
        cards.append(
            PictureCard(
                id=row.pk,
                name=row.name,
                url=shows.small_url or shows.url,
                is_moving=file.content_type == "image/gif",
                is_shared=row.owner_id is None,
                may_remove=picture_queries.may_remove(request.actor, row),
            )
        )
    is_empty = not cards and not picture_queries.pictures(request.actor).exists()
    return PictureGrid(conversation_id=found.pk, cards=tuple(cards), q=q.strip(), is_empty=is_empty, error=error)
