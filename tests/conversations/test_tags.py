"""The workspace's tags themselves: another name, another colour, and an end."""

from __future__ import annotations

import pytest

from tests import make
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.conversations import actions, queries
from twoway.conversations.models import Tag
from twoway.events.models import AuditEntry, Event
from twoway.lib.refusal import Invalid, NotAllowed, NotFound
from twoway.teams.models import Workspace


@pytest.fixture
def tag(workspace: Workspace) -> Tag:
    return make.make_tag(workspace, "Lockout", color="warn")


def change(tag: Tag, by: Player, *, name: str = "Locked out", color: str = "bot") -> Tag:
    return actions.change_tag(tag=tag, name=name, color=color, by=by.actor, at=NOW)


def test_another_name_and_colour_are_kept_and_in_the_audit_trail(tag: Tag, ben: Player) -> None:
    change(tag, ben, name="  Locked   out ")
    tag.refresh_from_db()
    assert (tag.name, tag.color) == ("Locked out", "bot")
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.subject, entry.actor) == ("tag.changed", f"tag {tag.pk}", "Ben")
    assert entry.data == {"name": "Locked out", "color": "bot", "old_name": "Lockout", "old_color": "warn"}


def test_what_stays_as_it_is_is_no_change(tag: Tag, ben: Player) -> None:
    change(tag, ben, name="Lockout", color="warn")
    change(tag, ben, name="Lockout", color="")
    assert not AuditEntry.objects.exists()


def test_capitals_may_change_but_another_tag_s_name_is_taken(tag: Tag, ben: Player, workspace: Workspace) -> None:
    make.make_tag(workspace, "VIP")
    assert change(tag, ben, name="LOCKOUT").name == "LOCKOUT"
    with pytest.raises(Invalid) as caught:
        change(tag, ben, name="vip")
    assert (caught.value.code, caught.value.field) == ("name_taken", "name")
    tag.refresh_from_db()
    assert tag.name == "LOCKOUT"


@pytest.mark.parametrize(("name", "color"), [("", "bot"), (" \0", "bot"), ("x" * 41, "bot"), ("Fine", "mauve")])
def test_impossible_tags(tag: Tag, ben: Player, name: str, color: str) -> None:
    with pytest.raises(Invalid):
        change(tag, ben, name=name, color=color)


def test_a_deleted_tag_comes_off_every_conversation(tag: Tag, ben: Player, channel: Channel) -> None:
    rows = [make.make_conversation(channel, at=NOW, tags=[tag]) for _ in range(2)]
    assert actions.delete_tag(tag=tag, by=ben.actor, at=NOW) == 2
    assert not Tag.objects.exists()
    assert [list(row.tags.all()) for row in rows] == [[], []]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.data) == ("tag.deleted", {"name": "Lockout", "color": "warn", "conversations": 2})
    with pytest.raises(NotFound):
        actions.delete_tag(tag=tag, by=ben.actor, at=NOW)


def test_lines_in_threads_keep_the_name_it_had(tag: Tag, ben: Player, channel: Channel) -> None:
    row = make.make_conversation(channel, at=NOW)
    actions.tag(conversation=row, tag_id=tag.pk, by=ben.actor, at=NOW)
    change(tag, ben)
    actions.delete_tag(tag=tag, by=ben.actor, at=NOW)
    assert Event.objects.get(type="conversation_tagged").data["tag_name"] == "Lockout"


def test_who_may_not_tag_may_not_change_tags(tag: Tag, workspace: Workspace, cleo: Player) -> None:
    viewer = Player(member=make.make_member(workspace, "Vera", role="viewer", at=NOW))
    for by, why in ((viewer, NotAllowed), (cleo, NotFound)):
        with pytest.raises(why):
            change(tag, by)
        with pytest.raises(why):
            actions.delete_tag(tag=tag, by=by.actor, at=NOW)
    assert Tag.objects.get().name == "Lockout"


def test_uses_are_counted_among_what_one_may_see(tag: Tag, ana: Player, workspace: Workspace, channel: Channel) -> None:
    team = make.make_team(workspace, "Billing", at=NOW)
    dee = Player(
        member=make.make_member(workspace, "Dee", at=NOW, teams=[team], sees_own_teams_only=True),
    )
    make.make_conversation(channel, at=NOW, tags=[tag], team=team)
    make.make_conversation(channel, at=NOW, tags=[tag, make.make_tag(workspace, "VIP")])
    make.make_tag(workspace, "Unused")
    by_name = {row.pk: row.name for row in queries.tags(ana.actor)}
    assert {by_name[key]: uses for key, uses in queries.tag_uses(ana.actor).items()} == {"Lockout": 2, "VIP": 1}
    assert {by_name[key]: uses for key, uses in queries.tag_uses(dee.actor).items()} == {"Lockout": 1}
