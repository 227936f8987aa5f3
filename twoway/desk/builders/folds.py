"""Earlier episodes as one line each, and other conversations with the same person."""

from __future__ import annotations

from django.urls import reverse
from django.utils import timezone

from twoway.conversations.folding import MOMENT, Folded
from twoway.conversations.queries import Conversation, Episode
from twoway.desk.builders import chips
from twoway.desk.context import log_sort
from twoway.desk.context.logs import FoldItem, Where
from twoway.desk.words import date_words
from twoway.lib.words import t, tn
from twoway.messaging.threads import Sizes

_FIRST = "0"
"""Before everything."""


def fold_item(conversation: Conversation, episode: Episode, place: Folded, held: Sizes | None) -> FoldItem:
    """The line of one episode: its days, its texts, and who was done with it."""
    begun, ended = timezone.localtime(episode.opened_at), timezone.localtime(place.until)
    days = date_words(begun, this_year=timezone.localtime().year)
    if begun.date() != ended.date():
        days = t("{first} to {last}", first=days, last=date_words(ended, this_year=timezone.localtime().year))
    count = held.texts if held else 0
    texts = tn("{n} text", "{n} texts", count)
    closer = chips.member_chip(episode.closed_by)
    done = t("done by {name}", name=closer.short) if closer else t("done")
    url = reverse("desk:conversation", args=[conversation.pk])
    start = place.since + MOMENT if place.since else episode.opened_at
    return FoldItem(
        number=episode.number,
        words=f"{days} · {texts} · {done}",
        url=f"{url}?episode={episode.number}",
        page_url=f"{url}?m={held.first_id}" if held else url,
        at=start,
        sort=log_sort(at=start - MOMENT, kind="episode", key=episode.pk) if place.since else _FIRST,
        until=log_sort(at=place.until, kind="zz", key=0),
    )


def where(conversation: Conversation, *, region: str) -> Where:
    """Another conversation of the same person, by our number it is on."""
    chip = chips.channel_chip(conversation.channel, region=region)
    return Where(name=chip.name, icon=chip.mark, url=reverse("desk:conversation", args=[conversation.pk]))
