"""Reading callbacks: how they are given out, what is free, and who is to be called."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, Q, QuerySet

from twoway.channels import queries as channels
from twoway.conversations.models import Conversation
from twoway.conversations.queries import visible_to
from twoway.lib import clocks
from twoway.lib.refusal import NotFound
from twoway.messaging.callbacks import wording
from twoway.messaging.callbacks.answers import CALL_WORDS
from twoway.messaging.callbacks.models import Callback, CallbackSetting, Outcome, State
from twoway.messaging.callbacks.rules import HELD, OPEN, Caller, Plan, Slot, capacity, choose, free_slots, is_possible
from twoway.routing.presence.queries import present
from twoway.teams.actor import Actor
from twoway.teams.hours.rules import ALWAYS, Calendar
from twoway.teams.models import Member, Workspace
from twoway.teams.queries import who_may
from twoway.teams.rules import Right

__all__ = [
    "BOXES",
    "Callback",
    "CallbackSetting",
    "Outcome",
    "State",
    "access_callback",
    "callers",
    "counts",
    "due_now",
    "is_on",
    "listed",
    "offerable",
    "open_callback",
    "setting_of",
    "words_of",
]

BOXES = ("due", "mine", "booked", "left", "ended")
"""The lists of callbacks: to be made now, one's own, the later ones, those that need a person, and what is over."""
MOST = 200


def setting_of(workspace_id: int) -> CallbackSetting:
    """How a workspace gives out calls; one that never said so has the defaults, off and not stored."""
    found = CallbackSetting.objects.select_related("workspace", "team").filter(workspace_id=workspace_id).first()
    if found is not None:
        return found
    workspace = Workspace.objects.get(id=workspace_id)
    return CallbackSetting(workspace=workspace, words=usual_words(), changed_at=workspace.created_at)


def usual_words() -> list[str]:
    """The words that ask for a call, of every language there are any in."""
    return [word for listed in CALL_WORDS.values() for word in listed]


def words_of(setting: CallbackSetting, key: str, language: str) -> str:
    """A workspace's own words for one text; "" for Twoway's."""
    own = setting.texts.get(language, {}) if isinstance(setting.texts, dict) else {}
    return str(own.get(key, ""))


def is_on(workspace_id: int) -> bool:
    """Whether callbacks are switched on."""
    return CallbackSetting.objects.filter(workspace_id=workspace_id, is_on=True).exists()


def due_now(actor: Actor) -> bool | None:
    """Whether calls of conversations this actor may see are to be made now; None while callbacks are switched off. One
    statement."""
    due = Exists(visible(actor).filter(state=State.DUE))
    rows = CallbackSetting.objects.filter(workspace_id=actor.workspace_id, is_on=True)
    return rows.annotate(is_due=due).values_list("is_due", flat=True).first()


def calendar_of(conversation: Conversation, *, at: datetime) -> Calendar:
    """The open hours that count for a conversation; without any, every hour, by the workspace's clock."""
    found = channels.calendar_for(
        conversation.workspace_id, team_id=conversation.team_id, channel_id=conversation.channel_id, at=at
    )
    if found is ALWAYS:
        return Calendar(ZoneInfo(conversation.channel.workspace.time_zone), ALWAYS.week)
    return found


def zone_of(conversation: Conversation, calendar: Calendar) -> ZoneInfo:
    """The clock of whoever is called: their own where it is known, else that of our hours."""
    own = conversation.contact.time_zone
    return ZoneInfo(own) if own else calendar.zone


def reader_of(conversation: Conversation, *, language: str, zone: ZoneInfo, at: datetime) -> wording.Reader:
    """Who reads a text about their call."""
    clock = clocks.usual(conversation.channel.workspace.region)
    return wording.Reader(language=language, is_24=clock.is_24, today=at.astimezone(zone).date())


def callers(setting: CallbackSetting) -> QuerySet[Member]:
    """The members who may call."""
    rows = Member.objects.filter(
        who_may(Right.REPLY), who_may(Right.CALL), workspace_id=setting.workspace_id, is_active=True
    )
    rows = rows.filter(user__is_active=True)
    return rows.filter(teams=setting.team_id) if setting.team_id else rows


def plan_of(setting: CallbackSetting) -> Plan:
    """How calls are given out now, with the members there are now."""
    return Plan(
        slot_minutes=setting.slot_minutes,
        capacity=capacity(per_slot=setting.per_slot, callers=callers(setting).count()),
        lead_minutes=setting.lead_minutes,
        days=setting.days,
    )


def taken(workspace_id: int, *, at: datetime, but_id: int = 0) -> list[tuple[datetime, datetime]]:
    """The windows of calls that are booked and not over."""
    rows = Callback.objects.filter(workspace_id=workspace_id, state__in=HELD, ends_at__gt=at).exclude(id=but_id)
    return [(start, end) for start, end in rows.values_list("starts_at", "ends_at") if start and end]


