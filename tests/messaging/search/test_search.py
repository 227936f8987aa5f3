"""Search of all history: what is found, in which order, from page to page, and by whom."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.messaging.search.finding import LATER, ago, bodies, find, say
from twoway.contacts import actions as contacts
from twoway.contacts.queries import alias_of
from twoway.conversations.models import Conversation
from twoway.lib.refusal import Invalid
from twoway.messaging.models import MediaFile, MediaState
from twoway.messaging.search import queries
from twoway.messaging.search.indexing import Indexer
from twoway.messaging.search.models import SearchWord
from twoway.messaging.search.queries import Page
from twoway.teams.models import Workspace

FIRST = "The café on Elm: refund for the late fee, call +1 (503) 555-0142"
SECOND = "Your deposit is back. We don’t charge a fee for being late."


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("refund", [FIRST]),
        ("CAFE", [FIRST]),
        ("café elm", [FIRST]),
        ("late fee", [FIRST, SECOND]),
        ('"late fee"', [FIRST]),
        ("late -refund", [SECOND]),
        ('late -"late fee"', [SECOND]),
        ("dont", [SECOND]),
        ("don't", [SECOND]),
        ("5035550142", [FIRST]),
        ("503.555.0142", [FIRST]),
        ("+1 503-555-0142", [FIRST]),
        ("0142", [FIRST]),
        ("refund elephant", []),
        ("from:dana refund", [FIRST]),
        ("from:nunez refund", [FIRST]),
        ("from:+1 (503) 555-0178 late", [FIRST]),
        ("from:0178 late", [FIRST]),
        ("to:dana late", [SECOND]),
        ("with:dana late", [FIRST, SECOND]),
        ("-with:dana late", []),
        ("from:luis late", []),
        ("from:nobody late", []),
        ("by:ana late", [SECOND]),
        ("by:me late", [SECOND]),
        ("by:ben late", []),
        ("-by:ana late", [FIRST]),
        ("after:2000 late", [FIRST, SECOND]),
        ("before:2000 late", []),
        ("before:0001-01-01 late", []),
        ("after:9998 late", []),
        ("after:9999 late", [FIRST, SECOND]),
        ("before:9998 late", [FIRST, SECOND]),
        ("tag:vip late", [FIRST, SECOND]),
        ("tag:other late", []),
        ("-tag:vip late", []),
        ("team:billing late", [FIRST, SECOND]),
        ("is:open late", [FIRST, SECOND]),
        ("is:done late", []),
        ("has:note late", [FIRST, SECOND]),
        ("has:photo late", []),
        ("has:link", []),
        ("", []),
        ("-refund", []),
        ("   ", []),
        ("'; DROP TABLE message; --", []),
    ],
)
def test_what_a_query_finds(
    ana: Player, ben: Player, dana: Conversation, luis: Conversation, query: str, found: list[str]
) -> None:
    dana.tags.set([make.make_tag(dana.workspace, "VIP")])
    make.make_tag(dana.workspace, "Other")
    dana.team = make.make_team(dana.workspace, "Billing", at=NOW)
    say(dana, FIRST, ago(days=800))
    say(dana, SECOND, ago(days=2), direction="out", by=ana.member, by_name="Ana")
    make.make_note(dana, at=NOW, body="Check with accounting.")
    say(luis, "Hello")
    assert sorted(bodies(find(ana, query))) == sorted(found)


def test_filters_alone_find_texts_too(ana: Player, dana: Conversation, luis: Conversation) -> None:
    say(dana, "One", ago(days=700))
    say(luis, "Two", ago(hours=1))
    say(luis, "See https://example.com", ago(minutes=1))
    assert bodies(find(ana, "from:luis")) == ["See https://example.com", "Two"]
    assert bodies(find(ana, "has:link")) == ["See https://example.com"]
    assert bodies(find(ana, f"on:{ago(days=700):%Y-%m-%d}")) == ["One"]
    assert bodies(find(ana, f"before:{NOW:%Y-%m-%d}")) == ["One"]
    assert bodies(find(ana, f"number:{dana.channel.address[-4:]}")) == ["See https://example.com", "Two", "One"]
    assert set(bodies(find(ana, "is:unread"))) == {"See https://example.com", "Two", "One"}


def test_photos_and_files_also_once_they_are_known(ana: Player, dana: Conversation) -> None:
    text = say(dana, "Look", media=[{"type": ""}])
    file = MediaFile.objects.create(
        workspace=dana.workspace, message=text, state=MediaState.WAITING, kind="file", created_at=NOW
    )
    assert bodies(find(ana, "has:photo")) == []
    assert bodies(find(ana, "has:file look")) == ["Look"]
    file.kind = "image"
    file.save()
    assert bodies(find(ana, "has:photo")) == ["Look"]
    file.delete()
    assert bodies(find(ana, "has:photo")) == []


def test_a_beginning_finds_while_typing_and_only_then(ana: Player, dana: Conversation) -> None:
    say(dana, "The appointment moved")
    assert bodies(find(ana, "appoin", is_typing=True)) == ["The appointment moved"]
    assert bodies(find(ana, "moved appoin", is_typing=True)) == ["The appointment moved"]
    assert bodies(find(ana, '"appoin"', is_typing=True)) == []


@pytest.mark.parametrize(
    ("typed", "used"),
    [("refudn", "refund"), ("recieve", "receive"), ("apointment", "appointment"), ("RECEIVEE", "receive")],
)
def test_typing_errors_are_forgiven_and_said(ana: Player, dana: Conversation, typed: str, used: str) -> None:
    say(dana, "When do I receive the refund for my appointment?")
    results = find(ana, typed)
    assert len(results.texts) == 1
    assert results.corrections == ((typed, used),)
    assert results.corrected == used
    assert [piece.text for piece in results.texts[0].pieces if piece.is_hit] == [used]
    exact = find(ana, typed, is_exact=True)
    assert (exact.texts, exact.corrections) == ((), ())


def test_a_correction_is_not_said_where_nothing_of_it_may_be_seen(ana: Player, ben: Player, dana: Conversation) -> None:
    say(dana, "The acquisition is secret")
    ben.member.sees_own_teams_only = True
    ben.member.save()
    assert find(ana, "acquisitoin").corrections
    results = find(ben, "acquisitoin")
    assert (results.is_empty, results.corrections, results.corrected) == (True, (), "")


def test_numbers_and_short_words_are_not_corrected(ana: Player, dana: Conversation) -> None:
    say(dana, "Order 48213, bay B16")
    assert bodies(find(ana, "48214")) == []
    assert bodies(find(ana, "bey")) == []
    assert bodies(find(ana, "48213")) == ["Order 48213, bay B16"]


def test_relevant_before_old_and_near_words_before_far(ana: Player, dana: Conversation) -> None:
    far = say(dana, "The key is lost, and the car that we left in the other street is a red one", ago(days=1))
    near = say(dana, "I left the car key at home", ago(days=2))
    old = say(dana, "A car key", ago(days=400))
    assert [hit.message.id for hit in find(ana, "car key").texts] == [near.id, far.id, old.id]


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_pages_lose_and_double_nothing(
    ana: Player, dana: Conversation, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BATCH", 8)
    rows = [say(dana, "again" + " again" * (n % 3), ago(days=n % 5, minutes=n // 5)) for n in range(20)]
    seen: list[int] = []
    cursor = ""
    while True:
        page = find(ana, "again", page=Page(cursor=cursor, limit=limit))
        seen += [hit.message.id for hit in page.texts]
        if len(seen) < 10:
            say(dana, "again and newer", NOW + timedelta(days=2))
        if not page.next:
            break
        cursor = page.next
    assert len(seen) == len(set(seen))
    assert set(seen) == {row.id for row in rows}


@pytest.mark.parametrize("cursor", ["x", "0" * 47, "0" * 64, "f" * 48, "é", "0" * 113])
def test_a_cursor_nobody_gave_out_is_refused(ana: Player, cursor: str) -> None:
    with pytest.raises(Invalid):
        queries.search(ana.actor, "x", at=NOW, zone=UTC, page=Page(cursor=cursor))


def test_common_words_are_looked_for_in_windows(
    ana: Player, dana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a word in too many texts the days are walked back; the same is found, the newest first."""
    monkeypatch.setattr("twoway.messaging.search.newest.FEW", 2)
    rows = [say(dana, "order again", ago(days=n * n)) for n in range(25)]
    rare = say(dana, "order of peonies", ago(days=890))
    found = find(ana, "order", page=Page(limit=50))
    assert {hit.message.id for hit in found.texts} == {row.id for row in [*rows, rare]}
    assert bodies(find(ana, "order peonies")) == ["order of peonies"]
    assert bodies(find(ana, f"order on:{ago(days=16):%Y-%m-%d}")) == ["order again"]


