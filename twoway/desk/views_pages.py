"""Saved views: the page of all of them, making and changing one with its count beside it, and their places."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twoway.conversations import queries as conversations
from twoway.conversations.rules import View
from twoway.conversations.views import actions
from twoway.conversations.views import queries as views
from twoway.conversations.views.rules import ICONS, ORDER_WORDS, properties_in, quick_of
from twoway.desk import views_form
from twoway.desk.builders.lists import count_words
from twoway.desk.context import Patch
from twoway.desk.inbox_frame import desk_view, id_of, patched, shown, view_on_screen
from twoway.desk.middleware import DeskRequest
from twoway.desk.settings_frame import say
from twoway.desk.views_form import Form
from twoway.lib.conditions import Clock, Field, read
from twoway.lib.refusal import Invalid, NotFound, Refused
from twoway.lib.words import t, tn
from twoway.teams.queries import own_teams
from twoway.teams.rules import Right, may

PAGE, FORM = "desk/inbox/view_form_page.html", "desk/inbox/view_form.html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A saved view among all of them."""

    view: views.SavedView
    who: str
    is_pinned: bool
    is_mine: bool

    @property
    def slug(self) -> str:
        """The view's address among the lists."""
        return f"saved-{self.view.pk}"


@require_safe
@desk_view
def all_views(request: DeskRequest) -> HttpResponse:
    """Every view this member may use: which of them are in their column, in which order."""
    actor = request.actor
    pinned = views.pinned_views(actor)
    rest = [one for one in views.visible_views(actor).select_related("team", "owner__user") if one not in pinned]
    lines = [_line(request, one, is_pinned=True) for one in pinned]
    lines += [_line(request, one, is_pinned=False) for one in rest]
    return shown(request, "desk/inbox/views_page.html", {"lines": lines})


def _line(request: DeskRequest, view: views.SavedView, *, is_pinned: bool) -> Line:
    who = {"private": t("Only you"), "all": t("Everybody")}.get(view.scope) or (view.team.name if view.team else "")
    return Line(view=view, who=who, is_pinned=is_pinned, is_mine=views.may_change(request.actor, view))


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def new(request: DeskRequest) -> HttpResponse:
    """A new view; from the head of a list it begins with what is chosen there."""
    if request.method == "POST":
        return _save(request, None)
    fields = _fields(request)
    quick = quick_of(request.GET.dict())
    form = Form(groups=views_form.groups_of(quick.tree, fields), order=quick.order or "waiting")
    return _page(request, form, fields, None)


@require_http_methods(["GET", "HEAD", "POST"])
@desk_view
def edit(request: DeskRequest, view_id: int) -> HttpResponse:
    """A view that is kept, to be changed by who may."""
    found = views.access_view(request.actor, view_id)
    if not views.may_change(request.actor, found):
        raise NotFound("view", view_id)
    if request.method == "POST":
        return _save(request, found)
    fields = _fields(request, found)
    return _page(request, views_form.form_of(found, fields), fields, found)


@require_POST
@desk_view
def form(request: DeskRequest) -> HttpResponse:
    """The form after a change in it, with how many conversations it means now. Nothing is kept."""
    key = id_of(request.POST.get("view", ""))
    fields = _fields(request)
    return _page(
        request,
        views_form.posted(request.POST, fields),
        fields,
        views.access_view(request.actor, key) if key else None,
        template=FORM if request.htmx else PAGE,
    )


def _save(request: DeskRequest, found: views.SavedView | None) -> HttpResponse:
    fields = _fields(request, found)
    given = views_form.posted(request.POST, fields)
    if request.POST.get("do"):
        return _page(request, given, fields, found, template=FORM if request.htmx else PAGE)
    wish = actions.Wish(
        name=given.name,
        scope=given.scope,
        team_id=id_of(given.team),
        order=given.order,
        icon=given.icon,
        conditions=given.conditions,
    )
    try:
        if not any(rule.field for group in given.groups for rule in group.rules):
            raise Invalid(t("Add a condition: without one it would be the same as All open."), field="conditions")
        kept = actions.save_view(
            wish=wish, fields=fields, by=request.actor, at=timezone.now(), view_id=found.pk if found else None
        )
    except Invalid as refused:
        wrong = replace(given, wrong={refused.field or "conditions": refused.sentence})
        return _page(request, wrong, fields, found, status=422)
    say(request, t("Saved."))
    return redirect("desk:inbox", f"saved-{kept.pk}")


