"""What the ledger says about many texts at once, in one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent import actions
from twoway.compliance.consent.queries import FACTS, facts_of
from twoway.compliance.consent.rules import ConsentFacts
from twoway.contacts.models import Identity
from twoway.teams.actor import system
from twoway.teams.models import Workspace


@pytest.fixture
def dana(workspace: Workspace) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=NOW, name="Dana"), at=NOW)


def facts(*asked: tuple[Identity, Channel, str], at: datetime = NOW) -> list[ConsentFacts]:
    with connection.cursor() as cursor:
        columns: list[Any] = [[one[0].pk for one in asked], [one[1].pk for one in asked], [one[2] for one in asked]]
        cursor.execute(FACTS, [*columns, at])
        return [facts_of(row) for row in cursor.fetchall()]


def agree(who: Identity, purpose: str, level: str, *, at: datetime = NOW, **more: Any) -> None:
    by = system(who.workspace_id)
    actions.grant(identity=who, purpose=purpose, level=level, method="form", at=at, by=by, **more)


def refuse(who: Identity, purpose: str, *, at: datetime = NOW, **more: Any) -> None:
    actions.withdraw(identity=who, purpose=purpose, method="reply", at=at, by=system(who.workspace_id), **more)


def test_nothing_is_known_of_a_stranger(dana: Identity, channel: Channel) -> None:
    assert facts((dana, channel, "promotion")) == [ConsentFacts()]


def test_one_row_a_question_in_order(dana: Identity, channel: Channel, workspace: Workspace) -> None:
    other = make.make_identity(make.make_contact(workspace, at=NOW), at=NOW)
    agree(dana, "promotion", "written", expires_at=NOW + timedelta(days=5))
    agree(other, "survey", "express")
    asked = [(other, channel, "promotion"), (dana, channel, "promotion"), (other, channel, "survey")]
    found = facts(*asked, asked[1])
    assert [one.level for one in found] == ["", "written", "express", "written"]
    assert found[1] == ConsentFacts(
        level="written", given_at=NOW.isoformat(), expires_at=(NOW + timedelta(days=5)).isoformat()
    )


def test_consent_to_everything_counts_until_one_purpose_is_withdrawn(dana: Identity, channel: Channel) -> None:
    agree(dana, "all", "express")
    refuse(dana, "survey")
    survey, service = facts((dana, channel, "survey"), (dana, channel, "service"))
    assert (survey.level, survey.withdrawn_at) == ("", NOW.isoformat())
    assert (service.level, service.withdrawn_at) == ("express", None)
    actions.request(
        identity=dana, purpose="survey", level="express", method="form", at=NOW, by=system(dana.workspace_id)
    )
    (survey,) = facts((dana, channel, "survey"))
    assert (survey.level, survey.is_requested) == ("", True)


def test_the_higher_level_that_still_holds_is_found(dana: Identity, channel: Channel) -> None:
    agree(dana, "promotion", "written", expires_at=NOW + timedelta(days=1))
    agree(dana, "all", "express")
    assert facts((dana, channel, "promotion"))[0].level == "written"
    assert facts((dana, channel, "promotion"), at=NOW + timedelta(days=2))[0].level == "express"


def test_consent_for_one_number_is_for_that_number(dana: Identity, channel: Channel, workspace: Workspace) -> None:
    other = make.make_channel(workspace, at=NOW)
    agree(dana, "promotion", "written", channel=channel)
    assert [one.level for one in facts((dana, channel, "promotion"), (dana, other, "promotion"))] == ["written", ""]


def test_stop_ends_it_and_start_gives_back_service_texts_only(dana: Identity, channel: Channel) -> None:
    agree(dana, "promotion", "written")
    by = system(dana.workspace_id)
    about: dict[str, Any] = {"identity": dana, "channel": channel, "source": "keyword", "by": by}
    compliance.opt_out(**about, at=NOW)
    assert facts((dana, channel, "promotion"))[0].level == ""
    compliance.lift(**about, at=NOW)
    assert [facts((dana, channel, each))[0].level for each in ("promotion", "service")] == ["express", "express"]


def test_a_member_who_lifts_gives_no_consent_in_their_name(dana: Identity, channel: Channel) -> None:
    by = system(dana.workspace_id)
    compliance.opt_out(identity=dana, channel=channel, source="member", at=NOW, by=by)
    compliance.lift(identity=dana, channel=channel, source="member", note="They called", at=NOW, by=by)
    assert facts((dana, channel, "service"))[0].level == "implied"


def test_their_last_message_to_that_number(dana: Identity, channel: Channel, workspace: Workspace) -> None:
    other = make.make_channel(workspace, at=NOW)
    make.make_conversation(channel, at=NOW, identity=dana, messages=1)
    mine, theirs = facts((dana, channel, "reply"), (dana, other, "reply"))
    assert (mine.heard_at, theirs.heard_at) == (NOW.isoformat(), None)
