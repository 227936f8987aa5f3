"""Who may open what in the compliance centre: every address, for everybody. A new address gets its row in `PLACES`.

An address with ids also needs each of them in `things`; what is checked of each is in `access`.
"""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests import make
from tests.compliance.optin import hands as optin
from tests.conftest import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from twoway.compliance import actions as compliance
from twoway.compliance.purposes import actions as purposes
from twoway.compliance.purposes.rules import PurposeRule
from twoway.compliance.relevance import actions as relevance
from twoway.compliance.retention import actions as retention
from twoway.compliance.revocation import actions as revocation
from twoway.desk import urls_compliance
from twoway.teams.models import Workspace

PLACES: dict[str, Place] = {
    "compliance": Place(methods=("GET",), roles=MANAGERS),
    "compliance_ledger": Place(methods=("GET",), roles=MANAGERS),
    "compliance_ledger_look_up": Place(methods=("GET", "POST"), roles=MANAGERS),
    "compliance_ledger_record": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_ledger_entry": Place(methods=("GET",), roles=MANAGERS, key="position"),
    "compliance_ledger_person": Place(methods=("GET",), roles=MANAGERS, key="contact_id"),
    "compliance_ledger_json": Place(methods=("POST",), roles=MANAGERS, key="contact_id"),
    "compliance_ledger_pdf": Place(methods=("POST",), roles=MANAGERS, key="contact_id"),
    "compliance_unsure": Place(methods=("GET",), roles=MANAGERS),
    "compliance_unsure_answer": Place(methods=("POST",), roles=MANAGERS, key="doubt_id"),
    "compliance_unsure_thread": Place(methods=("POST",), roles=TEXTERS, key="conversation_id"),
    "compliance_keywords": Place(methods=("GET",), roles=MANAGERS),
    "compliance_keywords_try": Place(methods=("POST",), roles=MANAGERS),
    "compliance_keywords_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_keywords_remove": Place(methods=("POST",), roles=ADMINS, key="word_id"),
    "compliance_optouts": Place(methods=("GET",), roles=MANAGERS),
    "compliance_optouts_record": Place(methods=("GET", "POST"), roles=MANAGERS),
    "compliance_optouts_scope": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_optouts_one": Place(methods=("GET", "POST"), roles=MANAGERS, key="opt_out_id"),
    "compliance_quiet": Place(methods=("GET",), roles=MANAGERS),
    "compliance_quiet_try": Place(methods=("POST",), roles=MANAGERS),
    "compliance_quiet_edit": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing": Place(methods=("GET",), roles=MANAGERS),
    "compliance_pacing_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing_guard": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing_policy": Place(methods=("POST",), roles=ADMINS),
    "compliance_pacing_purpose": Place(methods=("GET", "POST"), roles=ADMINS, key="slug"),
    "compliance_pacing_retire": Place(methods=("POST",), roles=ADMINS, key="slug"),
    "compliance_pacing_place": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing_place_forget": Place(methods=("POST",), roles=ADMINS),
    "compliance_pacing_limit_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_pacing_limit": Place(methods=("GET", "POST"), roles=ADMINS, key="slug"),
    "compliance_pacing_limit_remove": Place(methods=("POST",), roles=ADMINS, key="slug"),
    "compliance_audit": Place(methods=("GET",), roles=MANAGERS),
    "compliance_audit_verify": Place(methods=("POST",), roles=MANAGERS),
    "compliance_audit_export": Place(methods=("POST",), roles=MANAGERS),
    "compliance_retention": Place(methods=("GET",), roles=MANAGERS),
    "compliance_retention_change": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_retention_run": Place(methods=("POST",), roles=ADMINS),
    "compliance_retention_report": Place(methods=("GET",), roles=MANAGERS, key="run_id"),
    "compliance_hold_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_hold_lift": Place(methods=("POST",), roles=ADMINS, key="hold_id"),
    "compliance_requests": Place(methods=("GET",), roles=MANAGERS),
    "compliance_request_add": Place(methods=("GET", "POST"), roles=ADMINS, key="contact_id"),
    "compliance_request": Place(methods=("GET",), roles=MANAGERS, key="request_id"),
    "compliance_request_begin": Place(methods=("POST",), roles=ADMINS, key="request_id"),
    "compliance_request_refuse": Place(methods=("POST",), roles=ADMINS, key="request_id"),
    "compliance_request_file": Place(methods=("POST",), roles=ADMINS, key="request_id"),
    "compliance_modes": Place(methods=("GET",), roles=MANAGERS),
    "compliance_modes_roles": Place(methods=("POST",), roles=ADMINS),
    "compliance_modes_number": Place(methods=("GET", "POST"), roles=ADMINS, key="channel_id"),
    "compliance_blocks": Place(methods=("GET",), roles=MANAGERS),
    "compliance_blocks_unblock": Place(methods=("POST",), roles=MANAGERS, key="contact_id"),
    "compliance_content": Place(methods=("GET",), roles=MANAGERS),
    "compliance_content_try": Place(methods=("POST",), roles=MANAGERS),
    "compliance_content_edit": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_registration": Place(methods=("GET",), roles=MANAGERS),
    "compliance_optin": Place(methods=("GET",), roles=MANAGERS),
    "compliance_optin_topic_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_optin_topic": Place(methods=("GET", "POST"), roles=ADMINS, key="topic_id"),
    "compliance_optin_topic_retire": Place(methods=("POST",), roles=ADMINS, key="topic_id"),
    "compliance_optin_help": Place(methods=("GET", "POST"), roles=ADMINS, key="channel_id"),
    "compliance_optin_form_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_optin_form": Place(methods=("GET", "POST"), roles=ADMINS, key="form_id"),
    "compliance_optin_form_switch": Place(methods=("POST",), roles=ADMINS, key="form_id"),
    "compliance_optin_import": Place(methods=("GET", "POST"), roles=ADMINS),
    "compliance_optin_import_one": Place(methods=("GET", "POST"), roles=ADMINS, key="import_id"),
    "compliance_optin_import_problems": Place(methods=("GET",), roles=ADMINS, key="import_id"),
}

