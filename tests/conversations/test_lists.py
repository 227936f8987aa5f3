"""Pages of the inbox: which rows, in which order, from page to page."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions, queries
from twoway.conversations.models import Conversation
from twoway.conversations.rules import Cursor, View, view_of
from twoway.lib.refusal import Invalid
from twoway.teams.models import Team, Workspace


def ago(minutes: int) -> datetime:
    return NOW - timedelta(minutes=minutes)


def waiting(channel: Channel, minutes: int, **fields: object) -> Conversation:
    """The customer has waited for so long."""
    return make.make_conversation(channel, at=ago(minutes), messages=1, **fields)  # type: ignore[arg-type]


def answered(channel: Channel, minutes: int, **fields: object) -> Conversation:
    """We spoke last, so long ago."""
    return make.make_conversation(channel, at=ago(minutes + 1), messages=2, **fields)  # type: ignore[arg-type]


def ids(page: queries.Page) -> list[int]:
    return [row.conversation.id for row in page.rows]


def every(player: Player, view: View, *, limit: int) -> list[tuple[str, int]]:
    """All rows of a view, walked page by page."""
    found: list[tuple[str, int]] = []
    cursor = ""
    while True:
        page = queries.page(player.actor, view, cursor=cursor, limit=limit)
        assert len(page.rows) <= limit
        found += [(row.group, row.conversation.id) for row in page.rows]
        if not page.next:
            return found
        assert len(page.rows) == limit
        cursor = page.next


def test_longest_wait_first_then_latest_answer(ana: Player, channel: Channel) -> None:
    newest, oldest = waiting(channel, 2), waiting(channel, 90)
    old_answer, new_answer = answered(channel, 70), answered(channel, 5)
    page = queries.page(ana.actor, View(box="open"))
    assert ids(page) == [oldest.id, newest.id, new_answer.id, old_answer.id]
    assert [row.group for row in page.rows] == ["reply", "reply", "customer", "customer"]
    assert page.next == ""


def test_waiting_on_us_leaves_out_who_we_answered(ana: Player, channel: Channel) -> None:
    one = waiting(channel, 2)
    answered(channel, 5)
    assert ids(queries.page(ana.actor, View(box="open", status="waiting"))) == [one.id]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 50])
def test_pages_lose_and_double_nothing(ana: Player, channel: Channel, limit: int) -> None:
    """Also where several waits began in the same microsecond."""
    rows = [waiting(channel, 30) for _ in range(4)] + [waiting(channel, 10), answered(channel, 9)]
    rows += [answered(channel, 20) for _ in range(4)]
    walked = every(ana, View(box="open"), limit=limit)
    expected = [("reply", row.id) for row in rows[:5]] + [("customer", rows[5].id)]
    expected += [("customer", row.id) for row in reversed(rows[6:])]
    assert walked == expected


def test_a_row_that_arrives_while_paging_is_not_doubled(ana: Player, channel: Channel) -> None:
    rows = [waiting(channel, minutes) for minutes in (40, 30, 20)]
    first = queries.page(ana.actor, View(box="open"), limit=2)
    waiting(channel, 50)
    second = queries.page(ana.actor, View(box="open"), cursor=first.next, limit=2)
    assert ids(first) + ids(second) == [row.id for row in rows]


def test_boxes(ana: Player, ben: Player, channel: Channel, workspace: Workspace) -> None:
    team = make.make_team(workspace, "Roadside", at=NOW)
    other_channel = make.make_channel(workspace, at=NOW)
    mine = waiting(channel, 5, assignee=ana.member)
    bens = waiting(channel, 6, assignee=ben.member, team=team)
    free = waiting(other_channel, 7)
    asleep = waiting(channel, 8, state="snoozed", snoozed_until=NOW, assignee=ana.member)
    over = answered(channel, 9, state="done", assignee=ana.member)
    older = answered(channel, 90, state="done", team=team)

    def box(slug: str, status: str = "open") -> list[int]:
        return ids(queries.page(ana.actor, view_of(slug, status)))

    assert box("mine") == [mine.id]
    assert box("unassigned") == [free.id]
    assert box("open") == [free.id, bens.id, mine.id]
    assert box("snoozed") == [asleep.id]
    assert box("done") == [over.id, older.id]
    assert box(f"channel-{channel.pk}") == [bens.id, mine.id]
    assert box(f"channel-{other_channel.pk}") == [free.id]
    assert box(f"team-{team.pk}") == [bens.id]
    assert box("mine", "done") == [over.id]
    assert box(f"team-{team.pk}", "done") == [older.id]


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_snoozed_by_the_time_they_wake(ana: Player, channel: Channel, limit: int) -> None:
    soon = waiting(channel, 5, state="snoozed", snoozed_until=NOW + timedelta(hours=1))
    later = answered(channel, 9, state="snoozed", snoozed_until=NOW + timedelta(days=1))
    until_they_write = [answered(channel, 3, state="snoozed") for _ in range(2)]
    expected = [soon.id, later.id, *[row.id for row in until_they_write]]
    assert [key for _, key in every(ana, View(box="snoozed"), limit=limit)] == expected


def test_a_token_has_no_conversations_of_its_own(ana: Player, channel: Channel) -> None:
    waiting(channel, 5, assignee=ana.member)
    token = Player(member=ana.member).actor.__class__(
        kind="token", workspace_id=channel.workspace_id, role="admin", name="Zapier"
    )
    assert ids(queries.page(token, View(box="mine"))) == []
    assert queries.counts(token).mine == 0
    assert queries.totals(token, View(box="mine")) == queries.Totals()


@pytest.mark.parametrize("cursor", ["nonsense", Cursor(group="all", at=NOW, id=1).encode()])
def test_a_cursor_of_another_view_is_refused(ana: Player, cursor: str) -> None:
    with pytest.raises(Invalid):
        queries.page(ana.actor, View(box="open"), cursor=cursor)


def test_unread_texts_are_ones_own(ana: Player, ben: Player, channel: Channel) -> None:
    row = make.make_conversation(channel, at=ago(9))
    for minutes in (8, 7, 6):
        make.make_message(row, at=ago(minutes))
    actions.mark_read(conversation=row, by=ben.actor)
    assert [item.unread for item in queries.page(ana.actor, View(box="open")).rows] == [3]
    assert [item.unread for item in queries.page(ben.actor, View(box="open")).rows] == [0]
    make.make_message(row, at=ago(5))
    assert [item.unread for item in queries.page(ben.actor, View(box="open")).rows] == [4]


def test_the_number_of_queries_does_not_grow(
    ana: Player, channel: Channel, workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tag, team = make.make_tag(workspace, "VIP"), make.make_team(workspace, "Roadside", at=NOW)
    for n in range(1, 12):
        waiting(channel, n, tags=[tag], team=team, assignee=ana.member)
        answered(channel, n, tags=[tag])
    actor = ana.actor
    with django_assert_num_queries(7):
        for item in queries.page(actor, View(box="open")).rows:
            row = item.conversation
            assert row.identity.value
            assert row.channel.address
            assert [each.name for each in row.tags.all()] == ["VIP"]
            assert (str(row.assignee), str(row.team)) == (("Ana", "Roadside") if row.assignee else ("None", "None"))
            assert row.contact.name == ""


def test_rows_a_live_update_asks_for(ana: Player, channel: Channel) -> None:
    one, two = waiting(channel, 5), answered(channel, 6)
    over = answered(channel, 7, state="done")
    asked = [one.id, two.id, over.id, 10**9]
    found = queries.rows_in_view(ana.actor, View(box="open"), asked)
    assert {key: item.group for key, item in found.items()} == {one.id: "reply", two.id: "customer"}
    assert set(queries.rows_in_view(ana.actor, View(box="open", status="waiting"), asked)) == {one.id}
    assert {key: item.group for key, item in queries.rows_in_view(ana.actor, View(box="done"), asked).items()} == {
        over.id: "all"
    }


@pytest.fixture
def crowd(workspace: Workspace, channel: Channel, ana: Player, cleo: Player) -> dict[str, Conversation]:
    """One conversation of each kind, and one of another workspace."""
    ours, others = (make.make_team(workspace, name, at=NOW) for name in ("Ours", "Others"))
    there = make.make_channel(cleo.member.workspace, at=NOW)
    return {
        "team": waiting(channel, 10, team=ours),
        "other team": waiting(channel, 11, team=others, assignee=ana.member),
        "no team": waiting(channel, 12),
        "elsewhere": waiting(there, 13),
        "done": answered(channel, 14, team=others, state="done"),
    }


@pytest.fixture
def limited(workspace: Workspace, crowd: dict[str, Conversation]) -> Player:
    """A member who sees their team's and their own conversations only."""
    team = Team.objects.get(name="Ours")
    member = make.make_member(workspace, "Lim", at=NOW, teams=[team], sees_own_teams_only=True)
    Conversation.objects.filter(id=crowd["no team"].id).update(assignee=member)
    return Player(member=member)


