"""Macros on several conversations at once, what asks first, where no text may go, and keys that don't clash."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import HTMX, html_of, post, row_ids, toast_of, undo_of
from twoway.channels.models import Channel
from twoway.compliance import actions as compliance
from twoway.conversations.models import Conversation, Note
from twoway.conversations.views.actions import keep_habit
from twoway.messaging.models import Message
from twoway.replies import actions
from twoway.replies.actions import MacroTerms, ReplyTerms
from twoway.replies.models import Macro
from twoway.teams.models import Workspace

Steps = list[dict[str, Any]]


def compose(by: Player, steps: Steps, *, name: str = "Close", **more: Any) -> Macro:
    return actions.add_macro(
        terms=MacroTerms(**{"name": name, "steps": steps, "scope": "all", **more}), by=by.actor, at=NOW
    )


def reply_step(by: Player, body: str, *, do: str = "reply") -> dict[str, Any]:
    terms = ReplyTerms(name=body[:40], body=body, scope="all")
    return {"do": do, "value": actions.add_reply(terms=terms, by=by.actor, at=NOW).pk}


def talks_of(channel: Channel, count: int, **more: Any) -> list[Conversation]:
    return [make.make_conversation(channel, at=NOW, messages=1, **more) for _ in range(count)]


def ids(talks: list[Conversation]) -> str:
    return ",".join(str(one.pk) for one in talks)


def sent() -> list[str]:
    return list(Message.objects.filter(direction="out").order_by("id").values_list("body", flat=True))


def form_of(html: str, macro: Macro) -> dict[str, str]:
    """What the menu's form of a macro posts."""
    form = re.search(rf'action="/bulk/macros/{macro.pk}/".*?</form>', html, re.DOTALL)
    assert form, "it is not offered"
    return dict(re.findall(r'name="(key|seen)" value="([^"]+)"', form.group()))


def test_each_is_done_whole_and_those_left_out_are_told(
    ana: Player, ben: Player, workspace: Workspace, channel: Channel
) -> None:
    tag = make.make_tag(workspace, "Billing")
    macro = compose(ana, [reply_step(ana, "It's fixed."), {"do": "tag", "value": tag.pk}, {"do": "done"}])
    talks = talks_of(channel, 3)
    compliance.opt_out(identity=talks[2].identity, channel=channel, source="member", at=NOW, by=ana.actor)
    menu = html_of(ben.client.get("/bulk/macros/", headers=HTMX))
    assert "Sends texts" in menu
    fields = {**form_of(menu, macro), "ids": f"{ids(talks)},999999999"}
    answer = post(ben.client, f"/bulk/macros/{macro.pk}/", fields)
    words = toast_of(answer)
    assert words.startswith("Close: done in 2 conversations. ")
    assert "1 left out: It isn't there any more, or it is another team's." in words
    assert sent() == ["It's fixed."] * 2
    assert [one.state for one in Conversation.objects.order_by("id")] == ["done", "done", "open"]
    assert not talks[2].tags.exists()
    post(ben.client, f"/bulk/macros/{macro.pk}/", fields)
    assert sent() == ["It's fixed."] * 2


def test_what_is_newer_than_the_menu_stops_it_there_alone(ana: Player, ben: Player, channel: Channel) -> None:
    macro = compose(ana, [reply_step(ana, "It's fixed."), {"do": "note", "value": "Told them."}])
    quiet, busy = talks_of(channel, 2)
    fields = form_of(html_of(ben.client.get("/bulk/macros/", headers=HTMX)), macro)
    make.make_message(busy, at=NOW)
    answer = post(ben.client, f"/bulk/macros/{macro.pk}/", {**fields, "ids": ids([quiet, busy])})
    assert toast_of(answer).startswith("Close: done in 1 conversation. 1 left out: ")
    assert [one.conversation_id for one in Note.objects.all()] == [quiet.pk]


def test_what_asks_first_is_sent_with_a_second_press(ana: Player, ben: Player, channel: Channel) -> None:
    macro = compose(ana, [reply_step(ana, "What's your card number?"), {"do": "done"}])
    talks = talks_of(channel, 2)
    one = post(ben.client, f"/c/{talks[0].pk}/macros/{macro.pk}/", {"key": "k1", "seen": talks[0].last_message_id})
    assert one.status_code == 422
    assert toast_of(one).startswith("Nothing was done. ")
    assert "Send anyway" in html_of(one)
    url, again = undo_of(one)
    assert again == {"key": "k1", "seen": str(talks[0].last_message_id), "confirmed": "1"}
    assert sent() == []
    assert post(ben.client, url, again).status_code == 200
    assert sent() == ["What's your card number?"]
    many = post(ben.client, f"/bulk/macros/{macro.pk}/", {"key": "k2", "ids": ids(talks[1:])})
    assert toast_of(many).startswith("Close: nothing was done. 1 left out: ")
    url, again = undo_of(many)
    assert again["ids"] == str(talks[1].pk)
    assert toast_of(post(ben.client, url, again)) == "Close: done in 1 conversation."
    assert len(sent()) == 2


