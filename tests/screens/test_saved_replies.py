"""The pages of saved replies and macros, without a browser: what they show, take and refuse."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests import make, pictures
from tests.cast import Player
from tests.conftest import NOW
from tests.replies.conftest import Save
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.messaging.models import MediaFile, Message
from twoway.replies import actions
from twoway.replies.actions import MacroTerms
from twoway.replies.models import Macro, Reply, ReplyUse

HTMX = {"HX-Request": "true"}


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Luis Ortega", needs_reply=True)


@pytest.fixture
def save(ana: Player) -> Save:
    def saved(name: str, body: str = "Hi {first_name|there}.", *, by: Player = ana, **more: Any) -> Reply:
        terms = actions.ReplyTerms(**{"name": name, "body": body, "scope": "all", **more})
        return actions.add_reply(terms=terms, by=by.actor, at=NOW)

    return saved


def page_of(client: Client, path: str, **more: Any) -> str:
    answer = client.get(path, **more)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def fields(**more: Any) -> dict[str, Any]:
    return {"name": "Late", "kind": "text", "body": "Sorry", "place": "all", **more}


def test_a_reply_is_written_changed_put_away_and_brought_back(ana: Player) -> None:
    client = ana.client
    assert "No saved replies yet." in page_of(client, "/settings/replies/")
    page_of(client, "/settings/replies/add/")
    made = client.post("/settings/replies/add/", fields(language=["es", ""], wording=["Tarde", ""], folder="Delays"))
    one = Reply.objects.get()
    assert made["Location"] == f"/settings/replies/{one.pk}/"
    shown = page_of(client, made["Location"])
    assert "Tarde" in shown
    assert "Not used yet" in shown
    client.post(f"/settings/replies/{one.pk}/", fields(body="So sorry"))
    assert "So sorry" in page_of(client, f"/settings/replies/{one.pk}/?history=1")
    client.post(f"/settings/replies/{one.pk}/archive/")
    assert "Late" not in page_of(client, "/settings/replies/").split("<main", 1)[1].split("toast")[0]
    assert "Late" in page_of(client, "/settings/replies/?show=archived")
    assert "Archived." in page_of(client, f"/settings/replies/{one.pk}/")
    client.post(f"/settings/replies/{one.pk}/restore/")
    assert Reply.objects.get().archived_at is None


def test_what_is_refused_stands_in_the_form_again(ana: Player) -> None:
    answer = ana.client.post("/settings/replies/add/", fields(word="not one", body="Hello <b>"))
    assert answer.status_code == 422
    assert "Use small letters" in answer.content.decode()
    assert "Hello &lt;b&gt;" in answer.content.decode()


def test_the_editor_counts_and_previews(ana: Player, talk: Conversation) -> None:
    def seen(**more: Any) -> str:
        return ana.client.post("/settings/replies/seen/", {"kind": "text", **more}).content.decode()

    assert "<mark>Luis</mark>" in seen(body="Hi {first_name}", **{"as": "luis"})
    assert "Nobody found" in seen(body="Hi", **{"as": "zzz"})
    assert "makes it Unicode" in seen(body="Hi ✓")
    assert "2 parts" in seen(body="x" * 200)
    assert "1. Press A" in seen(kind="article", name="Reset", steps="Press A\n\nWait", url="https://example.com")


def test_agents_see_shared_replies_and_cant_change_them(ben: Player, save: Save) -> None:
    one = save("Late")
    shown = page_of(ben.client, f"/settings/replies/{one.pk}/")
    assert "Managers change what a team or everybody uses." in shown
    assert ben.client.post(f"/settings/replies/{one.pk}/archive/").status_code == 403
    assert ben.client.post("/settings/replies/add/", fields()).status_code == 422
    assert ben.client.post("/settings/replies/add/", fields(place="own")).status_code == 302


def test_tables_come_in_and_go_out(ana: Player, save: Save) -> None:
    save("Late", folder="Delays")
    table = ana.client.post("/settings/replies/export/")
    assert table["Content-Disposition"].endswith('"saved-replies.csv"')
    assert table.content.decode().startswith("name,word,folder")
    page_of(ana.client, "/settings/replies/import/")
    bad = SimpleUploadedFile("r.csv", b"name,body\n,x\n")
    answer = ana.client.post("/settings/replies/import/", {"file": bad})
    assert (answer.status_code, "Row 2" in answer.content.decode()) == (422, True)
    good = SimpleUploadedFile("r.csv", b"name,body,scope\nBye,Take care,all\n")
    assert ana.client.post("/settings/replies/import/", {"file": good}).status_code == 302
    assert Reply.objects.count() == 2
    folder = Reply.objects.get(name="Late").folder_id
    page_of(ana.client, f"/settings/replies/?folder={folder}&q=late")
    page_of(ana.client, f"/settings/replies/folders/{folder}/")
    ana.client.post(f"/settings/replies/folders/{folder}/", {"name": "Slow"})
    ana.client.post(f"/settings/replies/folders/{folder}/delete/")
    assert Reply.objects.filter(folder=None).count() == 2


def test_pictures_and_tests_are_kept_with_a_reply(ana: Player, save: Save) -> None:
    one = save("Map")
    client = ana.client
    client.post(f"/settings/replies/{one.pk}/files/", {"file": SimpleUploadedFile("map.jpg", pictures.picture())})
    file = one.files.get()
    assert "map.jpg" in page_of(client, f"/settings/replies/{one.pk}/")
    client.post(f"/settings/replies/{one.pk}/test/", {"other_body": "Hello there"})
    assert "Too few to compare." in page_of(client, f"/settings/replies/{one.pk}/")
    client.post(f"/settings/replies/{one.pk}/test/end/", {"keep": "b"})
    client.post(f"/settings/replies/files/{file.pk}/remove/")
    one.refresh_from_db()
    assert (one.body, one.files.count()) == ("Hello there", 0)


def test_the_picker_fills_in_and_marks_what_is_left(ben: Player, talk: Conversation, save: Save) -> None:
    save("Late", "Hi {first_name}, about {minutes} min <b>", word="late")
    save("Tick", "Done ✓")
    shown = page_of(ben.client, f"/c/{talk.pk}/replies/", headers=HTMX)
    assert 'data-text="Hi Luis, about {minutes} min &lt;b&gt;"' in shown
    assert '<mark>Luis</mark>, about <mark class="rpick__blank">{minutes}</mark>' in shown
    assert "Unicode" in shown
    found = page_of(ben.client, f"/c/{talk.pk}/replies/?q=tick&tab=all", headers=HTMX)
    assert "Tick" in found
    assert "minutes" not in found
    assert "No match." in page_of(ben.client, f"/c/{talk.pk}/replies/?q=zzzz&tab=team", headers=HTMX)
    assert "<main" in page_of(ben.client, f"/c/{talk.pk}/replies/")


def test_replies_for_another_number_stand_under_all(
    ben: Player, talk: Conversation, save: Save, channel: Channel
) -> None:
    other = make.make_channel(talk.workspace, at=NOW, name="Deposits")
    save("Here", channel_id=channel.pk)
    save("There", channel_id=other.pk)
    here = page_of(ben.client, f"/c/{talk.pk}/replies/?q=&tab=number", headers=HTMX)
    everywhere = page_of(ben.client, f"/c/{talk.pk}/replies/?q=&tab=all", headers=HTMX)
    assert ("There" in here, "There" in everywhere) == (False, True)


def test_sending_counts_the_reply_and_stops_at_a_blank(ben: Player, talk: Conversation, save: Save) -> None:
    one = save("Late", "About {minutes} min.")
    seen = {"seen": str(talk.last_message_id or 0), "replies": f"{one.pk}:a"}
    stopped = ben.client.post(
        f"/c/{talk.pk}/reply/", {"body": "About {minutes} min.", "key": "k", **seen}, headers=HTMX
    )
    assert stopped.status_code == 422
    assert not Message.objects.filter(direction="out").exists()
    sent = ben.client.post(f"/c/{talk.pk}/reply/", {"body": "About 5 min.", "key": "k", **seen}, headers=HTMX)
    assert sent.status_code == 200
    assert ReplyUse.objects.get().member_id == ben.id


def test_files_of_a_reply_stand_beside_the_text(ana: Player, ben: Player, talk: Conversation, save: Save) -> None:
    one = save("Map")
    ana.client.post(f"/settings/replies/{one.pk}/files/", {"file": SimpleUploadedFile("m.jpg", pictures.picture())})
    assert ben.client.post(f"/c/{talk.pk}/replies/{one.pk}/files/", headers=HTMX).json() == {"files": 1}
    assert MediaFile.objects.get().by_id == ben.id
    told = ben.client.get(f"/c/{talk.pk}/replies/{one.pk}/").json()
    assert told == {"id": one.pk, "text": "Hi Luis.", "wording": "a", "blanks": [], "files": 1}


def test_a_draft_is_kept_as_ones_own(ben: Player, talk: Conversation) -> None:
    assert 'data-first-name="Luis"' in page_of(ben.client, f"/c/{talk.pk}/replies/save/", headers=HTMX)
    given = {"name": "Opening", "word": "open", "body": "We open at 8.", "scope": "all"}
    answer = ben.client.post(f"/c/{talk.pk}/replies/save/", given, headers=HTMX)
    assert "Type /open to use it." in answer.content.decode()
    assert Reply.objects.get().owner_id == ben.id
    assert ben.client.post(f"/c/{talk.pk}/replies/save/", {**given, "name": ""}, headers=HTMX).status_code == 422


def test_macros_are_written_run_and_taken_back(ana: Player, ben: Player, talk: Conversation, save: Save) -> None:
    one = save("Late", "Sorry.")
    client = ana.client
    assert "No macros yet." in page_of(client, "/settings/macros/")
    page_of(client, "/settings/macros/add/")
    given = {"name": "Close", "when": "always", "place": "all", "key": "alt+1", "do": ["reply", "", "done"]}
    assert client.post("/settings/macros/add/", {**given, "reply-0": ""}).status_code == 422
    assert client.post("/settings/macros/add/", {**given, "reply-0": one.pk}).status_code == 302
    macro = Macro.objects.get()
    assert "Send: Late, Done" in page_of(client, "/settings/macros/")
    page_of(client, f"/settings/macros/{macro.pk}/")
    assert "Send: Late, Done" in page_of(ben.client, f"/c/{talk.pk}/macros/", headers=HTMX)
    keys = ben.client.get("/macros/keys/").json()
    assert keys == {"keys": [{"key": "alt+1", "id": macro.pk, "name": "Close"}]}
    ran = ben.client.post(f"/c/{talk.pk}/macros/{macro.pk}/", {"key": "k", "seen": ""}, headers=HTMX)
    assert "Close: done." in ran.content.decode()
    talk.refresh_from_db()
    assert talk.state == "done"
    ben.client.post(f"/c/{talk.pk}/macros/undo/", {"state": "open", "until": ""}, headers=HTMX)
    talk.refresh_from_db()
    assert talk.state == "open"
    client.post(f"/settings/macros/{macro.pk}/archive/")
    assert "Archived" in page_of(client, "/settings/macros/")
    assert ben.client.post(f"/c/{talk.pk}/macros/{macro.pk}/", {"key": "k2"}, headers=HTMX).status_code == 404
    client.post(f"/settings/macros/{macro.pk}/restore/")
    assert Macro.objects.get().archived_at is None


def test_a_macro_hands_a_reply_to_the_composer(ana: Player, talk: Conversation, save: Save) -> None:
    one = save("Late")
    steps = [{"do": "fill", "value": one.pk}]
    macro = actions.add_macro(terms=MacroTerms(name="Write", steps=steps, scope="all"), by=ana.actor, at=NOW)
    ran = ana.client.post(f"/c/{talk.pk}/macros/{macro.pk}/", {"key": "k"}, headers=HTMX)
    assert ran.headers["HX-Trigger"] == f'{{"desk:fill":{{"id":{talk.pk},"reply":{one.pk}}}}}'


def test_a_bare_number_is_shown_with_its_words(ana: Player, talk: Conversation) -> None:
    make.make_message(talk, at=NOW, direction="out", body="When? Reply 1 for Tuesday, 2 for Wednesday.")
    make.make_message(talk, at=NOW, direction="in", body="2")
    assert ">2: Wednesday</" in page_of(ana.client, f"/c/{talk.pk}/")
