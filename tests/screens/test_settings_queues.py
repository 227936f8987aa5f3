"""Settings, Queues and Escalation: making them, their order, and what would happen to a text."""

from __future__ import annotations

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, on_screen, plain, toast_of
from twoway.channels.models import Channel
from twoway.conversations.models import Conversation
from twoway.routing.escalation.models import CallHint, EscalationRule
from twoway.routing.models import MemberCapacity, MemberSkill, Queue, QueueEntry, RoutingRule, RoutingSettings, Skill
from twoway.teams.models import Workspace

QUEUE = {
    "name": "Billing",
    "team_id": "",
    "mode": "push",
    "strategy": "least_busy",
    "priority": "4",
    "ageing_minutes": "15",
    "last_agent_minutes": "5",
    "skill_minutes": "",
    "overflow_id": "",
    "is_active": "on",
}
WORDS = {
    "how": "all",
    "g0-how": "all",
    "g0-r0-field": "words",
    "g0-r0-op": "any_of",
    "g0-r0-value": "Refund, money back",
}


@pytest.fixture
def queue(ana: Player) -> Queue:
    assert ana.client.post("/settings/queues/add/", QUEUE).status_code == 302
    return Queue.objects.get()


def waits(queue: Queue, talk: Conversation, *, priority: int = 3) -> QueueEntry:
    return QueueEntry.objects.create(
        conversation=talk, workspace_id=talk.workspace_id, queue=queue, priority=priority, entered_at=timezone.now()
    )


def test_a_queue_is_made_and_changed(ana: Player, queue: Queue) -> None:
    assert (queue.name, queue.priority, queue.skill_minutes, queue.is_default) == ("Billing", 4, None, True)
    page = plain(html_of(ana.client.get(f"/settings/queues/{queue.pk}/")))
    assert "Billing" in page
    ana.client.post(f"/settings/queues/{queue.pk}/", {**QUEUE, "name": "Money", "mode": "pull"})
    queue.refresh_from_db()
    assert (queue.name, queue.mode) == ("Money", "pull")
    refused = ana.client.post("/settings/queues/add/", {**QUEUE, "name": "money"})
    assert refused.status_code == 422
    assert "There is a queue with this name." in plain(html_of(refused))


def test_deleting_moves_those_who_wait(ana: Player, queue: Queue, channel: Channel) -> None:
    ana.client.post("/settings/queues/add/", {**QUEUE, "name": "Other"})
    other = Queue.objects.get(name="Other")
    entry = waits(queue, make.make_conversation(channel, at=NOW, messages=1))
    client = ana.client
    client.post(f"/settings/queues/{queue.pk}/delete/", {"into": other.pk})
    entry.refresh_from_db()
    assert entry.queue_id == other.pk
    page = plain(html_of(client.get("/settings/queues/")))
    assert "Billing is gone. 1 conversation waits elsewhere." in page


def test_a_rule_is_built_and_moved_by_buttons(ana: Player, queue: Queue) -> None:
    url = "/settings/queues/rules/add/"
    form = html_of(ana.client.get(url))
    assert 'name="g0-r0-field"' in form
    more = html_of(ana.client.post("/settings/queues/rules/form/rule/", {**WORDS, "do": "add-g0"}, headers=HTMX))
    assert 'name="g0-r1-field"' in more
    assert "When: Words in their text has any of Refund or money back." in plain(more)
    empty = ana.client.post(url, {"name": "Refunds", "queue_id": queue.pk, "is_active": "on"})
    assert empty.status_code == 422
    assert "Add a condition." in plain(html_of(empty))
    for name in ("Refunds", "Second"):
        told = {**WORDS, "name": name, "queue_id": queue.pk, "priority": "5", "is_active": "on"}
        assert ana.client.post(url, told).status_code == 302
    first, second = RoutingRule.objects.order_by("position")
    assert (first.name, first.priority, first.conditions) == (
        "Refunds",
        5,
        {"all": [{"all": [{"field": "words", "is": "any_of", "value": ["refund", "money back"]}]}]},
    )
    ana.client.post(f"/settings/queues/rules/{second.pk}/move/", {"move": "up"})
    assert [one.name for one in RoutingRule.objects.order_by("position")] == ["Second", "Refunds"]
    page = html_of(ana.client.get("/settings/queues/"))
    assert 'aria-label="Move Second up"' in page
    assert "Refunds" in html_of(ana.client.get(f"/settings/queues/rules/{first.pk}/"))
    ana.client.post(f"/settings/queues/rules/{first.pk}/delete/")
    assert RoutingRule.objects.count() == 1


