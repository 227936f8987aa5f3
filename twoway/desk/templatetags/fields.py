"""How a form field is drawn: label, control, hint and error, wired together for screen readers."""

from __future__ import annotations

import json
from typing import Any

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()

_ROWS = 3


@register.inclusion_tag("desk/forms/field.html")
def field(
    bound: BoundField, label: str = "", hint: str | None = None, *, marks_optional: bool = True, **attrs: Any
) -> dict[str, Any]:
    """One field of any form. `hint=""` drops the form's own help text; other words become attributes of the control.

    An underscore in an attribute's name stands for a hyphen: `data_reveal` is data-reveal.
    """
    words = bound.help_text if hint is None else hint
    return {
        "field": bound,
        "label": label or bound.label,
        "hint": words,
        "control": _control(bound, words=str(words), attrs=attrs),
        "is_check": isinstance(bound.field.widget, forms.CheckboxInput),
        "is_choices": isinstance(bound.field.widget, (forms.CheckboxSelectMultiple, forms.RadioSelect)),
        "is_optional": marks_optional
        and not bound.field.required
        and not isinstance(bound.field.widget, forms.CheckboxInput),
    }


@register.filter
def as_json(value: object) -> str:
    """The value as JSON text, for a data attribute."""
    return json.dumps(value, default=dict)


def _control(bound: BoundField, *, words: str, attrs: dict[str, Any]) -> SafeString:
    widget = bound.field.widget
    given = {name.replace("_", "-"): value for name, value in attrs.items() if value is not False}
    if isinstance(widget, (forms.CheckboxSelectMultiple, forms.RadioSelect)):
        return bound.as_widget(attrs=given)
    if not isinstance(widget, forms.CheckboxInput):
        given["class"] = f"input {given.get('class', '')}".strip()
        widget.attrs.pop("placeholder", None)
    if isinstance(widget, forms.Textarea):
        given.setdefault("rows", _ROWS)
    described = [f"{bound.auto_id}_hint"] if words else []
    if bound.errors:
        described.append(f"{bound.auto_id}_error")
    if described:
        given["aria-describedby"] = " ".join(described)
    return bound.as_widget(attrs=given)
