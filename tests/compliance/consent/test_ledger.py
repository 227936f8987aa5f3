"""The ledger: chained by the database, checked by Python, closed to every change; the state follows from it."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import make
from tests.cast import NOW, Player
from twoway.compliance.consent import actions, queries, rules
from twoway.compliance.consent.models import ConsentEntry, ConsentState, Suppression
from twoway.contacts.models import Identity
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.sms import phone
from twoway.teams.actor import Actor, system
from twoway.teams.models import Workspace


@pytest.fixture
def dana(workspace: Workspace) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=NOW, name="Dana"), at=NOW)


@pytest.fixture
def us(workspace: Workspace) -> Actor:
    return system(workspace.pk)


def agree(who: Identity, purpose: str = "promotion", level: str = "written", **more: Any) -> ConsentEntry:
    given: dict[str, Any] = {"method": "form", "at": NOW, "by": system(who.workspace_id), **more}
    return actions.grant(identity=who, purpose=purpose, level=level, **given)


def test_entries_are_chained_and_verify(dana: Identity, us: Actor) -> None:
    first = agree(dana, proof={"disclosure": "By checking this box…", "ip": "203.0.113.9", "form_version": 4})
    second = actions.withdraw(identity=dana, purpose="promotion", method="reply", at=NOW, by=us)
    assert (first.position, second.position) == (1, 2)
    assert (first.previous_hash, second.previous_hash) == (rules.FIRST_HASH, first.hash)
    assert first.proof_hash == rules.proof_hash(first.proof)
    assert queries.verify(us.workspace_id) == queries.Verified(count=2, head=second.hash)


def test_each_workspace_has_its_own_chain(dana: Identity, cleo: Player) -> None:
    agree(dana)
    theirs = make.make_identity(make.make_contact(cleo.member.workspace, at=NOW), at=NOW, value=dana.value)
    entry = agree(theirs)
    assert (entry.position, entry.previous_hash) == (1, rules.FIRST_HASH)
    assert entry.address_hash != ConsentEntry.objects.get(workspace_id=dana.workspace_id).address_hash


def test_the_address_is_nowhere_in_an_entry(dana: Identity) -> None:
    entry = agree(dana)
    assert dana.value not in str({field.name: getattr(entry, field.attname) for field in entry._meta.concrete_fields})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(min_value=-(2**60), max_value=2**60) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)


@given(proof=st.dictionaries(st.text(max_size=8), VALUES, max_size=6))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_python_and_the_database_write_a_proof_alike(db: None, proof: dict[str, Any]) -> None:
    cleaned = actions.clean_proof(proof)
    text = rules.canonical(cleaned)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::jsonb::text", [text])
        assert cursor.fetchone()[0] == text


@pytest.mark.parametrize("proof", [{"price": 1.5}, {"file": b"x"}, {"long": "x" * 20_000}])
def test_what_cannot_be_hashed_alike_is_refused(dana: Identity, proof: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        agree(dana, proof=proof)
    assert not ConsentEntry.objects.exists()


def test_a_proof_with_what_the_database_cannot_keep_is_cleaned(dana: Identity, us: Actor) -> None:
    entry = agree(dana, proof={"note": "a\0b\ud800"})
    assert entry.proof == {"note": "ab\ufffd"}
    assert queries.verify(us.workspace_id).broken_at == 0


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_entry SET level = 'written'",
        "UPDATE consent_entry SET proof = '{}'",
        'UPDATE consent_entry SET proof = \'{"ip": "other"}\', minimised_at = now()',
        "UPDATE consent_entry SET hash = repeat('1', 64)",
        "UPDATE consent_entry SET identity_id = identity_id + 1",
        "DELETE FROM consent_entry",
    ],
)
def test_the_database_refuses_every_change(dana: Identity, statement: str) -> None:
    agree(dana, level="express", proof={"ip": "203.0.113.9"})
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "position", "why"),
    [
        ("UPDATE consent_entry SET level = 'express' WHERE position = 2", 2, "an entry was changed"),
        ("UPDATE consent_entry SET proof = '{}' WHERE position = 2", 2, "an entry was changed"),
        ("UPDATE consent_entry SET at = at + interval '1 microsecond' WHERE position = 3", 3, "an entry was changed"),
        ("DELETE FROM consent_entry WHERE position = 2", 2, "an entry is missing"),
        (
            "UPDATE consent_entry SET previous_hash = repeat('1', 64) WHERE position = 3",
            3,
            "an entry does not follow the one before it",
        ),
    ],
)
def test_who_gets_round_the_database_is_found(
    dana: Identity, us: Actor, statement: str, position: int, why: str
) -> None:
    for _ in range(3):
        agree(dana, proof={"ip": "203.0.113.9"})
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE consent_entry DISABLE TRIGGER consent_append_only")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE consent_entry ENABLE TRIGGER consent_append_only")
    found = queries.verify(us.workspace_id)
    assert (found.broken_at, found.why) == (position, why)


def test_a_minimised_proof_leaves_the_chain_whole(dana: Identity, us: Actor) -> None:
    agree(dana, proof={"ip": "203.0.113.9", "disclosure": "…", "disclosure_hash": "ab", "form_version": 4})
    head = queries.verify(us.workspace_id).head
    assert actions.minimise(identity_ids=[dana.pk], at=NOW, by=us) == 1
    entry = ConsentEntry.objects.get()
    assert (entry.proof, entry.identity_id) == ({"disclosure_hash": "ab", "form_version": 4}, None)
    assert queries.verify(us.workspace_id) == queries.Verified(count=1, head=head)
    dana.delete()
    assert queries.verify(us.workspace_id).head == head


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_one_chain(workspace: Workspace) -> None:
    people = [make.make_identity(make.make_contact(workspace, at=NOW), at=NOW) for _ in range(6)]
    failures: list[BaseException] = []

    def write(who: Identity) -> None:
        try:
            for _ in range(5):
                agree(who)
        except BaseException as error:
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=write, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    found = queries.verify(workspace.pk)
    assert (found.count, found.broken_at) == (30, 0)


def state(who: Identity, purpose: str = "promotion") -> tuple[str, str, datetime | None]:
    row = ConsentState.objects.get(identity=who, purpose=purpose)
    return row.change, row.level, row.expires_at


def test_double_opt_in(dana: Identity, us: Actor) -> None:
    asked = actions.request(
        identity=dana, purpose="promotion", level="written", method="form", at=NOW, by=us, proof={"form_version": 2}
    )
    assert state(dana)[0] == "requested"
    yes = actions.confirm(identity=dana, purpose="promotion", at=NOW, by=us, proof={"message_id": 7})
    assert yes.proof == {"form_version": 2, "message_id": 7, "requested_at_position": asked.position}
    assert state(dana) == ("confirmed", "written", None)
    with pytest.raises(Invalid) as refused:
        actions.confirm(identity=dana, purpose="promotion", at=NOW, by=us)
    assert refused.value.code == "not_requested"


def test_a_yes_that_comes_too_late_counts_for_nothing(dana: Identity, us: Actor) -> None:
    actions.request(identity=dana, purpose="promotion", level="written", method="form", at=NOW, by=us)
    with pytest.raises(Invalid):
        actions.confirm(identity=dana, purpose="promotion", at=NOW + actions.ANSWER_WITHIN, by=us)


def test_what_runs_out_is_written_once(dana: Identity, us: Actor) -> None:
    agree(dana, expires_at=NOW + timedelta(days=30))
    actions.request(identity=dana, purpose="survey", level="express", method="form", at=NOW, by=us)
    assert actions.expire_due(at=NOW + timedelta(days=8)) == 1
    assert actions.expire_due(at=NOW + timedelta(days=30)) == 1
    assert actions.expire_due(at=NOW + timedelta(days=31)) == 0
    assert (state(dana)[0], state(dana, "survey")[0]) == ("expired", "expired")
    assert queries.verify(us.workspace_id).count == 4


def test_asking_again_or_a_lower_level_takes_nothing_away(dana: Identity, us: Actor) -> None:
    agree(dana)
    agree(dana, level="express")
    actions.request(identity=dana, purpose="promotion", level="written", method="form", at=NOW, by=us)
    assert state(dana) == ("granted", "written", None)


def test_the_state_can_be_made_again_from_the_ledger(dana: Identity, us: Actor, workspace: Workspace) -> None:
    ben = make.make_identity(make.make_contact(workspace, at=NOW), at=NOW)
    agree(dana, expires_at=NOW + timedelta(days=3))
    agree(dana, "survey", "express")
    agree(ben)
    actions.withdraw(identity=dana, purpose="survey", method="reply", at=NOW, by=us)
    agree(dana, "survey", "express")
    actions.record(identity=ben, change="withdrawn", method="keyword", at=NOW, by=us)
    address = phone.Identity("phone", "+15035550199")
    actions.record(address=address, change="withdrawn", method="import", at=NOW, by=us)
    actions.expire_due(at=NOW + timedelta(days=3))
    before = _tables()
    assert len(before[0]) == 5
    assert len(before[1]) == 2
    ConsentState.objects.filter(identity=dana).update(level="", change="denied")
    assert actions.rebuild(workspace_id=workspace.pk) == 8
    assert _tables() == before


def _tables() -> tuple[list[Any], list[Any]]:
    states = ConsentState.objects.order_by("position").values_list(
        "identity_id", "address_hash", "purpose", "change", "level", "rank", "at", "position", "refused_position"
    )
    suppressed = Suppression.objects.order_by("since", "id").values_list("identity_id", "address_hash", "method")
    return list(states), sorted(suppressed, key=str)


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": "Not a slug!"},
        {"level": "total"},
        {"level": ""},
        {"method": "telepathy"},
        {"expires_at": NOW - timedelta(days=1)},
    ],
)
def test_bad_input_is_refused(dana: Identity, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        agree(dana, **wrong)
    assert not ConsentEntry.objects.exists()


def test_only_who_may(dana: Identity, cleo: Player, ben: Player, us: Actor) -> None:
    viewer = Player(member=make.make_member(dana.contact.workspace, "Vic", role="viewer", at=NOW))
    for by in (cleo.actor, viewer.actor):
        with pytest.raises(NotAllowed):
            agree(dana, by=by)
    with pytest.raises(NotAllowed):
        actions.minimise(identity_ids=[dana.pk], at=NOW, by=ben.actor)
    with pytest.raises(Invalid):
        actions.withdraw(identity=dana, purpose="all", method="agent", at=NOW, by=us)


REFUSE_AUDIT = """
    CREATE FUNCTION refuse_audit() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'the audit trail takes nothing'; END $$;
    CREATE TRIGGER refuse_audit BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION refuse_audit();
"""


def test_consent_that_can_not_be_audited_is_not_recorded(dana: Identity, ana: Player) -> None:
    agree(dana)
    with connection.cursor() as cursor:
        cursor.execute(REFUSE_AUDIT)
    with pytest.raises(DatabaseError, match="takes nothing"):
        agree(dana, purpose="survey", level="express", by=ana.actor)
    with pytest.raises(DatabaseError, match="takes nothing"):
        actions.withdraw(identity=dana, purpose="promotion", method="voice", at=NOW, by=ana.actor)
    assert [(entry.purpose, entry.change) for entry in ConsentEntry.objects.all()] == [("promotion", "granted")]
    assert ConsentState.objects.get(identity=dana).change == "granted"
