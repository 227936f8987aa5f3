"""Conditions on conversations as SQL: the one place that says which columns and indexes each of them means."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.apps import apps
from django.db.models import Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform

from twoway.compliance.models import OptOut
from twoway.contacts.models import Contact
from twoway.conversations.models import Conversation, Episode, ReadMark
from twoway.conversations.views.rules import ME, OWN_TEAMS, property_of
from twoway.lib.conditions import Clock, Node, Rule, moment_range
from twoway.teams.actor import Actor

FAILED = ("failed", "undelivered")
_NOTHING, _EVERYTHING = Q(pk__in=[]), Q(pk__isnull=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """Who asks, and when."""

    actor: Actor
    clock: Clock


def condition(node: Node, *, asking: Asking) -> Q:
    """The conversations a tree means, as a condition of the ORM; every value is a parameter."""
    if isinstance(node, Rule):
        return _rule(node, asking)
    parts = [condition(part, asking=asking) for part in node.parts]
    if node.how == "any":
        found = _NOTHING if not parts else parts[0]
        for part in parts[1:]:
            found |= part
        return found
    found = _EVERYTHING
    for part in parts:
        found &= ~part if node.how == "none" else part
    return found


def _rule(rule: Rule, asking: Asking) -> Q:
    name = property_of(rule.field)
    if name:
        return _property(name, rule)
    return _FIELDS[rule.field](rule, asking)


def _words(rule: Rule) -> list[str]:
    return [str(one) for one in rule.value] if isinstance(rule.value, tuple) else []


def _ids(words: list[str]) -> list[int]:
    return [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]


def _assignee(rule: Rule, asking: Asking) -> Q:
    me = [asking.actor.member_id or 0] if ME in _words(rule) else []
    return _of_column("assignee_id", rule, _ids(_words(rule)) + me)


def _team(rule: Rule, asking: Asking) -> Q:
    own = sorted(asking.actor.team_ids) if OWN_TEAMS in _words(rule) else []
    return _of_column("team_id", rule, _ids(_words(rule)) + own)


def _channel(rule: Rule, _asking: Asking) -> Q:
    return _of_column("channel_id", rule, _ids(_words(rule)))


def _of_column(column: str, rule: Rule, ids: list[int]) -> Q:
    """Plain comparisons, so that the index of the column serves."""
    if rule.op in {"set", "empty"}:
        return Q(**{f"{column}__isnull": rule.op == "empty"})
    among = Q(**{f"{column}__in": sorted(set(ids))})
    return among if rule.op == "one_of" else Q(**{f"{column}__isnull": True}) | ~among


def _state(rule: Rule, _asking: Asking) -> Q:
    if rule.op in {"set", "empty"}:
        return _EVERYTHING if rule.op == "set" else _NOTHING
    among = Q(state__in=_words(rule))
    return among if rule.op == "one_of" else ~among


def _tag(rule: Rule, _asking: Asking) -> Q:
    links = Conversation.tags.through.objects.filter(conversation_id=OuterRef("pk"))
    if rule.op in {"set", "empty"}:
        return Q(Exists(links)) if rule.op == "set" else ~Q(Exists(links))
    ids = _ids(_words(rule))
    if rule.op == "all_of":
        found = Q()
        for key in ids:
            found &= Q(Exists(links.filter(tag_id=key)))
        return found
    some = Q(Exists(links.filter(tag_id__in=ids)))
    return some if rule.op == "any_of" else ~some


def unread_by(actor: Actor) -> Q:
    """Not done, and with a text this member has not seen."""
    seen = ReadMark.objects.filter(
        conversation_id=OuterRef("pk"), member_id=actor.member_id or 0, message_id__gte=OuterRef("last_inbound_id")
    )
    return Q(last_inbound_id__isnull=False) & ~Q(state="done") & ~Q(Exists(seen))


def never_answered() -> Q:
    """They wait since the episode began, so nobody has answered in it yet."""
    begun = Episode.objects.filter(
        conversation_id=OuterRef("pk"),
        number=OuterRef("episode"),
        opened_at__gte=OuterRef("sort_at") - timedelta(seconds=2),
    )
    return Q(needs_reply=True) & Q(Exists(begun))


def queued(queue_id: int) -> Q:
    """They wait in this queue."""
    entries = apps.get_model("routing", "queueentry")._default_manager.filter(queue_id=queue_id, state="waiting")
    return Q(Exists(entries.filter(conversation_id=OuterRef("pk"))))


def mentioned(actor: Actor) -> Q:
    """A note names this member or one of their teams."""
    mine = Q(member_id=actor.member_id or 0) | Q(team_id__in=sorted(actor.team_ids))
    mentions = apps.get_model("conversations_together", "mention")._default_manager.filter(mine)
    return Q(Exists(mentions.filter(conversation_id=OuterRef("pk"))))


def _yes_no(rule: Rule, found: Q) -> Q:
    if rule.op in {"set", "empty"}:
        return _EVERYTHING if rule.op == "set" else _NOTHING
    return found if rule.op == "yes" else ~found


def _waiting(rule: Rule, asking: Asking) -> Q:
    """How many minutes they have been waiting; who isn't waiting has none."""
    if rule.op in {"set", "empty"}:
        return Q(needs_reply=rule.op == "set")
    low, high = rule.value if isinstance(rule.value, tuple) else (rule.value, rule.value)
    if not isinstance(low, Decimal) or not isinstance(high, Decimal):
        return _NOTHING
    now = asking.clock.at
    since = {name: now - timedelta(minutes=min(float(one), 5_000_000)) for name, one in (("low", low), ("high", high))}
    minute = timedelta(minutes=1)
    found = {
        "more": Q(sort_at__lt=since["low"]),
        "less": Q(sort_at__gt=since["low"]),
        "between": Q(sort_at__lte=since["low"], sort_at__gte=since["high"]),
        "equal": Q(sort_at__lte=since["low"], sort_at__gt=since["low"] - minute),
        "not_equal": Q(sort_at__gt=since["low"]) | Q(sort_at__lte=since["low"] - minute),
    }[rule.op]
    return Q(needs_reply=True) & found


