"""The facts of a decision as they stand in the database, and the decisions that are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import NOW
from twoway.channels.models import Channel
from twoway.compliance import actions, queries
from twoway.compliance.deciding import actions as deciding
from twoway.compliance.deciding.queries import decisions
from twoway.compliance.deciding.rules import Known, decide
from twoway.compliance.models import Decision
from twoway.compliance.purposes.rules import GIVEN
from twoway.compliance.queries import SendQuestion
from twoway.compliance.rules import SendFacts, refusal
from twoway.contacts.models import Contact, Identity
from twoway.teams.actor import system
from twoway.teams.models import Workspace


@pytest.fixture
def identity(workspace: Workspace, now: datetime) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=now), at=now)


def facts(identity: Identity, channel: Channel) -> SendFacts:
    return queries.send_facts(identity_id=identity.id, channel_id=channel.pk, purpose="reply", author="member")


def test_nothing_speaks_against_a_usual_text(identity: Identity, channel: Channel) -> None:
    assert facts(identity, channel) == SendFacts(
        purpose="reply",
        author="member",
        kind="phone",
        reach="",
        is_opted_out=False,
        is_blocked=False,
        is_channel_active=True,
    )


@pytest.mark.parametrize(
    ("model", "changes", "code"),
    [
        (Contact, {"blocked_at": NOW}, "blocked"),
        (Identity, {"reach": "landline"}, "landline"),
        (Identity, {"kind": "alpha"}, "cannot_reply"),
        (Channel, {"is_active": False}, "channel_inactive"),
    ],
)
def test_each_fact_is_read(
    identity: Identity, channel: Channel, model: Any, changes: dict[str, Any], code: str
) -> None:
    model.objects.update(**changes)
    found = refusal(facts(identity, channel))
    assert found is not None
    assert found.code == code


def test_many_questions_are_one_statement_in_order(
    workspace: Workspace, channel: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    people = [make.make_identity(make.make_contact(workspace, at=NOW), at=NOW) for _ in range(5)]
    by = system(workspace.pk)
    actions.opt_out(identity=people[3], channel=channel, source="keyword", at=NOW, by=by)
    asked = [
        SendQuestion(identity_id=each.id, channel_id=channel.pk, purpose=f"p{n}", author="api")
        for n, each in enumerate([*people, people[3]])
    ]
    with django_assert_num_queries(1):
        found = queries.send_facts_of(asked)
    assert [one.is_opted_out for one in found] == [False, False, False, True, False, True]
    assert [one.purpose for one in found] == [one.purpose for one in asked]
    with django_assert_num_queries(2):
        assert queries.send_facts_of(asked, lock=True) == found


def test_no_questions_no_statement(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert queries.send_facts_of([]) == []
        assert queries.consent_states([]) == {}


def test_a_question_about_nobody_fails(channel: Channel) -> None:
    with pytest.raises(LookupError):
        queries.send_facts(identity_id=0, channel_id=channel.pk, purpose="reply", author="api")


def test_consent_states_of_a_page_in_one_statement(
    workspace: Workspace, channel: Channel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    quiet, writer, gone = [make.make_identity(make.make_contact(workspace, at=NOW), at=NOW) for _ in range(3)]
    actions.opt_out(identity=gone, channel=channel, source="keyword", at=NOW, by=system(workspace.pk))
    asked = [(quiet.id, channel.pk, False), (writer.id, channel.pk, True), (gone.id, channel.pk, True)]
    with django_assert_num_queries(1):
        found = queries.consent_states(asked)
    assert [found[one[0], channel.pk] for one in asked] == ["none", "in", "out"]


def test_decisions_are_kept_with_what_was_known(identity: Identity, channel: Channel, now: datetime) -> None:
    seen = facts(identity, channel)
    blocked = replace(seen, is_blocked=True)
    for stage, known in (("door", seen), ("claim", blocked)):
        all_known = Known(send=known, rule=GIVEN["reply"])
        decided = deciding.Decided(
            workspace_id=identity.workspace_id,
            message_id=9,
            stage=stage,
            known=all_known,
            answer=decide(all_known, at=now),
        )
        deciding.record_decision(decided=decided, at=now)
    door, claim = decisions(9)
    assert (door.stage, door.verdict, door.reason, door.purpose) == ("door", "allow", "", "reply")
    assert (claim.stage, claim.verdict, claim.reason) == ("claim", "deny", "blocked")
    assert SendFacts(**claim.facts) == blocked
    assert Decision.objects.count() == 2