def test_what_somebody_must_look_at_is_not_for_many(ana: Player, ben: Player, channel: Channel) -> None:
    fills = compose(ana, [reply_step(ana, "Hi", do="fill")], name="Prepare")
    talks = talks_of(channel, 1)
    assert f"/bulk/macros/{fills.pk}/" not in html_of(ben.client.get("/bulk/macros/", headers=HTMX))
    assert post(ben.client, f"/bulk/macros/{fills.pk}/", {"ids": ids(talks)}).status_code == 422
    note = compose(ana, [{"do": "note", "value": "Seen."}], name="Note", when="replying")
    quiet = talks_of(channel, 1, needs_reply=False)
    answer = post(ben.client, f"/bulk/macros/{note.pk}/", {"ids": ids(quiet)})
    assert "only for customers who wait for an answer" in toast_of(answer)
    assert not Note.objects.exists()


@pytest.mark.parametrize(("told", "why"), [("", "Select a conversation first."), (range(1, 102), "at most 100")])
def test_none_and_too_many_are_refused(told: Any, why: str, ana: Player, ben: Player) -> None:
    macro = compose(ana, [{"do": "note", "value": "Seen."}])
    answer = post(ben.client, f"/bulk/macros/{macro.pk}/", {"ids": ",".join(map(str, told))})
    assert answer.status_code == 422
    assert why in toast_of(answer)


def test_the_whole_view_is_meant_with_all(ana: Player, ben: Player, channel: Channel) -> None:
    macro = compose(ana, [{"do": "assign_me"}])
    talks = talks_of(channel, 3)
    answer = post(ben.client, f"/bulk/macros/{macro.pk}/", {"all": "1"}, view="unassigned")
    assert toast_of(answer) == "Close: done in 3 conversations."
    assert row_ids(answer) == []
    assert {one.assignee_id for one in Conversation.objects.all()} == {ben.id}
    assert len(talks) == 3


def test_where_no_text_may_go_those_without_one_are_offered(ana: Player, ben: Player, channel: Channel) -> None:
    (talk,) = talks_of(channel, 1)
    compose(ana, [reply_step(ana, "It's fixed.")], name="Answer")
    compose(ana, [{"do": "done"}], name="Put away")
    menu = html_of(ben.client.get(f"/c/{talk.pk}/macros/", headers=HTMX))
    assert ("Answer" in menu, "Put away" in menu) == (True, True)
    compliance.opt_out(identity=talk.identity, channel=channel, source="member", at=NOW, by=ana.actor)
    menu = html_of(ben.client.get(f"/c/{talk.pk}/macros/", headers=HTMX))
    assert ("Answer" in menu, "Put away" in menu) == (False, True)
    page = html_of(ben.client.get(f"/c/{talk.pk}/"))
    assert f'hx-get="/c/{talk.pk}/macros/"' in page
    assert "data-replies" not in page


def test_keys_of_macros_and_of_the_desk_do_not_clash(ana: Player, ben: Player) -> None:
    keep_habit(by=ben.actor, keys={"reply": "w"}, goes_on=False)
    fields = {"name": "Close", "key": "w", "when": "always", "place": "own", "do": "note", "words-0": "Seen."}
    refused = ben.client.post("/settings/macros/add/", fields)
    assert refused.status_code == 422
    assert "W is your key for “Reply”." in html_of(refused)
    assert ben.client.post("/settings/macros/add/", {**fields, "key": "y"}).status_code == 302
    theirs = {"key-reply": "y"}
    refused = ben.client.post("/profile/keys/", theirs)
    assert refused.status_code == 422
    assert "The macro “Close” has this key." in html_of(refused)
    shared = compose(ana, [{"do": "done"}], name="Shared", key="w")
    told = ana.client.get("/macros/keys/").json()["keys"]
    assert told == [{"key": "w", "id": shared.pk, "name": "Shared"}]
    assert [one["key"] for one in ben.client.get("/macros/keys/").json()["keys"]] == ["y"]
