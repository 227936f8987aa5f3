"""Opt-outs: recorded, shared within a service, lifted, and never lost."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.compliance import actions, queries
from twoway.compliance.consent import actions as consent
from twoway.compliance.models import OptOut
from twoway.compliance.rules import refusal
from twoway.contacts.models import Identity
from twoway.events.models import Event
from twoway.events.queries import audit_entries
from twoway.lib.refusal import Invalid, NotAllowed
from twoway.teams.actor import system
from twoway.teams.models import Workspace


@pytest.fixture
def identity(workspace: Workspace, now: datetime) -> Identity:
    return make.make_identity(make.make_contact(workspace, at=now, name="Dana"), at=now)


def stop(identity: Identity, channel: Channel, *, at: datetime = NOW, keyword: str = "STOP") -> list[OptOut]:
    by = system(identity.workspace_id)
    return actions.opt_out(
        identity=identity,
        channel=channel,
        source="keyword",
        keyword=keyword,
        message_id=5,
        conversation_id=6,
        at=at,
        by=by,
    )


def start(identity: Identity, channel: Channel, *, at: datetime = NOW) -> int:
    by = system(identity.workspace_id)
    return actions.lift(identity=identity, channel=channel, source="keyword", keyword="START", at=at, by=by)


def test_who_opts_out_is_opted_out_and_an_event_says_so(identity: Identity, channel: Channel) -> None:
    (row,) = stop(identity, channel, keyword="ALTO")
    assert queries.is_opted_out(identity=identity, channel=channel)
    assert (row.source, row.keyword, row.message_id, row.opted_out_at) == ("keyword", "ALTO", 5, NOW)
    event = Event.objects.get(type="contact_opted_out")
    assert (event.conversation_id, event.contact_id, event.message_id) == (6, identity.contact_id, 5)
    assert (event.is_pending, event.is_shown, event.data["channel_ids"]) == (True, True, [channel.pk])


def test_opting_out_twice_is_once(identity: Identity, channel: Channel) -> None:
    stop(identity, channel)
    assert stop(identity, channel, at=NOW + timedelta(hours=1)) == []
    assert OptOut.objects.get().opted_out_at == NOW
    assert Event.objects.filter(type="contact_opted_out").count() == 1


def only_the_service(workspace: Workspace) -> None:
    consent.set_stop_scope(scope="service", by=system(workspace.pk), at=NOW)


def test_it_holds_for_every_number_also_one_added_later(
    identity: Identity, channel: Channel, workspace: Workspace
) -> None:
    other = make.make_channel(workspace, at=NOW)
    stop(identity, channel)
    later = make.make_channel(workspace, at=NOW)
    assert all(queries.is_opted_out(identity=identity, channel=each) for each in (channel, other, later))
    assert Event.objects.get(type="contact_opted_out").data["channel_ids"] == [channel.pk, other.pk]
    assert start(identity, later) == 2
    assert not any(queries.is_opted_out(identity=identity, channel=each) for each in (channel, other, later))


def test_a_workspace_may_choose_that_it_holds_for_that_channel_only(
    identity: Identity, channel: Channel, workspace: Workspace
) -> None:
    other = make.make_channel(workspace, at=NOW)
    only_the_service(workspace)
    stop(identity, channel)
    assert not queries.is_opted_out(identity=identity, channel=other)


def test_what_was_stopped_everywhere_stays_so_when_the_choice_changes(
    identity: Identity, channel: Channel, workspace: Workspace
) -> None:
    other = make.make_channel(workspace, at=NOW)
    stop(identity, channel)
    only_the_service(workspace)
    assert queries.is_opted_out(identity=identity, channel=other)


def test_start_to_another_number_leaves_what_the_provider_blocks(
    identity: Identity, channel: Channel, workspace: Workspace
) -> None:
    other = make.make_channel(workspace, at=NOW)
    actions.opt_out(identity=identity, channel=channel, source="provider", at=NOW, by=system(workspace.pk))
    start(identity, other)
    assert queries.is_opted_out(identity=identity, channel=channel)
    assert not queries.is_opted_out(identity=identity, channel=other)
    start(identity, channel)
    assert not queries.is_opted_out(identity=identity, channel=channel)


def test_a_carriers_refusal_after_start_is_about_that_number(
    identity: Identity, channel: Channel, workspace: Workspace
) -> None:
    other = make.make_channel(workspace, at=NOW)
    for number in (channel, other):
        actions.opt_out(identity=identity, channel=number, source="carrier", at=NOW, by=system(workspace.pk))
        assert queries.is_opted_out(identity=identity, channel=other)
        start(identity, number)
    actions.opt_out(identity=identity, channel=channel, source="carrier", at=NOW, by=system(workspace.pk))
    assert queries.is_opted_out(identity=identity, channel=channel)
    assert not queries.is_opted_out(identity=identity, channel=other)


@pytest.mark.parametrize("source", ["provider", "carrier"])
def test_what_the_provider_blocks_no_member_lifts(
    identity: Identity, channel: Channel, ben: Player, source: str
) -> None:
    actions.opt_out(identity=identity, channel=channel, source=source, at=NOW, by=system(channel.workspace_id))
    with pytest.raises(Invalid) as refused:
        actions.lift(identity=identity, channel=channel, source="member", note="Asked by phone", at=NOW, by=ben.actor)
    assert refused.value.code == "customer_must_start"
    assert queries.is_opted_out(identity=identity, channel=channel)


def test_a_member_lifts_with_a_note_only(identity: Identity, channel: Channel, ben: Player) -> None:
    stop(identity, channel)
    with pytest.raises(Invalid) as refused:
        actions.lift(identity=identity, channel=channel, source="member", note=" ", at=NOW, by=ben.actor)
    assert refused.value.field == "note"
    assert actions.lift(identity=identity, channel=channel, source="member", note="Called", at=NOW, by=ben.actor) == 1


def test_channels_of_one_service_share_it(identity: Identity, workspace: Workspace) -> None:
    only_the_service(workspace)
    pool = [make.make_channel(workspace, at=NOW, service_id="MG1") for _ in range(3)]
    other = make.make_channel(workspace, at=NOW, service_id="MG2")
    assert len(stop(identity, pool[0])) == 3
    assert all(queries.is_opted_out(identity=identity, channel=each) for each in pool)
    assert not queries.is_opted_out(identity=identity, channel=other)
    assert start(identity, pool[1]) == 3
    assert not queries.is_opted_out(identity=identity, channel=pool[0])


def test_a_channel_that_joins_the_service_later_is_covered(identity: Identity, workspace: Workspace) -> None:
    only_the_service(workspace)
    stop(identity, make.make_channel(workspace, at=NOW, service_id="MG1"))
    later = make.make_channel(workspace, at=NOW, service_id="MG1")
    assert queries.is_opted_out(identity=identity, channel=later)
    assert refusal(queries.send_facts(identity_id=identity.id, channel_id=later.pk, purpose="reply", author="api"))


def test_another_workspace_with_the_same_service_is_not_covered(
    identity: Identity, channel: Channel, cleo: Player
) -> None:
    Channel.objects.filter(id=channel.pk).update(service_id="MG1")
    theirs = make.make_channel(cleo.member.workspace, at=NOW, service_id="MG1")
    channel.refresh_from_db()
    assert len(stop(identity, channel)) == 1
    assert not queries.is_opted_out(identity=identity, channel=theirs)


def test_start_lifts_it_and_keeps_the_record(identity: Identity, channel: Channel) -> None:
    stop(identity, channel)
    assert queries.consent_state_of(identity=identity, channel=channel) == "out"
    assert start(identity, channel, at=NOW + timedelta(hours=1)) == 1
    assert queries.consent_state_of(identity=identity, channel=channel) == "in"
    row = OptOut.objects.get()
    assert (row.lifted_at, row.lifted_by) == (NOW + timedelta(hours=1), "START")
    assert Event.objects.filter(type="contact_opted_in", is_shown=True).count() == 1


def test_start_without_a_stop_changes_nothing(identity: Identity, channel: Channel) -> None:
    assert start(identity, channel) == 0
    assert not Event.objects.exists()


def test_after_start_a_new_stop_holds(identity: Identity, channel: Channel) -> None:
    stop(identity, channel)
    start(identity, channel)
    stop(identity, channel)
    assert queries.is_opted_out(identity=identity, channel=channel)
    assert [row.lifted_at is None for row in queries.ledger([identity.id])] == [True, False]


def test_what_a_member_records_is_audited(identity: Identity, channel: Channel, ben: Player) -> None:
    actions.opt_out(identity=identity, channel=channel, source="member", at=NOW, by=ben.actor)
    actions.lift(identity=identity, channel=channel, source="member", note="Called us", at=NOW, by=ben.actor)
    told = [(row.actor, row.action) for row in audit_entries(identity.workspace_id)]
    assert told == [("Ben", "consent.given_again"), ("Ben", "consent.withdrawn")]
    assert OptOut.objects.get().lifted_by == "Ben"


def test_what_a_customer_does_is_in_the_ledger_alone(identity: Identity, channel: Channel) -> None:
    stop(identity, channel)
    assert not audit_entries(identity.workspace_id).exists()


def test_strangers_and_viewers_record_nothing(identity: Identity, channel: Channel, cleo: Player) -> None:
    viewer = Player(member=make.make_member(channel.workspace, "Vic", role="viewer", at=NOW))
    for by in (cleo.actor, viewer.actor):
        with pytest.raises(NotAllowed):
            actions.opt_out(identity=identity, channel=channel, source="member", at=NOW, by=by)
    with pytest.raises(Invalid):
        actions.opt_out(identity=identity, channel=channel, source="rumour", at=NOW, by=system(channel.workspace_id))
    assert not OptOut.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_claim_and_an_opt_out_follow_one_another(identity: Identity, channel: Channel) -> None:
    """While a claim holds the identity, an opt-out waits; what comes after it sees it."""
    stopped = threading.Event()

    def opt_out() -> None:
        stop(identity, channel)
        stopped.set()
        connection.close()

    with transaction.atomic():
        facts = queries.send_facts(
            identity_id=identity.id, channel_id=channel.pk, purpose="reply", author="member", lock=True
        )
        assert refusal(facts) is None
        thread = threading.Thread(target=opt_out)
        thread.start()
        assert not stopped.wait(0.3)
    thread.join(timeout=20)
    assert stopped.is_set()
    assert queries.is_opted_out(identity=identity, channel=channel)


@pytest.mark.django_db(transaction=True)
def test_two_stops_at_once_are_one(identity: Identity, channel: Channel) -> None:
    failures: list[BaseException] = []

    def opt_out() -> None:
        try:
            stop(identity, channel)
        except BaseException as error:
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=opt_out) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert OptOut.objects.count() == Event.objects.filter(type="contact_opted_out").count() == 1
