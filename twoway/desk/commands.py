"""Every command that has a key: the one table behind the overlay, the tooltips, the palette and the script.

A key is one character ("j", "?"), a capital letter ("shift+j"), or two keys one after the other ("g i"). Members may
choose others for all but the fixed ones; conflicts are refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from twoway.lib.words import noted, t

Where = Literal["The list", "The conversation", "Several at once", "Anywhere", "While you write"]

_KEY = re.compile(r"(?:shift\+)?[a-z]|g [a-z]|[/?.,;'\[\]\-=!#*]")
WORDS = noted("Use one letter, Shift and a letter, G and then a letter, or one of / ? . , ; ' [ ] - = ! # *")
PLACES = (
    noted("The list"),
    noted("The conversation"),
    noted("Several at once"),
    noted("Anywhere"),
    noted("While you write"),
)
"""Every `Where`, as it is worded where the table is shown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Command:
    """Something a key does. `fixed` ones are shown with their `caps` and can't be changed."""

    id: str
    label: str
    where: Where
    keys: str = ""
    caps: tuple[str, ...] = ()
    writes: bool = False

    @property
    def is_fixed(self) -> bool:
        """Whether its keys are the same for everybody."""
        return bool(self.caps)


def _one(key: str, label: str, where: Where, keys: str, *, writes: bool = False) -> Command:
    return Command(id=key, label=label, where=where, keys=keys, writes=writes)


def _fixed(key: str, label: str, where: Where, *caps: str) -> Command:
    return Command(id=key, label=label, where=where, caps=caps)


COMMANDS: tuple[Command, ...] = (
    _one("next", noted("Next conversation"), "The list", "j"),
    _one("previous", noted("Previous conversation"), "The list", "k"),
    _fixed("open", noted("Open, then write"), "The list", "enter"),
    _one("filter", noted("Filter the list"), "The list", "f"),
    _one("reply", noted("Reply"), "The conversation", "r", writes=True),
    _one("note", noted("Private note"), "The conversation", "n", writes=True),
    _one("assign", noted("Assign"), "The conversation", "a", writes=True),
    _one("assign_me", noted("Assign to me"), "The conversation", "i", writes=True),
    _one("done", noted("Done"), "The conversation", "e", writes=True),
    _one("done_next", noted("Done, then the next one"), "The conversation", "shift+e", writes=True),
    _one("reopen", noted("Reopen"), "The conversation", "o", writes=True),
    _one("snooze", noted("Snooze, then 1 to 5"), "The conversation", "h", writes=True),
    _one("tag", noted("Tag"), "The conversation", "l", writes=True),
    _one("unread", noted("Mark as unread"), "The conversation", "u"),
    _one("undo", noted("Undo what was just done"), "The conversation", "z", writes=True),
    _one("select", noted("Select"), "Several at once", "x"),
    _one("select_next", noted("Select on to the next"), "Several at once", "shift+j"),
    _one("select_previous", noted("Select on to the previous"), "Several at once", "shift+k"),
    _one("select_all", noted("Select all in this view"), "Several at once", "shift+x"),
    _one("search", noted("Search"), "Anywhere", "/"),
    _one("shortcuts", noted("All shortcuts"), "Anywhere", "?"),
    _one("new", noted("New conversation"), "Anywhere", "c", writes=True),
    _one("take_next", noted("Take the next one waiting"), "Anywhere", "q", writes=True),
    _one("online", noted("Go online"), "Anywhere", "", writes=True),
    _one("away", noted("Be away"), "Anywhere", "", writes=True),
    _one("break", noted("Go on break, or come back"), "Anywhere", "shift+b", writes=True),
    _one("go_inbox", noted("Go to the inbox"), "Anywhere", "g i"),
    _one("go_mine", noted("Go to mine"), "Anywhere", "g m"),
    _one("go_people", noted("Go to people"), "Anywhere", "g p"),
    _one("bell", noted("Notifications"), "Anywhere", "g n"),
    _one("go_wallboard", noted("Go to the wallboard"), "Anywhere", "g w"),
    _one("go_settings", noted("Go to settings"), "Anywhere", "g s"),
    _fixed("palette", noted("Palette"), "Anywhere", "mod", "K"),
    _fixed("close", noted("Close, then leave the composer"), "Anywhere", "esc"),
    _fixed("send", noted("Send"), "While you write", "mod", "enter"),
    _fixed("send_done", noted("Send and mark done"), "While you write", "mod", "shift", "enter"),
    _fixed("plain", noted("Plain characters"), "While you write", "Alt", "S"),
    _fixed("while_writing", noted("Any single key above"), "While you write", "Alt", "…"),
)
BY_ID: Mapping[str, Command] = {one.id: one for one in COMMANDS}


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A command with the keys one member uses; no caps when they turned it off."""

    command: Command
    keys: str
    caps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Commands of one place, its name in the reader's language."""

    label: str
    lines: tuple[Line, ...]


def keys_of(own: Mapping[str, str]) -> dict[str, str]:
    """The key of every command that can be changed, with what a member chose in place of what is usual."""
    return {one.id: own.get(one.id, one.keys) for one in COMMANDS if not one.is_fixed}


def caps_of(keys: str) -> tuple[str, ...]:
    """How a key is drawn: "shift+j" as ⇧ and J."""
    if keys.startswith("shift+"):
        return ("shift", keys[-1].upper())
    return tuple(part.upper() for part in keys.split())


def groups(own: Mapping[str, str]) -> tuple[Group, ...]:
    """The whole table with a member's own keys, by place, in the reader's language."""
    keys = keys_of(own)
    lines = [
        Line(
            command=replace(one, label=t(one.label)),
            keys=keys.get(one.id, ""),
            caps=one.caps or caps_of(keys.get(one.id, "")),
        )
        for one in COMMANDS
    ]
    places = dict.fromkeys(one.where for one in COMMANDS)
    return tuple(
        Group(label=t(place), lines=tuple(line for line in lines if line.command.where == place)) for place in places
    )


def chosen(given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What differs from the usual among the keys a member chose, and a sentence for each that can't be; "" is off."""
    wanted = {one.id: _tidy(given.get(one.id, one.keys)) for one in COMMANDS if not one.is_fixed}
    wrong = {name: f"{t(WORDS)}." for name, keys in wanted.items() if keys and not _KEY.fullmatch(keys)}
    starts = [name for name, keys in wanted.items() if keys.startswith("g ")]
    for name, keys in wanted.items():
        others = [other for other, same in wanted.items() if same == keys and other != name]
        if keys and others:
            wrong.setdefault(name, t("“{command}” has this key.", command=t(BY_ID[others[0]].label)))
        elif keys == "g" and starts:
            wrong.setdefault(name, t("“{command}” begins with G.", command=t(BY_ID[starts[0]].label)))
    return {name: keys for name, keys in wanted.items() if keys != BY_ID[name].keys}, wrong


def _tidy(told: str) -> str:
    """As people write it: "J" is j, "Shift J" and "⇧J" are shift+j, "G I" is g i."""
    words = told.replace("\0", "").replace("⇧", "shift ").replace("+", " ").lower().split()
    if len(words) == 2 and words[0] == "shift":
        return f"shift+{words[1]}"
    if len(words) == 3 and words[0] == "g" and words[1] == "then":
        return f"g {words[2]}"
    return " ".join(words)
