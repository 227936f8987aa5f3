"""Writing from the inbox: sent once, refused without losing a word, undone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import (
    count_of,
    gone_ids,
    html_of,
    item_ids,
    on_screen,
    plain,
    post,
    row_ids,
    row_of,
    toast_of,
    undo_of,
)
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.contacts.models import ContactNote
from twoway.conversations.models import Conversation, Draft, Note
from twoway.desk.builders.menus import snooze_choices
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

LA = ZoneInfo("America/Los_Angeles")


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    return make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")


def sent(talk: Conversation) -> list[str]:
    """What was queued for the customer."""
    rows = Message.objects.filter(conversation=talk, direction="out").order_by("id")
    return list(rows.values_list("body", flat=True))


# Replies and notes ------------------------------------------------------------------------------------------------


def test_a_double_click_sends_once(ben: Player, talk: Conversation) -> None:
    fields = {"body": "On its way.", "key": "k1"}
    first = post(ben.client, f"/c/{talk.pk}/reply/", fields, open_id=talk.pk)
    second = post(ben.client, f"/c/{talk.pk}/reply/", fields, open_id=talk.pk)
    assert (first.status_code, second.status_code, sent(talk)) == (200, 200, ["On its way."])
    assert 'data-key="k1"' in html_of(first)
    assert "You: On its way." in plain(row_of(first, talk.pk))
    assert count_of(first, "list-waiting") == 0
    talk.refresh_from_db()
    assert talk.assignee_id == ben.id


def test_the_key_is_for_its_writer_alone(ana: Player, ben: Player, talk: Conversation) -> None:
    post(ben.client, f"/c/{talk.pk}/reply/", {"body": "On its way.", "key": "key-of-ben-1"}, open_id=talk.pk)
    assert "key-of-ben-1" not in html_of(ana.client.get(f"/c/{talk.pk}/", headers=on_screen()))


def test_sending_and_done_in_one_go(ben: Player, talk: Conversation) -> None:
    response = post(ben.client, f"/c/{talk.pk}/reply/", {"body": "Bye.", "key": "k", "then": "done"}, open_id=talk.pk)
    assert (sent(talk), toast_of(response), gone_ids(response)) == (["Bye."], "Sent and marked done.", [talk.pk])
    url, fields = undo_of(response)
    post(ben.client, url, fields)
    talk.refresh_from_db()
    assert talk.state == "open"


def test_without_script_it_goes_back_to_the_conversation(ben: Player, talk: Conversation) -> None:
    response = ben.client.post(f"/c/{talk.pk}/reply/", {"body": "On its way.", "key": "k"})
    assert (response.status_code, response.headers["Location"], sent(talk)) == (302, f"/c/{talk.pk}/", ["On its way."])


def test_a_refused_reply_keeps_every_word(ben: Player, talk: Conversation) -> None:
    compliance.opt_out(
        identity=talk.identity, channel=talk.channel, source="keyword", keyword="stop", by=ben.actor, at=NOW
    )
    for headers in (on_screen(open_id=talk.pk), {}):
        response = ben.client.post(f"/c/{talk.pk}/reply/", {"body": "One <more> thing", "key": "k"}, headers=headers)
        assert response.status_code == 422
        assert "They opted out of texts." in plain(html_of(response))
        assert ">One &lt;more&gt; thing</textarea>" in html_of(response)
    assert sent(talk) == []
    assert Draft.objects.get(member=ben.member).body == "One <more> thing"


@pytest.mark.parametrize(("body", "words"), [("  ", "Write something first."), ("x" * 1601, "takes up to 1600")])
def test_what_can_not_be_sent_is_said(ben: Player, talk: Conversation, body: str, words: str) -> None:
    response = post(ben.client, f"/c/{talk.pk}/reply/", {"body": body, "key": "k"}, open_id=talk.pk)
    assert response.status_code == 422
    assert words in plain(html_of(response))
    assert body in html_of(response)


def test_a_key_used_for_another_text_is_refused(ben: Player, talk: Conversation) -> None:
    post(ben.client, f"/c/{talk.pk}/reply/", {"body": "One.", "key": "k"}, open_id=talk.pk)
    response = post(ben.client, f"/c/{talk.pk}/reply/", {"body": "Two.", "key": "k"}, open_id=talk.pk)
    assert (response.status_code, sent(talk)) == (422, ["One."])
    assert ">Two.</textarea>" in html_of(response)


def test_a_sent_text_is_no_draft_any_more(ben: Player, talk: Conversation) -> None:
    ben.client.post(f"/c/{talk.pk}/draft/", {"body": "On its"})
    post(ben.client, f"/c/{talk.pk}/reply/", {"body": "On its way.", "key": "k"}, open_id=talk.pk)
    assert not Draft.objects.exists()


def test_a_note_is_written_once_and_never_sent(ana: Player, ben: Player, talk: Conversation) -> None:
    fields = {"body": "Ask Fern.", "key": "n1"}
    for _ in range(2):
        response = post(ben.client, f"/c/{talk.pk}/note/", fields, open_id=talk.pk)
    assert (Note.objects.count(), sent(talk), len(item_ids(response, "note"))) == (1, [], 1)
    assert 'data-key="n1"' in html_of(response)
    post(ana.client, f"/c/{talk.pk}/note/", fields, open_id=talk.pk)
    assert Note.objects.count() == 2


def test_an_empty_note_is_refused(ben: Player, talk: Conversation) -> None:
    response = post(ben.client, f"/c/{talk.pk}/note/", {"body": " ", "key": "n"}, open_id=talk.pk)
    assert response.status_code == 422
    assert "Write a note." in plain(html_of(response))
    assert "data-note" in html_of(response)


# Who has it -------------------------------------------------------------------------------------------------------


def test_assigning_and_taking_it_back(ana: Player, ben: Player, talk: Conversation) -> None:
    response = post(ana.client, f"/c/{talk.pk}/assign/", {"member": ben.id}, view="unassigned", open_id=talk.pk)
    talk.refresh_from_db()
    assert (talk.assignee_id, toast_of(response), gone_ids(response)) == (ben.id, "Assigned to Ben.", [talk.pk])
    assert "Ana assigned it to Ben" in plain(html_of(response))
    url, fields = undo_of(response)
    undone = post(ana.client, url, fields, view="unassigned", open_id=talk.pk)
    talk.refresh_from_db()
    assert (talk.assignee_id, row_ids(undone)) == (None, [talk.pk])


def test_me_a_team_and_nobody(ana: Player, talk: Conversation, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    url = f"/c/{talk.pk}/assign/"
    assert toast_of(post(ana.client, url, {"member": "me"})) == "Assigned to you."
    assert toast_of(post(ana.client, url, {"team": team.pk})) == "Moved to Roadside."
    talk.refresh_from_db()
    assert (talk.assignee_id, talk.team_id) == (ana.id, team.pk)
    assert toast_of(post(ana.client, url, {"member": ""})) == "Assigned to nobody."
    assert toast_of(post(ana.client, url, {"team": ""})) == "Taken from its team."


@pytest.mark.parametrize("who", ["999999", "x", "-1", "1.5"])
def test_somebody_who_is_not_there_can_not_have_it(ana: Player, talk: Conversation, who: str) -> None:
    response = post(ana.client, f"/c/{talk.pk}/assign/", {"member": who}, open_id=talk.pk)
    assert response.status_code in {404, 422}
    assert toast_of(response)


def test_the_menu_offers_who_can_answer(ana: Player, ben: Player, talk: Conversation, workspace: Workspace) -> None:
    make.make_member(workspace, "Vera", role="viewer", at=NOW)
    make.make_member(workspace, "Gone", at=NOW, is_active=False)
    words = plain(html_of(ben.client.get(f"/c/{talk.pk}/assign/", headers=on_screen())))
    assert "Vera" not in words
    assert "Gone" not in words
    assert words.index("Ben") < words.index("Ana")


def test_giving_it_out_of_sight_leads_back(ana: Player, channel: Channel, workspace: Workspace) -> None:
    near, far = (make.make_team(workspace, name, at=NOW) for name in ("Near", "Far"))
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    talk = make.make_conversation(channel, at=NOW, messages=1, team=near)
    url = f"/c/{talk.pk}/assign/"
    response = post(dee.client, url, {"team": far.pk}, view="unassigned", open_id=talk.pk)
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, "/inbox/unassigned/")
    assert dee.client.get(f"/c/{talk.pk}/").status_code == 404
    second = make.make_conversation(channel, at=NOW, messages=1, team=near)
    quick = post(dee.client, f"/c/{second.pk}/assign/", {"team": far.pk})
    assert (gone_ids(quick), "action=" in html_of(quick)) == ([second.pk], False)


# Snooze and done --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "tomorrow", "monday", "label"),
    [
        ("2026-03-05T14:38", "Fri 8:00 AM", "Mon 8:00 AM", "Monday"),
        ("2026-03-08T10:00", "Mon 8:00 AM", "Mar 16, 8:00 AM", "Next Monday"),
        ("2026-03-09T07:00", "Tue 8:00 AM", "Mar 16, 8:00 AM", "Monday"),
    ],
)
def test_the_times_offered(now: str, tomorrow: str, monday: str, label: str) -> None:
    hour, next_day, week, reply = snooze_choices(datetime.fromisoformat(now).replace(tzinfo=LA))
    assert hour.until == datetime.fromisoformat(now).replace(tzinfo=LA) + timedelta(hours=1)
    assert (next_day.words, week.words, week.label, reply.until) == (tomorrow, monday, label, None)


def test_an_hour_is_an_hour_when_clocks_change() -> None:
    """At 1:30 AM on March 8, 2026, Los Angeles skips to 3 AM within the hour."""
    before = datetime(2026, 3, 8, 1, 30, tzinfo=LA)
    hour, next_day, _, _ = snooze_choices(before)
    assert hour.until is not None
    assert hour.until.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=1)
    assert hour.words == "3:30 AM"
    assert next_day.until == datetime(2026, 3, 9, 15, tzinfo=UTC)


def test_a_local_time_is_the_workspaces(ben: Player, talk: Conversation) -> None:
    day = (timezone.now() + timedelta(days=20)).date()
    response = post(ben.client, f"/c/{talk.pk}/snooze/", {"until": f"{day}T08:00"}, open_id=talk.pk)
    talk.refresh_from_db()
    assert talk.snoozed_until == datetime.fromisoformat(f"{day}T08:00").replace(tzinfo=LA)
    assert toast_of(response).endswith("8:00 AM.")
    assert gone_ids(response) == [talk.pk]
    url, fields = undo_of(response)
    assert row_ids(post(ben.client, url, fields)) == [talk.pk]
    talk.refresh_from_db()
    assert (talk.state, talk.needs_reply) == ("open", True)


def test_until_they_reply(ben: Player, talk: Conversation) -> None:
    response = post(ben.client, f"/c/{talk.pk}/snooze/", {"until": "reply"}, open_id=talk.pk)
    assert toast_of(response) == "Snoozed until they reply."
    assert "Ben snoozed it until they reply" in plain(html_of(response))


@pytest.mark.parametrize("until", ["", "soon", "2020-01-01T00:00", "2026-13-01T00:00", "9999-12-31T23:59"])
def test_a_time_that_can_not_be_is_refused_in_the_menu(ben: Player, talk: Conversation, until: str) -> None:
    response = post(ben.client, f"/c/{talk.pk}/snooze/", {"until": until}, open_id=talk.pk)
    assert response.status_code == 422
    assert 'role="alert"' in html_of(response)
    assert 'class="pop"' in html_of(response)
    talk.refresh_from_db()
    assert talk.state == "open"


def test_done_and_back_again(ben: Player, talk: Conversation) -> None:
    waited_since = talk.sort_at
    response = post(ben.client, f"/c/{talk.pk}/done/", open_id=talk.pk)
    assert (toast_of(response), gone_ids(response)) == ("Marked done.", [talk.pk])
    url, fields = undo_of(response)
    again = post(ben.client, url, fields, open_id=talk.pk)
    assert row_ids(again) == [talk.pk]
    talk.refresh_from_db()
    assert (talk.state, talk.sort_at) == ("open", waited_since)


def test_a_rows_quick_button_answers_without_the_thread(ben: Player, talk: Conversation) -> None:
    html = html_of(post(ben.client, f"/c/{talk.pk}/done/"))
    assert 'id="thread-head"' not in html
    assert "data-items" not in html


# Tags and the person ----------------------------------------------------------------------------------------------


def test_tags_on_and_off(ben: Player, talk: Conversation) -> None:
    added = post(ben.client, f"/c/{talk.pk}/tag/", {"name": "VIP"}, open_id=talk.pk)
    assert "VIP" in row_of(added, talk.pk)
    assert 'id="contact-panel"' in html_of(added)
    tag = talk.tags.get()
    menu = html_of(ben.client.get(f"/c/{talk.pk}/tag/", headers=on_screen()))
    assert 'aria-checked="true"' in menu
    removed = post(ben.client, f"/c/{talk.pk}/untag/", {"tag": tag.pk}, open_id=talk.pk)
    assert "VIP" not in row_of(removed, talk.pk)


@pytest.mark.parametrize("name", ["", " ", "x" * 41])
def test_a_tag_without_a_proper_name_is_refused(ben: Player, talk: Conversation, name: str) -> None:
    response = post(ben.client, f"/c/{talk.pk}/tag/", {"name": name}, open_id=talk.pk)
    assert response.status_code == 422
    assert 'role="alert"' in html_of(response)


def test_a_contact_gets_a_name_and_properties(ben: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    form = html_of(ben.client.get(f"/c/{talk.pk}/contact/", headers=on_screen()))
    assert 'name="property-0"' in form
    fields = {"name": "Dana Whitfield", "property-0": "dana@example.com", "property-1": ""}
    response = post(ben.client, f"/c/{talk.pk}/contact/", fields, open_id=talk.pk)
    assert "Dana Whitfield" in row_of(response, talk.pk)
    talk.contact.refresh_from_db()
    assert (talk.contact.name, talk.contact.properties) == ("Dana Whitfield", {"Email": "dana@example.com"})


def test_a_name_too_long_stays_in_the_form(ben: Player, talk: Conversation) -> None:
    response = post(ben.client, f"/c/{talk.pk}/contact/", {"name": "x" * 121}, open_id=talk.pk)
    assert response.status_code == 422
    assert "x" * 121 in html_of(response)
    assert "Use at most 120 characters." in plain(html_of(response))


def test_a_remark_about_the_person(ben: Player, talk: Conversation) -> None:
    response = post(ben.client, f"/c/{talk.pk}/contact/note/", {"body": "Prefers mornings."}, open_id=talk.pk)
    assert ContactNote.objects.get().body == "Prefers mornings."
    assert "Prefers mornings." in html_of(response)
    refused = post(ben.client, f"/c/{talk.pk}/contact/note/", {"body": " "}, open_id=talk.pk)
    assert (refused.status_code, toast_of(refused)) == (422, "Write a note.")
