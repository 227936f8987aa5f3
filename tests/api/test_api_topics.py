"""The topics people can join, as a program reads them."""

from __future__ import annotations

from datetime import datetime

from tests import make
from tests.api.conftest import Program
from tests.cast import Player
from twoway.channels.models import Channel
from twoway.compliance.optin.models import Topic


def test_topics_with_their_purpose_and_channels(program: Program, ana: Player, channel: Channel, now: datetime) -> None:
    other = make.make_workspace(name="Elsewhere", at=now)
    made = {}
    for workspace, keyword, is_active in (
        (channel.workspace, "NEWS", True),
        (channel.workspace, "OLD", False),
        (other, "X", True),
    ):
        made[keyword] = Topic.objects.create(
            workspace=workspace,
            keyword=keyword,
            label=keyword.title(),
            purpose="promotion",
            frequency="Twice a month",
            is_active=is_active,
            created_at=now,
        )
    made["NEWS"].channels.add(channel)
    assert program.get("/topics").json == {
        "items": [
            {
                "id": made["NEWS"].pk,
                "label": "News",
                "keyword": "NEWS",
                "purpose": "promotion",
                "description": "",
                "frequency": "Twice a month",
                "is_double": True,
                "channel_ids": [channel.pk],
            }
        ]
    }
