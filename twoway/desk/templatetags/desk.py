"""Icons, avatars, key caps, times and message bodies."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import template
from django.template.context import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from twoway.desk.commands import BY_ID, caps_of
from twoway.desk.context import ConversationList, MemberChip, Person, Wait
from twoway.desk.words import (
    clock_words,
    date_words,
    span_words,
    until_words,
    when_words,
)
from twoway.lib.words import t
from twoway.sms.links import true_host

register = template.Library()

_SPRITE = Path(__file__).parent.parent / "static" / "desk" / "sprite.svg"
_LINK = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")
_CAPS: Mapping[str, str] = {"enter": "↵", "shift": "⇧", "up": "↑", "down": "↓", "esc": "Esc", "tab": "Tab"}
_WAIT_ICON = {"plain": "clock", "soon": "clock", "over": "alert"}


@cache
def _sprite() -> SafeString:
    symbols = re.findall(r"<symbol .*?</symbol>", _SPRITE.read_text(encoding="utf-8"), re.DOTALL)
    return mark_safe(f'<svg class="sprite" aria-hidden="true">{"".join(symbols)}</svg>')  # noqa: S308 our own file


@register.simple_tag
def sprite() -> SafeString:
    """All icons, once a page, for `icon` to point at."""
    return _sprite()


@cache
def _icon(name: str, css: str) -> SafeString:
    space = " " if css else ""
    return format_html(
        '<svg class="i{}{}" viewBox="0 0 16 16" aria-hidden="true"><use href="#i-{}"/></svg>', space, css, name
    )


@register.simple_tag
def list_address(shown: ConversationList, status: str = "", before: str = "") -> str:
    """The address of a list as it is shown, or with another status, or from a cursor on."""
    state = status or shown.status
    parts = [f"status={state}" if state != "open" else "", shown.quick, urlencode({"before": before}) if before else ""]
    asked = "&".join(part for part in parts if part)
    path = reverse("desk:inbox", args=[shown.view])
    return f"{path}?{asked}" if asked else path


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """One icon of the sprite, hidden from screen readers: `{% icon "moon" "i--14" %}`."""
    return _icon(name, css)


@register.filter
def initials(name: str) -> str:
    """Up to two letters of a name: "Dana Whitfield" is DW."""
    return "".join(word[0] for word in name.replace(".", "").split()[:2]).upper()


@register.simple_tag
def avatar(person: Person, css: str = "") -> SafeString:
    """A contact's square avatar: initials, or a figure for an unknown number. Decoration beside the name."""
    inner = escape(initials(person.name)) if person.is_known else _icon("user", "")
    return format_html('<span class="av {}" data-h="{}" aria-hidden="true">{}</span>', css, person.hue, inner)


@register.simple_tag
def channel_avatar(person: Person, channel_icon: str) -> SafeString:
    """A contact's avatar with the channel's mark in its corner."""
    inner = escape(initials(person.name)) if person.is_known else _icon("user", "")
    return format_html(
        '<span class="av" data-h="{}" aria-hidden="true">{}<span class="av__ch">{}</span></span>',
        person.hue,
        inner,
        _icon(channel_icon, ""),
    )


@register.simple_tag
def member_avatar(member: MemberChip | None, css: str = "av--xs", *, hidden: bool = False) -> SafeString:
    """A teammate's round avatar, or the "Unassigned" ring for None. `hidden` when the name stands beside it."""
    if member is None:
        ring = '<span class="av av--none {}" role="img" aria-label="{}">{}</span>'
        return format_html(ring, css, t("Unassigned"), _icon("user-none", ""))
    label = mark_safe('aria-hidden="true"') if hidden else format_html('role="img" aria-label="{}"', member.name)
    circle = '<span class="av av--agent {}" data-h="{}" {}>{}</span>'
    return format_html(circle, css, member.hue, label, initials(member.name))


@register.simple_tag
def keys(*caps: str) -> SafeString:
    """Key caps: `{% keys "G" "I" %}`. "mod" is ⌘ on a Mac and Ctrl elsewhere; the script words it."""
    return _keys(caps)


@register.simple_tag
def key(*commands: str) -> SafeString:
    """The key of each command of `desk.commands`, as it is usual; the script shows the member's own."""
    return _command_keys(commands)


@cache
def _command_keys(names: tuple[str, ...]) -> SafeString:
    spans = [
        format_html(
            '<span class="keys" data-key-of="{}">{}</span>',
            name,
            mark_safe("".join(map(_cap, caps_of(BY_ID[name].keys)))),  # noqa: S308 each cap is escaped
        )
        for name in names
    ]
    return mark_safe("".join(spans))  # noqa: S308 made of escaped parts


@register.filter
def keycaps(caps: tuple[str, ...]) -> SafeString:
    """The same for a tuple from the context."""
    return _keys(tuple(caps))


@register.filter
def keycap(cap: object) -> SafeString:
    """One key cap of a value: a number key."""
    return _keys((str(cap),))


