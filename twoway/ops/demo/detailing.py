"""What stands around the demo's conversations: views, fields, what other systems told, a hand-over, a later text."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from twoway.contacts import actions as contacts
from twoway.contacts.fields import actions as fields
from twoway.contacts.fields.actions import FieldWish
from twoway.contacts.outside import actions as outside
from twoway.contacts.outside.actions import Outside
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation, Tag
from twoway.conversations.views import actions as views
from twoway.conversations.views.actions import Wish
from twoway.conversations.views.queries import fields_for
from twoway.messaging.scheduling import actions as later
from twoway.ops.demo.escalating import escalate
from twoway.ops.demo.keeping import keep_hours
from twoway.ops.demo.threads import Cast
from twoway.sla import actions as clocks
from twoway.teams.models import Workspace

PROMISE = clocks.Wish(
    name="Everybody else",
    first_minutes=30,
    first_warn=15,
    next_minutes=15,
    next_warn=8,
    same_day=True,
    pauses_snoozed=True,
    in_hours=False,
)
"""How soon these businesses want to answer."""
_TOLD: tuple[tuple[int, str, str, dict[str, object]], ...] = (
    (25, "trip", "Trip RC-20418 started", {"Car": "Juniper, bay B14", "Price": "$38.50"}),
    (15, "unlock", "Remote unlock failed, Juniper", {"By": "Operations"}),
    (8, "trip", "Trip moved to Fern, bay B16", {"By": "Ana"}),
    (9 * 24 * 60, "payment", "Card ending 4417 updated", {}),
)


def plan(*, cast: Cast, workspace: Workspace, at: datetime) -> None:
    """Hours, the goal for answers and the fields of contacts, before anybody has written."""
    ana = cast.of("Ana")
    keep_hours(cast=cast, at=at)
    escalate(cast=cast, at=at)
    clocks.change_policy(policy=clocks.ensure_default(workspace.pk, at=at), wish=PROMISE, by=ana, at=at)
    fields.add_field(wish=FieldWish(name="Plan", key="Plan"), by=ana, at=at)
    fields.add_field(wish=FieldWish(name="Email", key="Email", kind="email"), by=ana, at=at)


def detail(*, cast: Cast, workspace: Workspace, at: datetime) -> None:
    """All that needs the conversations, once they are told. In the caller's transaction."""
    _save_views(cast, workspace, at=at - timedelta(days=3))
    open_ones = Conversation.objects.filter(workspace=workspace).exclude(state="done")
    clocks.look_again(conversation_ids=list(open_ones.values_list("id", flat=True)), at=at)
    dana = _of(workspace, "Dana Whitfield")
    for ago, kind, title, data in sorted(_TOLD, key=lambda line: -line[0]):
        happened = at - timedelta(minutes=ago)
        told = Outside(key=f"{kind}-{ago}", kind=kind, title=title, at=happened, data=data)
        outside.record(contact=dana.contact, told=told, by=cast.of("Marcus"), at=happened)
    for name, language in (("Dana Whitfield", "en"), ("Sofia Reyes", "es")):
        contact = _of(workspace, name).contact
        contacts.set_locale(contact=contact, language=language, by=cast.of("Ana"), at=at - timedelta(days=1))
    conversations.hand_over(
        conversation=_of(workspace, "Grace Kim"),
        member_id=cast.members["Ana"].pk,
        note="@Ana my shift ends. The tow driver can't find the way in: it is on Pine Street, behind the gate.",
        summary="Nail in the front left tire of Maple, parked behind the library on 10th. A tow truck is there.",
        by=cast.of("Marcus"),
        at=at - timedelta(minutes=6),
    )
    tomorrow = (at.astimezone(ZoneInfo(workspace.time_zone)) + timedelta(days=1)).replace(
        hour=13, minute=0, second=0, microsecond=0
    )
    later.schedule(
        conversation=_of(workspace, "Hana Berg"),
        body="Hi Hana, a reminder from Alder Street Dental: your cleaning is on Wednesday at 2:10 PM. See you then!",
        due_at=tomorrow,
        cancels_on_answer=True,
        key="demo-reminder",
        by=cast.of("Priya"),
        at=at - timedelta(minutes=130),
    )


def _save_views(cast: Cast, workspace: Workspace, *, at: datetime) -> None:
    ana = cast.of("Ana")
    lockout = str(Tag.objects.get(workspace=workspace, name="Lockout").pk)
    known = fields_for(ana, region=workspace.region)
    for name, icon, conditions in (
        ("Waiting over 10 min", "clock", [{"field": "waiting", "is": "more", "value": 10}]),
        (
            "Lockouts this week",
            "key",
            [
                {"field": "tag", "is": "any_of", "value": [lockout]},
                {"field": "heard", "is": "last_days", "value": 7},
            ],
        ),
        ("New today", "star", [{"field": "opened", "is": "last_days", "value": 1}]),
    ):
        wish = Wish(name=name, scope="all", icon=icon, conditions={"all": conditions})
        view = views.save_view(wish=wish, fields=known, by=ana, at=at)
        views.place_view(view=view, by=ana, is_pinned=True)


def _of(workspace: Workspace, name: str) -> Conversation:
    rows = Conversation.objects.select_related("channel__workspace", "identity", "contact")
    return rows.get(workspace=workspace, contact__name=name)
