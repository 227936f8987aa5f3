"""What a macro may hold: its steps, the order they are done in, and its shortcut."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from twoway.lib.words import noted, t

STEPS: Mapping[str, str] = {
    "reply": noted("Send a saved reply"),
    "fill": noted("Put a saved reply into the composer"),
    "tag": noted("Add a tag"),
    "untag": noted("Take a tag off"),
    "assign_member": noted("Assign to a person"),
    "assign_me": noted("Assign to me"),
    "assign_team": noted("Move to a team"),
    "property": noted("Set a property of the person"),
    "note": noted("Add a private note"),
    "snooze": noted("Snooze"),
    "done": noted("Mark done"),
}
"""Every kind of step, in the order they are done in, and what it is called."""
DONE_IN = tuple(STEPS)
MOST_STEPS = 12
LONGEST_NOTE = 2000
LONGEST_KEY = 60
LONGEST_VALUE = 500
SNOOZES: Mapping[str, str] = {
    "60": noted("For 1 hour"),
    "180": noted("For 3 hours"),
    "1440": noted("For a day"),
    "4320": noted("For 3 days"),
    "10080": noted("For a week"),
    "reply": noted("Until they reply"),
}
"""For how many minutes, or until they reply."""

TAKEN = frozenset("abcdefghijklmnorstuxz")
"""Single letters the desk uses itself, or keeps for itself."""
TAKEN_ALT = frozenset("s")
_KEY = re.compile(r"(?:alt\+)?[a-z0-9]")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")
_PROPERTY = re.compile(r"[^\x00-\x1f.|{}]{1,60}")


def key_problem(key: str) -> str:
    """Why this can't be a shortcut, or ""."""
    if not key:
        return ""
    if not _KEY.fullmatch(key):
        return t("Use one letter or digit, alone or with Alt, such as w or alt+1.")
    letter = key.removeprefix("alt+")
    if letter in (TAKEN_ALT if key.startswith("alt+") else TAKEN):
        return t("{key} is a key of the desk already. Choose another one.", key=key_words(key))
    return ""


def key_words(key: str) -> str:
    """A shortcut as people read it: "Alt+W"."""
    return "+".join(part.capitalize() for part in key.split("+"))


def clean_steps(given: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """The steps as they are kept: {"do": ..., "value": ..., "key": ...}, in the order they are done in."""
    kept = []
    for step in given:
        one = {"do": str(step.get("do", "")), "value": str(step.get("value", "")).strip()}
        if one["do"] == "property":
            one["key"] = str(step.get("key", "")).strip()
        kept.append(one)
    return sorted(kept, key=lambda one: DONE_IN.index(one["do"]) if one["do"] in STEPS else len(STEPS))


def steps_problem(steps: Sequence[Mapping[str, str]]) -> str:
    """Why these steps can't be a macro, or ""."""
    if not steps:
        return t("Add at least one step.")
    if len(steps) > MOST_STEPS:
        return t("Use at most {most} steps.", most=MOST_STEPS)
    for step in steps:
        problem = _step_problem(step)
        if problem:
            return problem
    return _together_problem([step["do"] for step in steps])


def _step_problem(step: Mapping[str, str]) -> str:
    do, value = step["do"], step["value"]
    if do not in STEPS:
        return t("Choose what each step does.")
    if do in {"reply", "fill", "tag", "untag", "assign_member", "assign_team"}:
        return "" if _NUMBER.fullmatch(value) else t("{step}: choose which.", step=t(STEPS[do]))
    if do == "note":
        if not 0 < len(value) <= LONGEST_NOTE:
            return t("Write a note of at most {most:,} characters.", most=LONGEST_NOTE)
        return ""
    if do == "snooze":
        return "" if value in SNOOZES else t("Snooze: choose for how long.")
    if do == "property":
        if not _PROPERTY.fullmatch(step.get("key", "")):
            return t("Name the property.")
        if len(value) > LONGEST_VALUE:
            return t("Use at most {most} characters for a property.", most=LONGEST_VALUE)
        return ""
    return ""


def _together_problem(does: Sequence[str]) -> str:
    """Why these kinds of steps don't go together, or ""."""
    held = set(does)
    for one in ("reply", "fill", "snooze", "done"):
        if does.count(one) > 1:
            return t("{step}: once is enough.", step=t(STEPS[one]))
    if {"reply", "fill"} <= held:
        return t("Send a reply or put one into the composer, not both.")
    if {"snooze", "done"} <= held:
        return t("Snooze or mark done, not both.")
    if "fill" in held and held & {"snooze", "done"}:
        return t(
            "A reply that is edited first can't be done or snoozed in the same go. Send it, or leave that step out."
        )
    if len(held & {"assign_member", "assign_me"}) > 1:
        return t("Assign to one person.")
    return ""


def holds_text(steps: Sequence[Mapping[str, str]]) -> bool:
    """Whether it sends a text, or prepares one: of no use where none may go."""
    return any(step["do"] in {"reply", "fill"} for step in steps)


def runs_alone(steps: Sequence[Mapping[str, str]]) -> bool:
    """Whether nobody has to look at it before it is done, so that it can be run on many."""
    return all(step["do"] != "fill" for step in steps)


def is_shown(when: str, *, needs_reply: bool) -> bool:
    """Whether a macro is offered in a conversation."""
    return when == "always" or needs_reply