def _clock(rule: Rule, asking: Asking) -> Q:
    """Whether an answer is late by now, or will be soon; it is set while a clock runs."""
    now, tracks = asking.clock.at, apps.get_model("sla", "track")._default_manager
    own = tracks.filter(conversation_id=OuterRef("pk"), workspace_id=asking.actor.workspace_id, due_at__isnull=False)
    if rule.op in {"set", "empty"}:
        return Q(Exists(own)) if rule.op == "set" else ~Q(Exists(own))
    meant = {"risk": Q(warn_at__lte=now, due_at__gt=now), "late": Q(due_at__lte=now)}
    wanted = Q(pk__in=[])
    for word in _words(rule):
        wanted |= meant.get(word, Q(pk__in=[]))
    among = Q(Exists(own.filter(wanted)))
    return among if rule.op == "one_of" else ~among


def _heard(rule: Rule, asking: Asking) -> Q:
    if rule.op in {"set", "empty"}:
        return Q(last_inbound_at__isnull=rule.op == "empty")
    inside = _between("last_inbound_at", rule, asking)
    return inside if rule.op != "not_last_days" else Q(last_inbound_at__isnull=True) | ~inside


def _opened(rule: Rule, asking: Asking) -> Q:
    """When the episode began."""
    if rule.op in {"set", "empty"}:
        return _EVERYTHING if rule.op == "set" else _NOTHING
    begun = Episode.objects.filter(conversation_id=OuterRef("pk"), number=OuterRef("episode"))
    found = Q(Exists(begun.filter(_between("opened_at", rule, asking))))
    return ~found if rule.op == "not_last_days" else found


def _between(column: str, rule: Rule, asking: Asking) -> Q:
    first, last = moment_range(rule, clock=asking.clock)
    found = Q(**{f"{column}__isnull": False})
    if first is not None:
        found &= Q(**{f"{column}__gte": first})
    return found & Q(**{f"{column}__lt": last}) if last is not None else found


def _language(rule: Rule, _asking: Asking) -> Q:
    if rule.op in {"set", "empty"}:
        return ~Q(contact__language="") if rule.op == "set" else Q(contact__language="")
    among = Q(contact__language__in=_words(rule))
    return among if rule.op == "one_of" else ~among


def _failed(rule: Rule, _asking: Asking) -> Q:
    texts = apps.get_model("messaging", "message")._default_manager.filter(status__in=FAILED)
    return _yes_no(rule, Q(Exists(texts.filter(conversation_id=OuterRef("pk")))))


def _opted_out(rule: Rule, _asking: Asking) -> Q:
    """The same reach as in `compliance.queries`: the number, its service, its pool, or all of ours."""
    channel = Q(channel_id=OuterRef("channel_id"))
    service = ~Q(channel__service_id="") & Q(channel__service_id=OuterRef("channel__service_id"))
    pool = Q(channel__pool_id=OuterRef("channel__pool_id"))
    held = OptOut.objects.filter(identity_id=OuterRef("identity_id"), lifted_at=None)
    held = held.filter(channel | Q(covers="all") | service | pool, workspace_id=OuterRef("workspace_id"))
    return _yes_no(rule, Q(Exists(held)))


def _property(name: str, rule: Rule) -> Q:
    """A property of the contact as text, whatever its capitals."""
    people = Contact.objects.filter(pk=OuterRef("contact_id")).annotate(has=KeyTextTransform(name, "properties"))
    wanted = str(rule.value)
    test = {
        "is": Q(has__iexact=wanted),
        "is_not": Q(has__iexact=wanted),
        "contains": Q(has__icontains=wanted),
        "not_contains": Q(has__icontains=wanted),
        "begins": Q(has__istartswith=wanted),
        "set": Q(has__gt=""),
        "empty": Q(has__gt=""),
    }[rule.op]
    found = Q(Exists(people.filter(test)))
    return ~found if rule.op in {"is_not", "not_contains", "empty"} else found


_FIELDS: dict[str, Callable[[Rule, Asking], Q]] = {
    "assignee": _assignee,
    "team": _team,
    "channel": _channel,
    "tag": _tag,
    "state": _state,
    "unread": lambda rule, asking: _yes_no(rule, unread_by(asking.actor)),
    "mentioned": lambda rule, asking: _yes_no(rule, mentioned(asking.actor)),
    "waiting": _waiting,
    "clock": _clock,
    "heard": _heard,
    "opened": _opened,
    "language": _language,
    "failed": _failed,
    "opted_out": _opted_out,
}
