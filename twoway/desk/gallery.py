"""All pictures and files of a conversation, or of a person, by month."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from twoway.contacts.queries import shown_name
from twoway.conversations.queries import Conversation, access_conversation
from twoway.desk.builders import chips
from twoway.desk.builders import files as builder
from twoway.desk.context.logs import Gallery, Month, Shown
from twoway.desk.inbox_frame import Asked, asked_of, desk_view, id_of, shown
from twoway.desk.log_asked import others_of
from twoway.desk.middleware import DeskRequest
from twoway.lib.days import month_name
from twoway.lib.words import t
from twoway.messaging.media import queries as media
from twoway.messaging.media.queries import Sent

DIALOG, MORE, PAGE = "desk/inbox/gallery.html", "desk/inbox/gallery_more.html", "desk/inbox/menu_page.html"
AT_ONCE = 60
KINDS = {"pictures": ("image", "video"), "files": ("audio", "pdf", "contact", "location", "file"), "": ()}


@require_safe
@desk_view
def gallery(request: DeskRequest, conversation_id: int) -> HttpResponse:
    """A page of them, the newest first; with `before` only more, for the end of what is shown."""
    found = access_conversation(request.actor, conversation_id)
    asked = asked_of(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else ""
    others = others_of(asked, found)
    shows_all = request.GET.get("all") == "1"
    before = id_of(request.GET.get("before", ""))
    ids = [found.pk, *(other.pk for other in others)] if shows_all else [found.pk]
    rows = media.sent_in(ids, kinds=KINDS[kind], before_id=before, limit=AT_ONCE + 1)
    told = Gallery(
        conversation_id=found.pk,
        person=chips.person(found, region=asked.region, to=asked.actor).name,
        months=_months(asked, found, rows[:AT_ONCE]),
        kind=kind,
        shows_all=shows_all,
        others=len(others),
        more=str(rows[AT_ONCE - 1].file.pk) if len(rows) > AT_ONCE else "",
        is_first=before is None,
    )
    if request.htmx:
        return shown(request, MORE if before else DIALOG, {"menu": told})
    return shown(request, PAGE, {"menu": told, "menu_template": DIALOG})


def _months(asked: Asked, found: Conversation, rows: list[Sent]) -> tuple[Month, ...]:
    groups = groupby(rows, key=lambda row: month_name(timezone.localtime(row.at)))
    person = shown_name(found.contact) or chips.person(found, region=asked.region, to=asked.actor).name
    return tuple(
        Month(label=label, files=tuple(_shown(asked, row, person) for row in rows_of_month))
        for label, rows_of_month in groups
    )


def _shown(asked: Asked, row: Sent, person: str) -> Shown:
    url = reverse("desk:conversation", args=[row.conversation_id])
    return Shown(
        file=builder.item(row.file, at=asked.now, conversation_id=row.conversation_id),
        who=(chips.short(row.by_name) or t("Automatic")) if row.is_ours else person,
        at=row.at,
        url=f"{url}?m={row.message_id}",
    )
