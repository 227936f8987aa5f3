"""Reading what happened to people elsewhere."""

from __future__ import annotations

from twoway.contacts.models import Contact, ContactEvent

__all__ = ["ContactEvent", "latest"]


def latest(contact: Contact, *, limit: int = 20, before_id: int | None = None) -> list[ContactEvent]:
    """The events of a person, the latest first; those older than the event `before_id`."""
    rows = ContactEvent.objects.filter(contact=contact)
    if before_id is not None:
        last = rows.filter(id=before_id).first()
        if last is None:
            return []
        rows = rows.filter(at__lt=last.at) | rows.filter(at=last.at, id__lt=last.pk)
    return list(rows.order_by("-at", "-id")[:limit])