def test_skills_and_capacity(ana: Player, ben: Player, queue: Queue) -> None:
    ana.client.post("/settings/queues/skills/add/", {"name": "Spanish"})
    skill = Skill.objects.get()
    ana.client.post(f"/settings/queues/people/{ben.id}/", {"capacity": "2", f"skill-{skill.pk}": "4"})
    assert MemberSkill.objects.get().level == 4
    assert MemberCapacity.objects.get().capacity == 2
    page = plain(html_of(ana.client.get("/settings/queues/people/")))
    assert "0 of 2" in page
    assert "Spanish 4" in page
    told = {"capacity": "7", "quiet_minutes": "30", "away_minutes": "2", "return_minutes": "10"}
    ana.client.post("/settings/queues/people/general/", told)
    assert RoutingSettings.objects.get().capacity == 7
    assert ana.client.post("/settings/queues/people/general/", {**told, "capacity": "0"}).status_code == 422
    ana.client.post(f"/settings/queues/skills/{skill.pk}/delete/")
    assert not Skill.objects.exists()


def test_the_test_box_says_each_rule_and_who_gets_it(ana: Player, ben: Player, queue: Queue, channel: Channel) -> None:
    rule = {**WORDS, "queue_id": queue.pk, "is_active": "on"}
    ana.client.post("/settings/queues/rules/add/", {**rule, "name": "Never", "g0-r0-value": "zebra"})
    ana.client.post("/settings/queues/rules/add/", {**rule, "name": "Refunds", "priority": "5"})
    ana.client.post("/settings/escalation/rules/add/", {**WORDS, "name": "Up", "gives": "manager", "is_active": "on"})
    ben.client.post("/presence/", {"state": "online"}, headers=HTMX)
    asked: dict[str, str | int] = {"text": "I want a refund", "channel": channel.pk, "who": "", "breached": ""}
    page = plain(html_of(ana.client.get("/settings/queues/test/", asked)))
    assert "No Never not true: Words in their text has any of zebra" in page
    assert "Yes Refunds" in page
    assert "Ben (queue Billing, least busy)" in page
    assert "“Up” acts: to a manager. Words in their text has any of refund." in page
    assert not QueueEntry.objects.exists()
    nobody = plain(html_of(ana.client.get("/settings/queues/test/", {**asked, "who": "Zoe Nobody"})))
    assert "Nobody of this name or number has written yet." in nobody
    make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    known = plain(html_of(ana.client.get("/settings/queues/test/", {**asked, "who": "Dana"})))
    assert "As in the conversation with Dana Whitfield." in known


def test_an_escalation_rule_is_made_and_shown(ana: Player, ben: Player, workspace: Workspace) -> None:
    tag = make.make_tag(workspace, "Legal")
    told = {**WORDS, "name": "Legal", "gives": f"member-{ben.id}", "tag_id": tag.pk, "priority": "5", "is_active": "on"}
    assert ana.client.post("/settings/escalation/rules/add/", told).status_code == 302
    rule = EscalationRule.objects.get()
    assert (rule.member_id, rule.tag_id, rule.priority) == (ben.id, tag.pk, 5)
    page = plain(html_of(ana.client.get("/settings/escalation/")))
    assert "to Ben, tags Legal, priority 5" in page
    form = html_of(ana.client.get(f"/settings/escalation/rules/{rule.pk}/"))
    assert f'<option value="member-{ben.id}" selected>' in form
    nothing = ana.client.post("/settings/escalation/rules/add/", {**WORDS, "name": "Idle", "is_active": "on"})
    assert nothing.status_code == 422
    assert "Choose what it does." in plain(html_of(nothing))


