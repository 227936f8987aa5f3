"""The settings column, drawn the same on our pages and on the sign-in pages of the account package."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from twoway.desk.settings_frame import column

register = template.Library()


@register.inclusion_tag("desk/settings/column.html", takes_context=True)
def settings_nav(context: RequestContext) -> dict[str, Any]:
    """The pages this member may open, with counts."""
    return {"groups": column(context["request"])}
