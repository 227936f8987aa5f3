"""Reading how a workspace wants its texts to sound."""

from __future__ import annotations

from django.utils import timezone

from twoway.messaging.tone import rules
from twoway.messaging.tone.models import ToneGuide
from twoway.messaging.tone.rules import Avoided

__all__ = ["ToneGuide", "found_in", "guide_of"]


def guide_of(workspace_id: int) -> ToneGuide:
    """A workspace's guide; unsaved and empty when nobody has written one."""
    found = ToneGuide.objects.filter(workspace_id=workspace_id).first()
    return found or ToneGuide(workspace_id=workspace_id, changed_at=timezone.now())


def found_in(workspace_id: int, text: str) -> list[Avoided]:
    """The words of a text that the workspace would rather not use."""
    avoided = ToneGuide.objects.filter(workspace_id=workspace_id).values_list("avoided", flat=True).first()
    return rules.find(text, avoided or ())
