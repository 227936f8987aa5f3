"""Macros: all of it or nothing, each step by its own right, the text through the one door, and back again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import make, pictures
from tests.cast import Player
from tests.replies.conftest import Save
from twoway.compliance import actions as compliance
from twoway.compliance.models import Decision
from twoway.conversations import actions as conversations
from twoway.conversations.models import Conversation, Note
from twoway.events.models import AuditEntry
from twoway.lib.refusal import Invalid, NotAllowed, NotFound, Refused
from twoway.messaging.models import MediaFile, Message
from twoway.replies import actions, macro_queries
from twoway.replies.actions import MacroTerms, Ran
from twoway.replies.models import Macro
from twoway.teams.models import Workspace

Steps = list[dict[str, Any]]
Compose = Callable[..., Macro]


@pytest.fixture
def compose(ana: Player, now: datetime) -> Compose:
    def made(steps: Steps, *, name: str = "Close", by: Player = ana, **more: Any) -> Macro:
        terms = MacroTerms(**{"name": name, "steps": steps, "scope": "all", **more})
        return actions.add_macro(terms=terms, by=by.actor, at=now)

    return made


def run(macro: Macro, talk: Conversation, by: Player, now: datetime, *, key: str = "k1") -> Ran:
    return actions.run_macro(conversation=talk, macro=macro, by=by.actor, at=now + timedelta(minutes=1), key=key)


def opt_out(talk: Conversation, by: Player, now: datetime) -> None:
    compliance.opt_out(identity=talk.identity, channel=talk.channel, source="member", at=now, by=by.actor)


def sent(talk: Conversation) -> list[str]:
    return list(
        Message.objects.filter(conversation=talk, direction="out").order_by("id").values_list("body", flat=True)
    )


def test_everything_is_done_at_once_and_named_in_the_audit(
    workspace: Workspace, ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime
) -> None:
    tag, team = make.make_tag(workspace, "Billing"), make.make_team(workspace, "Front desk", at=now)
    reply = save("Refund", "Hi {first_name}, your refund is on its way.")
    macro = compose(
        [
            {"do": "done"},
            {"do": "note", "value": "Refunded in full."},
            {"do": "property", "key": "Plan", "value": "Gold"},
            {"do": "tag", "value": tag.pk},
            {"do": "assign_team", "value": team.pk},
            {"do": "assign_me"},
            {"do": "reply", "value": reply.pk},
        ]
    )
    ran = run(macro, talk, ben, now)
    talk.refresh_from_db()
    assert sent(talk) == ["Hi Luis, your refund is on its way."]
    assert (talk.state, talk.assignee_id, talk.team_id) == ("done", ben.id, team.pk)
    assert [one.name for one in talk.tags.all()] == ["Billing"]
    assert talk.contact.properties == {"Plan": "Gold"}
    assert Note.objects.get(conversation=talk).body == "Refunded in full."
    entry = AuditEntry.objects.get(action="macro.ran")
    assert (entry.actor, entry.data["macro"]) == ("Ben", "Close")
    macro.refresh_from_db()
    reply.refresh_from_db()
    assert (macro.uses, reply.uses) == (1, 1)
    assert ran.message is not None
    assert ran.message.idempotency_key == "k1"


def test_the_same_key_runs_once(ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime) -> None:
    macro = compose([{"do": "reply", "value": save("Hi").pk}, {"do": "note", "value": "Said hi."}])
    first, second = run(macro, talk, ben, now), run(macro, talk, ben, now)
    macro.refresh_from_db()
    assert (len(sent(talk)), Note.objects.count(), macro.uses) == (1, 1, 1)
    assert first.message == second.message


def test_a_step_that_fails_leaves_nothing_done_and_nothing_sent(
    workspace: Workspace, ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime
) -> None:
    tag = make.make_tag(workspace, "Billing")
    reply = save("Hi")
    macro = compose([{"do": "reply", "value": reply.pk}, {"do": "note", "value": "x"}, {"do": "tag", "value": tag.pk}])
    macro.steps = [*macro.steps, {"do": "untag", "value": str(tag.pk)}, {"do": "assign_team", "value": "999999"}]
    macro.save()
    with pytest.raises(NotFound):
        run(macro, talk, ben, now)
    talk.refresh_from_db()
    reply.refresh_from_db()
    assert (sent(talk), talk.tags.count(), Note.objects.count(), reply.uses) == ([], 0, 0, 0)
    assert not AuditEntry.objects.filter(action="macro.ran").exists()


def test_a_text_compliance_refuses_changes_nothing_and_leaves_its_decision(
    workspace: Workspace, ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime
) -> None:
    opt_out(talk, ben, now)
    macro = compose([{"do": "reply", "value": save("Hi").pk}, {"do": "done"}])
    with pytest.raises(Refused) as refused:
        run(macro, talk, ben, now)
    talk.refresh_from_db()
    assert (refused.value.code, sent(talk), talk.state) == ("opted_out", [], "open")
    assert Decision.objects.filter(workspace_id=talk.workspace_id, reason="opted_out", message_id=None).exists()


def test_newer_words_stop_it(ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime) -> None:
    seen = Message.objects.get(conversation=talk).pk
    make.make_message(talk, at=now, direction="in", body="Never mind")
    macro = compose([{"do": "reply", "value": save("Hi").pk}, {"do": "done"}])
    with pytest.raises(Refused):
        actions.run_macro(conversation=talk, macro=macro, by=ben.actor, at=now, key="k", seen_id=seen)
    talk.refresh_from_db()
    assert (sent(talk), talk.state) == ([], "open")


def test_a_blank_stops_it_and_says_which(
    ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime
) -> None:
    macro = compose([{"do": "reply", "value": save("Late", "By {eta}.").pk}, {"do": "done"}])
    with pytest.raises(Invalid, match="eta"):
        run(macro, talk, ben, now)
    talk.refresh_from_db()
    assert talk.state == "open"


def test_a_reply_to_edit_is_handed_back_and_not_sent(
    ben: Player, talk: Conversation, save: Save, compose: Compose, now: datetime
) -> None:
    macro = compose([{"do": "fill", "value": save("Late", "By {eta}.").pk}, {"do": "assign_me"}])
    ran = run(macro, talk, ben, now)
    assert ran.fill is not None
    assert (ran.fill.filled.text, sent(talk)) == ("By {eta}.", [])
    assert ran.conversation.assignee_id == ben.id


def test_a_macro_gives_nobody_a_right_they_dont_have(
    workspace: Workspace, ana: Player, talk: Conversation, compose: Compose, now: datetime
) -> None:
    tag = make.make_tag(workspace, "Billing")
    macro = compose([{"do": "tag", "value": tag.pk}, {"do": "done"}])
    viewer = Player(member=make.make_member(workspace, "Vic", role="viewer", at=now))
    with pytest.raises(NotAllowed):
        run(macro, talk, viewer, now)
    no_tags = replace(ana.actor, rights=frozenset({"read", "reply"}))
    with pytest.raises(NotAllowed):
        actions.run_macro(conversation=talk, macro=macro, by=no_tags, at=now, key="k")
    talk.refresh_from_db()
    assert (talk.state, talk.tags.count()) == ("open", 0)


def test_nobody_runs_what_is_archived_or_of_others(
    ana: Player, cleo: Player, talk: Conversation, compose: Compose, now: datetime
) -> None:
    macro = compose([{"do": "done"}])
    with pytest.raises(NotFound):
        macro_queries.access_macro(cleo.actor, macro.pk)
    with pytest.raises(NotFound):
        run(macro, talk, cleo, now)
    actions.archive_macro(macro=macro, by=ana.actor, at=now)
    macro.refresh_from_db()
    with pytest.raises(NotFound):
        run(macro, talk, ana, now)


@pytest.mark.parametrize("before", ["open", "snoozed"])
def test_what_can_be_taken_back_is(
    before: str, workspace: Workspace, ana: Player, ben: Player, talk: Conversation, compose: Compose, now: datetime
) -> None:
    old, new = make.make_tag(workspace, "Old"), make.make_tag(workspace, "New")
    conversations.tag(conversation=talk, tag_id=old.pk, by=ana.actor, at=now)
    conversations.assign(conversation=talk, member_id=ana.id, by=ana.actor, at=now)
    until = now + timedelta(days=2)
    if before == "snoozed":
        conversations.snooze(conversation=talk, until=until, by=ana.actor, at=now)
    talk.contact.properties = {"Plan": "Silver"}
    talk.contact.save()
    talk.refresh_from_db()
    macro = compose(
        [
            {"do": "tag", "value": new.pk},
            {"do": "untag", "value": old.pk},
            {"do": "assign_me"},
            {"do": "property", "key": "Plan", "value": "Gold"},
            {"do": "done"},
        ]
    )
    ran = run(macro, talk, ben, now)
    talk.refresh_from_db()
    assert (talk.state, talk.assignee_id) == ("done", ben.id)
    fields: dict[str, list[str]] = {}
    for name, value in ran.undo:
        fields.setdefault(name, []).append(value)
    actions.undo_macro(conversation=talk, fields=fields, by=ben.actor, at=now + timedelta(minutes=2))
    talk.refresh_from_db()
    talk.contact.refresh_from_db()
    assert (talk.state, talk.assignee_id) == (before, ana.id)
    assert talk.snoozed_until == (until if before == "snoozed" else None)
    assert [one.name for one in talk.tags.all()] == ["Old"]
    assert talk.contact.properties == {"Plan": "Silver"}


@pytest.mark.parametrize(
    "fields", [{"state": ["gone"]}, {"member": ["x"]}, {"tagged": ["-1"]}, {"state": ["snoozed"], "until": ["soon"]}]
)
def test_undoing_takes_nothing_made_up(
    fields: dict[str, list[str]], ben: Player, talk: Conversation, now: datetime
) -> None:
    with pytest.raises(Invalid):
        actions.undo_macro(conversation=talk, fields=fields, by=ben.actor, at=now)


def test_keys_are_one_macros_each(ben: Player, compose: Compose, now: datetime) -> None:
    first = compose([{"do": "done"}], key="W")
    assert first.key == "w"
    with pytest.raises(Invalid, match="Close"):
        compose([{"do": "done"}], name="Other", key="w")
    with pytest.raises(Invalid, match="Close"):
        compose([{"do": "done"}], name="Other", key="w", by=ben, scope="own")
    with pytest.raises(Invalid, match="key of the desk"):
        compose([{"do": "done"}], key="j")
    compose([{"do": "done"}], name="Mine", key="alt+1", by=ben, scope="own")
    with pytest.raises(Invalid, match="somebody's own macro"):
        compose([{"do": "done"}], name="Ours", key="alt+1")


def test_a_shared_macro_sends_only_what_everybody_has(ben: Player, ana: Player, save: Save, compose: Compose) -> None:
    own = save("Mine", by=ana, scope="own")
    with pytest.raises(Invalid, match="Only you have"):
        compose([{"do": "reply", "value": own.pk}])
    for step in ({"do": "tag", "value": 999999}, {"do": "reply", "value": 999999}, {"do": "assign_member", "value": 9}):
        with pytest.raises(Invalid):
            compose([step])
    with pytest.raises(NotAllowed):
        compose([{"do": "done"}], by=ben)
    assert not Macro.objects.exists()


def test_some_are_offered_only_while_a_customer_waits(
    ben: Player, talk: Conversation, compose: Compose, now: datetime
) -> None:
    compose([{"do": "done"}], name="Always")
    compose([{"do": "done"}], name="Answer", when="replying")
    assert {one.name for one in macro_queries.fitting(ben.actor, talk)} == {"Always", "Answer"}
    done = conversations.done(conversation=talk, by=ben.actor, at=now)
    assert [one.name for one in macro_queries.fitting(ben.actor, done)] == ["Always"]


def test_a_replys_picture_goes_along_and_a_refused_one_leaves_no_copy(
    ana: Player, ben: Player, talk: Conversation, save: Save, compose: Compose, tmp_path: Path, now: datetime
) -> None:
    reply = save("Map", "Here we are.")
    path = tmp_path / "map.jpg"
    path.write_bytes(pictures.picture())
    actions.add_file(reply=reply, path=path, name="map.jpg", by=ana.actor, at=now)
    macro = compose([{"do": "reply", "value": reply.pk}])
    ran = run(macro, talk, ben, now)
    assert ran.message is not None
    assert MediaFile.objects.get().message_id == ran.message.pk
    opt_out(talk, ben, now)
    with pytest.raises(Refused):
        run(macro, talk, ben, now, key="k2")
    assert MediaFile.objects.count() == 1
