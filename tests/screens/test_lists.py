"""Working the list: views by conditions, filters and order, folds, many at once, and keys of one's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, gone_ids, html_of, more_url, on_screen, plain, post, row_ids, toast_of, undo_of
from twoway.channels.models import Channel
from twoway.conversations import actions
from twoway.conversations.models import Conversation, ReadMark
from twoway.conversations.queries import counting
from twoway.conversations.views.models import Habit, SavedView
from twoway.desk import commands
from twoway.desk.inbox_reads import PAGE
from twoway.teams.models import Workspace


@pytest.fixture(autouse=True)
def _counted_anew() -> None:
    counting.forget_counts()


def saved(player: Player, conditions: dict[str, Any], **fields: Any) -> SavedView:
    row = {"workspace_id": player.member.workspace_id, "owner": player.member, "name": "Kept", "conditions": conditions}
    return SavedView.objects.create(**{**row, "created_at": NOW, "updated_at": NOW, **fields})


def rule(field: str, how: str, value: Any = None) -> dict[str, Any]:
    told = {"field": field, "is": how}
    return told if value is None else told | {"value": value}


def form(*rules: tuple[str, str, Any], **more: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": "Kept",
        "scope": "private",
        "order": "waiting",
        "how": "all",
        "g0-how": "all",
        **more,
    }
    for number, (field, how, value) in enumerate(rules):
        told |= {f"g0-r{number}-field": field, f"g0-r{number}-op": how, f"g0-r{number}-value": value}
    return told


# Views ------------------------------------------------------------------------------------------------------------


def test_a_view_is_made_shown_counted_changed_and_deleted(ana: Player, channel: Channel, workspace: Workspace) -> None:
    vip = make.make_tag(workspace, "VIP")
    wanted = make.make_conversation(channel, at=NOW, messages=1, tags=[vip], name="Dana Whitfield")
    make.make_conversation(channel, at=NOW, messages=1)
    client = ana.client
    preview = client.post("/views/form/", form(("tag", "any_of", [str(vip.pk)])), headers=HTMX)
    assert "1 conversation is like this now." in plain(html_of(preview))
    made = client.post("/views/new/", form(("tag", "any_of", [str(vip.pk)])))
    view = SavedView.objects.get()
    assert made.headers["Location"] == f"/inbox/saved-{view.pk}/"
    page = client.get(f"/inbox/saved-{view.pk}/")
    assert row_ids(page) == [wanted.pk]
    assert f'id="view-saved-{view.pk}"' in html_of(page)
    counts = html_of(client.get("/views/counts/", headers=HTMX))
    assert f'id="count-saved-{view.pk}">1<' in counts
    assert 'id="count-unread">2<' in counts
    changed = client.post(f"/views/{view.pk}/", form(("tag", "none_of", [str(vip.pk)]), name="Not VIP"))
    assert changed.status_code == 302
    assert wanted.pk not in row_ids(client.get(f"/inbox/saved-{view.pk}/"))
    assert client.post(f"/views/{view.pk}/delete/").status_code == 302
    assert client.get(f"/inbox/saved-{view.pk}/").status_code == 404
    assert Conversation.objects.count() == 2


def test_a_form_that_can_not_be_kept_comes_back_whole(ana: Player, channel: Channel) -> None:
    del channel
    answer = ana.client.post("/views/new/", form(("waiting", "more", "soon"), name="Waits"))
    assert answer.status_code == 422
    assert "Write a number for “Waiting for us, in minutes”." in html_of(answer)
    assert 'value="soon"' in html_of(answer)
    assert 'value="Waits"' in html_of(answer)
    assert "Add a condition" in plain(html_of(ana.client.post("/views/new/", form())))
    assert "Name the view" in plain(html_of(ana.client.post("/views/new/", form(("unread", "yes", ""), name=" "))))
    assert not SavedView.objects.exists()


def test_rules_and_groups_come_and_go_without_a_script(ana: Player) -> None:
    html = html_of(ana.client.post("/views/new/", form(("unread", "yes", ""), do="add-g0")))
    assert html.count('name="g0-r') == 3
    html = html_of(ana.client.post("/views/new/", form(("unread", "yes", ""), do="add-group")))
    assert 'name="g1-how"' in html
    html = html_of(ana.client.post("/views/new/", form(("unread", "yes", ""), do="drop-g0-r0")))
    assert 'value="unread" selected' not in html


def test_who_sees_and_changes_which_view(ana: Player, ben: Player, cleo: Player, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW, members=[ben.member])
    rules = {"all": [rule("unread", "yes")]}
    mine = saved(ana, rules, name="Ana's")
    shared = saved(ana, rules, name="Everybody's", scope="all")
    teams = saved(ana, rules, name="Roadside's", scope="team", team=team)
    bens = html_of(ben.client.get("/views/"))
    assert "Ana&#x27;s" not in bens
    assert ("Everybody&#x27;s" in bens, "Roadside&#x27;s" in bens) == (True, True)
    assert ben.client.get(f"/inbox/saved-{mine.pk}/").status_code == 404
    assert ben.client.get(f"/inbox/saved-{teams.pk}/").status_code == 200
    assert ben.client.get(f"/views/{shared.pk}/").status_code == 404
    assert ben.client.post(f"/views/{shared.pk}/delete/").status_code == 403
    assert ben.client.post("/views/new/", form(("unread", "yes", ""), scope="all")).status_code == 403
    for one in (mine, shared, teams):
        assert cleo.client.get(f"/inbox/saved-{one.pk}/").status_code == 404
        assert cleo.client.post(f"/views/{one.pk}/delete/").status_code == 404
    assert SavedView.objects.count() == 3


def test_a_view_never_shows_what_its_member_may_not_see(ana: Player, channel: Channel, workspace: Workspace) -> None:
    near = make.make_team(workspace, "Near", at=NOW)
    dee = Player(member=make.make_member(workspace, "Dee", at=NOW, teams=[near], sees_own_teams_only=True))
    theirs = make.make_conversation(channel, at=NOW, messages=1, team=near)
    hidden = make.make_conversation(channel, at=NOW, messages=1)
    view = saved(ana, {"any": [rule("unread", "yes"), rule("unread", "no")]}, scope="all")
    assert set(row_ids(ana.client.get(f"/inbox/saved-{view.pk}/"))) == {theirs.pk, hidden.pk}
    assert row_ids(dee.client.get(f"/inbox/saved-{view.pk}/")) == [theirs.pk]
    assert f'id="count-saved-{view.pk}">2<' in html_of(ana.client.get("/views/counts/", headers=HTMX))
    assert f'id="count-saved-{view.pk}">1<' in html_of(dee.client.get("/views/counts/", headers=HTMX))


def test_views_are_pinned_and_ordered_by_each_member(ana: Player, ben: Player) -> None:
    first, second = (saved(ana, {"all": [rule("unread", "yes")]}, name=name, scope="all") for name in ("A", "B"))
    client = ana.client
    client.post(f"/views/{second.pk}/place/", {"move": "up"})
    page = html_of(client.get("/inbox/open/"))
    assert page.index(f'id="view-saved-{second.pk}"') < page.index(f'id="view-saved-{first.pk}"')
    client.post(f"/views/{first.pk}/place/", {"pinned": "0"})
    assert f'id="view-saved-{first.pk}"' not in html_of(client.get("/inbox/open/"))
    assert f'id="view-saved-{first.pk}"' in html_of(ben.client.get("/inbox/open/"))


def test_a_row_that_stops_matching_leaves_a_view_at_once(ana: Player, channel: Channel, workspace: Workspace) -> None:
    vip = make.make_tag(workspace, "VIP")
    talk = make.make_conversation(channel, at=NOW, messages=1, tags=[vip])
    view = saved(ana, {"all": [rule("tag", "any_of", [str(vip.pk)])]})
    asked = f"/live/delta/?view=saved-{view.pk}&ids={talk.pk}"
    assert row_ids(ana.client.get(asked, headers=HTMX)) == [talk.pk]
    answer = post(ana.client, f"/c/{talk.pk}/untag/", {"tag": str(vip.pk)}, view=f"saved-{view.pk}", open_id=talk.pk)
    assert gone_ids(answer) == [talk.pk]
    assert gone_ids(ana.client.get(asked, headers=HTMX)) == [talk.pk]


def test_pages_of_a_view_follow_each_other_in_every_order(ana: Player, channel: Channel) -> None:
    every = [
        make.make_conversation(channel, at=NOW + timedelta(minutes=n), messages=1 + n % 2).pk for n in range(PAGE + 5)
    ]
    for order in ("waiting", "newest", "oldest"):
        for conditions in ({"all": [rule("unread", "yes")]}, {"all": [rule("state", "one_of", ["open", "snoozed"])]}):
            view = saved(ana, conditions, order=order, name=f"{order} {conditions}"[:60])
            first = ana.client.get(f"/inbox/saved-{view.pk}/")
            rest = ana.client.get(more_url(first), headers={**HTMX, "X-Desk-View": f"saved-{view.pk}"})
            found = row_ids(first) + row_ids(rest)
            assert sorted(found) == sorted(every)
            assert (len(row_ids(first)), more_url(rest)) == (PAGE, "")


def test_a_condition_on_something_deleted_finds_nothing_and_says_nothing_wrong(
    ana: Player, channel: Channel, workspace: Workspace
) -> None:
    vip = make.make_tag(workspace, "VIP")
    make.make_conversation(channel, at=NOW, messages=1, tags=[vip])
    view = saved(ana, {"all": [rule("tag", "any_of", [str(vip.pk)])]})
    actions.delete_tag(tag=vip, by=ana.actor, at=NOW)
    answer = ana.client.get(f"/inbox/saved-{view.pk}/")
    assert (answer.status_code, row_ids(answer)) == (200, [])
    assert "Nothing is like this now." in plain(html_of(answer))


def test_a_view_that_takes_too_long_says_so(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    actions.mark_read(conversation=talk, by=ana.actor)
    view = saved(ana, {"all": [rule("unread", "yes")]})
    with connection.cursor() as cursor:
        # Whoever looks at a read mark now has to wait longer than a view may take.
        cursor.execute("ALTER TABLE read_mark RENAME TO read_mark_kept")
        cursor.execute("CREATE VIEW read_mark AS SELECT * FROM read_mark_kept WHERE pg_sleep(5) IS NOT NULL")
    answer = ana.client.get(f"/inbox/saved-{view.pk}/")
    assert (answer.status_code, row_ids(answer)) == (200, [])
    assert "This view takes too long." in plain(html_of(answer))
    assert "Narrow it by a team, a tag or a number." in plain(html_of(answer))
    assert f'id="count-saved-{view.pk}"><' in html_of(ana.client.get("/views/counts/", headers=HTMX))


# The head of the list ---------------------------------------------------------------------------------------------


def test_filters_and_order_of_the_head(ana: Player, ben: Player, channel: Channel, workspace: Workspace) -> None:
    vip = make.make_tag(workspace, "VIP")
    old = make.make_conversation(channel, at=NOW, messages=1, tags=[vip], assignee=ben.member)
    new = make.make_conversation(channel, at=NOW + timedelta(hours=1), messages=1)
    client = ana.client
    actions.mark_read(conversation=old, by=ana.actor)
    shown = {
        "unread=1": [new.pk],
        f"tag={vip.pk}": [old.pk],
        f"channel={channel.pk}": [old.pk, new.pk],
        "assignee=nobody": [new.pk],
        f"assignee={ben.id}": [old.pk],
        "assignee=me": [],
        "order=newest": [new.pk, old.pk],
        "order=nonsense&tag=x&assignee=%00": [old.pk, new.pk],
    }
    assert {asked: row_ids(client.get(f"/inbox/open/?{asked}")) for asked in shown} == shown
    page = html_of(client.get(f"/inbox/open/?tag={vip.pk}"))
    assert f'data-quick="tag={vip.pk}"' in page
    assert f"/inbox/open/?status=done&amp;tag={vip.pk}" in page
    menu = html_of(client.get(f"/inbox/open/filter/?tag={vip.pk}", headers=HTMX))
    assert f'<option value="{vip.pk}" selected>VIP' in menu
    assert "Newest first" in html_of(client.get("/inbox/open/order/", headers=HTMX))
    delta = client.get(f"/live/delta/?view=open&quick=tag%3D{vip.pk}&ids={old.pk},{new.pk}", headers=HTMX)
    assert (row_ids(delta), gone_ids(delta)) == ([old.pk], [new.pk])


def test_unread_and_never_answered_are_lists(ana: Player, channel: Channel) -> None:
    waits = make.make_conversation(channel, at=NOW, messages=1)
    again = make.make_conversation(channel, at=NOW, messages=3)
    actions.mark_read(conversation=waits, by=ana.actor)
    assert row_ids(ana.client.get("/inbox/unread/")) == [again.pk]
    assert row_ids(ana.client.get("/inbox/unanswered/")) == [waits.pk]


def test_groups_stay_folded_for_who_folded_them(ana: Player, ben: Player, channel: Channel) -> None:
    make.make_conversation(channel, at=NOW, messages=1)
    assert ana.client.post("/fold/", {"group": "reply", "folded": "1"}, headers=HTMX).status_code == 204
    assert 'data-group="reply" aria-label="Needs a reply" data-folded' in html_of(ana.client.get("/inbox/open/"))
    assert " data-folded" not in html_of(ben.client.get("/inbox/open/"))
    assert ana.client.post("/fold/", {"group": "reply", "folded": ""}, headers=HTMX).status_code == 204
    assert " data-folded" not in html_of(ana.client.get("/inbox/open/"))
    assert ana.client.post("/fold/", {"group": "x"}, headers=HTMX).status_code == 422


def test_a_conversation_is_marked_unread(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1)
    ana.client.get(f"/c/{talk.pk}/")
    answer = post(ana.client, f"/c/{talk.pk}/unread/")
    assert toast_of(answer) == "Marked as unread."
    assert "is-unread" in html_of(answer)
    assert ReadMark.objects.get().message_id == (talk.last_inbound_id or 0) - 1


def test_looking_ahead_marks_nothing_as_read(ana: Player, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=NOW, messages=1, name="Dana Whitfield")
    ahead = ana.client.get(f"/c/{talk.pk}/?peek=1", headers=on_screen())
    assert f'id="thread" tabindex="-1" data-id="{talk.pk}"' in html_of(ahead)
    assert not ReadMark.objects.exists()
    again = ana.client.get(f"/c/{talk.pk}/?peek=1", headers=on_screen())
    keys = [html_of(answer).split('name="key" value="')[1][:32] for answer in (ahead, again)]
    assert keys[0] != keys[1]
    ana.client.get(f"/c/{talk.pk}/", headers=on_screen())
    assert ReadMark.objects.exists()


# Many at once -----------------------------------------------------------------------------------------------------


def test_many_are_changed_in_one_request_and_taken_back(ben: Player, channel: Channel) -> None:
    talks = [make.make_conversation(channel, at=NOW, messages=1).pk for _ in range(3)]
    answer = post(ben.client, "/bulk/", {"do": "done", "ids": ",".join(map(str, talks))}, open_id=talks[0])
    assert toast_of(answer) == "3 conversations marked done."
    assert gone_ids(answer) == talks
    assert 'id="count-done">3<' in html_of(answer)
    url, _ = undo_of(answer)
    back = post(ben.client, url)
    assert toast_of(back) == "3 conversations are as they were."
    assert sorted(row_ids(back)) == talks
    assert post(ben.client, url).status_code == 422


def test_all_of_a_view_are_those_that_are_not_loaded_too(ben: Player, channel: Channel) -> None:
    for n in range(PAGE + 3):
        make.make_conversation(channel, at=NOW + timedelta(minutes=n), messages=1)
    make.make_conversation(channel, at=NOW, messages=1, assignee=ben.member)
    answer = post(ben.client, "/bulk/", {"do": "assign", "member": "me", "all": "1"}, view="unassigned")
    assert toast_of(answer) == f"{PAGE + 3} conversations assigned."
    assert not Conversation.objects.filter(assignee=None).exists()


def test_what_is_left_out_is_told(ben: Player, channel: Channel) -> None:
    finished = make.make_conversation(channel, at=NOW, messages=1, state="done")
    open_one = make.make_conversation(channel, at=NOW, messages=1)
    answer = post(ben.client, "/bulk/", {"do": "snooze", "until": "reply", "ids": f"{finished.pk},{open_one.pk},x"})
    assert toast_of(answer) == "1 conversation snoozed. 1 left out: It is done. Reopen it first."
    made = post(ben.client, "/bulk/", {"do": "tag", "name": "Lockout", "ids": str(open_one.pk)})
    assert toast_of(made) == "1 conversation tagged."
    assert post(ben.client, "/bulk/", {"do": "fly", "ids": "1"}).status_code == 422
    assert post(ben.client, "/bulk/", {"do": "done"}).status_code == 422


@pytest.mark.parametrize("verb", ["assign", "tag", "snooze", "more"])
def test_the_menus_of_the_bar(ben: Player, workspace: Workspace, verb: str) -> None:
    make.make_tag(workspace, "VIP")
    menu = html_of(ben.client.get(f"/bulk/menu/{verb}/", headers=HTMX))
    assert 'role="menuitem"' in menu
    assert 'action="/bulk/"' in menu
    assert ben.client.get(f"/bulk/menu/{verb}/").status_code == 200
    assert ben.client.get("/bulk/menu/fly/", headers=HTMX).status_code == 404


# Keys -------------------------------------------------------------------------------------------------------------


def test_a_member_chooses_their_own_keys(ana: Player, ben: Player) -> None:
    client = ana.client
    assert client.post("/profile/keys/", {"key-done": "Shift D", "key-note": "", "goes_on": "1"}).status_code == 302
    assert Habit.objects.get().keys == {"done": "shift+d", "note": ""}
    page = html_of(client.get("/inbox/open/"))
    assert 'data-command="done" data-keys="shift+d"' in page
    assert 'data-after="next"' in page
    assert 'data-command="done" data-keys="e"' in html_of(ben.client.get("/inbox/open/"))
    assert client.post("/profile/keys/reset/").status_code == 302
    assert 'data-command="done" data-keys="e"' in html_of(client.get("/inbox/open/"))


def test_keys_that_clash_are_refused_and_nothing_is_kept(ana: Player) -> None:
    answer = ana.client.post("/profile/keys/", {"key-done": "j"})
    assert answer.status_code == 422
    assert "“Next conversation” has this key." in plain(html_of(answer))
    assert not Habit.objects.exists()


@pytest.mark.parametrize(
    ("given", "own", "wrong"),
    [
        ({"done": "E"}, {}, set()),
        ({"done": "g d"}, {"done": "g d"}, set()),
        ({"done": "j"}, {"done": "j"}, {"done", "next"}),
        ({"done": "j", "next": "e"}, {"done": "j", "next": "e"}, set()),
        ({"done": "g"}, {"done": "g"}, {"done"}),
        ({"done": "Enter"}, {"done": "enter"}, {"done"}),
        ({"done": "1"}, {"done": "1"}, {"done"}),
        ({"done": "⇧X"}, {"done": "shift+x"}, {"done", "select_all"}),
        ({"done": "", "note": ""}, {"done": "", "note": ""}, set()),
    ],
)
def test_which_keys_can_be(given: dict[str, str], own: dict[str, str], wrong: set[str]) -> None:
    kept, problems = commands.chosen(given)
    assert (kept, set(problems)) == (own, wrong)


def test_every_key_is_there_once_and_every_command_has_its_line() -> None:
    keys = [one.keys for one in commands.COMMANDS if one.keys]
    assert len(keys) == len(set(keys))
    shown = [line.command.id for group in commands.groups({}) for line in group.lines]
    assert shown == [one.id for one in commands.COMMANDS]
