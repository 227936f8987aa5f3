"""People on screen: the list, one person, what is changed where it stands, duplicates, import and export."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from tests.screens_html import html_of, on_screen, plain, post, toast_of
from twoway.channels.models import Channel
from twoway.compliance.optin.people import actions as imports
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.contacts.audiences import actions as audiences
from twoway.contacts.audiences.columns import fields_for
from twoway.contacts.fields import actions as fields
from twoway.contacts.fields.actions import FieldWish
from twoway.contacts.fields.queries import by_key
from twoway.contacts.models import Contact
from twoway.contacts.outside.actions import Outside, record
from twoway.conversations.models import Conversation
from twoway.desk import urls_contacts
from twoway.events.models import AuditEntry
from twoway.lib.conditions import read
from twoway.messaging.merging import actions as merging
from twoway.teams.models import Workspace

PLACES: dict[str, Place] = {
    "contacts": Place(methods=("GET",), roles=EVERYBODY),
    "contacts_filter": Place(methods=("GET",), roles=EVERYBODY),
    "contacts_counts": Place(methods=("GET",), roles=EVERYBODY),
    "contacts_export": Place(methods=("POST",), roles=MANAGERS),
    "contacts_audience_save": Place(methods=("POST",), roles=TEXTERS),
    "contacts_audience_delete": Place(methods=("POST",), roles=TEXTERS, key="audience_id"),
    "contact_add": Place(methods=("GET", "POST"), roles=TEXTERS),
    "contacts_duplicates": Place(methods=("GET",), roles=TEXTERS),
    "contacts_imports": Place(methods=("GET", "POST"), roles=MANAGERS),
    "contacts_import": Place(methods=("GET", "POST"), roles=MANAGERS, key="import_id"),
    "contacts_import_errors": Place(methods=("GET",), roles=MANAGERS, key="import_id"),
    "contact": Place(methods=("GET",), roles=EVERYBODY, key="contact_id"),
    "contact_change": Place(methods=("POST",), roles=TEXTERS, key="contact_id"),
    "contact_add_note": Place(methods=("POST",), roles=TEXTERS, key="contact_id"),
    "contact_set_block": Place(methods=("POST",), roles=TEXTERS, key="contact_id"),
    "contact_address": Place(methods=("POST",), roles=TEXTERS, key="contact_id"),
    "contact_erase": Place(methods=("POST",), roles=ADMINS, key="contact_id"),
    "contact_merge": Place(methods=("GET",), roles=TEXTERS, key="contact_id"),
    "contact_merge_with": Place(methods=("GET", "POST"), roles=TEXTERS, key="contact_id other_id"),
    "contact_not_the_same": Place(methods=("POST",), roles=TEXTERS, key="contact_id other_id"),
    "contact_unmerge": Place(methods=("POST",), roles=TEXTERS, key="merge_id"),
    "settings_fields": Place(methods=("GET",), roles=ADMINS),
    "settings_field_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_field": Place(methods=("GET", "POST"), roles=ADMINS, key="field_id"),
    "settings_field_delete": Place(methods=("POST",), roles=ADMINS, key="field_id"),
}
MATRIX = Matrix(PLACES)


@pytest.fixture
def dana(channel: Channel) -> Contact:
    """Somebody with a conversation, a property and a language."""
    contact = make.make_contact(
        channel.workspace, at=NOW, name="Dana Whitfield", properties={"Email": "dana@example.com", "Plan": "Day"}
    )
    identity = make.make_identity(contact, at=NOW, value="+15035550178")
    make.make_conversation(channel, at=NOW, identity=identity, messages=2)
    return contact


@pytest.fixture
def things(dana: Contact, ana: Player) -> dict[str, object]:
    """Something of each kind that addresses name."""
    other = make.make_contact(dana.workspace, at=NOW, name="Dana W.")
    gone = make.make_contact(dana.workspace, at=NOW, name="D. Whitfield")
    merge = merging.merge(kept=other, gone=gone, by=ana.actor, at=NOW + timedelta(days=200))
    known = fields_for(ana.actor)
    tree = read({"field": "name", "is": "set"}, fields=known)
    job = imports.upload(file=io.BytesIO(b"phone\n5035550199\n"), name="a.csv", size=20, by=ana.actor, at=NOW)
    field, _ = fields.add_field(wish=FieldWish(name="Seats", kind="number"), by=ana.actor, at=NOW)
    return {
        "contact_id": dana.pk,
        "other_id": other.pk,
        "merge_id": merge.pk,
        "audience_id": audiences.save_audience(name="All", conditions=tree, fields=known, by=ana.actor, at=NOW).pk,
        "import_id": job.pk,
        "field_id": field.pk,
    }


def test_every_address_is_in_the_matrix() -> None:
    assert {one.name for one in urls_contacts.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", ["owner", "admin", "manager", "agent", "viewer"])
def test_who_may_is_answered_and_nobody_else(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_strangers_and_forged_forms(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}


def test_who_sees_own_teams_only_is_shown_theirs(workspace: Workspace, dana: Contact) -> None:
    dora = Player(member=make.make_member(workspace, "Dora", sees_own_teams_only=True, at=NOW))
    assert "Dana Whitfield" not in html_of(dora.client.get("/contacts/"))
    assert dora.client.get(f"/contacts/{dana.pk}/").status_code == 404


def test_a_masked_member_sees_the_last_digits(workspace: Workspace, dana: Contact) -> None:
    vera = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    for page in ("/contacts/", f"/contacts/{dana.pk}/"):
        shown = html_of(vera.client.get(page))
        assert "503) 555-0178" not in shown
        assert "dana@" not in shown
        assert "0178" in shown


def test_an_anonymous_person_is_an_alias(ana: Player, dana: Contact) -> None:
    Contact.objects.filter(id=dana.pk).update(is_anonymous=True)
    for page in ("/contacts/", f"/contacts/{dana.pk}/"):
        shown = html_of(ana.client.get(page))
        assert "Guest " in shown
        for secret in ("0178", "Dana", "dana@example"):
            assert secret not in shown, page
    exported = b"".join(ana.client.post("/contacts/export/").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Guest " in exported
    assert "0178" not in exported


@pytest.mark.parametrize("words", ["dana", "(503) 555-0178", "503.555.0178", "dana@example.com", "Day"])
def test_found_in_any_notation(words: str, ana: Player, dana: Contact, workspace: Workspace) -> None:
    make.make_identity(make.make_contact(workspace, at=NOW, name="Luis Ortega"), at=NOW)
    shown = html_of(ana.client.get("/contacts/", {"q": words}))
    assert ("Dana Whitfield" in shown, "Luis Ortega" in shown) == (True, False)


def test_a_filter_is_built_shown_and_saved(ana: Player, dana: Contact, workspace: Workspace) -> None:
    make.make_contact(workspace, at=NOW, name="Luis Ortega")
    built = {"b0": "all", "r0": "0", "f0": "name", "o0": "contains", "v0": "dana", "do": "show"}
    answer = ana.client.get("/contacts/filter/", built)
    assert answer.status_code == 302
    shown = html_of(ana.client.get(answer.headers["Location"]))
    assert ("Dana Whitfield" in shown, "Luis Ortega" in shown) == (True, False)
    assert "Name contains dana" in shown
    query = answer.headers["Location"].split("?", 1)[1]
    saved = ana.client.post(f"/contacts/audiences/?{query}", {"name": "Danas"})
    shown = html_of(ana.client.get(saved.headers["Location"]))
    assert ("Danas" in shown, "Luis Ortega" in shown) == (True, False)
    audience = saved.headers["Location"].split("=")[1]
    assert f'id="audience-count-{audience}" hx-swap-oob="true">1<' in html_of(ana.client.get("/contacts/counts/"))


def test_the_builder_adds_and_removes(ana: Player) -> None:
    sent = {"b0": "any", "r0": "0", "f0": "name", "o0": "is", "v0": "Dana"}
    more = html_of(ana.client.get("/contacts/filter/", {**sent, "do": "add:0"}, headers={"HX-Request": "true"}))
    assert 'name="f1"' in more
    less = html_of(ana.client.get("/contacts/filter/", {**sent, "do": "remove:0"}, headers={"HX-Request": "true"}))
    assert 'name="f0"' not in less
    wrong = ana.client.get("/contacts/filter/", {**sent, "v0": "", "do": "show"})
    assert (wrong.status_code, "Write what" in html_of(wrong)) == (422, True)


@pytest.mark.parametrize("where", ["{", '{"all": 1}', '{"field": "gone", "is": "set"}', "[" * 5000])
def test_a_filter_nobody_can_read_is_said(where: str, ana: Player, dana: Contact) -> None:
    shown = html_of(ana.client.get("/contacts/", {"where": where}))
    assert ("Everybody is shown." in shown, "Dana Whitfield" in shown) == (True, True)


def test_pages_go_on(ana: Player, workspace: Workspace) -> None:
    for n in range(52):
        make.make_contact(workspace, at=NOW, name=f"Person {n:03}")
    first = html_of(ana.client.get("/contacts/", {"order": "name"}))
    assert ("Person 049" in first, "Person 050" in first) == (True, False)
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert "Person 051" in html_of(ana.client.get(following))


def test_everything_about_a_person(ana: Player, dana: Contact) -> None:
    told = Outside(key="o1", kind="order", title="Trip RC-20418 started", at=NOW, url="https://example.com/1")
    record(contact=dana, told=told, by=ana.actor, at=NOW)
    ana.client.post(f"/contacts/{dana.pk}/note/", {"body": "Prefers mornings."})
    ana.client.post(f"/contacts/{dana.pk}/block/", {"reason": "spam", "days": "7"})
    shown = html_of(ana.client.get(f"/contacts/{dana.pk}/"))
    for words in ("dana@example.com", "(503) 555-0178", "Trip RC-20418", "Prefers mornings.", "Blocked until", "Spam"):
        assert words in shown, words
    assert "Blocked a contact" in shown


def test_a_person_is_added_by_hand(ben: Player, dana: Contact) -> None:
    made = ben.client.post(
        "/contacts/add/", {"name": "Mei Tanaka", "number": "(503) 555-0163", "property:Email": "m@x.io"}
    )
    mei = Contact.objects.get(name="Mei Tanaka")
    assert made.headers["Location"] == f"/contacts/{mei.pk}/"
    assert (mei.identities.get().value, mei.properties) == ("+15035550163", {"Email": "m@x.io"})
    taken = ben.client.post("/contacts/add/", {"name": "Again", "number": "503 555 0178"})
    assert (taken.status_code, f"/contacts/{dana.pk}/" in html_of(taken)) == (422, True)
    assert not Contact.objects.filter(name="Again").exists()


def test_lines_change_where_they_stand(ben: Player, ana: Player, dana: Contact) -> None:
    fields.add_field(wish=FieldWish(name="Seats", kind="number"), by=ana.actor, at=NOW)
    talk = Conversation.objects.get(contact=dana)
    for key, value in (
        ("name", "Dana Wu"),
        ("language", "es"),
        ("time_zone", "America/Denver"),
        ("property:seats", "1,200"),
    ):
        answer = post(ben.client, f"/c/{talk.pk}/contact/line/", {"key": key, "value": value}, open_id=talk.pk)
        assert (answer.status_code, toast_of(answer)) == (200, "Saved.")
    dana.refresh_from_db()
    assert (dana.name, dana.language, dana.time_zone) == ("Dana Wu", "es", "America/Denver")
    assert dana.properties["seats"] == "1200"
    wrong = post(ben.client, f"/c/{talk.pk}/contact/line/", {"key": "property:seats", "value": "many"}, open_id=talk.pk)
    assert (wrong.status_code, toast_of(wrong)) == (422, "“Seats” is a number, such as 12.5.")
    ben.client.post(f"/contacts/{dana.pk}/change/", {"key": "property:seats", "value": ""})
    dana.refresh_from_db()
    assert "seats" not in dana.properties


def test_addresses_are_added_made_first_and_removed(ben: Player, dana: Contact) -> None:
    talk = Conversation.objects.get(contact=dana)
    url = f"/c/{talk.pk}/contact/address/"
    assert toast_of(post(ben.client, url, {"add": "503-555-0199"}, open_id=talk.pk)) == "Added."
    second = dana.identities.get(value="+15035550199")
    post(ben.client, url, {"first": str(second.pk)}, open_id=talk.pk)
    assert "(503) 555-0199" in html_of(ben.client.get("/contacts/"))
    kept = post(ben.client, url, {"remove": str(talk.identity_id)}, open_id=talk.pk)
    assert (kept.status_code, "Texts were exchanged" in toast_of(kept)) == (422, True)
    post(ben.client, url, {"remove": str(second.pk)}, open_id=talk.pk)
    assert [one.value for one in dana.identities.all()] == ["+15035550178"]
    assert post(ben.client, url, {"add": "none"}, open_id=talk.pk).status_code == 422


def test_the_panel_shows_lines_and_events(ana: Player, dana: Contact) -> None:
    record(contact=dana, told=Outside(key="o1", kind="order", title="Trip started", at=NOW), by=ana.actor, at=NOW)
    talk = Conversation.objects.get(contact=dana)
    shown = html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))
    for words in ("Orders and events", "Trip started", 'value="dana@example.com"', f"/contacts/{dana.pk}/merge/"):
        assert words in shown, words


def test_merging_by_hand_and_back(ben: Player, dana: Contact, workspace: Workspace) -> None:
    other = make.make_contact(
        workspace, at=NOW, name="Dana W.", properties={"Email": "dana@example.com", "Car": "Fern"}
    )
    make.make_identity(other, at=NOW, value="+15035550142")
    assert "The same email address" in html_of(ben.client.get("/contacts/duplicates/"))
    assert "Dana W." in html_of(ben.client.get(f"/contacts/{dana.pk}/merge/"))
    preview = plain(html_of(ben.client.get(f"/contacts/{dana.pk}/merge/{other.pk}/")))
    for words in ("Fern From Dana W.", "Dana Whitfield Dana W.", "0 on the same number joined"):
        assert words in preview, preview
    merged = ben.client.post(f"/contacts/{dana.pk}/merge/{other.pk}/")
    assert merged.headers["Location"] == f"/contacts/{dana.pk}/"
    assert ben.client.get(f"/contacts/{other.pk}/").headers["Location"] == f"/contacts/{dana.pk}/"
    page = html_of(ben.client.get(f"/contacts/{dana.pk}/"))
    undo = page.split("/contacts/merges/")[1].split("/")[0]
    ben.client.post(f"/contacts/merges/{undo}/undo/")
    other.refresh_from_db()
    assert (other.merged_into_id, other.name) == (None, "Dana W.")
    ben.client.post(f"/contacts/{dana.pk}/not/{other.pk}/")
    assert "No duplicates." in html_of(ben.client.get("/contacts/duplicates/"))


def test_an_export_is_the_filter_harmless_and_audited(ana: Player, dana: Contact, workspace: Workspace) -> None:
    make.make_contact(workspace, at=NOW, name="=HYPERLINK(1)")
    where = json.dumps({"field": "name", "is": "set"})
    answer = ana.client.post(f"/contacts/export/?where={where}")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))  # type: ignore[attr-defined]
    assert [row["Name"] for row in rows] == ["Dana Whitfield", "'=HYPERLINK(1)"]
    assert (rows[0]["Number"], rows[0]["Email"], rows[0]["Company"]) == ("+15035550178", "dana@example.com", "")
    assert AuditEntry.objects.get(action="contacts.exported").data["people"] == 2


def test_a_file_is_mapped_checked_and_brought_in(ana: Player, dana: Contact) -> None:
    content = "Phone;Full name;E-mail\n(503) 555-0178;Dana Wu;dana@example.com\n503-555-0199;Zoë;z@x.io\nnone;X;\n"
    file = SimpleUploadedFile("people.csv", content.encode("utf-16"), "text/csv")
    where = ana.client.post("/contacts/import/", {"file": file}).headers["Location"]
    shown = html_of(ana.client.get(where))
    for target in ("number", "name", "email"):
        assert f'<option value="{target}" selected>' in shown
    form = {"c0": "number", "c1": "name", "c2": "email", "match": "number"}
    ana.client.post(where, form)
    checked = plain(html_of(ana.client.get(where)))
    for words in ("New 1", "Updated 1", "With an error 1", "Import 3 rows"):
        assert words in checked, checked
    dana.refresh_from_db()
    assert dana.name == "Dana Whitfield"
    ana.client.post(where, {"do": "run"})
    dana.refresh_from_db()
    assert (dana.name, Contact.objects.filter(name="Zoë").count()) == ("Dana Wu", 1)
    errors = b"".join(ana.client.get(f"{where}errors/").streaming_content).decode()  # type: ignore[attr-defined]
    assert errors.splitlines()[0] == "Line,Why,Phone,Full name,E-mail"
    assert errors.splitlines()[1].startswith("4,")


def test_fields_are_defined_moved_and_deleted(ana: Player, dana: Contact) -> None:
    ana.client.post("/settings/fields/add/", {"name": "Plan", "key": "Plan", "kind": "choice", "choices": "Day\nMonth"})
    ana.client.post("/settings/fields/add/", {"name": "Seats", "kind": "number", "is_in_panel": "on"})
    page = html_of(ana.client.get("/settings/fields/"))
    assert page.index("Plan") < page.index("Seats")
    held = by_key(dana.workspace_id)
    ana.client.post(reverse("desk:settings_field", args=[held["seats"].pk]), {"move": "up"})
    assert list(by_key(dana.workspace_id)) == ["seats", "Plan"]
    ana.client.post(f"/contacts/{dana.pk}/change/", {"key": "property:Plan", "value": "year"})
    dana.refresh_from_db()
    assert dana.properties["Plan"] == "Day"
    ana.client.post(reverse("desk:settings_field_delete", args=[held["Plan"].pk]))
    dana.refresh_from_db()
    assert "Plan" not in dana.properties


def test_columns_of_sign_ups_are_chosen_from_lists(ana: Player, channel: Channel) -> None:
    wish = TopicWish(label="News", keyword="NEWS", purpose="survey", channel_ids=[channel.pk])
    topic = topics.save(wish=wish, by=ana.actor, at=NOW)
    content = b"a,b\nPaper form of 2026-02-11,503-555-0101\n"
    file = SimpleUploadedFile("signups.csv", content, "text/csv")
    sent = {"file": file, "topic": topic.pk, "channel": channel.pk, "attests": "on"}
    client = ana.client
    where = client.post("/compliance/opt-in/import/", sent).headers["Location"]
    assert "Can&#x27;t be read" in html_of(client.get(where)) or "Can't be read" in html_of(client.get(where))
    client.post(where, {"do": "columns", "c0": "proof", "c1": "number"})
    shown = html_of(client.get(where))
    assert ("With consent" in shown, '<option value="proof" selected>' in shown) == (True, True)
    client.post(where, {"do": "columns", "c0": "number", "c1": "number"})
    assert "Two columns become" in html_of(client.get(where))
    client.post(where, {"do": "run"})
    assert Contact.objects.count() == 1
