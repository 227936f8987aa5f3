"""The index of the search: what is kept in it, and how it follows the texts."""

from __future__ import annotations

from datetime import UTC
from typing import Any

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.messaging.search.finding import ago, bodies, find, say
from twoway.conversations.models import Conversation, Note
from twoway.messaging.models import Message
from twoway.messaging.search import queries
from twoway.messaging.search.indexing import Indexer
from twoway.messaging.search.models import SearchAgain, SearchNote, SearchPerson, SearchPlace, SearchText, SearchWord


def test_indexing_twice_changes_nothing(ana: Player, dana: Conversation) -> None:
    say(dana, "zebra zebra crossing")
    make.make_note(dana, at=NOW, body="zebra")
    for _ in range(3):
        Indexer().catch_up()
    counted = dict(SearchWord.objects.values_list("word", "texts"))
    assert (counted["zebra"], counted["crossing"]) == (2, 1)
    assert SearchText.objects.count() == 1


def test_a_text_committed_late_under_a_higher_id_is_found(ana: Player, dana: Conversation) -> None:
    late = say(dana, "late zebra")
    Message.objects.filter(id=late.id).update(id=late.id + 10)
    indexer = Indexer()
    say(dana, "early", id=late.id + 20)
    indexer.catch_up()
    assert SearchPlace.objects.get(kind="text").done_id <= late.id + 20
    say(dana, "zebra between", id=late.id + 15)
    for follower in indexer._followers:
        follower._sweep_at = 0.0
    indexer.catch_up()
    assert set(bodies(find(ana, "zebra"))) == {"late zebra", "zebra between"}


def test_what_was_there_before_is_taken_up_and_new_texts_do_not_wait(
    ana: Player, dana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twoway.messaging.search.actions.BACKLOG_BATCH", 2)
    monkeypatch.setattr("twoway.messaging.search.actions.IN_FLIGHT", 0)
    for n in range(5):
        say(dana, f"zebra {n}", ago(days=n))
    indexer = Indexer()
    indexer.round()
    assert SearchText.objects.count() == 2
    say(dana, "a new zebra")
    indexer.round()
    assert SearchText.objects.count() == 5
    indexer.catch_up()
    assert len(find(ana, "zebra").texts) == 6


def test_what_goes_or_is_emptied_leaves_the_index_at_once(ana: Player, dana: Conversation) -> None:
    one, two = say(dana, "a zebra"), say(dana, "a giraffe")
    Indexer().catch_up()
    Message.objects.filter(id=one.id).update(body="", redacted_at=NOW)
    assert not SearchText.objects.filter(id=one.id).exists()
    two.delete()
    assert not SearchText.objects.filter(id=two.id).exists()
    assert SearchAgain.objects.exists()
    Indexer().catch_up()
    assert not SearchAgain.objects.exists()
    assert set(SearchWord.objects.values_list("word", flat=True)) == {"dana", "nunez"}
    assert SearchText.objects.get().id == one.id


def test_a_conversation_that_goes_takes_everything_with_it(ana: Player, dana: Conversation) -> None:
    say(dana, "a zebra")
    make.make_note(dana, at=NOW, body="zebra")
    Indexer().catch_up()
    dana.contact.delete()
    assert not SearchText.objects.exists()
    assert not SearchNote.objects.exists()
    assert not SearchPerson.objects.exists()
    Indexer().catch_up()
    assert not SearchWord.objects.exists()


def test_a_text_that_moves_to_another_conversation_is_seen_there(
    ana: Player, ben: Player, dana: Conversation, luis: Conversation
) -> None:
    ben.member.sees_own_teams_only = True
    ben.member.save()
    luis.assignee = ben.member
    luis.save()
    text = say(dana, "a zebra")
    assert not find(ben, "zebra").texts
    Message.objects.filter(id=text.id).update(conversation=luis)
    assert bodies(find(ben, "zebra")) == ["a zebra"]


def test_another_worker_at_it_is_left_alone(dana: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    say(dana, "zebra")
    monkeypatch.setattr("twoway.messaging.search.actions.is_ours", lambda: False)
    assert Indexer().round() is False
    assert not SearchText.objects.exists()


def test_the_number_of_queries_does_not_grow(
    ana: Player, dana: Conversation, django_assert_max_num_queries: Any
) -> None:
    for n in range(30):
        say(dana, "zebra", ago(days=n))
        Note.objects.create(conversation=dana, body="zebra", created_at=ago(days=n))
    Indexer().catch_up()
    actor = ana.actor
    with django_assert_max_num_queries(32):
        assert len(queries.search(actor, "zebra", at=timezone.now(), zone=UTC).texts) == 20