def test_a_search_that_takes_too_long_ends_and_says_how_far_it_came(
    ana: Player, dana: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(dana, "order", ago(days=500))
    Indexer().catch_up()
    monkeypatch.setattr("twoway.messaging.search.newest.FEW", 0)
    monkeypatch.setattr("twoway.messaging.search.newest.MOST_TIME", 0.0)
    monkeypatch.setattr("twoway.messaging.search.newest._first_window", lambda *_a, **_k: 1.0)
    cursor, pages = "", 0
    while True:
        page = queries.search(ana.actor, "order", at=LATER, zone=UTC, page=Page(cursor=cursor))
        pages += 1
        if page.texts:
            break
        assert page.looked_to is not None
        assert page.next
        cursor = page.next
    assert pages > 1
    with connection.cursor() as asked:
        asked.execute("SHOW statement_timeout")
        assert asked.fetchone() == ("0",)


# People, tags, notes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("dana", ["Dana Núñez"]),
        ("nunez", ["Dana Núñez"]),
        ("núñez dana", ["Dana Núñez"]),
        ("nun", ["Dana Núñez"]),
        ("(503) 555-0178", ["Dana Núñez"]),
        ("503.555.0178", ["Dana Núñez"]),
        ("0178", ["Dana Núñez"]),
        ("+44 7911 123456", ["Luis Ortega"]),
        ("Ortega", ["Luis Ortega"]),
        ("ortgea", ["Luis Ortega"]),
        ("nobody", []),
    ],
)
def test_people(ana: Player, dana: Conversation, luis: Conversation, query: str, found: list[str]) -> None:
    assert [row.contact.name for row in find(ana, query).people] == found


