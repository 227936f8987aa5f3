"""Saved replies as the picker shows them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from twoway.desk.builders.meters import NO_QUOTE, meter
from twoway.desk.context.replies import MacroLine, ReplyOption
from twoway.desk.words import when_words
from twoway.lib.words import t, tn
from twoway.messaging.cost.queries import Quote
from twoway.messaging.queries import Message
from twoway.replies import macro_queries, macro_rules, rules
from twoway.replies.macro_queries import Macro, Names
from twoway.replies.queries import Kind, Ready, Reply

MOST_STEPS_TOLD = 4


def option(
    ready: Ready, *, is_toll_free: bool, is_counted: bool, quote: Quote = NO_QUOTE, now: datetime
) -> ReplyOption:
    """One line of the list with its preview."""
    one, text = ready.reply, ready.filled.text
    files = len(one.files.all())
    counted = meter(text, is_toll_free=is_toll_free, quote=quote, media=files, is_counted=is_counted)
    is_unicode = is_counted and counted.encoding == "UCS-2"
    return ReplyOption(
        id=one.pk,
        name=one.name,
        searched=one.needle,
        end=_end(is_unicode=is_unicode, segments=counted.segments, files=files, is_counted=is_counted),
        is_unicode=is_unicode and not files,
        pieces=ready.filled.pieces,
        text=text,
        filled=ready.filled.filled,
        blanks=ready.filled.blanks,
        used=used_words(one, now=now),
        meter=counted,
        wording=ready.wording,
        language=ready.language,
        link=one.url if one.kind == Kind.ARTICLE else "",
        files=files,
        word=one.word,
        folder=one.folder.name if one.folder else "",
    )


def _end(*, is_unicode: bool, segments: int, files: int, is_counted: bool) -> str:
    if files:
        return t("Picture") if files == 1 else tn("{n} file", "{n} files", files)
    if not is_counted:
        return ""
    return t("Unicode") if is_unicode else t("{n} seg", n=segments)


def used_words(one: Reply | Macro, *, now: datetime) -> str:
    """How often and when it was last used."""
    if not one.uses or one.last_used_at is None:
        return t("Not used yet")
    last = when_words(timezone.localtime(one.last_used_at), now=timezone.localtime(now))
    return tn("Used once, last {when}", "Used {times} times, last {when}", one.uses, times=f"{one.uses:,}", when=last)


def choices(messages: Iterable[Message]) -> dict[int, str]:
    """What customers' bare numbers stand for, by text: the choices of our last text before them."""
    offered: dict[int, str] = {}
    found: dict[int, str] = {}
    for one in sorted(messages, key=lambda message: message.pk):
        if one.direction == "out":
            offered = rules.choices_of(one.body) if one.status != "canceled" else offered
        elif offered:
            words = rules.chosen(one.body, offered)
            if words:
                found[one.pk] = words
    return found


def macro_line(macro: Macro, names: Names) -> MacroLine:
    """One line of the menu of macros."""
    said = [macro_queries.step_words(step, names) for step in macro.steps]
    more = len(said) - MOST_STEPS_TOLD
    words = ", ".join(said[:MOST_STEPS_TOLD])
    if more > 0:
        words = tn("{steps} and {n} more", "{steps} and {n} more", more, steps=words)
    return MacroLine(
        id=macro.pk,
        name=macro.name,
        words=words,
        keys=tuple(macro_rules.key_words(macro.key).split("+")) if macro.key else (),
        sends=any(step["do"] == "reply" for step in macro.steps),
    )