MATRIX = Matrix(PLACES)


@pytest.fixture
def things(workspace: Workspace, ana: Player) -> dict[str, object]:
    """One of each thing the addresses name, in Ana's workspace."""
    rule = PurposeRule(slug="news", label="News", level="express")
    purposes.save_purpose(rule=rule, at=NOW, by=ana.actor)
    relevance.set_our_place(channel=None, label="", where="94103", at=NOW, by=ana.actor)
    relevance.set_limit(purpose=rule.slug, within=25, unit="mi", holds_unknown=False, at=NOW, by=ana.actor)
    person = make.make_contact(workspace, at=NOW, name="Dana")
    asked = retention.log_request(contact=person, kind="export", law="gdpr", asked_at=NOW, by=ana.actor, at=NOW)
    hold = retention.place_hold(reason="Case 12", contact=person, by=ana.actor, at=NOW)
    channel = make.make_channel(workspace, at=NOW)
    (stopped,) = compliance.opt_out(
        identity=make.make_identity(person, at=NOW), channel=channel, source="keyword", at=NOW, by=ana.actor
    )
    topic = optin.make_topic(ana.actor, channel)
    thread = make.make_conversation(channel, at=NOW, messages=1)
    doubt = revocation.raise_doubt(
        identity=thread.identity, channel=channel, conversation_id=thread.pk, message_id=1, why="", at=NOW
    )
    assert doubt is not None
    return {
        "channel_id": channel.pk,
        "opt_out_id": stopped.pk,
        "doubt_id": doubt.pk,
        "conversation_id": thread.pk,
        "word_id": revocation.add_word(family="stop", word="enough of it", by=ana.actor, at=NOW).pk,
        "position": 1,
        "topic_id": topic.pk,
        "form_id": optin.make_form(ana.actor, channel, topic).pk,
        "import_id": optin.begin(ana.actor, channel, topic, f"number,proof\n+15035550108,{optin.PROVEN}\n").pk,
        "slug": rule.slug,
        "contact_id": person.pk,
        "request_id": asked.pk,
        "hold_id": hold.pk,
        "run_id": retention.begin_run(is_dry=True, by=ana.actor, at=NOW).pk,
    }


def test_every_address_has_its_row() -> None:
    assert {pattern.name for pattern in urls_compliance.urlpatterns} == set(PLACES)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, things: dict[str, object], workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_somebody_who_is_not_signed_in_is_asked_to(things: dict[str, object]) -> None:
    assert MATRIX.open_to_nobody(things) == {}


def test_an_owner_of_another_workspace_finds_nothing(things: dict[str, object], cleo: Player) -> None:
    assert MATRIX.found_by_stranger(cleo, things) == {}


def test_a_form_without_its_protection_token_is_refused(things: dict[str, object], ana: Player) -> None:
    assert MATRIX.taken_without_token(ana, things) == {}


def test_writes_are_not_links(things: dict[str, object], ana: Player) -> None:
    assert MATRIX.written_by_link(ana, things) == {}


def test_the_centre_is_offered_to_those_who_may_see_it(ana: Player, ben: Player) -> None:
    home = reverse("desk:compliance")
    inbox = reverse("desk:inbox", args=["open"])
    assert ana.client.get(inbox).content.decode().count(f'href="{home}"') == 1
    assert f'href="{home}"' not in ben.client.get(inbox).content.decode()
    assert f'href="{home}"' in ana.client.get(reverse("desk:palette")).content.decode()
    assert f'href="{home}"' not in ben.client.get(reverse("desk:palette")).content.decode()


def test_every_page_of_the_centre_says_what_it_is_not(ana: Player) -> None:
    for name, place in PLACES.items():
        if "GET" in place.methods and not place.key:
            answer = ana.client.get(reverse(f"desk:{name}"))
            if answer.headers["Content-Type"].startswith("text/html"):
                assert "This isn't legal advice." in answer.content.decode().replace("&#x27;", "'"), name
