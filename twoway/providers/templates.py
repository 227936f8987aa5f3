"""The records of WhatsApp templates: one to be sent, and what a provider lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Template:
    """A message WhatsApp has approved: its name, language (such as en_US) and the values of its places, in order.

    `id` is the provider's own; `places` name where each value goes, as the adapter's `ListedTemplate` named them.
    """

    name: str
    language: str
    values: Sequence[str] = ()
    id: str = ""
    places: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class ListedTemplate:
    """A template in the provider's list. `status` is approved, pending, rejected, paused or another lower-case word.

    A place is `header.NAME`, `body.NAME`, `button.INDEX` or, where a name holds in all parts, `NAME`; the texts have
    `{{NAME}}` there. `why_not` is a sentence when Twoway can't send templates of this make.
    """

    id: str
    name: str
    language: str
    category: str
    status: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: Sequence[str] = ()
    places: Sequence[str] = ()
    why_not: str = ""


@dataclass(frozen=True, kw_only=True)
class TemplatePage:
    """Some of the templates of an account, and the `cursor` of the next page, empty at the end."""

    items: Sequence[ListedTemplate]
    cursor: str = ""
