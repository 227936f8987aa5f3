"""Importing sign-ups: a row without proof has no consent, an opt-out stays one, and a dry run changes nobody."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests import make
from tests.compliance.optin import hands
from tests.conftest import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.optin import tasks
from twoway.compliance.optin.imports import actions, rules
from twoway.compliance.optin.models import Import, Membership, Topic
from twoway.contacts.models import Contact, Identity
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.messaging.models import Message

pytestmark = pytest.mark.django_db
FILE = """Name,Mobile,Consent proof,Consent date
Hana,(503) 555-0108,"Paper form, signed at the desk",2026-02-11
Ivo,503-555-0109,,2026-02-11
Jo,503-555-0110,yes,
Kit,503-555-0111,Signed up on our web page,soon
Lu,503-555-0112,Signed up on our web page,2027-01-01
Mo,not a number,Paper form signed,2026-02-11
Hana,+15035550108,Paper form signed again,2026-02-12
Nia,503-555-0113,Told us by phone on our line,2/3/2026
"""


@pytest.fixture
def topic(ana: Player, channel: Channel) -> Topic:
    return hands.make_topic(ana.actor, channel)


def test_a_dry_run_says_what_would_happen_and_changes_nobody(ana: Player, channel: Channel, topic: Topic) -> None:
    job = hands.begin(ana.actor, channel, topic, FILE)
    assert (job.state, job.is_dry, job.total, job.done) == ("checked", True, 8, 8)
    assert job.counts == {"joined": 2, "needs_proof": 4, "invalid": 1, "repeated": 1}
    assert (Contact.objects.count(), Membership.objects.count(), ConsentEntry.objects.count()) == (0, 0, 0)
    assert job.problems.splitlines() == [
        "3,503-555-0109,Needs proof,There is no proof of consent.",
        "4,503-555-0110,Needs proof,The proof doesn't say how they agreed.",
        "5,503-555-0111,Needs proof,The date of consent can't be read. Write it as 2026-02-11.",
        "6,503-555-0112,Needs proof,The date of consent is in the future.",
        "7,not a number,Can't be read,This is not a phone number.",
        "8,+15035550108,Twice in the file,Another row has this number.",
    ]


def test_rows_with_proof_get_consent_and_others_come_in_without(ana: Player, channel: Channel, topic: Topic) -> None:
    job = actions.run(row=hands.begin(ana.actor, channel, topic, FILE), by=ana.actor, at=NOW)
    assert (job.state, job.done, job.content) == ("done", 8, None)
    assert Contact.objects.count() == 6
    assert set(Membership.objects.values_list("identity__value", "state")) == {
        ("+15035550108", "joined"),
        ("+15035550113", "joined"),
    }
    entry = ConsentEntry.objects.order_by("position").first()
    assert entry is not None
    assert (entry.change, entry.method, entry.purpose, entry.level) == ("granted", "import", "reminder", "express")
    assert entry.proof["proof"] == "Paper form, signed at the desk"
    assert (entry.proof["line"], entry.proof["file_sha256"], entry.proof["attested_by"]) == (2, job.sha256, "Ana")
    assert entry.proof["attestation"] == rules.ATTESTATION
    assert entry.proof["given_at"].startswith("2026-02-11")
    assert not Message.objects.exists()
    assert AuditEntry.objects.filter(action="sign_ups.imported").count() == 1


def test_importing_again_changes_nothing(ana: Player, channel: Channel, topic: Topic) -> None:
    actions.run(row=hands.begin(ana.actor, channel, topic, FILE), by=ana.actor, at=NOW)
    before = ConsentEntry.objects.count()
    again = actions.run(row=hands.begin(ana.actor, channel, topic, FILE), by=ana.actor, at=NOW)
    assert again.counts["already"] == 2
    assert ConsentEntry.objects.count() == before
    with pytest.raises(Invalid):
        actions.run(row=again, by=ana.actor, at=NOW)


def test_an_opt_out_stays_one(ana: Player, channel: Channel, topic: Topic) -> None:
    person = make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW, value="+15035550108")
    compliance.opt_out(identity=person, channel=channel, source="member", at=NOW, by=ana.actor)
    job = actions.run(row=hands.begin(ana.actor, channel, topic, FILE), by=ana.actor, at=NOW)
    assert job.counts["opted_out"] == 1
    assert not Membership.objects.filter(identity=person).exists()


def test_an_opt_out_outlives_the_person(ana: Player, channel: Channel, topic: Topic) -> None:
    person = make.make_identity(make.make_contact(channel.workspace, at=NOW), at=NOW, value="+15035550108")
    compliance.opt_out(identity=person, channel=channel, source="member", at=NOW, by=ana.actor)
    Contact.objects.all().delete()
    job = hands.begin(ana.actor, channel, topic, FILE)
    assert job.counts["opted_out"] == 1
    job = actions.run(row=job, by=ana.actor, at=NOW)
    assert job.counts["opted_out"] == 1
    assert not Membership.objects.filter(identity__value="+15035550108").exists()


def test_a_long_file_goes_to_the_worker_and_can_go_on_where_it_stopped(
    ana: Player, channel: Channel, topic: Topic
) -> None:
    rows = [f"+1503555{n:04d},Paper form of person {n}" for n in range(rules.AT_ONCE + 5)]
    text = "\n".join(["number,proof", *rows, rows[0]])
    job = hands.begin(ana.actor, channel, topic, text)
    assert (job.state, job.done) == ("checking", 0)
    tasks.import_file(import_id=job.id)
    job.refresh_from_db()
    assert (job.state, job.done) == ("checked", rules.AT_ONCE + 6)
    assert job.counts == {"joined": rules.AT_ONCE + 5, "repeated": 1}
    Import.objects.filter(id=job.id).update(
        state="checking", done=rules.AT_ONCE + 5, counts={"joined": rules.AT_ONCE + 5}
    )
    actions.work(import_id=job.id, at=NOW)
    job.refresh_from_db()
    assert job.counts == {"joined": rules.AT_ONCE + 5, "repeated": 1}


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (b"", "file"),
        (b"number,proof\n", "file"),
        (b"PK\x03\x04\0\0", "file"),
        (b"name,proof\nHana,Paper form\n", "number"),
    ],
)
def test_files_that_cannot_be(ana: Player, channel: Channel, topic: Topic, content: bytes, field: str) -> None:
    with pytest.raises(Invalid) as invalid:
        hands.begin(
            ana.actor, channel, topic, content.decode(), **({"proof": 1} if field == "number" else {"number": 0})
        )
    assert invalid.value.field == field
    assert not Import.objects.exists()


def test_who_may(ana: Player, ben: Player, cleo: Player, channel: Channel, topic: Topic) -> None:
    job = hands.begin(ana.actor, channel, topic, FILE)
    for other in (ben, cleo):
        with pytest.raises(NotAllowed):
            hands.begin(other.actor, channel, topic, FILE)
        with pytest.raises(NotAllowed):
            actions.run(row=job, by=other.actor, at=NOW)
    with pytest.raises(Invalid, match="agreed"):
        actions.begin(
            wish=actions.ImportWish(
                file_name="a.csv",
                content=FILE.encode(),
                mapping={"number": 1},
                topic=topic,
                channel=channel,
                attests=False,
            ),
            by=ana.actor,
            at=NOW,
        )


def test_a_file_nobody_imports_is_forgotten(ana: Player, channel: Channel, topic: Topic) -> None:
    job = hands.begin(ana.actor, channel, topic, FILE)
    assert actions.forget_files(at=NOW + timedelta(days=6)) == 0
    assert actions.forget_files(at=NOW + timedelta(days=8)) == 1
    job.refresh_from_db()
    assert job.content is None


def test_the_number_with_its_name_goes_in(ana: Player, channel: Channel, topic: Topic) -> None:
    actions.run(row=hands.begin(ana.actor, channel, topic, FILE), by=ana.actor, at=NOW)
    assert Identity.objects.get(value="+15035550108").contact.name == "Hana"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-02-11", datetime(2026, 2, 11, tzinfo=UTC)),
        ("2026-02-11T08:30:00-05:00", datetime(2026, 2, 11, 13, 30, tzinfo=UTC)),
        ("2/11/2026", datetime(2026, 2, 11, tzinfo=UTC)),
        ("11.02.2026", datetime(2026, 2, 11, tzinfo=UTC)),
        ("Feb 11, 2026", datetime(2026, 2, 11, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_of_consent(text: str, found: datetime | None) -> None:
    assert rules.day(text) == found


def test_columns_are_guessed_once_each() -> None:
    assert rules.guess(["Name", "Mobile", "Consent proof", "Consent date"]) == {
        "number": 1,
        "name": 0,
        "proof": 2,
        "given_at": 3,
    }


def test_no_cell_of_the_file_of_problems_is_a_formula() -> None:
    words = rules.problem_lines([(2, "=cmd()", "invalid", "No."), (3, "+1 503 555 0108", "needs_proof", "No.")])
    assert words.splitlines() == ["2,'=cmd(),Can't be read,No.", "3,+1 503 555 0108,Needs proof,No."]
