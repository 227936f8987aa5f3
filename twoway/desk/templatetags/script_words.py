"""The words of scripts, in the page they run in."""

from __future__ import annotations

from django import template
from django.utils.html import json_script
from django.utils.safestring import SafeString

from twoway.desk.script_words import script_words
from twoway.lib.words import ENGLISH, current

register = template.Library()


@register.simple_tag
def words_for_scripts() -> SafeString | str:
    """What scripts say in the reader's language; nothing where that is English, which they speak by themselves."""
    return "" if current() == ENGLISH else json_script(script_words(current()), "words")
