"""The workspace's own channels, members and teams, for the ids other operations take."""

from __future__ import annotations

from typing import Annotated, Any

from django.utils import timezone
from ninja import Path, Router, Schema

from twoway.api import errors, shapes
from twoway.api.auth import ApiRequest
from twoway.api.fields import PathId
from twoway.api.outlines import channel_documents, member_document, team_document, template_document
from twoway.channels import queries as channels
from twoway.channels.templates.queries import templates_of
from twoway.teams import queries as teams

router = Router(tags=["Workspace"])


class Channels(Schema):
    items: list[shapes.ChannelOut]


class Templates(Schema):
    items: list[shapes.TemplateOut]


class Members(Schema):
    items: list[shapes.MemberOut]


class Teams(Schema):
    items: list[shapes.TeamOut]


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