@require_POST
@desk_view
def delete(request: DeskRequest, view_id: int) -> HttpResponse:
    """Delete a view; nothing happens to the conversations in it."""
    found = views.access_view(request.actor, view_id)
    actions.delete_view(view=found, by=request.actor, at=timezone.now())
    say(request, t("Deleted {name}.", name=found.name))
    return redirect("desk:views")


@require_POST
@desk_view
def place(request: DeskRequest, view_id: int) -> HttpResponse:
    """Show a view in one's own column or not, or move it up or down there."""
    found = views.access_view(request.actor, view_id)
    step = {"up": -1, "down": 1}.get(request.POST.get("move", ""), 0)
    pinned = {"1": True, "0": False}.get(request.POST.get("pinned", ""))
    actions.place_view(view=found, by=request.actor, is_pinned=pinned, step=step)
    return redirect("desk:views")


@require_safe
@desk_view
def counts(request: DeskRequest) -> HttpResponse:
    """How many conversations the searched boxes and the saved views of one's column hold: asked for now and then."""
    clock = Clock(at=timezone.now(), zone=timezone.get_current_timezone())
    boxes = [View(box="unread"), View(box="unanswered"), View(box="mentions")]
    saved = [
        View(box="saved", key=one.pk, tree=views.stored_tree(one), clock=clock)
        for one in views.pinned_views(request.actor)
    ]
    found = {view.slug: count_words(conversations.count_searched(request.actor, view)) for view in (*boxes, *saved)}
    return patched(request, Patch(view_counts=tuple(found.items())))


def _fields(request: DeskRequest, found: views.SavedView | None = None) -> dict[str, Field]:
    """What conditions may be about, with the properties that are named already."""
    posted = {value.removeprefix("property:") for value in _property_values(request.POST)}
    also = posted | (properties_in(found.conditions) if found else set())
    return views.fields_for(request.actor, region=request.signed.member.workspace.region, also=sorted(also))


def _property_values(data: QueryDict) -> list[str]:
    return [
        value[:80]
        for name, value in data.items()
        if name.endswith("-field") and isinstance(value, str) and value.startswith("property:")
    ][:20]


def _page(
    request: DeskRequest,
    form: Form,
    fields: dict[str, Field],
    found: views.SavedView | None,
    *,
    template: str = PAGE,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "view": found,
        "fields": [(key, one.label) for key, one in fields.items()],
        "hows": [(how, t(words)) for how, words in views_form.HOWS],
        "orders": [(order, t(words)) for order, words in ORDER_WORDS.items()],
        "icons": ICONS,
        "may_share": may(request.actor, Right.SHARE_VIEWS),
        "teams": [(str(key), name) for key, name in own_teams(request.actor).values_list("id", "name")],
        "count": _count(request, form, fields),
        "most_groups": views_form.MOST_GROUPS,
    }
    return shown(request, template, context, status=status)


def _count(request: DeskRequest, form: Form, fields: dict[str, Field]) -> str:
    """How many it means now, in words; what is wrong with it while it is not whole."""
    if not any(rule.field for group in form.groups for rule in group.rules):
        return t("Add a condition to see how many it means.")
    try:
        tree = read(form.conditions, fields=fields)
    except Refused as refused:
        return refused.sentence
    shape = view_on_screen(request.actor, "open", "", "")
    clock = Clock(at=timezone.now(), zone=timezone.get_current_timezone())
    view = replace(shape, box="saved", key=1, tree=tree, clock=clock)
    found = conversations.count_now(request.actor, view)
    if found is None:
        return t("It looks through too many conversations to count them. Narrow it by a team, a tag or a number.")
    if found > conversations.FEW:
        return t("More than {few} conversations are like this now.", few=conversations.FEW)
    return tn("{n} conversation is like this now.", "{n} conversations are like this now.", found)
