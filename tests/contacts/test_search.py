"""Finding people by name and by number, and only those one may see."""

from __future__ import annotations

from datetime import datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.contacts import queries
from twoway.lib.refusal import NotFound
from twoway.teams.models import Workspace


@pytest.fixture(autouse=True)
def people(workspace: Workspace, now: datetime) -> None:
    for name, kind, value in (
        ("Dana Whitfield", "phone", "+15035550178"),
        ("Luis Ortega", "phone", "+15035550142"),
        ("Jo", "phone", "+447911123456"),
        ("100% Fun_Co", "email", "billing@fun.example"),
        ("", "alpha", "PARCELCO"),
    ):
        contact = make.make_contact(workspace, at=now, name=name)
        make.make_identity(contact, at=now, kind=kind, value=value)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("dana", ["Dana Whitfield"]),
        ("WHITF", ["Dana Whitfield"]),
        ("tega", ["Luis Ortega"]),
        ("jo", ["Jo"]),
        ("(503) 555-0178", ["Dana Whitfield"]),
        ("503.555.0178", ["Dana Whitfield"]),
        ("+1 503 555 0178", ["Dana Whitfield"]),
        ("5550178", ["Dana Whitfield"]),
        ("+44 7911 123456", ["Jo"]),
        ("5035550", ["Luis Ortega", "Dana Whitfield"]),
        ("billing@", ["100% Fun_Co"]),
        ("parcel", [""]),
        ("100%", ["100% Fun_Co"]),
        ("fun_", ["100% Fun_Co"]),
        ("%", []),
        ("_", []),
        ("", []),
        ("   ", []),
        ("zzz", []),
        ("da\0na", ["Dana Whitfield"]),
        ("'; DROP TABLE contact; --", []),
    ],
)
def test_search(ana: Player, text: str, found: list[str]) -> None:
    assert [contact.name for contact in queries.search(ana.actor, text, region="US")] == found


def test_a_number_is_read_in_the_workspaces_country(ana: Player) -> None:
    assert [row.name for row in queries.search(ana.actor, "07911 123456", region="GB")] == ["Jo"]


def test_a_search_is_two_queries(ana: Player, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    actor = ana.actor
    with django_assert_num_queries(2):
        for contact in queries.search(actor, "5035550", region="US"):
            assert contact.identities.all()[0].value.startswith("+1503")


def test_another_workspace_finds_nothing(cleo: Player) -> None:
    assert queries.search(cleo.actor, "dana", region="US") == []
    assert queries.search(cleo.actor, "5550178", region="US") == []


def test_who_sees_own_teams_only_finds_who_they_talk_with(workspace: Workspace, channel: Channel, ana: Player) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    limited = Player(member=make.make_member(workspace, "Lim", at=NOW, teams=[team], sees_own_teams_only=True))
    dana, luis, jo = (queries.search(ana.actor, name)[0] for name in ("dana", "luis", "jo"))
    for contact, held in ((dana, {"team": team}), (luis, {"assignee": limited.member}), (jo, {"assignee": ana.member})):
        make.make_conversation(channel, at=NOW, identity=contact.identities.get(), **held)
    visible = queries.visible_to(limited.actor).order_by("id")
    assert list(visible) == [dana, luis]
    assert queries.search(limited.actor, "5035550", region="US") == [luis, dana]
    assert queries.search(limited.actor, "jo") == []
    with pytest.raises(NotFound):
        queries.access_contact(limited.actor, jo.id)
    with pytest.raises(NotFound):
        queries.access_identity(limited.actor, jo.identities.get().id)
    assert queries.access_identity(limited.actor, dana.identities.get().id).contact == dana
