"""The page about content and sensitive data: what it shows, a text to try, and changing the rules."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.utils import timezone

from tests import make
from twoway.channels.models import Channel
from twoway.compliance.content.models import ContentSettings
from twoway.compliance.content.rules import CATEGORIES
from twoway.events.models import AuditEntry
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db
PAGE, TRY, EDIT = "/compliance/content/", "/compliance/content/try/", "/compliance/content/edit/"


def form(**fields: str) -> dict[str, str]:
    levels = {f"level_{key}": "warn" for key in CATEGORIES}
    return {
        "masks_ssn": "on",
        "masks_passwords": "on",
        "masks_codes": "on",
        "tells_customers": "on",
        **levels,
        **fields,
    }


def test_it_counts_what_was_removed(clients: SimpleNamespace, channel: Channel) -> None:
    talk = make.make_conversation(channel, at=timezone.now())
    for shielded in ("card cvv", "card", ""):
        make.make_message(talk, at=timezone.now(), shielded=shielded)
    page = clients.ana.get(PAGE)
    assert dict(page.context["taken"])["Card number"] == 2
    assert dict(page.context["taken"])["Card security code"] == 1
    assert b"This isn&#x27;t legal advice" in page.content or b"This isn't legal advice" in page.content


def test_a_text_is_tried_and_kept_nowhere(clients: SimpleNamespace, workspace: Workspace) -> None:
    page = clients.ana.post(TRY, {"text": "Free beer! Card 4111 1111 1111 1111, see bit.ly/x"})
    words = page.content.decode()
    assert "411111******1111" in words
    assert "4111 1111 1111 1111" not in words
    assert [one.code for one in page.context["tried"].warnings] == ["words_alcohol", "short_link"]
    assert clients.ana.post(TRY, {"text": ""}).status_code == 422
    assert not Message.objects.exists()


def test_rules_are_changed_and_audited(clients: SimpleNamespace, workspace: Workspace) -> None:
    changed = form(level_alcohol="block", own_words="Acme*\n\n acme* \nplan b", payment_link="https://pay.example/7")
    del changed["masks_ssn"]
    assert clients.ana.post(EDIT, changed).status_code == 302
    kept = ContentSettings.objects.get(workspace=workspace)
    assert not kept.masks_ssn
    assert kept.levels["alcohol"] == "block"
    assert kept.words == {"own": ["acme*", "plan b"]}
    assert AuditEntry.objects.filter(action="content.changed").count() == 1
    page = clients.ana.get(PAGE).content.decode()
    assert "acme*, plan b" in page
    assert "Don&#x27;t send" in page


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("payment_link", "http://pay.example"),
        ("payment_link", "nope"),
        ("level_sex", "maybe"),
        ("notice_text", "x" * 321),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(clients: SimpleNamespace, field: str, value: str) -> None:
    page = clients.ana.post(EDIT, form(**{field: value, "own_words": "keep me"}))
    assert page.status_code == 422
    assert field in page.context["form"].errors
    assert "keep me" in page.content.decode()
    assert not ContentSettings.objects.exists()