def test_a_suggested_hint_is_taken_over_and_closed_in_a_thread(ana: Player, ben: Player, channel: Channel) -> None:
    page = plain(html_of(ana.client.get("/settings/escalation/")))
    assert "None of these is on until you take it." in page
    talk = make.make_conversation(channel, at=timezone.now(), name="Dana Whitfield")
    make.make_message(talk, at=timezone.now(), body="This is unacceptable!! I am furious")
    screen = on_screen(open_id=talk.pk)
    assert "hintstrip" not in html_of(ben.client.get(f"/c/{talk.pk}/"))
    ana.client.post("/settings/escalation/hints/take/", {"key": "upset"})
    hint = CallHint.objects.get()
    thread = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert "Rule: They sound upset. A call may calm things sooner than texts." in plain(thread)
    closed = ben.client.post(f"/c/{talk.pk}/hints/{hint.pk}/close/", headers=screen)
    assert closed.status_code == 200
    assert "hintstrip" not in html_of(closed)
    assert "hintstrip" not in html_of(ben.client.get(f"/c/{talk.pk}/"))


def test_queues_stand_in_the_inbox(ana: Player, ben: Player, queue: Queue, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=timezone.now(), messages=1, name="Dana Whitfield")
    waits(queue, talk, priority=5)
    page = html_of(ben.client.get("/inbox/open/"))
    assert f'id="count-queue-{queue.pk}">1<' in page
    assert "queuemark--hot" in page
    assert "data-take-next" in page
    listed = html_of(ben.client.get(f"/inbox/queue-{queue.pk}/"))
    assert f'id="conv-{talk.pk}"' in listed
    assert "Queue Billing, priority 5" in html_of(ben.client.get(f"/c/{talk.pk}/"))


def test_next_takes_the_most_urgent_and_says_when_nobody_waits(ben: Player, queue: Queue, channel: Channel) -> None:
    ben.client.post("/presence/", {"state": "online"}, headers=HTMX)
    assert toast_of(ben.client.post("/next/", headers=HTMX)) == "Nobody is waiting."
    talks = [make.make_conversation(channel, at=timezone.now(), messages=1) for _ in range(2)]
    waits(queue, talks[0], priority=2)
    waits(queue, talks[1], priority=5)
    answer = ben.client.post("/next/", headers=HTMX)
    assert f'id="thread" tabindex="-1" data-id="{talks[1].pk}"' in html_of(answer)
    talks[1].refresh_from_db()
    assert talks[1].assignee_id == ben.id
    plainly = ben.client.post("/next/")
    assert (plainly.status_code, plainly["Location"]) == (302, f"/c/{talks[0].pk}/")


def test_handing_over_to_a_queue_or_a_manager(ana: Player, ben: Player, queue: Queue, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=timezone.now(), messages=1)
    screen = on_screen(open_id=talk.pk)
    url = f"/c/{talk.pk}/handover/"
    form = html_of(ben.client.get(url, headers=screen))
    assert "A manager who is there" in form
    assert f'value="queue-{queue.pk}"' in form
    fields = {"who": f"queue-{queue.pk}", "note": "Wants money back", "summary": ""}
    assert toast_of(ben.client.post(url, fields, headers=screen)) == "Handed over to Billing."
    assert QueueEntry.objects.get().conversation_id == talk.pk
    assert toast_of(ben.client.post(url, {**fields, "who": "manager"}, headers=screen)) == "Handed over to Ana."
    talk.refresh_from_db()
    assert talk.assignee_id == ana.id
    wrong = ben.client.post(url, {**fields, "who": "queue-"}, headers=screen)
    assert wrong.status_code == 422
