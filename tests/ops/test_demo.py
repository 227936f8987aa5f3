"""The demo workspace: what is in it holds together like what people and carriers would have made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import transaction
from django.db.models import Count, F, Sum
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests.cast import NOW
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
from twoway.conversations.together.models import Handover, Mention
from twoway.conversations.views.queries import pinned_views
from twoway.events.queries import verify_audit
from twoway.messaging.greeting.queries import report
from twoway.messaging.greeting.trying import would_send
from twoway.messaging.models import Message, Spend, StatusEvent
from twoway.messaging.scheduling.models import Later
from twoway.ops import demo
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
    assert dict(sizes) == {"Roadside": 2, "Front desk": 2, "Billing": 1}
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