@cache
def _keys(caps: tuple[str, ...]) -> SafeString:
    inner = "".join(_cap(cap) for cap in caps)
    return mark_safe(f'<span class="keys">{inner}</span>')  # noqa: S308 each cap is escaped


def _cap(cap: str) -> str:
    mark = " data-mod" if cap == "mod" else ""
    return f'<kbd class="kbd"{mark}>{escape("Ctrl" if cap == "mod" else _CAPS.get(cap, cap))}</kbd>'


def _now(context: Mapping[str, Any] | Context) -> datetime:
    now = context.get("now")
    return timezone.localtime(now) if isinstance(now, datetime) else timezone.localtime()


@register.filter
def clock(at: datetime) -> SafeString:
    """`<time>` with the time of day: "2:31 PM"."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), clock_words(timezone.localtime(at)))


@register.filter
def calendar(at: datetime) -> SafeString:
    """`<time>` with the date: "Mar 12, 2025"."""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), date_words(timezone.localtime(at), this_year=0))


@register.simple_tag(takes_context=True)
def when(context: Context, at: datetime) -> SafeString:
    """`<time>`: the clock time today, "Yesterday", or the date."""
    words = when_words(timezone.localtime(at), now=_now(context))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)


@register.simple_tag(takes_context=True)
def until(context: Context, at: datetime) -> SafeString:
    """`<time>` of a moment to come: "Fri 8:00 AM"."""
    words = until_words(timezone.localtime(at), now=_now(context))
    return format_html('<time datetime="{}">{}</time>', at.isoformat(), words)


@register.simple_tag(takes_context=True)
def wait_mark(context: Context, wait: Wait) -> SafeString:
    """How long is left for an answer, how late it is, or how long a customer waits; the browser keeps it ticking."""
    now = _now(context)
    if wait.is_quiet:
        return format_html('<span class="wait wait--soon">{}{}</span>', _icon("check", ""), t("Wrap up?"))
    late = wait.level == "over" and wait.due is not None
    left = wait.due is not None and not late
    start = wait.due if wait.due and late else wait.since
    words = span_words(((wait.due - now) if wait.due and left else (now - start)).total_seconds())
    if late:
        words = t("{time} late", time=words)
    elif wait.due and left:
        words = t("{time} left", time=words) if wait.due - now >= timedelta(minutes=1) else t("Due now")
    return format_html(
        '<span class="wait wait--{}" data-since="{}"{}{}{} title="{}">'
        '{}<span class="vh">{} </span><span data-span>{}</span></span>',
        wait.level,
        start.isoformat(),
        format_html(' data-due="{}"', wait.due.isoformat()) if wait.due and left else "",
        format_html(' data-warn="{}"', wait.warn.isoformat()) if wait.warn and left else "",
        mark_safe(" data-late") if late else "",
        _wait_title(wait, now),
        _icon(_WAIT_ICON[wait.level], ""),
        wait.label or t("Waiting"),
        words,
    )


def _wait_title(wait: Wait, now: datetime) -> str:
    """What is due and when, and since when it counts."""
    waiting = t("Waiting since {time}", time=until_words(timezone.localtime(wait.since), now=now))
    if wait.due is None:
        return waiting
    due = until_words(timezone.localtime(wait.due), now=now)
    return f"{t('{what} due {time}', what=wait.label, time=due)}. {waiting}"


@register.filter
def linked(body: str) -> SafeString:
    """A message's text, escaped, with its web addresses made links that open apart."""
    if "http" not in body:
        return escape(body)
    parts: list[str] = []
    end = 0
    for found in _LINK.finditer(body):
        parts += escape(body[end : found.start()]), _anchor(found.group())
        end = found.end()
    parts.append(escape(body[end:]))
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped


def _anchor(url: str) -> str:
    opening = '<a class="link" href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>'
    host = true_host(url)
    if not host:
        return format_html(opening, url, url)
    told = ' <span class="linkhost" title="{}">({})</span>'
    leads = t("This address leads to {host}, whatever it looks like.", host=host)
    return format_html(opening + told, url, url, leads, host)


@register.filter
def emphasise(words: str, strong: Iterable[str]) -> SafeString:
    """`words`, escaped, with each part named in `strong` set in bold once."""
    left = {part for part in strong if part}
    if not left:
        return escape(words)
    html: list[str] = []
    end = 0
    for found in re.finditer("|".join(re.escape(part) for part in sorted(left, key=len, reverse=True)), words):
        if found.group() in left:
            left.remove(found.group())
            html += escape(words[end : found.start()]), format_html("<b>{}</b>", found.group())
            end = found.end()
    html.append(escape(words[end:]))
    return mark_safe("".join(html))  # noqa: S308 every part is escaped


@register.filter
def marked(text: str, q: str) -> SafeString:
    """`text`, escaped, with the first match of `q` marked, ignoring case."""
    at = text.lower().find(q.lower()) if q else -1
    if at < 0:
        return escape(text)
    return format_html("{}<mark>{}</mark>{}", text[:at], text[at : at + len(q)], text[at + len(q) :])
