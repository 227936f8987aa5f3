"""How notes are shown: whom they name stands out."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from twoway.desk.context import NoteItem
from twoway.desk.templatetags.desk import linked

register = template.Library()


@register.filter
def noted(item: NoteItem) -> SafeString:
    """A note's text, escaped, with its links, and each name in it as a chip; those of the reader stand out more."""
    parts: list[str] = []
    end = 0
    for start, length, is_mine in item.mentions:
        if start < end or start + length > len(item.body):
            continue
        parts.append(linked(item.body[end:start]))
        css = "mention mention--me" if is_mine else "mention"
        parts.append(format_html('<span class="{}">{}</span>', css, item.body[start : start + length]))
        end = start + length
    parts.append(linked(item.body[end:]))
    return mark_safe("".join(parts))  # noqa: S308 every part is escaped