def offerable(
    conversation: Conversation, setting: CallbackSetting, *, at: datetime, but_id: int = 0
) -> tuple[Slot, ...]:
    """Up to three times that may be offered now."""
    calendar = calendar_of(conversation, at=at)
    zone = zone_of(conversation, calendar)
    windows = taken(setting.workspace_id, at=at, but_id=but_id)
    return choose(free_slots(plan_of(setting), calendar, zone=zone, taken=windows, at=at), zone=zone)


def free_in(conversation: Conversation, *, at: datetime, limit: int = 60) -> list[datetime]:
    """The beginnings of every free slot, for a member who books one by hand."""
    setting = setting_of(conversation.workspace_id)
    calendar = calendar_of(conversation, at=at)
    zone = zone_of(conversation, calendar)
    windows = taken(setting.workspace_id, at=at)
    slots = free_slots(plan_of(setting), calendar, zone=zone, taken=windows, at=at)
    return [slot.start for slot, _ in zip(slots, range(limit), strict=False)]


def may_book(conversation: Conversation, setting: CallbackSetting, slot: Slot, *, at: datetime, but_id: int) -> bool:
    """Whether this very slot is still possible."""
    calendar = calendar_of(conversation, at=at)
    return is_possible(
        slot,
        plan_of(setting),
        calendar,
        zone=zone_of(conversation, calendar),
        taken=taken(setting.workspace_id, at=at, but_id=but_id),
        at=at,
    )


def candidates(setting: CallbackSetting, callback: Callback, *, at: datetime) -> list[Caller]:
    """Who could make this call: present or not, and how many calls they have at that time."""
    busy = Q(state__in=HELD, starts_at__lt=callback.ends_at, ends_at__gt=callback.starts_at) & ~Q(id=callback.pk)
    loads = dict(
        Callback.objects.filter(busy, workspace_id=setting.workspace_id, member__isnull=False)
        .values_list("member_id")
        .annotate(n=Count("id"))
    )
    here = {one.member_id for one in present(setting.workspace_id, at) if one.state == "online"}
    ids = callers(setting).values_list("id", flat=True).order_by("id")
    return [Caller(id=key, load=loads.get(key, 0), is_present=key in here) for key in ids]


def visible(actor: Actor) -> QuerySet[Callback]:
    """The callbacks of conversations this actor may see."""
    return Callback.objects.filter(workspace_id=actor.workspace_id, conversation__in=visible_to(actor))


def access_callback(actor: Actor, callback_id: int) -> Callback:
    """One callback with its conversation. Raises `NotFound` also for one this actor may not see."""
    found = with_people(visible(actor)).filter(id=callback_id).first()
    if found is None:
        raise NotFound("callback", callback_id)
    return found


def with_people(rows: QuerySet[Callback]) -> QuerySet[Callback]:
    """The same with everything a line shows; one query."""
    return rows.select_related(
        "conversation__channel__workspace", "conversation__contact", "conversation__identity", "contact", "identity",
        "channel__workspace", "member__user",
    )  # fmt: skip


def open_callback(conversation_id: int) -> Callback | None:
    """The callback of a conversation that is not over, or the one that needs a person."""
    rows = Callback.objects.select_related("member__user", "channel__workspace").filter(conversation_id=conversation_id)
    return rows.filter(state__in=[*OPEN, State.LEFT]).order_by("-id").first()


def listed(actor: Actor, box: str, *, at: datetime, limit: int = MOST) -> list[Callback]:
    """One list of `BOXES`, the next to be made first; what is over the newest first."""
    rows = with_people(visible(actor).filter(_box(box, actor, at)))
    order = ("-changed_at", "-id") if box in {"ended", "left"} else ("starts_at", "id")
    return list(rows.order_by(*order)[:limit])


def counts(actor: Actor, *, at: datetime) -> dict[str, int]:
    """How many are in each list; one query."""
    found = visible(actor).aggregate(
        **{f"in_{box}": Count("id", filter=_box(box, actor, at)) for box in BOXES if box != "ended"}
    )
    return {box: found[f"in_{box}"] for box in BOXES if box != "ended"}


def _box(box: str, actor: Actor, at: datetime) -> Q:
    if box == "due":
        return Q(state=State.DUE)
    if box == "mine":
        return Q(state__in=HELD, member_id=actor.member_id or 0)
    if box == "booked":
        return Q(state__in=[State.BOOKED, State.REMINDED])
    if box == "left":
        return Q(state=State.LEFT) | Q(state=State.OFFERED)
    return Q(state__in=[State.DONE, State.MISSED, State.CANCELLED], changed_at__gt=at - timedelta(days=30))


def of_conversations(ids: Iterable[int]) -> dict[int, Callback]:
    """The open callback of each of these conversations that has one."""
    rows = Callback.objects.filter(conversation_id__in=list(ids), state__in=OPEN)
    return {row.conversation_id: row for row in rows}
