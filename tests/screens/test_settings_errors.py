"""What a visitor reads when something is forbidden, missing, broken or too old."""

from __future__ import annotations

import html

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.conftest import Player
from tests.screens_rules import inline_code
from twoway.desk import errors
from twoway.lib.refusal import Invalid, NotAllowed, NotFound


def words(content: bytes) -> str:
    """What the page says, once it is known to hold no inline code."""
    page = content.decode()
    assert inline_code(page) == []
    return html.unescape(page)


def test_forbidden(ben: Player) -> None:
    answer = ben.client.get(reverse("desk:settings_tokens"))
    assert answer.status_code == 403
    assert "You don't have access to this." in words(answer.content)


def test_missing_for_a_member_and_for_a_visitor(ana: Player) -> None:
    for client in (ana.client, Client()):
        answer = client.get("/nowhere/")
        assert answer.status_code == 404
        assert "Nothing here." in words(answer.content)


def test_broken_needs_neither_database_nor_session_and_gives_a_reference() -> None:
    request = RequestFactory().get("/inbox/open/")
    request.trace = "8f2kabcdef012345"  # type: ignore[attr-defined]
    answer = errors.broken(request)
    assert answer.status_code == 500
    said = words(answer.content)
    assert "Something broke on our side." in said
    assert "8F2KABCD" in said


@pytest.mark.parametrize(
    ("refused", "status", "sentence"),
    [
        (NotAllowed("Secret detail."), 403, "You don't have access to this."),
        (NotFound("number of ours", 7), 404, "Nothing here."),
        (Invalid("There is no provider “pigeon”."), 422, "There is no provider “pigeon”."),
    ],
)
def test_a_refusal_nobody_caught(
    refused: NotAllowed | NotFound | Invalid, status: int, sentence: str, ana: Player
) -> None:
    answer = errors.refused(RequestFactory().get("/"), refused)
    assert answer.status_code == status
    said = words(answer.content)
    assert sentence in said
    assert "Secret detail." not in said
