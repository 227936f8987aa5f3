"""Saved replies over the API: who may, what is found, kept, changed and refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from tests.api.conftest import Program
from tests.cast import Player
from twoway.events.models import AuditEntry
from twoway.replies import actions
from twoway.replies.actions import ReplyTerms
from twoway.replies.models import Reply


@pytest.fixture
def program(ana: Player, program_of: Callable[..., Program]) -> Program:
    """One that manages replies."""
    return program_of(ana, role="manager")


LATE: dict[str, Any] = {"name": "Late", "body": "Hi {first_name|there}, {eta}", "word": "late", "folder": "Delays"}


def test_a_reply_is_added_found_changed_and_archived(program: Program) -> None:
    made = program.ask("POST", "/replies", {**LATE, "languages": {"es": "Hola"}})
    assert made.status == 201
    assert made.json["variables"] == ["first_name", "eta"]
    assert (made.json["folder"], made.json["scope"], made.json["uses"]) == ("Delays", "all", 0)
    path = f"/replies/{made.json['id']}"
    assert program.get(path).json == made.json
    assert [one["name"] for one in program.get("/replies?search=DELAY").json["items"]] == []
    assert [one["name"] for one in program.get("/replies?search=Hi+LATE").json["items"]] == ["Late"]
    changed = program.ask("PATCH", path, {"body": "Sorry", "is_archived": True})
    assert (changed.json["body"], changed.json["languages"]) == ("Sorry", {"es": "Hola"})
    assert changed.json["is_archived"] is True
    assert program.get("/replies").json["items"] == []
    assert len(program.get("/replies?is_archived=true").json["items"]) == 1
    assert program.ask("PATCH", path, {"is_archived": False}).json["is_archived"] is False
    assert AuditEntry.objects.filter(action__startswith="reply.", actor__startswith="token: ").count() == 4


def test_lists_go_on_where_they_stopped(program: Program) -> None:
    for number in range(3):
        program.ask("POST", "/replies", {"name": f"R{number}", "body": "x"})
    first = program.get("/replies?limit=2").json
    second = program.get(f"/replies?limit=2&cursor={first['next']}").json
    assert [one["name"] for one in (*first["items"], *second["items"])] == ["R2", "R1", "R0"]
    assert second["next"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"body": ""},
        {"word": "no word"},
        {"scope": "own"},
        {"kind": "song"},
        {"surprise": 1},
        {"scope": "team"},
        {"scope": "team", "team_id": 999999},
        {"channel_id": 999999},
        {"body": "x" * 1601},
    ],
)
def test_what_cant_be_kept_is_refused(program: Program, wrong: dict[str, Any]) -> None:
    assert program.ask("POST", "/replies", {**LATE, **wrong}).status in {404, 422}
    assert not Reply.objects.exists()


@pytest.mark.parametrize(
    ("role", "reads", "writes"), [("viewer", 200, 403), ("agent", 200, 403), ("manager", 200, 201)]
)
def test_roles(ana: Player, program_of: Callable[..., Program], role: str, reads: int, writes: int) -> None:
    mine = program_of(ana, role=role)
    assert mine.get("/replies").status == reads
    assert mine.ask("POST", "/replies", LATE).status == writes


def test_nobody_elsewhere_sees_or_changes_anything(program: Program, stranger: Program) -> None:
    made = program.ask("POST", "/replies", LATE).json
    assert stranger.get("/replies").json["items"] == []
    assert stranger.get(f"/replies/{made['id']}").status == 404
    assert stranger.ask("PATCH", f"/replies/{made['id']}", {"name": "Mine"}).status == 404
    assert Program().ask("GET", "/replies").status == 401
    assert Program().ask("POST", "/replies", LATE).status == 401
    assert Reply.objects.get().name == "Late"


def test_members_own_replies_are_not_programs_business(program: Program, ben: Player, now: datetime) -> None:
    own = actions.add_reply(terms=ReplyTerms(name="Mine", body="x"), by=ben.actor, at=now)
    assert program.get("/replies").json["items"] == []
    assert program.get(f"/replies/{own.pk}").status == 404
