"""Callbacks on screen: who may ask for what, the lists, a conversation's menu and the settings."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, TEXTERS, Matrix, Place
from tests.screens_html import html_of, plain
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.desk.urls_callbacks import urlpatterns
from twoway.events.models import AuditEntry
from twoway.messaging.callbacks import actions, moving, queries
from twoway.messaging.callbacks.models import Callback, CallbackSetting
from twoway.messaging.calls.setting import set_phone
from twoway.messaging.deflection.models import Deflection, PhoneQueue
from twoway.messaging.models import Message
from twoway.teams.models import Member, Workspace
from twoway.teams.roles.actions import add_role
from twoway.teams.rules import RIGHTS, Right

pytestmark = pytest.mark.django_db

MATRIX = Matrix(
    {
        "callbacks": Place(methods=("GET",), roles=EVERYBODY),
        "callback_outcome": Place(methods=("POST",), roles=TEXTERS, key="callback_id"),
        "callback_caller": Place(methods=("POST",), roles=TEXTERS, key="callback_id"),
        "callback_time": Place(methods=("POST",), roles=TEXTERS, key="callback_id"),
        "callback_call": Place(methods=("POST",), roles=TEXTERS, key="callback_id"),
        "callback_menu": Place(methods=("GET", "POST"), roles=TEXTERS, key="conversation_id"),
        "settings_callbacks": Place(methods=("GET", "POST"), roles=ADMINS),
        "settings_phone_queues": Place(methods=("GET",), roles=ADMINS),
        "settings_phone_queue_add": Place(methods=("GET", "POST"), roles=ADMINS),
        "settings_phone_queue": Place(methods=("GET", "POST"), roles=ADMINS, key="queue_id"),
        "settings_phone_queue_try": Place(methods=("POST",), roles=ADMINS, key="queue_id"),
        "settings_phone_queue_address": Place(methods=("POST",), roles=ADMINS, key="queue_id"),
        "settings_phone_queue_remove": Place(methods=("POST",), roles=ADMINS, key="queue_id"),
    }
)


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    now = timezone.now()
    return make.make_conversation(channel, at=now - timedelta(minutes=5), messages=1, name="Dana Whitfield")


@pytest.fixture
def callback(workspace: Workspace, talk: Conversation, ben: Player) -> Callback:
    """Agreed on by an agent for the next free window."""
    now = timezone.now()
    CallbackSetting.objects.create(workspace=workspace, is_on=True, words=queries.usual_words(), changed_at=now)
    free = queries.free_in(talk, at=now)
    return actions.begin(conversation=talk, starts_at=free[0], by=ben.actor, at=now, source="agent")


@pytest.fixture
def things(callback: Callback) -> dict[str, object]:
    made = PhoneQueue.objects.filter(workspace_id=callback.workspace_id).first() or PhoneQueue.objects.create(
        workspace_id=callback.workspace_id, channel=callback.channel, name="Airport line", hook="h", created_at=NOW
    )
    return {"callback_id": callback.pk, "conversation_id": callback.conversation_id, "queue_id": made.pk}


def test_every_address_is_in_the_matrix() -> None:
    assert {one.name for one in urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(workspace: Workspace, things: dict[str, object], role: str) -> None:
    player = Player(member=make.make_member(workspace, "Rae", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_without_an_account(things: dict[str, object]) -> None:
    assert MATRIX.open_to_nobody(things) == {}


def test_nothing_of_another_workspace(cleo: Player, things: dict[str, object]) -> None:
    assert MATRIX.found_by_stranger(cleo, things) == {}


def test_forms_need_their_token_and_links_write_nothing(ana: Player, things: dict[str, object]) -> None:
    assert MATRIX.taken_without_token(ana, things) == {}
    assert MATRIX.written_by_link(ana, things) == {}


def test_the_lists_show_who_is_to_be_called(ben: Player, callback: Callback) -> None:
    page = ben.client.get(reverse("desk:callbacks")).content.decode()
    assert "Dana Whitfield" in page
    assert "tel:" in page
    assert callback.starts_at is not None
    moving.move_due(at=callback.starts_at)
    page = ben.client.get(reverse("desk:callbacks") + "?box=due").content.decode()
    assert "Call now" in page
    assert 'class="pip"' in page
    answer = ben.client.post(
        reverse("desk:callback_outcome", args=[callback.pk]), {"outcome": "reached", "note": "All fine", "box": "due"}
    )
    assert answer["Location"] == "/callbacks/?box=due"
    over = ben.client.get(reverse("desk:callbacks") + "?box=ended").content.decode()
    assert "All fine" in over
    assert Callback.objects.get().outcome == "reached"


def test_a_viewer_sees_the_list_and_no_number_and_no_button(workspace: Workspace, callback: Callback) -> None:
    player = Player(member=make.make_member(workspace, "Vic", role="viewer", at=NOW))
    page = player.client.get(reverse("desk:callbacks") + "?box=booked").content.decode()
    assert "Dana Whitfield" in page
    assert callback.identity.value not in page
    assert "callback_outcome" not in page
    assert "What came of it" not in page


def test_who_calls_is_given_and_taken_back(ben: Player, ana: Player, callback: Callback) -> None:
    url = reverse("desk:callback_caller", args=[callback.pk])
    ben.client.post(url, {"member": str(ana.id)})
    assert Callback.objects.get().member_id == ana.id
    ben.client.post(url, {"member": ""})
    assert Callback.objects.get().member_id is None
    assert ben.client.post(url, {"member": "x"}).status_code == 422


def test_the_menu_offers_times_and_says_why_not(ben: Player, talk: Conversation, workspace: Workspace) -> None:
    url = reverse("desk:callback_menu", args=[talk.pk])
    assert "switched off" in ben.client.get(url).content.decode()
    refused = ben.client.post(url, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert "switched off" in refused.content.decode()
    CallbackSetting.objects.create(workspace=workspace, is_on=True, words=[], changed_at=NOW)
    assert "Offer times by text" in ben.client.get(url, headers={"HX-Request": "true"}).content.decode()
    answer = ben.client.post(url, headers={"HX-Request": "true"})
    assert "They can choose a time now." in answer.content.decode()
    thread = ben.client.get(reverse("desk:conversation", args=[talk.pk])).content.decode()
    assert "offered times for a call" in thread
    assert Message.objects.filter(direction="out").count() == 1
    chosen = Callback.objects.get().options[1]
    ben.client.post(url, {"time": chosen})
    booked = Callback.objects.get()
    assert (booked.state, booked.starts_at) == ("booked", datetime.fromisoformat(chosen))
    assert ben.client.post(url, {"time": "yesterday"}).status_code == 422


def test_settings_are_saved_checked_and_audited(ana: Player, workspace: Workspace) -> None:
    url = reverse("desk:settings_callbacks")
    form = {
        "is_on": "on",
        "words": "call\nRing me\n",
        "slot_minutes": "30",
        "per_slot": "3",
        "lead_minutes": "20",
        "days": "2",
        "remind_minutes": "15",
        "attempts": "3",
        "team": "",
        "text-en-offer": "When? {times} {numbers}",
    }
    assert ana.client.post(url, form).status_code == 302
    setting = CallbackSetting.objects.get(workspace=workspace)
    assert (setting.is_on, setting.words, setting.slot_minutes) == (True, ["CALL", "RING ME"], 30)
    assert setting.texts == {"en": {"offer": "When? {times} {numbers}"}}
    entry = AuditEntry.objects.get(action="callbacks.changed")
    assert entry.data["is_on"] is True
    for field, told, words in (
        ("words", "STOP", "opts people in or out"),
        ("slot_minutes", "1", "5"),
        ("text-en-offer", "When?", "keep {times}"),
    ):
        answer = ana.client.post(url, {**form, field: told})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert CallbackSetting.objects.get(workspace=workspace).slot_minutes == 30


def test_a_phone_queue_is_added_tried_and_removed(ana: Player, channel: Channel) -> None:
    form = {
        "name": "Airport line",
        "is_on": "on",
        "channel_id": str(channel.pk),
        "team_id": "",
        "over_waiting": "5",
        "over_seconds": "180",
        "language": "en",
        "say": "",
        "text": "",
    }
    assert ana.client.post(reverse("desk:settings_phone_queue_add"), form).status_code == 302
    queue = PhoneQueue.objects.get()
    url = reverse("desk:settings_phone_queue", args=[queue.pk])
    page = ana.client.get(url).content.decode()
    assert f"/queues/{queue.hook}/" in page
    assert "curl -X POST" in page
    tried = reverse("desk:settings_phone_queue_try", args=[queue.pk])
    offered = ana.client.post(tried, {"waiting": "9", "caller": "+15035550142"}).content.decode()
    assert "A text is offered." in offered
    assert "&lt;Gather" in offered
    short = ana.client.post(tried, {"waiting": "1", "caller": "+15035550142"}).content.decode()
    assert "The queue is short" in short
    assert not Deflection.objects.exists()
    assert ana.client.post(url, {**form, "over_waiting": "0", "over_seconds": "0"}).status_code == 422
    ana.client.post(reverse("desk:settings_phone_queue_address", args=[queue.pk]))
    assert PhoneQueue.objects.get().hook != queue.hook
    ana.client.post(reverse("desk:settings_phone_queue_remove", args=[queue.pk]))
    assert not PhoneQueue.objects.exists()
    assert AuditEntry.objects.filter(action__startswith="phone_queue.").count() == 3


def test_the_list_and_the_dot_follow_what_happens(ben: Player, callback: Callback) -> None:
    booked = html_of(ben.client.get("/live/delta/?calls=booked"))
    assert f'id="callback-{callback.pk}"' in booked
    assert 'class="pip"' not in booked
    assert callback.starts_at is not None
    moving.move_due(at=callback.starts_at - timedelta(minutes=5))
    moving.move_due(at=callback.starts_at)
    due = html_of(ben.client.get("/live/delta/?calls=due"))
    assert f'id="callback-{callback.pk}"' in due
    assert 'class="pip"' in due
    inbox = html_of(ben.client.get("/live/delta/?view=open&calls=1"))
    assert 'id="calls-due"' in inbox
    assert 'class="pip"' in inbox
    assert 'id="callbacks"' not in inbox
    assert 'id="calls-due"' not in html_of(ben.client.get("/live/delta/?view=open"))


def test_the_dot_is_for_conversations_one_may_see(cleo: Player, callback: Callback) -> None:
    Callback.objects.update(state="due")
    assert 'class="pip"' not in html_of(cleo.client.get("/live/delta/?calls=due"))


def test_a_phone_finds_the_list(ben: Player, callback: Callback) -> None:
    for page in ("/inbox/open/", "/profile/"):
        shown = html_of(ben.client.get(page))
        assert shown.count('href="/callbacks/"') == 2, page


def test_the_list_says_why_somebody_cannot_call(ana: Player, ben: Player, callback: Callback) -> None:
    def page() -> str:
        return html_of(ben.client.get("/callbacks/?box=booked"))

    address = f"/callbacks/{callback.pk}/call/"
    choice = f'value="{ben.id}"'
    assert choice in html_of(ana.client.get("/callbacks/?box=booked"))
    assert "Add your phone to call" in plain(page())
    set_phone(number="+15035550100", region="US", by=ben.actor, at=timezone.now())
    assert address in page()
    rights = [str(one) for one in RIGHTS["agent"] - {Right.CALL}]
    role = add_role(by=ana.actor, name="Texter", base="agent", rights=rights, at=NOW)
    Member.objects.filter(pk=ben.id).update(custom_role=role)
    assert "Your role doesn't place calls." in plain(page())
    assert address not in page()
    assert choice not in html_of(ana.client.get("/callbacks/?box=booked"))
    thread = plain(html_of(ben.client.get(f"/c/{callback.conversation_id}/")))
    assert "Your role doesn't place calls." in thread