def test_each_sees_what_is_theirs(crowd: dict[str, Conversation], limited: Player, ana: Player, cleo: Player) -> None:
    def seen(player: Player) -> set[str]:
        found = set(queries.visible_to(player.actor).values_list("id", flat=True))
        return {name for name, row in crowd.items() if row.id in found}

    assert seen(ana) == {"team", "other team", "no team", "done"}
    assert seen(limited) == {"team", "no team"}
    assert seen(cleo) == {"elsewhere"}


def test_lists_searches_and_counts_show_only_what_is_visible(crowd: dict[str, Conversation], limited: Player) -> None:
    actor = limited.actor
    theirs = {crowd["team"].id, crowd["no team"].id}
    for slug in ("mine", "unassigned", "open", "snoozed", "done", f"channel-{crowd['team'].channel_id}"):
        assert set(ids(queries.page(actor, view_of(slug)))) <= theirs
    other = crowd["other team"]
    assert ids(queries.page(actor, View(box="team", key=other.team_id or 0))) == []
    assert queries.search(actor, other.identity.value, region="US") == []
    assert queries.rows_in_view(actor, View(box="open"), [row.id for row in crowd.values()]).keys() == theirs
    assert {row.id for row in queries.recent(actor)} == theirs
    counted = queries.counts(actor)
    assert (counted.open, counted.mine, counted.unassigned, counted.done) == (2, 1, 1, 0)
    assert sum(counted.channels.values()) == 2
    assert counted.teams == {crowd["team"].team_id: 1}


