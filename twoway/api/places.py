"""The workspace's own channels, members, teams and topics, for the ids other operations take."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Router, Schema
from pydantic import Field

from twoway.api import errors, shapes_places
from twoway.api.auth import ApiRequest
from twoway.api.fields import PathId
from twoway.api.outlines import channel_documents, member_document, team_document, template_document
from twoway.channels import queries as channels
from twoway.channels.templates.queries import templates_of
from twoway.compliance.optin import queries as optin
from twoway.teams import queries as teams

router = Router(tags=["Workspace"])


class Channels(Schema):
    items: list[shapes_places.ChannelOut]


class Templates(Schema):
    items: list[shapes_places.TemplateOut]


class TopicOut(Schema):
    """Texts of one kind that people ask for."""

    id: int
    label: str
    keyword: str = Field(description="What they text to join, in capitals.")
    purpose: str = Field(description="The purpose its texts are sent with.")
    description: str
    frequency: str = Field(description="How often, as it is disclosed.")
    is_double: bool = Field(description="Only a YES by text makes somebody a member.")
    channel_ids: list[int] = Field(description="The channels it can be joined on, of those you may use.")


class Topics(Schema):
    items: list[TopicOut]


class Members(Schema):
    items: list[shapes_places.MemberOut]


class Teams(Schema):
    items: list[shapes_places.TeamOut]


@router.get("/channels", response={200: Channels, **errors.READ}, operation_id="list_channels")
def list_channels(request: ApiRequest) -> dict[str, Any]:
    """Our own numbers and other addresses, with how each stands; those that were taken out of use too."""
    rows = list(channels.visible_channels(request.actor).order_by("id"))
    return {"items": channel_documents(rows, at=timezone.now())}


@router.get(
    "/channels/{int:channel_id}/templates",
    response={200: Templates, **errors.READ_ONE},
    operation_id="list_templates",
)
def list_templates(request: ApiRequest, channel_id: Annotated[PathId, Path()]) -> dict[str, Any]:
    """The WhatsApp templates of one channel, those that can be sent first; empty for a channel of another kind."""
    found = channels.access_channel(request.actor, channel_id)
    return {"items": [template_document(row) for row in templates_of(found)]}


@router.get("/members", response={200: Members, **errors.READ}, operation_id="list_members")
def list_members(request: ApiRequest) -> dict[str, Any]:
    """The people who can sign in, by name."""
    return {"items": [member_document(row) for row in teams.members(request.actor)]}


@router.get("/teams", response={200: Teams, **errors.READ}, operation_id="list_teams")
def list_teams(request: ApiRequest) -> dict[str, Any]:
    """The teams, by name."""
    return {"items": [team_document(row) for row in teams.teams(request.actor)]}


@router.get("/topics", response={200: Topics, **errors.READ}, operation_id="list_topics")
def list_topics(request: ApiRequest) -> dict[str, Any]:
    """The topics people can join, by label: what they ask for by a form or a keyword. Retired ones are left out."""
    mine = set(channels.visible_channels(request.actor).values_list("id", flat=True))
    fields = ("id", "label", "keyword", "purpose", "description", "frequency", "is_double")
    return {
        "items": [
            {name: getattr(row, name) for name in fields}
            | {"channel_ids": sorted(one.pk for one in row.channels.all() if one.pk in mine)}
            for row in optin.topics(request.actor)
        ]
    }
