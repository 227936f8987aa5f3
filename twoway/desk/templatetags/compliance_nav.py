"""The row of tabs on top of every page of the compliance centre."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.context import RequestContext

from twoway.desk.compliance_frame import shown_tabs

register = template.Library()


@register.inclusion_tag("desk/compliance/tabs.html", takes_context=True)
def compliance_nav(context: RequestContext) -> dict[str, Any]:
    """The tabs this member may open, with counts."""
    return {"tabs": shown_tabs(context["request"])}
