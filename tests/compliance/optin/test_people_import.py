"""Files of people: read however they are written, told before anything happens, brought in once, also after a crash."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.optin.people import actions, queries, rules
from twoway.compliance.optin.people.actions import Choice
from twoway.compliance.optin.people.rules import Property
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.contacts.fields import actions as fields
from twoway.contacts.fields.actions import FieldWish
from twoway.contacts.import_models import ContactImport, ContactImportStretch
from twoway.contacts.models import Contact, Identity
from twoway.lib import sheets
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.teams.models import Workspace

TABLE = [
    ["Phone", "Full name", "Ciudad"],
    ["503-555-0101", "Zoë “Zo” Ünal", "São Paulo"],
    ["503-555-0102", "a,b;c", ""],
]


def upload(content: bytes, by: Player, name: str = "people.csv") -> ContactImport:
    return actions.upload(file=io.BytesIO(content), name=name, size=len(content), by=by.actor, at=NOW)


def chosen(job: ContactImport, by: Player, *columns: str, **more: object) -> ContactImport:
    return actions.choose(job=job, choice=Choice(columns=columns, **more), by=by.actor, at=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_is_read_however_it_is_written(encoding: str, delimiter: str, end: str) -> None:
    quoted = [delimiter.join(f'"{cell}"' if cell.strip("a") else cell for cell in row) for row in TABLE]
    source = io.BytesIO(end.join([quoted[0], "", *quoted[1:], ""]).encode(encoding))
    rows = list(sheets.rows(source, sheets.written(source)))
    assert [cells for _, cells in rows] == TABLE
    assert [number for number, _ in rows] == [1, 3, 4]


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"%PDF-1.7", b"", b"\n\n", b"a,b\n", b'a\n"' + b"x" * 200_000])
def test_what_is_no_table_is_refused_in_words(content: bytes, ana: Player) -> None:
    with pytest.raises(Invalid) as refused:
        upload(content, ana)
    assert refused.value.field == "file"
    assert not ContactImport.objects.exists()


@pytest.mark.parametrize(
    ("headings", "samples", "columns"),
    [
        (["Mobile", "Full Name", "E-mail"], [], ["number", "name", "email"]),
        (["phone_number", "first name", "LAST-NAME"], [], ["number", "first", "last"]),
        (["A", "B"], [["+1 503 555 0101", "x@y.io"]], ["number", "email"]),
        (["Plan", "Tel"], [], ["property:plan", "number"]),
        (["What", "Else"], [["one", "two"]], ["", ""]),
    ],
)
def test_columns_are_guessed(headings: list[str], samples: list[list[str]], columns: list[str]) -> None:
    known = {"plan": Property(key="plan", name="Plan")}
    assert rules.guessed(headings, samples, known=known) == columns


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\t=1", " =1"])
def test_formulas_are_made_harmless(cell: str) -> None:
    assert sheets.harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["+15035550178", "-12.5", "+1 (503) 555-0178", "Dana", "3-4", ""])
def test_plain_cells_stay(cell: str) -> None:
    assert sheets.harmless(cell) == cell


FILE = b"""phone,name,email,seats,note
503-555-0101,Dana Whitfield,dana@example.com,2,new
503-555-0102,Luis,,3,known
(503) 555 0102,Luis again,,3,twice
555,Short,,1,bad number
503-555-0104,Mei,,many,bad seats
503-555-0105,,bad@,1,bad email
503-555-0106,Same,,,unchanged
"""


@pytest.fixture
def people(workspace: Workspace, ana: Player) -> list[Contact]:
    fields.add_field(wish=FieldWish(name="Email", key="Email", kind="email"), by=ana.actor, at=NOW)
    fields.add_field(wish=FieldWish(name="Seats", kind="number"), by=ana.actor, at=NOW)
    luis = make.make_contact(workspace, at=NOW, name="Luis O.", properties={"Email": "luis@example.com", "seats": "1"})
    same = make.make_contact(workspace, at=NOW, name="Same")
    for contact, value in ((luis, "+15035550102"), (same, "+15035550106")):
        make.make_identity(contact, at=NOW, value=value)
    return [luis, same]


COLUMNS = ("number", "name", "email", "property:seats", "")


def test_what_would_happen_is_told_before_it_does(people: list[Contact], ana: Player) -> None:
    job = chosen(upload(FILE, ana), ana, *COLUMNS)
    expected = {"new": 1, "updated": 1, "unchanged": 1, "error": 4}
    assert (job.state, job.counts, Contact.objects.count()) == ("checked", expected, 2)
    job = actions.run(job=job, by=ana.actor, at=NOW)
    assert (job.state, job.counts) == ("done", expected)
    dana = Contact.objects.get(name="Dana Whitfield")
    assert (dana.properties, dana.identities.get().value) == (
        {"Email": "dana@example.com", "seats": "2"},
        "+15035550101",
    )
    luis = Contact.objects.get(id=people[0].pk)
    assert (luis.name, luis.properties) == ("Luis", {"Email": "luis@example.com", "seats": "3"})
    lines = "".join(queries.error_lines(job)).splitlines()
    assert [line.split(",", 1)[0] for line in lines] == ["Line", "4", "5", "6", "7"]
    assert "Line 3 is about the same person." in lines[1]
    assert "“Seats” is a number" in lines[3]
    assert ContactImportStretch.objects.exclude(rows=[]).count() == 0


def test_empty_cells_clear_where_that_was_chosen(people: list[Contact], ana: Player) -> None:
    job = chosen(upload(FILE, ana), ana, *COLUMNS, empty="clear")
    actions.run(job=job, by=ana.actor, at=NOW)
    assert Contact.objects.get(id=people[0].pk).properties == {"Email": "luis@example.com", "seats": "3"}


def test_who_is_known_can_be_left(people: list[Contact], ana: Player) -> None:
    job = chosen(upload(FILE, ana), ana, *COLUMNS, is_update=False)
    actions.run(job=job, by=ana.actor, at=NOW)
    assert (Contact.objects.get(id=people[0].pk).name, job.counts["skipped"]) == ("Luis O.", 2)


@pytest.mark.parametrize(("match", "column"), [("email", "email"), ("external_id", "external_id")])
def test_found_by_other_than_the_number(match: str, column: str, people: list[Contact], ana: Player) -> None:
    Contact.objects.filter(id=people[0].pk).update(properties={"Email": "luis@example.com", "external_id": "L-1"})
    content = (
        f"{column},name,phone\n{'luis@example.com' if match == 'email' else 'L-1'},Luis New,503-555-0111\n".encode()
    )
    job = chosen(upload(content, ana), ana, column, "name", "number", match=match)
    assert job.counts == {"updated": 1}
    actions.run(job=job, by=ana.actor, at=NOW)
    luis = Contact.objects.get(id=people[0].pk)
    assert luis.name == "Luis New"
    assert set(luis.identities.values_list("value", flat=True)) == {"+15035550102", "+15035550111"}


def test_a_number_of_somebody_else_is_an_error(people: list[Contact], ana: Player) -> None:
    job = chosen(upload(b"email,phone\nnew@example.com,503-555-0102\n", ana), ana, "email", "number", match="email")
    assert job.counts == {"error": 1}


def many(count: int) -> bytes:
    return b"phone,name\n" + b"".join(b"+1415%07d,Person %d\n" % (5550000 + n, n) for n in range(count))


def test_a_crash_in_the_middle_repeats_nothing(
    workspace: Workspace, ana: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "STRETCH", 10)
    job = chosen(upload(many(45), ana), ana, "number", "name")
    assert job.counts == {"new": 45}
    ContactImport.objects.filter(id=job.pk).update(state="running", is_dry=False, done=0, counts={})
    bringer = None
    for _ in range(2):
        bringer = actions._stretch(job.pk, bringer, NOW)
    assert (Contact.objects.count(), ContactImport.objects.get().done) == (20, 2)
    actions.work(import_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert (job.state, job.counts, Contact.objects.count(), Identity.objects.count()) == ("done", {"new": 45}, 45, 45)


def test_a_row_repeated_after_a_crash_is_still_told(
    workspace: Workspace, ana: Player, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "STRETCH", 2)
    content = b"phone,name\n503-555-0101,A\n503-555-0102,B\n503-555-0101,C\n"
    job = chosen(upload(content, ana), ana, "number", "name")
    ContactImport.objects.filter(id=job.pk).update(state="running", is_dry=False, done=0, counts={})
    actions._stretch(job.pk, None, NOW)
    actions.work(import_id=job.pk, at=NOW)
    job.refresh_from_db()
    assert (job.counts, Contact.objects.count()) == ({"new": 2, "error": 1}, 2)


def test_consent_comes_with_proof_only(workspace: Workspace, channel: Channel, ana: Player) -> None:
    wish = TopicWish(label="News", keyword="NEWS", purpose="survey", channel_ids=[channel.pk])
    topic = topics.save(wish=wish, by=ana.actor, at=NOW)
    content = b"phone,proof\n503-555-0101,Paper form of 2026-02-11\n503-555-0102,\n"
    more = {"topic_id": topic.pk, "channel_id": channel.pk, "attests": True}
    job = chosen(upload(content, ana), ana, "number", "proof", **more)
    assert job.counts == {"new": 2, "with_consent": 1, "without_proof": 1}
    assert not ConsentEntry.objects.exists()
    job = actions.run(job=job, by=ana.actor, at=NOW)
    assert job.counts == {"new": 2, "with_consent": 1, "without_proof": 1}
    granted = ConsentEntry.objects.get()
    assert (granted.identity.value if granted.identity else "", granted.proof["line"]) == ("+15035550101", 2)
    with pytest.raises(Invalid):
        chosen(upload(content, ana), ana, "number", "proof", **{**more, "attests": False})


@pytest.mark.parametrize(
    "columns", [("", ""), ("number", "number"), ("number",), ("property:gone", "number"), ("name", "language")]
)
def test_columns_that_cannot_be(columns: tuple[str, ...], ana: Player, workspace: Workspace) -> None:
    with pytest.raises(Invalid):
        chosen(upload(b"a,b\n1,2\n", ana), ana, *columns)


def test_who_may(ana: Player, ben: Player, cleo: Player) -> None:
    with pytest.raises(NotAllowed):
        upload(FILE, ben)
    job = upload(b"phone\n503-555-0101\n", ana)
    with pytest.raises(NotAllowed):
        chosen(job, cleo, "number")


def test_files_are_forgotten(ana: Player, workspace: Workspace) -> None:
    job = chosen(upload(b"phone\n503-555-0101\n", ana), ana, "number")
    assert actions.forget(at=NOW + timedelta(days=8)) == 1
    job.refresh_from_db()
    assert (job.state, job.samples, ContactImportStretch.objects.count()) == ("failed", [], 0)


def test_a_person_who_is_erased_is_in_no_file(ana: Player, workspace: Workspace) -> None:
    job = upload(b"phone,name\n(503) 555-0101,Dana\n", ana)
    assert actions.forget_rows(workspace_id=workspace.pk, values=["+15035550101"], at=NOW) == 1
    job.refresh_from_db()
    assert (job.state, job.samples, ContactImportStretch.objects.count()) == ("failed", [], 0)
    assert actions.forget_rows(workspace_id=workspace.pk, values=["+15035550101"], at=NOW) == 0