def test_who_was_renamed_erased_or_hidden_is_found_accordingly(ana: Player, dana: Conversation) -> None:
    assert find(ana, "nunez").people
    contacts.rename(contact=dana.contact, name="Dana Whitfield", by=ana.actor, at=NOW)
    assert not find(ana, "nunez").people
    assert find(ana, "whitfield").people
    dana.contact.is_anonymous = True
    dana.contact.save()
    assert not find(ana, "whitfield").people
    assert not SearchWord.objects.filter(word="whitfield").exists()
    assert [row.pk for row in find(ana, alias_of(dana.contact_id)).people] == [dana.pk]


def test_who_does_not_see_numbers_finds_people_by_the_last_four_only(
    ana: Player, ben: Player, dana: Conversation
) -> None:
    Workspace.objects.update(numbers_from="admin")
    assert not find(ben, "5035550178").people
    assert find(ben, "0178").people
    assert find(ana, "5035550178").people


def test_notes_and_tags(ana: Player, dana: Conversation) -> None:
    make.make_tag(dana.workspace, "Late payer")
    note = make.make_note(dana, at=NOW, by=ana.member, body="Payer asked for the café address")
    results = find(ana, "cafe")
    assert [hit.note.id for hit in results.notes] == [note.id]
    assert [tag.name for tag in find(ana, "pay").tags] == ["Late payer"]
    assert find(ana, "cafe by:ana").notes
    assert not find(ana, "cafe from:dana").notes
    note.body = "Nothing"
    note.save()
    assert not find(ana, "cafe").notes
    assert [hit.note.id for hit in find(ana, "nothing", page=Page(kind="note")).notes] == [note.id]
    note.delete()
    assert not find(ana, "nothing").notes
    assert not SearchWord.objects.filter(word="nothing").exists()


# Who sees what --------------------------------------------------------------------------------------------------------


def test_another_workspace_finds_nothing(ana: Player, cleo: Player, dana: Conversation) -> None:
    say(dana, "A zebra")
    make.make_note(dana, at=NOW, body="zebra")
    assert not find(ana, "zebra").is_empty
    for query in ("zebra", "dana", "5035550178", "from:dana", "zebr", "zbera"):
        assert find(cleo, query, is_typing=True).is_empty


def test_a_member_who_sees_their_teams_only_finds_nothing_else(
    ana: Player, ben: Player, dana: Conversation, luis: Conversation
) -> None:
    ben.member.sees_own_teams_only = True
    ben.member.save()
    say(dana, "A zebra for Ana")
    make.make_note(dana, at=NOW, body="zebra")
    luis.assignee = ben.member
    say(luis, "A zebra for Ben")
    results = find(ben, "zebra")
    assert (bodies(results), results.notes) == (["A zebra for Ben"], ())
    assert not find(ben, "dana").people
    assert bodies(find(ben, "from:dana zebra")) == []
    assert bodies(find(ben, "is:open zebra")) == ["A zebra for Ben"]
    assert len(find(ana, "zebra").texts) == 2
