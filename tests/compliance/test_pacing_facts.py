"""Caps and the guard in the database: what counts, what doesn't, and how the guard is set."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.pacing import actions, queries
from twoway.compliance.pacing.models import Pacing
from twoway.compliance.pacing.rules import QUESTION, PacingFacts
from twoway.conversations.models import Conversation
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed

DAY = timedelta(days=1)


@pytest.fixture
def conversation(channel: Channel, now: datetime) -> Conversation:
    return make.make_conversation(channel, at=now - 60 * DAY, name="Dana")


def text(conversation: Conversation, ago: timedelta, *, purpose: str = "reminder", status: str = "delivered") -> None:
    left = NOW - ago
    make.make_message(
        conversation, at=left, direction="out", purpose=purpose, status=status, claimed_at=left, author="api"
    )


def read(conversation: Conversation, purpose: str = "reminder") -> PacingFacts:
    found = queries.facts(
        identity_id=conversation.identity_id, channel_id=conversation.channel_id, purpose=purpose, at=NOW
    )
    assert found is not None
    return found


def test_texts_of_the_same_purpose_that_left_in_a_week_count(conversation: Conversation) -> None:
    text(conversation, 2 * DAY)
    text(conversation, timedelta(hours=3))
    text(conversation, 8 * DAY)
    text(conversation, timedelta(hours=1), purpose="survey")
    text(conversation, timedelta(hours=1), purpose="reply")
    for status in ("failed", "canceled", "undelivered", "queued", "scheduled"):
        text(conversation, timedelta(hours=1), status=status)
    wanted = tuple(int((NOW - ago).timestamp()) for ago in (timedelta(hours=3), 2 * DAY))
    assert read(conversation).times == wanted
    assert len(read(conversation, "survey").times) == 1
    assert read(conversation, "promotion").times == ()


def test_every_address_of_the_person_counts(conversation: Conversation, channel: Channel) -> None:
    other = make.make_channel(channel.workspace, at=NOW)
    second = make.make_identity(conversation.contact, at=NOW)
    thread = make.make_conversation(other, at=NOW - DAY, contact=conversation.contact, identity=second)
    text(thread, timedelta(hours=2))
    assert (len(read(conversation).times), read(conversation).unanswered) == (1, 1)


def test_what_was_sent_since_they_last_wrote_is_unanswered(conversation: Conversation) -> None:
    for days in (20, 10, 5):
        text(conversation, days * DAY)
    text(conversation, 4 * DAY, purpose="transactional")
    text(conversation, 3 * DAY, purpose="reply")
    assert read(conversation).unanswered == 3
    make.make_message(conversation, at=NOW - 7 * DAY)
    assert read(conversation).unanswered == 1
    assert read(conversation, "transactional").is_spared
    assert not read(conversation).is_spared


def test_the_question_counts_until_they_write(conversation: Conversation) -> None:
    text(conversation, 3 * DAY, purpose="still_wanted")
    assert (read(conversation).was_asked, read(conversation).unanswered) == (True, 0)
    make.make_message(conversation, at=NOW - DAY, body="YES")
    assert not read(conversation).was_asked


def test_the_facts_are_read_from_the_index(conversation: Conversation, channel: Channel) -> None:
    for number in range(60):
        text(conversation, timedelta(hours=number))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE message")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {queries.FACTS}",
            [[conversation.identity_id], [channel.pk], ["reminder"], NOW],
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "message_proactive" in plan


def test_an_admin_sets_the_guard(conversation: Conversation, ana: Player) -> None:
    assert queries.question_of(conversation.workspace_id) == QUESTION
    asks = "Still want   our texts? YES or STOP."
    actions.set_guard(guard_after=2, spared=["survey"], question=asks, at=NOW, by=ana.actor)
    assert queries.question_of(conversation.workspace_id) == "Still want our texts? YES or STOP."
    facts = read(conversation, "survey")
    assert (facts.guard_after, facts.is_spared, read(conversation, "transactional").is_spared) == (2, True, False)
    assert read(conversation, "emergency").is_spared
    assert audit_entries(ana.actor.workspace_id)[0].action == "pacing.changed"


@pytest.mark.parametrize(
    ("field", "guard_after", "spared", "question"),
    [
        ("guard_after", -1, [], ""),
        ("guard_after", 51, [], ""),
        ("spared", 5, ["nothing_such"], ""),
        ("question", 5, [], "Still want our texts? YES"),
        ("question", 5, [], "Still want our texts? STOP ends them"),
        ("question", 5, [], "YES or STOP? " + "x" * 300),
    ],
)
def test_a_guard_that_is_none_is_refused(
    ana: Player, field: str, guard_after: int, spared: list[str], question: str
) -> None:
    with pytest.raises(Invalid) as refused:
        actions.set_guard(guard_after=guard_after, spared=spared, question=question, at=NOW, by=ana.actor)
    assert refused.value.field == field
    assert not Pacing.objects.exists()


def test_only_admins_set_it(ben: Player) -> None:
    with pytest.raises(NotAllowed):
        actions.set_guard(guard_after=5, spared=[], question="", at=NOW, by=ben.actor)