def test_views_by_a_channel_or_team_of_another_workspace_are_empty(
    crowd: dict[str, Conversation], ana: Player, cleo: Player
) -> None:
    ours = crowd["team"]
    for slug in (f"channel-{ours.channel_id}", f"team-{ours.team_id}"):
        view = view_of(slug)
        assert ids(queries.page(cleo.actor, view)) == []
        assert queries.rows_in_view(cleo.actor, view, [ours.id]) == {}
        assert queries.totals(cleo.actor, view) == queries.Totals()
        assert queries.totals(ana.actor, view).reply > 0


def test_a_limited_member_without_a_team_sees_their_own(workspace: Workspace, crowd: dict[str, Conversation]) -> None:
    member = make.make_member(workspace, "Solo", at=NOW, sees_own_teams_only=True)
    player = Player(member=member)
    assert ids(queries.page(player.actor, View(box="open"))) == []
    Conversation.objects.filter(id=crowd["other team"].id).update(assignee=member)
    assert ids(queries.page(player.actor, View(box="open"))) == [crowd["other team"].id]
    assert queries.counts(player.actor).open == 1


def test_search_finds_the_latest_first(ana: Player, channel: Channel) -> None:
    old, new = waiting(channel, 50, name="Dana Whitfield"), waiting(channel, 5, name="Dana Ray")
    waiting(channel, 1, name="Luis")
    assert [row.id for row in queries.search(ana.actor, "dana", region="US")] == [new.id, old.id]
    assert queries.search(ana.actor, new.identity.value, region="US") == [new]
    assert queries.search(ana.actor, " ", region="US") == []


def test_recent_pages_by_id_with_filters(ana: Player, channel: Channel) -> None:
    rows = [waiting(channel, n) for n in range(1, 6)]
    rows.append(answered(channel, 1, state="done", assignee=ana.member))
    assert [row.id for row in queries.recent(ana.actor, limit=2)] == [rows[5].id, rows[4].id]
    assert [row.id for row in queries.recent(ana.actor, limit=2, before_id=rows[4].id)] == [rows[3].id, rows[2].id]
    assert [row.id for row in queries.recent(ana.actor, state="done", assignee_id=ana.id)] == [rows[5].id]
    assert queries.recent(ana.actor, contact_id=rows[0].contact_id) == [rows[0]]
