"""People, Export: the list or a filter as a CSV file, as this member may see it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from twoway.contacts import queries as contacts
from twoway.contacts.audiences import queries
from twoway.contacts.fields.queries import ContactField, usual
from twoway.contacts.queries import Contact
from twoway.desk.approvals_asked import ask
from twoway.desk.contacts_frame import Asked, asked_of
from twoway.desk.settings_frame import actor_of, guard
from twoway.events.actions import audit
from twoway.lib.sheets import line
from twoway.teams.actor import Actor
from twoway.teams.approvals.gate import is_second_needed
from twoway.teams.approvals.rules import Rule
from twoway.teams.rules import Right

AT_ONCE = 500
HEADINGS = ("Id", "Name", "Number", "Other numbers", "Email", "Language", "Time zone", "Consent", "Last heard", "Added")


@guard(Right.MOVE_CONTACTS)
@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The people the list shows, all of them; where it takes two people, it is asked for."""
    actor, asked = actor_of(request), asked_of(request)
    if is_second_needed(actor, Rule.EXPORT):
        return ask(request, "people", {"query": asked.query()})
    return taken(actor, asked, at=timezone.now())


def taken(actor: Actor, asked: Asked, *, at: datetime) -> StreamingHttpResponse:
    """The file, streamed; who took it is in the audit log."""
    audit(
        workspace_id=actor.workspace_id,
        actor=actor.audit_name,
        action="contacts.exported",
        subject="contacts",
        data={"people": queries.count(actor, asked.wanted), "filter": asked.where or asked.wanted.words},
        at=at,
    )
    answer = StreamingHttpResponse(lines(actor, asked), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="people-{at:%Y-%m-%d}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def lines(actor: Actor, asked: Asked) -> Iterator[bytes]:
    """The file, a stretch of people at a time; formulas in cells are made harmless."""
    fields = [field for field in usual(actor.workspace_id) if field.key != "Email"]
    yield line([*HEADINGS, *(field.name for field in fields)]).encode("utf-8-sig")
    keys = queries.ids(actor, asked.wanted)
    while stretch := list(islice(keys, AT_ONCE)):
        people = queries.people(stretch)
        heard = queries.last_heard(actor, stretch)
        standing = queries.standing(actor, stretch, at=asked.wanted.clock.at)
        for one in people:
            said = heard.get(one.pk)
            more = ({"in": "Agreed", "out": "Opted out"}.get(standing[one.pk][0], ""), said.isoformat() if said else "")
            yield line(_cells(one, fields, more, actor)).encode()


def _cells(one: Contact, fields: Sequence[ContactField], more: tuple[str, str], actor: Actor) -> list[str]:
    held = sorted(one.identities.all(), key=lambda identity: (not identity.is_first, identity.pk))
    numbers = [contacts.shown_address(one, row.value, to=actor) for row in held if row.kind != "email"]
    emails = [contacts.shown_address(one, row.value, to=actor) for row in held if row.kind == "email"]
    own = (
        contacts.shown_property(one, one.properties.get("Email", ""), kind="email", to=actor)
        if "Email" in one.properties
        else ""
    )
    values = [
        contacts.shown_property(one, one.properties.get(field.key, ""), kind=field.kind, to=actor) for field in fields
    ]
    is_hidden = one.is_anonymous
    return [
        str(one.pk),
        contacts.shown_name(one),
        "" if is_hidden else next(iter(numbers), ""),
        "" if is_hidden else "; ".join(numbers[1:]),
        "" if is_hidden else (own or next(iter(emails), "")),
        one.language,
        one.time_zone,
        *more,
        one.created_at.isoformat(),
        *values,
    ]
