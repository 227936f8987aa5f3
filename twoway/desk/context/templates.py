"""What the template picker is given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateCard:
    """One template to choose; `query` names it in the address of the form."""

    title: str
    language: str
    category: str
    words: str
    query: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplatePicker:
    """The templates of a conversation's number: `#dialog`. `may_fetch` offers the number's page to admins."""

    url: str
    person_name: str
    cards: tuple[TemplateCard, ...]
    q: str = ""
    has_more_than_fit: bool = False
    settings_url: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateField:
    """One value to fill in."""

    name: str
    label: str
    value: str = ""
    error: str = ""
    is_address: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class TemplateForm:
    """One chosen template: its fields, and what the person will read. `key` is the idempotency key of the send."""

    url: str
    person_name: str
    title: str
    name: str
    language: str
    key: str
    fields: tuple[TemplateField, ...]
    preview: str
    buttons: tuple[str, ...] = ()
    error: str = ""
    seen_id: int = 0
    """The newest text of the conversation when the form was opened: what is newer stops the template."""
