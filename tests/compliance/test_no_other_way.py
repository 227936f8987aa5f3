"""Nothing reaches a provider without a decision: the source is read, and what a provider was handed is looked at."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.conftest import Player
from tests.fakes.running import Fake, running_twilio
from tests.messaging import hands
from tests.messaging.test_delivery import conversations, deliver, number, queue
from twoway.compliance.models import Decision
from twoway.messaging import outbound
from twoway.messaging.models import Message
from twoway.teams.models import Workspace

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    str(path.relative_to(ROOT)): path.read_text()
    for path in (ROOT / "twoway").rglob("*.py")
    if "migrations" not in path.parts
}


def calls(source: str) -> Iterator[str]:
    """What a file calls, as written: `adapter.send`, `claims.claim`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func)


def callers(*names: str) -> set[str]:
    """The files that call something whose last word is one of these."""
    return {path for path, source in SOURCES.items() if any(call.split(".")[-1] in names for call in calls(source))}


def writers(*words: str) -> set[str]:
    """The files that hold one of these words."""
    return {path for path, source in SOURCES.items() if any(word in source for word in words)}


def in_messaging(*names: str) -> set[str]:
    return {f"twoway/messaging/{name}.py" for name in names}


def test_calls_and_words_are_found() -> None:
    assert list(calls("def f():\n    return adapter.send(a, b)")) == ["adapter.send"]
    assert callers("queue_text")
    assert writers("INSERT INTO message (")


def test_only_a_claim_makes_a_text_that_may_be_handed_over() -> None:
    """Reconciling reads rows that a claim had taken, to look them up; it hands nothing over."""
    assert callers("Claimed") == in_messaging("claims")
    assert callers("as_claimed") == in_messaging("claims", "reconcile")
    assert writers("status = 'sending', claimed_by") == {"twoway/messaging/cost/spending.py"}
    assert writers("spending.TAKE") == in_messaging("claims")


def test_only_the_workers_delivery_hands_over() -> None:
    named = {
        path
        for path, source in SOURCES.items()
        for call in calls(source)
        if call.endswith(".send") and "adapter" in call
    }
    assert named == in_messaging("delivery")
    assert callers("submit") == {"twoway/messaging/sessions/submitting.py"}
    assert callers("outbound_text") == in_messaging("delivery")


def test_the_claim_asks_before_it_takes() -> None:
    source = SOURCES["twoway/messaging/claims.py"]
    (claim,) = (
        node for node in ast.parse(source).body if isinstance(node, ast.AsyncFunctionDef) and node.name == "claim"
    )
    body = ast.unparse(claim)
    assert body.index("asking.at_the_claim") < body.index("spending.TAKE")
    assert callers("at_the_claim") == in_messaging("claims")


def test_what_leaves_is_written_where_a_decision_is_kept() -> None:
    assert writers("INSERT INTO message (") == in_messaging("notices", "inbound")
    assert "'in', 'received'" in SOURCES["twoway/messaging/inbound.py"]
    assert "INSERT INTO send_decision" in SOURCES["twoway/messaging/notices.py"]
    made = {
        path
        for path, source in SOURCES.items()
        for call in calls(source)
        if call in {"Message.objects.create", "Message.objects.bulk_create", "Message"}
    }
    assert made == {*in_messaging("enqueue"), "twoway/ops/demo/threads.py"}
    imports = {
        path for path, source in SOURCES.items() if re.search(r"^from twoway.messaging.*\benqueue\b", source, re.M)
    }
    assert imports == in_messaging("outbound")
    assert "direction=Direction.IN" in SOURCES["twoway/ops/demo/threads.py"]
    writes = ast.unparse(
        next(
            node
            for node in ast.parse(SOURCES["twoway/messaging/enqueue.py"]).body
            if isinstance(node, ast.FunctionDef) and node.name == "write"
        )
    )
    assert writes.count("Message.objects.create") == writes.count("asking.keep") == 1


@pytest.fixture
def twilio() -> Iterator[Fake]:
    with running_twilio() as fake:
        yield fake


@pytest.mark.django_db(transaction=True)
def test_all_that_a_provider_was_handed_had_been_allowed(workspace: Workspace, ben: Player, twilio: Fake) -> None:
    """Replies, notices, an emergency, and a text that somebody's STOP ended."""
    channel = number(workspace, twilio, stop_handled_by="us")
    talks = conversations(channel, 4)
    for talk in talks:
        queue(ben, talk, "On its way")
    outbound.queue_text(by=ben.actor, conversation=talks[0], body="Get out", purpose="emergency", at=datetime.now(UTC))
    for word, talk in (("STOP", talks[1]), ("HELP", talks[2])):
        form = hands.text(channel, word, sender=talk.identity.value)
        hands.post([(channel, hands.webhook(channel, form, at=datetime.now(UTC)))])
    deliver()
    handed = {int(sent["ref"]) for sent in twilio.accepted()}
    assert handed == set(Message.objects.filter(direction="out").exclude(provider_id="").values_list("id", flat=True))
    assert len(handed) == 6
    allowed = set(Decision.objects.filter(verdict="allow", message_id__in=handed).values_list("message_id", flat=True))
    assert allowed == handed
    ended = Message.objects.get(conversation=talks[1], body="On its way")
    assert (ended.status, ended.pk in handed) == ("canceled", False)
