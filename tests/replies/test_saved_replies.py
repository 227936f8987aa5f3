"""Saved replies in the database: who sees and changes them, finding them, use, wording tests, files, tables."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import make, pictures
from tests.cast import Player
from tests.replies.conftest import Save
from tests.screens_html import html_of, plain
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.messaging.media import files as store
from twoway.messaging.media import queries as media
from twoway.messaging.models import Message
from twoway.replies import actions, queries, trial_queries, trial_rules
from twoway.replies.actions import ReplyTerms
from twoway.replies.models import Reply, ReplyUse
from twoway.teams.models import Workspace


def names(rows: list[Reply]) -> list[str]:
    return [one.name for one in rows]


# Whose they are ---------------------------------------------------------------------------------------------------


def test_own_replies_are_seen_by_nobody_else(ana: Player, ben: Player, cleo: Player, save: Save) -> None:
    mine = save("Mine", by=ben, scope="own")
    save("Ours")
    assert set(names(list(queries.usable(ben.actor)))) == {"Mine", "Ours"}
    assert names(list(queries.usable(ana.actor))) == ["Ours"]
    assert list(queries.usable(cleo.actor)) == []
    for other in (ana, cleo):
        with pytest.raises(NotFound):
            queries.access_reply(other.actor, mine.pk)


def test_a_teams_replies_are_for_who_sees_the_team(
    workspace: Workspace, ana: Player, save: Save, now: datetime
) -> None:
    inside, outside = (
        Player(member=make.make_member(workspace, name, role="agent", sees_own_teams_only=True, at=now))
        for name in ("Dee", "Eve")
    )
    team = make.make_team(workspace, "Roadside", members=[inside.member], at=now)
    save("Tow truck", scope="team", team_id=team.pk)
    assert names(list(queries.usable(inside.actor))) == ["Tow truck"]
    assert list(queries.usable(outside.actor)) == []
    assert names(list(queries.usable(ana.actor))) == ["Tow truck"]


def test_agents_change_their_own_and_nothing_shared(ana: Player, ben: Player, save: Save, now: datetime) -> None:
    shared, own = save("Ours"), save("Mine", by=ben, scope="own")
    terms = ReplyTerms(name="Changed", body="Hello")
    assert actions.change_reply(reply=own, terms=terms, by=ben.actor, at=now).name == "Changed"
    with pytest.raises(NotAllowed):
        actions.change_reply(reply=shared, terms=terms, by=ben.actor, at=now)
    with pytest.raises(NotAllowed):
        actions.archive_reply(reply=shared, by=ben.actor, at=now)
    with pytest.raises(NotAllowed):
        actions.change_reply(reply=own, terms=ReplyTerms(name="X", body="Y", scope="all"), by=ben.actor, at=now)
    with pytest.raises(NotFound):
        actions.change_reply(reply=own, terms=terms, by=ana.actor, at=now)
    shared.refresh_from_db()
    assert (shared.name, shared.archived_at) == ("Ours", None)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"body": " "}, "body"),
        ({"body": "x" * 1601}, "body"),
        ({"word": "not a word"}, "word"),
        ({"scope": "moon"}, "scope"),
        ({"scope": "team"}, "team"),
        ({"variants": {"no such": "x"}}, "variants"),
        ({"kind": "song"}, "kind"),
        ({"kind": "article"}, "steps"),
        ({"kind": "article", "url": "javascript:alert(1)"}, "url"),
        ({"folder": "x" * 61}, "folder"),
    ],
)
def test_what_cant_be_kept_is_refused_at_its_field(
    ana: Player, now: datetime, given: Mapping[str, Any], field: str
) -> None:
    terms = ReplyTerms(**{"name": "Late", "body": "Sorry", "scope": "all", **given})
    with pytest.raises(Invalid) as refused:
        actions.add_reply(terms=terms, by=ana.actor, at=now)
    assert refused.value.field == field
    assert not Reply.objects.exists()


def test_one_word_means_one_reply(save: Save, ana: Player, ben: Player, now: datetime) -> None:
    first = save("Late", word="/Late")
    assert first.word == "late"
    with pytest.raises(Invalid, match="/late"):
        save("Later", word="late")
    save("My late", word="late", by=ben, scope="own")
    actions.archive_reply(reply=first, by=ana.actor, at=now)
    save("Later", word="late")
    assert actions.restore_reply(reply=first, by=ana.actor, at=now).word == ""


def test_archived_replies_are_kept_and_come_back(save: Save, ana: Player, now: datetime) -> None:
    one = save("Late")
    actions.archive_reply(reply=one, by=ana.actor, at=now)
    assert list(queries.usable(ana.actor)) == []
    assert queries.access_reply(ana.actor, one.pk).archived_at == now
    actions.restore_reply(reply=one, by=ana.actor, at=now)
    assert names(list(queries.usable(ana.actor))) == ["Late"]


def test_the_audit_says_who_changed_what(save: Save, ana: Player, now: datetime) -> None:
    one = save("Late", "Sorry")
    actions.change_reply(reply=one, terms=ReplyTerms(name="Late", body="So sorry", scope="all"), by=ana.actor, at=now)
    added, changed = AuditEntry.objects.filter(subject=f"saved_reply {one.pk}").order_by("id")
    assert (added.actor, added.action) == ("Ana", "reply.added")
    assert changed.data == {"name": "Late", "body_before": "Sorry", "body_after": "So sorry"}


# Finding ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("late", ["Cleaner running late", "Late cancellation fee", "Apology"]),
        ("", ["Cleaner running late", "Dessert", "Apology", "Late cancellation fee"]),
        ("LATE canc", ["Late cancellation fee"]),
        ("cancelation", ["Late cancellation fee"]),
        ("apolgy", ["Apology"]),
        ("creme", ["Dessert"]),
        ("crème", ["Dessert"]),
        ("fee", ["Late cancellation fee"]),
        ("zzzz", []),
        ("%", []),
        ("\0", ["Cleaner running late", "Dessert", "Apology", "Late cancellation fee"]),
    ],
)
def test_replies_are_found_by_name_word_and_body(save: Save, ana: Player, typed: str, found: list[str]) -> None:
    save("Late cancellation fee", "We charge $25.")
    save("Apology", "Sorry we came late.")
    save("Dessert", "The crème brûlée is out.")
    Reply.objects.filter(id=save("Cleaner running late", "Rosa is behind.", word="late").pk).update(uses=9)
    assert names(queries.find(queries.usable(ana.actor), typed)) == found


# Filling in and using ---------------------------------------------------------------------------------------------


def test_a_reply_is_filled_in_for_the_person(save: Save, ben: Player, talk: Conversation) -> None:
    talk.contact.properties = {"Plan": "Gold"}
    talk.contact.save()
    one = save("Plan", "Hi {first_name}, {agent_first_name} at {business}: {property.plan}, {number}, {eta}")
    (ready,) = queries.ready([one], talk, by=ben.actor)
    assert ready.filled.text.startswith("Hi Luis, Ben at Ridgeway Carshare: Gold, (")
    assert ready.filled.blanks == ("eta",)


def test_somebody_anonymous_stays_so(save: Save, ben: Player, talk: Conversation) -> None:
    talk.contact.is_anonymous, talk.contact.properties = True, {"Plan": "Gold"}
    talk.contact.save()
    (ready,) = queries.ready([save("Hi", "Hi {first_name|there}, {property.plan|nothing}")], talk, by=ben.actor)
    assert ready.filled.text == "Hi there, nothing"


def test_the_persons_language_is_chosen(save: Save, ben: Player, talk: Conversation) -> None:
    talk.contact.language = "es-mx"
    talk.contact.save()
    (ready,) = queries.ready([save("Hi", "Hi", variants={"ES": "Hola"})], talk, by=ben.actor)
    assert (ready.filled.text, ready.language) == ("Hola", "es")


def test_uses_are_counted_once_a_text(save: Save, ben: Player, talk: Conversation, now: datetime) -> None:
    one = save("Hi", "Hi {first_name}.")
    message = Message.objects.get(conversation=talk)
    for _ in range(2):
        actions.note_use(
            used=[(one.pk, "a"), (one.pk + 99, "a")],
            conversation=talk,
            message_id=message.pk,
            body="Hi Luis. How are you?",
            by=ben.actor,
            at=now,
        )
    one.refresh_from_db()
    assert (one.uses, one.last_used_at, ReplyUse.objects.get().was_kept) == (1, now, True)


def test_how_often_a_reply_is_changed_first(
    save: Save, ben: Player, ana: Player, channel: Channel, now: datetime
) -> None:
    one = save("Hi", "Hi there.")
    bodies = ["Hi there.", "Hi there.", "Hello Luis.", "Good morning.", "Hey."]
    for number, body in enumerate(bodies):
        conversation = make.make_conversation(channel, at=now, messages=1)
        text = Message.objects.get(conversation=conversation)
        actions.note_use(
            used=[(one.pk, "a")], conversation=conversation, message_id=text.pk, body=body, by=ben.actor, at=now
        )
        if number == 3:
            assert "Changed before sending" not in html_of(ana.client.get(f"/settings/replies/{one.pk}/"))
    assert trial_queries.changed(one) == (3, 5)
    shown = plain(html_of(ana.client.get(f"/settings/replies/{one.pk}/")))
    assert "Changed before sending 3 times in the last 5. Members mostly reword it" in shown


@pytest.mark.parametrize(
    ("changed", "sent", "words"),
    [
        (4, 4, ""),
        (0, 5, "Of its last 5 sendings none was changed first."),
        (1, 100, "Changed before sending 1 time in the last 100."),
        (50, 100, "Changed before sending 50 times in the last 100."),
    ],
)
def test_what_is_said_of_it(changed: int, sent: int, words: str) -> None:
    assert trial_rules.changed_words(changed, sent) == words


def test_a_blank_must_be_filled_in_before_it_is_sent(save: Save, ben: Player) -> None:
    one = save("Late", "About {minutes} minutes.")
    with pytest.raises(Invalid, match="minutes"):
        actions.check_blanks(body="About {minutes} minutes.", used=[(one.pk, "a")], by=ben.actor)
    actions.check_blanks(body="About 20 minutes. {other}", used=[(one.pk, "a")], by=ben.actor)


@pytest.mark.parametrize(
    ("told", "found"),
    [("", []), ("12:a,15:b,12:b", [(12, "a"), (15, "b")]), ("x,-1,²:a,99999999999999999999", []), ("7", [(7, "a")])],
)
def test_what_a_form_says_was_used_is_read_with_care(told: str, found: list[tuple[int, str]]) -> None:
    assert actions.wanted(told) == found


# Wording tests ----------------------------------------------------------------------------------------------------


def test_two_wordings_take_turns_by_conversation(
    save: Save, ana: Player, ben: Player, channel: Channel, now: datetime
) -> None:
    one = save("Hi", "Hi, how can I help?")
    actions.start_test(reply=one, other_body="Hello. What's up?", by=ana.actor, at=now)
    given = []
    for number in range(4):
        talk = make.make_conversation(channel, at=now, messages=1, name=f"Person {number}")
        one.refresh_from_db()
        for _ in range(2):
            (ready,) = queries.ready([one], talk, by=ben.actor)
        given.append(ready.wording)
        message = make.make_message(talk, at=now + timedelta(minutes=1), direction="out", body=ready.filled.text)
        used = [(one.pk, ready.wording)]
        body = ready.filled.text
        actions.note_use(used=used, conversation=talk, message_id=message.pk, body=body, by=ben.actor, at=now)
        one.refresh_from_db()
        assert queries.ready([one], talk, by=ben.actor)[0].wording == ready.wording
        if number == 1:
            make.make_message(talk, at=now + timedelta(minutes=5), direction="in", body="My car")
    assert given == ["a", "b", "a", "b"]
    a, b = trial_queries.outcomes(one)
    assert (a.sent, a.answered, b.sent, b.answered, b.wait) == (2, 0, 2, 1, 300.0)


def test_a_test_ends_with_the_wording_that_is_kept(save: Save, ana: Player, now: datetime) -> None:
    one = save("Hi", "Hi")
    with pytest.raises(Invalid):
        actions.start_test(reply=one, other_body="Hi", by=ana.actor, at=now)
    with pytest.raises(Invalid):
        actions.end_test(reply=one, keep="b", by=ana.actor, at=now)
    actions.start_test(reply=one, other_body="Hello", by=ana.actor, at=now)
    ended = actions.end_test(reply=one, keep="b", by=ana.actor, at=now)
    assert (ended.body, ended.other_body, ended.tested_since) == ("Hello", "", None)
    assert names(queries.find(queries.usable(ana.actor), "hello")) == ["Hi"]


# Files ------------------------------------------------------------------------------------------------------------


def test_a_picture_goes_along_as_a_copy(
    save: Save, ana: Player, ben: Player, talk: Conversation, tmp_path: Path, now: datetime
) -> None:
    one = save("Map", "Here we are.")
    path = tmp_path / "map.jpg"
    path.write_bytes(pictures.picture())
    kept = actions.add_file(reply=one, path=path, name="map.jpg", by=ana.actor, at=now)
    (media_id,) = actions.put_beside(reply=one, conversation=talk, by=ben.actor, at=now)
    (draft,) = media.drafts(ben.actor, talk.pk)
    assert (draft.pk, draft.name, draft.kind) == (media_id, "map.jpg", "image")
    assert draft.key != kept.key
    with pytest.raises(NotAllowed):
        actions.remove_file(file=kept, by=ben.actor, at=now)
    actions.remove_file(file=kept, by=ana.actor, at=now)
    with pytest.raises(FileNotFoundError), store.opened(kept.key, "whole"):
        pass


# Tables -----------------------------------------------------------------------------------------------------------


def test_what_is_exported_can_be_imported_elsewhere(save: Save, ana: Player, cleo: Player, now: datetime) -> None:
    save("Late", "=1+1, sorry", word="late", folder="Delays", variants={"es": "Tarde"})
    save("Reset", "", kind="article", steps=["Press A"], url="https://example.com/r")
    table = actions.export_replies(by=ana.actor, at=now)
    assert "'=1+1" in table
    done = actions.import_replies(content=table.encode(), by=cleo.actor, at=now)
    assert (done.added, done.changed, done.problems) == (2, 0, ())
    again = actions.import_replies(content=table.encode("utf-8-sig"), by=cleo.actor, at=now)
    assert (again.added, again.changed) == (0, 2)
    late = queries.usable(cleo.actor).get(name="Late")
    assert (late.body, late.word, late.variants) == ("=1+1, sorry", "late", {"es": "Tarde"})
    assert late.folder is not None
    assert late.folder.name == "Delays"


def test_a_table_with_a_bad_row_changes_nothing(ana: Player, now: datetime) -> None:
    table = b"name,body,scope,team\nGood,Hello,all,\n,Nobody,all,\nOdd,Hi,team,Moon\n"
    done = actions.import_replies(content=table, by=ana.actor, at=now)
    assert [number for number, _ in done.problems] == [3, 4]
    assert not Reply.objects.exists()
    for junk in (b"\xff\xfe", b"", b"a,b\n1,2\n"):
        with pytest.raises(Invalid):
            actions.import_replies(content=junk, by=ana.actor, at=now)


def test_an_agent_imports_their_own_only(ben: Player, now: datetime) -> None:
    done = actions.import_replies(content=b"name,body,scope\nA,B,all\n", by=ben.actor, at=now)
    assert done.problems[0][0] == 2
    assert actions.import_replies(content=b"name,body\nA,B\n", by=ben.actor, at=now).added == 1


def test_the_starter_set_is_added_once(save: Save, ana: Player, ben: Player, now: datetime) -> None:
    save("Mine", "Hi", word="hi")
    first = actions.add_starter_set(by=ana.actor, at=now)
    assert first >= 40
    assert actions.add_starter_set(by=ana.actor, at=now) == 0
    assert queries.usable(ana.actor).filter(word="hi").count() == 1
    with pytest.raises(NotAllowed):
        actions.add_starter_set(by=ben.actor, at=now)
