"""The demo workspace: what is in it holds together like what people and carriers would have made."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Count, F, Sum
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.cast import NOW, Player
from tests.routing.people import queue
from twoway.analytics.wallboard.queries import board, forget
from twoway.channels import simulator
from twoway.channels.models import Channel
from twoway.channels.queries import calendars_of
from twoway.compliance.consent.models import ConsentEntry
from twoway.compliance.models import Decision, OptOut
from twoway.compliance.optin.models import Form, Submission
from twoway.compliance.revocation.judgement import judge
from twoway.contacts.models import Identity
from twoway.contacts.outside.queries import latest
from twoway.conversations.models import Conversation, Episode, Note
from twoway.conversations.queries.counting import counts, totals
from twoway.conversations.queries.lists import in_view
from twoway.conversations.rules import View
from twoway.conversations.together.models import Handover, Mention
from twoway.conversations.views.queries import fields_for, pinned_views
from twoway.desk.builders.wallboard import shown_board
from twoway.events.queries import verify_audit
from twoway.lib.conditions import Clock, read
from twoway.messaging.callbacks.models import Callback
from twoway.messaging.calls.models import Call
from twoway.messaging.calls.queries import recordings
from twoway.messaging.deflection.queries import report as deflections
from twoway.messaging.greeting.queries import report
from twoway.messaging.greeting.trying import would_send
from twoway.messaging.media import files
from twoway.messaging.models import Message, Spend, StatusEvent
from twoway.messaging.scheduling.models import Later
from twoway.ops import demo
from twoway.ops.commands import worker
from twoway.ops.demo import attending
from twoway.ops.loops import LANES, loops_for
from twoway.routing.actions import take_next
from twoway.routing.actions.giving_out import give_out
from twoway.routing.models import QueueEntry
from twoway.routing.presence import actions as presence
from twoway.routing.presence.models import Presence
from twoway.routing.presence.queries import present
from twoway.routing.queries import explain, facts_for, waiting
from twoway.sla.queries import clocks_of, goal_of
from twoway.teams.hours.rules import is_open
from twoway.teams.models import Member, Team, Workspace
from twoway.teams.queries import actor_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def once_loaded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[demo.DemoResult]:
    """Loaded for all tests of this file; what a test does to it is undone after it."""
    folder = tmp_path_factory.mktemp("demo")
    with django_db_blocker.unblock(), override_settings(DATA_DIR=folder), transaction.atomic():
        yield demo.load(at=NOW)
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def nothing_is_kept_of_boards(once_loaded: demo.DemoResult) -> None:
    forget(once_loaded.workspace_id)


@pytest.fixture
def loaded(once_loaded: demo.DemoResult) -> Iterator[demo.DemoResult]:
    password = once_loaded.password_file.read_bytes()
    yield once_loaded
    once_loaded.password_file.write_bytes(password)


def test_people_and_numbers(loaded: demo.DemoResult) -> None:
    workspace = Workspace.objects.get(id=loaded.workspace_id)
    assert workspace.name == "Cascade Local"
    assert {str(member): member.role for member in Member.objects.all()} == {
        "Ana Ruiz": "owner",
        "Marcus Bell": "manager",
        "Priya Shah": "agent",
        "Jo Lindqvist": "agent",
        "Tom Becker": "agent",
    }
    sizes = Team.objects.annotate(size=Count("members")).values_list("name", "size")
    assert dict(sizes) == {"Roadside": 2, "Front desk": 3, "Billing": 1}
    assert authenticate(email="ana@cascade.example", password=loaded.password) is not None
    assert [channel.name for channel in workspace.channels.order_by("id")] == [
        "Ridgeway Carshare",
        "Tidy & Co. Cleaning",
        "Alder Street Dental",
    ]


def test_the_people_keep_hours(loaded: demo.DemoResult, now: datetime) -> None:
    hours = calendars_of(loaded.workspace_id, now)
    teams = dict(Team.objects.values_list("name", "id"))
    assert hours.of(None).week[6] == ((7 * 60, 22 * 60),)
    assert hours.of(teams["Roadside"]).never_closes
    assert hours.of(teams["Billing"]).week[6] == ()
    assert is_open(hours.of(teams["Front desk"]), now)


def test_every_number_is_fiction_and_known_to_the_carrier(loaded: demo.DemoResult) -> None:
    ours = list(Workspace.objects.get(id=loaded.workspace_id).channels.values_list("address", flat=True))
    theirs = list(Identity.objects.values_list("value", flat=True))
    assert all(number[5:10] == "55501" and len(number) == 12 for number in ours + theirs)
    assert not set(ours) & set(theirs)
    assert all(simulator.store().inbound_url(number).endswith("/inbound") for number in ours)


def test_conversations_of_every_kind(loaded: demo.DemoResult, now: datetime) -> None:
    every = Conversation.objects.all()
    assert every.count() == 25
    assert {state: every.filter(state=state).count() for state in ("open", "snoozed", "done")} == {
        "open": 17,
        "snoozed": 3,
        "done": 5,
    }
    assert every.filter(state="open", needs_reply=True).count() == 9
    assert every.filter(state="open", assignee=None).count() >= 4
    assert every.filter(tags__isnull=False).distinct().count() > 10
    assert Note.objects.count() == 4
    assert every.filter(state="snoozed", snoozed_until__gt=now).count() == 3
    assert Episode.objects.exclude(closed_at=None).count() == 5


def test_conversations_say_what_their_texts_say(loaded: demo.DemoResult) -> None:
    for conversation in Conversation.objects.all():
        texts = list(Message.objects.filter(conversation=conversation).order_by("id"))
        assert [text.created_at for text in texts] == sorted(text.created_at for text in texts)
        assert (conversation.last_message_id, conversation.last_message_at) == (texts[-1].id, texts[-1].created_at)
        assert conversation.preview == " ".join(texts[-1].body.split())[:160]
        answered = max((n for n, text in enumerate(texts, 1) if text.direction == "out"), default=0)
        waiting = [text for text in texts[answered:] if conversation.state != "done"]
        assert conversation.unanswered == len(waiting)
        assert conversation.needs_reply is bool(waiting)
        assert conversation.sort_at == (waiting[0].created_at if waiting else texts[-1].created_at)


def test_nothing_is_in_the_future_or_waits_to_be_sent(loaded: demo.DemoResult, now: datetime) -> None:
    assert not Message.objects.filter(created_at__gt=now).exists()
    assert not Message.objects.filter(status__in=["queued", "sending", "scheduled"]).exists()
    assert Message.objects.filter(created_at__gt=now - timedelta(minutes=5)).exists()
    ids = list(Message.objects.order_by("created_at", "id").values_list("id", flat=True))
    assert ids == sorted(ids)


def test_every_text_of_ours_has_a_decision_and_receipts(loaded: demo.DemoResult) -> None:
    ours = Message.objects.filter(direction="out")
    assert set(ours.values_list("id", flat=True)) == set(
        Decision.objects.filter(verdict="allow").values_list("message_id", flat=True)
    )
    assert ours.filter(status="delivered", delivered_at__gt=F("sent_at")).count() == ours.count() - 1
    assert StatusEvent.objects.count() == 2 * ours.count()


def test_one_opted_out_and_one_is_a_landline(loaded: demo.DemoResult) -> None:
    opt_out = OptOut.objects.get()
    assert (opt_out.identity.contact.name, opt_out.keyword, opt_out.source) == ("Patrice Lowe", "STOP", "keyword")
    assert Message.objects.filter(conversation__contact=opt_out.identity.contact).latest("id").purpose == (
        "opt_out_notice"
    )
    failed = Message.objects.get(status="undelivered")
    assert (failed.error, failed.error_code, failed.delivered_at) == ("landline", "30006", None)


def test_the_ledger_is_in_order_and_has_every_kind_of_proof(loaded: demo.DemoResult) -> None:
    entries = list(ConsentEntry.objects.order_by("position").values_list("change", "method", "purpose"))
    assert entries == [
        ("granted", "form", "reminder"),
        ("granted", "form", "reminder"),
        ("requested", "form", "promotion"),
        ("confirmed", "reply", "promotion"),
        ("granted", "paper", "reminder"),
        ("withdrawn", "agent", "promotion"),
        ("requested", "form", "promotion"),
        ("withdrawn", "keyword", "all"),
    ]
    times = list(ConsentEntry.objects.order_by("position").values_list("at", flat=True))
    assert times == sorted(times)
    form = Form.objects.get(is_active=True)
    assert (form.slug, form.versions.count()) == ("alder-street", 1)
    assert Submission.objects.count() == 3


def test_one_text_may_ask_to_stop_and_none_other_does(loaded: demo.DemoResult, now: datetime) -> None:
    texts = list(Message.objects.filter(direction="in").exclude(body="STOP").values_list("body", flat=True))
    unclear = {text: verdict.kind for text, verdict in zip(texts, judge(texts), strict=True) if verdict.kind != "none"}
    assert unclear == {"I'm good, don't need any more of these": "unsure"}


def test_every_text_of_ours_is_spent_on_its_day(loaded: demo.DemoResult) -> None:
    ours = Message.objects.filter(direction="out", sent_at__isnull=False)
    assert not ours.filter(spent_on=None).exists()
    assert not ours.filter(price=None).exists()
    spent = Spend.objects.filter(direction="out").aggregate(amount=Sum("amount"), texts=Sum("texts"))
    assert spent == {"amount": ours.aggregate(total=Sum("price"))["total"], "texts": ours.count()}


def test_the_audit_trail_holds(loaded: demo.DemoResult) -> None:
    assert verify_audit(loaded.workspace_id) is None


def test_loading_again_changes_nothing(loaded: demo.DemoResult, now: datetime) -> None:
    before = Message.objects.count()
    again = demo.load(at=now + timedelta(days=1))
    assert (again.is_new, again.workspace_id, again.password) == (False, loaded.workspace_id, loaded.password)
    assert (Workspace.objects.count(), Message.objects.count()) == (1, before)


def test_a_lost_password_is_not_invented(loaded: demo.DemoResult, now: datetime) -> None:
    loaded.password_file.unlink()
    assert demo.load(at=now).password is None
    assert not loaded.password_file.exists()


def test_what_stands_around_the_conversations(loaded: demo.DemoResult, now: datetime) -> None:
    workspace = Workspace.objects.get(id=loaded.workspace_id)
    ana = actor_of(Member.objects.get(workspace=workspace, role="owner"))
    assert {view.name for view in pinned_views(ana)} == {"Waiting over 10 min", "Lockouts this week", "New today"}
    late = Conversation.objects.filter(
        workspace=workspace, state="open", needs_reply=True, sort_at__lt=now - timedelta(minutes=10)
    )
    assert 0 < late.count() < 9
    assert goal_of(workspace.pk) == 15
    assert {one.state for one in clocks_of([row.pk for row in late], now).values()} >= {"warned", "breached"}
    dana = Conversation.objects.get(workspace=workspace, contact__name="Dana Whitfield").contact
    told = [event.title for event in latest(dana, limit=10)]
    assert told[0] == "Trip moved to Fern, bay B16"
    assert len(told) == 4
    assert dana.language == "en"
    handover = Handover.objects.get()
    assert (handover.conversation.contact.name, str(handover.conversation.assignee)) == ("Grace Kim", "Ana Ruiz")
    reminder = Later.objects.get()
    assert reminder.cancels_on_answer
    assert reminder.due_at > now + timedelta(hours=1)
    assert Mention.objects.filter(member__user__name="Ana Ruiz").count() == 2


def test_promises_were_kept_and_broken_and_a_wait_is_known(loaded: demo.DemoResult, now: datetime) -> None:
    ana = actor_of(Member.objects.get(workspace_id=loaded.workspace_id, role="owner"))
    found = report(ana, by="number", since=now - timedelta(weeks=8), until=now)
    assert [row.label for row in found.rows] == ["Tidy & Co. Cleaning"]
    assert found.total.kept.broken > 5
    assert found.total.kept.fits(80)
    channel = Channel.objects.get(name="Tidy & Co. Cleaning")
    tried = would_send(ana, channel_id=channel.pk, is_first=True, language="en", at=now)
    assert tried.kind in {"welcome", "after_hours"}
    assert "answers at this hour" in tried.about_wait


def waiting_in(workspace_id: int) -> dict[str, str]:
    """Who waits, and in which queue."""
    rows = waiting(workspace_id)
    names = dict(Conversation.objects.values_list("id", "contact__name"))
    return {names[row.conversation_id]: row.queue_name for row in rows}


def test_who_waits_is_in_a_queue_by_its_rules(loaded: demo.DemoResult) -> None:
    assert waiting_in(loaded.workspace_id) == {
        "Theo Park": "Roadside",
        "Paul Simmons": "General",
        "Jamal Carter": "General",
        "Reggie Barnes": "General",
        "": "General",
    }
    assert QueueEntry.objects.get(conversation__contact__name="Paul Simmons").priority == 5
    open_ones = Conversation.objects.filter(state="open", assignee__isnull=False)
    assert QueueEntry.objects.filter(state="taken").count() == open_ones.count()


def test_the_board_has_numbers_in_every_place(loaded: demo.DemoResult, now: datetime) -> None:
    seen = board(loaded.workspace_id, teams=None, at=now)
    assert seen.waiting == 9
    assert seen.late.breached
    assert seen.routed is not None
    assert {one.name: (one.waiting, one.online) for one in seen.routed.queues} == {
        "General": (4, 3),
        "Roadside": (1, 0),
        "Billing": (0, 1),
    }
    assert {one.name: one.state for one in seen.routed.people} == {
        "Marcus Bell": "break",
        "Priya Shah": "online",
        "Jo Lindqvist": "online",
        "Tom Becker": "online",
    }
    assert sum(one.load for one in seen.routed.people) > 3
    assert seen.deflected is not None
    assert seen.deflected.deflected > 0
    assert seen.promises is not None
    assert sum(bar.texts for bar in seen.hour) > 10


def test_the_board_says_what_lists_and_reports_say(loaded: demo.DemoResult, now: datetime) -> None:
    ana = actor_of(Member.objects.get(workspace_id=loaded.workspace_id, role="owner"))
    workspace = Workspace.objects.get(id=loaded.workspace_id)
    zone = ZoneInfo(workspace.time_zone)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    seen = board(workspace.pk, teams=None, at=now)
    assert seen.waiting == totals(ana, View(box="open")).reply
    wanted = (("clock", ["risk", "late"]), ("state", ["open", "snoozed"]))
    late = [{"field": field, "is": "one_of", "value": value} for field, value in wanted]
    tree = read({"all": late}, fields=fields_for(ana, region=workspace.region))
    listed = in_view(ana, View(box="saved", tree=tree, clock=Clock(at=now, zone=zone)))
    assert (seen.late.warned or 0) + (seen.late.breached or 0) == listed.count() > 0
    assert seen.routed is not None
    assert {one.id: one.waiting for one in seen.routed.queues} == counts(ana).queues
    assert seen.promises is not None
    kept = report(ana, by="number", since=midnight, until=now + timedelta(seconds=1)).total.kept
    assert (seen.promises.kept, seen.promises.broken) == (kept.kept, kept.broken)
    assert seen.deflected is not None
    told = deflections(workspace.pk, start=midnight, end=now + timedelta(seconds=1), at=now)
    assert (seen.deflected.deflected, seen.deflected.offered) == (told.deflected, told.offered)
    shown = {tile.key: tile.value for tile in shown_board(seen, names=True)["tiles"]}
    assert (shown["waiting"], shown["risk"]) == (str(seen.waiting), str(listed.count()))


def test_teammates_swallow_nothing_and_the_owner_gets_the_road_once_she_is_online(
    loaded: demo.DemoResult, now: datetime
) -> None:
    assert give_out(at=now) == 0
    ana = actor_of(Member.objects.get(workspace_id=loaded.workspace_id, role="owner"))
    presence.choose(state="online", by=ana, at=now)
    assert give_out(at=now) == 1
    theo = Conversation.objects.get(contact__name="Theo Park")
    assert str(theo.assignee) == "Ana Ruiz"
    for expected in ("Paul Simmons", "Reggie Barnes", "", "Jamal Carter"):
        taken = take_next(by=ana, at=now)
        assert taken is not None
        assert taken.contact.name == expected


def test_a_question_about_money_goes_to_billing_by_itself(loaded: demo.DemoResult, now: datetime) -> None:
    ana = actor_of(Member.objects.get(workspace_id=loaded.workspace_id, role="owner"))
    channel = Channel.objects.get(name="Tidy & Co. Cleaning")
    tom = Member.objects.get(user__name="Tom Becker")
    tried = explain(ana, facts_for(ana, at=now, text="Can I get a refund?", channel_id=channel.pk), at=now)
    assert (tried.queue_name, tried.member_id) == ("Billing", tom.pk)


def test_teammates_stay_while_somebody_says_so_and_go_when_nobody_does(loaded: demo.DemoResult, now: datetime) -> None:
    later = now + timedelta(hours=3)
    assert {one.state for one in present(loaded.workspace_id, later)} == {"offline"}
    assert attending.attend(at=later) == 4
    assert sorted(one.state for one in present(loaded.workspace_id, later)) == ["break", "online", "online", "online"]
    assert not Presence.objects.filter(member__role="owner").exists()


def test_nobody_of_another_workspace_is_said_to_be_there(
    loaded: demo.DemoResult, ana: Player, ben: Player, now: datetime
) -> None:
    workspace = ben.member.workspace
    Workspace.objects.filter(id=workspace.pk).update(name=demo.WORKSPACE)
    Member.objects.filter(id=ben.member.pk).update(user=Member.objects.get(user__name="Tom Becker").user)
    queue(ana)
    assert attending.attend(at=now) == 4
    assert not Presence.objects.filter(workspace=workspace).exists()


def test_only_a_worker_that_is_told_so_keeps_them_there() -> None:
    assert "demo" not in loops_for(LANES)
    parser = argparse.ArgumentParser()
    worker.add_arguments(parser)
    assert parser.parse_args([]).demo is False
    assert parser.parse_args(["--demo"]).demo is True


def test_a_message_was_left_and_can_be_heard(loaded: demo.DemoResult) -> None:
    call = Call.objects.get(state="voicemail")
    assert call.conversation.contact.name == "Theo Park"
    file = recordings([call])[call.recording_id or 0]
    assert (file.state, file.kind, file.content_type) == ("ready", "audio", "audio/wav")
    with files.opened(file.key, "whole") as sound:
        assert sound.read(4) == b"RIFF"


def test_a_callback_is_booked_for_later(loaded: demo.DemoResult, now: datetime) -> None:
    booked = Callback.objects.get(state="booked")
    assert booked.starts_at is not None
    assert now + timedelta(minutes=40) < booked.starts_at <= now + timedelta(hours=1)
    assert booked.starts_at.minute % 20 == 0
