"""What the conditions of a list may be about, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from twoway.lib.conditions import ALWAYS, Field, Group, Node, Rule, rules_in
from twoway.lib.words import noted, t

Order = Literal["waiting", "due", "newest", "oldest"]
ORDERS: tuple[Order, ...] = ("waiting", "due", "newest", "oldest")
ORDER_WORDS: Mapping[str, str] = {
    "waiting": noted("Waiting longest first"),
    "due": noted("Due soonest first"),
    "newest": noted("Newest first"),
    "oldest": noted("Oldest first"),
}

LONGEST_NAME = 60
MOST_PRIVATE = 100
MOST_SHARED = 200
MOST_PINNED = 30
ICONS = (
    noted("star"), noted("clock"), noted("tag"), noted("key"), noted("user"), noted("users"), noted("inbox"),
    noted("alert"), noted("target"), noted("phone"), noted("moon"), noted("shield"),
)  # fmt: skip
PROPERTY = "property:"
LONGEST_PROPERTY = 60
CLOCKS = (("risk", noted("Nearly late")), ("late", noted("Late")))
STATES = (("open", noted("Open")), ("snoozed", noted("Snoozed")), ("done", noted("Done")))
ME, NOBODY, OWN_TEAMS = "me", "nobody", "mine"

Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What conditions can name in one workspace, each as (value, label)."""

    members: Choices = ()
    teams: Choices = ()
    channels: Choices = ()
    tags: Choices = ()
    properties: tuple[str, ...] = field(default=())


def fields_of(names: Names, *, also: Iterable[str] = ()) -> dict[str, Field]:
    """Every field a condition may be about, in order. `also` are properties that are named already."""
    members = ((ME, t("Me")), *names.members)
    teams = ((OWN_TEAMS, t("My teams")), *names.teams)
    clocks = tuple((key, t(words)) for key, words in CLOCKS)
    fixed = (
        Field(key="assignee", label=t("Assigned to"), kind="choice", choices=members),
        Field(key="team", label=t("Team"), kind="choice", choices=teams),
        Field(key="channel", label=t("Number"), kind="choice", choices=names.channels or (("0", t("No number")),)),
        Field(key="tag", label=t("Tags"), kind="set", choices=names.tags or (("0", t("No tag")),)),
        Field(key="state", label=t("State"), kind="choice", choices=tuple((key, t(words)) for key, words in STATES)),
        Field(key="unread", label=t("Unread by me"), kind="yes_no"),
        Field(key="mentioned", label=t("Mentions me"), kind="yes_no"),
        Field(key="waiting", label=t("Waiting for us, in minutes"), kind="number"),
        Field(key="clock", label=t("Reply time"), kind="choice", choices=clocks),
        Field(key="heard", label=t("Last text from them"), kind="moment"),
        Field(key="opened", label=t("Opened"), kind="moment"),
        Field(key="language", label=t("Their language"), kind="choice"),
        Field(key="failed", label=t("A text to them failed"), kind="yes_no"),
        Field(key="opted_out", label=t("Opted out"), kind="yes_no"),
    )
    found = {one.key: one for one in fixed}
    for name in dict.fromkeys((*names.properties, *also)):
        key = f"{PROPERTY}{name}"
        found[key] = Field(key=key, label=name, kind="text")
    return found


def property_of(key: str) -> str:
    """The name of the contact's property a field is about, or ""."""
    return key.removeprefix(PROPERTY)[:LONGEST_PROPERTY] if key.startswith(PROPERTY) else ""


def properties_in(data: object) -> set[str]:
    """The properties that stored or posted conditions name, whatever else is in them."""
    if isinstance(data, dict):
        own = {property_of(str(data.get("field", "")))} - {""}
        return own.union(*(properties_in(value) for value in data.values() if isinstance(value, (list, dict))))
    if isinstance(data, list):
        return set().union(*(properties_in(one) for one in data))
    return set()


def names_state(tree: Node) -> bool:
    """Whether conditions say themselves which states they mean; else a list shows open ones."""
    return any(rule.field == "state" for rule in rules_in(tree))


def is_personal(tree: Node) -> bool:
    """Whether what they find depends on who looks, apart from what that member may see."""
    return any(
        rule.field in {"unread", "mentioned"}
        or (isinstance(rule.value, tuple) and bool({ME, OWN_TEAMS} & {str(one) for one in rule.value}))
        for rule in rules_in(tree)
    )


# Quick filters: a few conditions in the address of a list -------------------------------------------------------------

QUICK = ("unread", "tag", "channel", "assignee", "order")
_MOST_QUICK = 19


@dataclass(frozen=True, kw_only=True, slots=True)
class Quick:
    """The filters and the order chosen in the head of the list, on top of its view. Ids are 0 for none."""

    unread: bool = False
    tag: int = 0
    channel: int = 0
    assignee: str = ""
    order: Order | Literal[""] = ""

    @property
    def text(self) -> str:
        """As in an address: always in the same order, "" for nothing."""
        told = {
            "unread": "1" if self.unread else "",
            "tag": str(self.tag or ""),
            "channel": str(self.channel or ""),
            "assignee": self.assignee,
            "order": self.order,
        }
        return "&".join(f"{name}={value}" for name, value in told.items() if value)

    @property
    def filters(self) -> int:
        """How many of them leave something out."""
        return sum((self.unread, bool(self.tag), bool(self.channel), bool(self.assignee)))

    @property
    def tree(self) -> Group:
        """The same as conditions."""
        parts: list[Node] = []
        if self.unread:
            parts.append(Rule("unread", "yes"))
        if self.tag:
            parts.append(Rule("tag", "any_of", (str(self.tag),)))
        if self.channel:
            parts.append(Rule("channel", "one_of", (str(self.channel),)))
        if self.assignee == NOBODY:
            parts.append(Rule("assignee", "empty"))
        elif self.assignee:
            parts.append(Rule("assignee", "one_of", (self.assignee,)))
        return Group("all", tuple(parts)) if parts else ALWAYS


def order_of(word: str) -> Order:
    """The order of this name; those who wait longest first for a name that is none."""
    return next((order for order in ORDERS if order == word), "waiting")


def quick_of(told: Mapping[str, str]) -> Quick:
    """What an address says; what nobody could have chosen is left out."""
    order = told.get("order", "")
    assignee = told.get("assignee", "")
    return Quick(
        unread=told.get("unread") == "1",
        tag=_id(told.get("tag", "")),
        channel=_id(told.get("channel", "")),
        assignee=assignee if assignee in {ME, NOBODY} else str(_id(assignee) or ""),
        order=next((one for one in ORDERS if one == order), ""),
    )


def _id(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _MOST_QUICK else 0
