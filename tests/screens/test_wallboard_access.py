"""The wallboard and the forecast on screen: who may open them, what a screen on the wall shows, and what it doesn't."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, Matrix, Place
from tests.screens_html import html_of, plain
from twoway.analytics.forecast.actions import count_workspace
from twoway.analytics.forecast.models import StaffingTerms
from twoway.analytics.wallboard import actions, queries
from twoway.analytics.wallboard.models import BoardLink
from twoway.analytics.wallboard.rules import MANY_LOOKS
from twoway.channels.models import Channel
from twoway.desk import urls_wallboard
from twoway.desk.builders.forecast import COLUMNS
from twoway.routing.models import Queue
from twoway.teams import tickets
from twoway.teams.models import Workspace

MATRIX = Matrix(
    {
        "forecast": Place(methods=("GET",), roles=MANAGERS),
        "forecast_csv": Place(methods=("GET",), roles=MANAGERS),
        "forecast_terms": Place(methods=("POST",), roles=MANAGERS),
        "wallboard": Place(methods=("GET",), roles=MANAGERS),
        "wallboard_now": Place(methods=("GET",), roles=MANAGERS),
        "wallboard_ticket": Place(methods=("GET",), roles=MANAGERS),
        "settings_wallboard": Place(methods=("GET",), roles=ADMINS),
        "settings_wallboard_everybody": Place(methods=("POST",), roles=ADMINS),
        "settings_wallboard_add": Place(methods=("GET", "POST"), roles=ADMINS),
        "settings_wallboard_renew": Place(methods=("POST",), roles=ADMINS, key="link_id"),
        "settings_wallboard_revoke": Place(methods=("POST",), roles=ADMINS, key="link_id"),
    }
)


@pytest.fixture
def things(ana: Player) -> dict[str, object]:
    link, _ = actions.make_link(by=ana.actor, name="Hall", at=NOW)
    return {"link_id": link.pk}


@pytest.fixture
def waiting(channel: Channel) -> None:
    """Dana has waited for twenty minutes."""
    at = timezone.now() - timedelta(minutes=20)
    make.make_conversation(channel, at=at, messages=1, name="Dana Whitfield")


def test_every_address_is_in_the_matrix() -> None:
    assert {pattern.name for pattern in urls_wallboard.urlpatterns} == set(MATRIX.places)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_each_role(role: str, workspace: Workspace, things: dict[str, object]) -> None:
    player = Player(member=make.make_member(workspace, "Vera", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_nobody_else(things: dict[str, object], ana: Player, cleo: Player) -> None:
    assert MATRIX.open_to_nobody(things) == {}
    assert MATRIX.found_by_stranger(cleo, things) == {}
    assert MATRIX.taken_without_token(ana, things) == {}


def test_it_is_opened_for_everybody(ana: Player, ben: Player, waiting: None) -> None:
    assert ben.client.get("/wallboard/").status_code == 403
    assert "Wallboard" not in html_of(ben.client.get("/profile/"))
    assert ana.client.post(reverse("desk:settings_wallboard_everybody"), {"on": "1"}).status_code == 302
    page = plain(html_of(ben.client.get("/wallboard/")))
    assert "Waiting 1" in page
    assert "Forecast" not in page, "the forecast stays with managers"
    assert 'href="/wallboard/"' in html_of(ben.client.get("/profile/"))


def test_no_customer_is_on_it(ana: Player, waiting: None) -> None:
    for path in ("/wallboard/", "/wallboard/now/"):
        page = html_of(ana.client.get(path))
        assert "20:0" in page
        assert "Dana" not in page
        assert "Where is my car" not in page


def test_the_stream_of_a_board_says_nothing_but_that_something_changed(ana: Player) -> None:
    told = json.loads(ana.client.get("/wallboard/ticket/").content)
    ticket = tickets.read(told["url"].partition("ticket=")[2])
    assert ticket is not None
    assert (ticket.is_board, ticket.member_id, ticket.teams) == (True, 0, frozenset())
    own = tickets.read(tickets.issue(ana.actor))
    assert own is not None
    assert not own.is_board


def test_queues_and_people_where_work_is_given_out(ana: Player, ben: Player, waiting: None) -> None:
    routing_queue(ana)
    queries.forget(ana.member.workspace_id)
    page = plain(html_of(ana.client.get("/wallboard/")))
    assert "Online 0" in page
    assert "Queues" in page
    assert "Billing questions" in page
    assert "none yet" not in page, "in time is counted by team, and this queue has none"


def routing_queue(by: Player) -> Queue:
    return Queue.objects.create(workspace=by.member.workspace, name="Billing questions", created_at=NOW)


# A screen on the wall -------------------------------------------------------------------------------------------------


@pytest.fixture
def address(ana: Player) -> str:
    """The path of a link, as the settings show it once."""
    page = html_of(ana.client.post(reverse("desk:settings_wallboard_add"), {"name": "Hall"}))
    assert "/wall/" in page
    return page.partition('value="http://testserver')[2].partition('"')[0]


def test_a_link_shows_numbers_and_names_nobody(address: str, ana: Player, ben: Player, waiting: None) -> None:
    routing_queue(ana)
    for path in (address, f"{address}now/"):
        answer = Client().get(path)
        page = html_of(answer)
        assert "Waiting" in page
        assert "20:0" in page
        for word in ("Dana", "Where is my car", "Ana", "Ben", "/c/", "Forecast", 'href="/inbox'):
            assert word not in page, word
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in answer.headers["Cache-Control"]
    assert json.loads(Client().get(f"{address}ticket/").content)["url"].startswith("/live?ticket=")
    assert BoardLink.objects.get().used_at is not None


def test_its_address_is_shown_once(address: str, ana: Player) -> None:
    assert address.split("/")[2] not in html_of(ana.client.get(reverse("desk:settings_wallboard")))


def test_it_reads_as_its_workspace_does(address: str, workspace: Workspace) -> None:
    Workspace.objects.filter(id=workspace.pk).update(language="es")
    queries.forget(workspace.pk)
    answer = Client(headers={"accept-language": "en"}).get(address)
    assert '<html lang="es"' in html_of(answer)
    assert answer.headers["Content-Language"] == "es"


def test_a_link_that_was_revoked_or_never_was_is_gone(address: str, ana: Player) -> None:
    for path in ("/wall/nonsense/", "/wall/nonsense/now/", "/wall/nonsense/ticket/"):
        assert Client().get(path).status_code == 404
    link = BoardLink.objects.get()
    assert ana.client.post(reverse("desk:settings_wallboard_revoke", args=[link.pk])).status_code == 302
    for path in (address, f"{address}now/", f"{address}ticket/"):
        answer = Client().get(path)
        assert answer.status_code == 404
        assert "Waiting" not in html_of(answer)


def test_a_new_address_ends_the_old_one(address: str, ana: Player) -> None:
    page = html_of(ana.client.post(reverse("desk:settings_wallboard_renew", args=[BoardLink.objects.get().pk])))
    other = page.partition('value="http://testserver')[2].partition('"')[0]
    assert other != address
    assert Client().get(address).status_code == 404
    assert Client().get(other).status_code == 200


def test_a_link_answers_so_often(address: str) -> None:
    told = [Client().get(f"{address}ticket/").status_code for _ in range(MANY_LOOKS + 1)]
    assert told[0] == 200
    assert told[-1] == 429


def test_nothing_is_posted_to_it(address: str) -> None:
    assert Client().post(address).status_code == 405


# The forecast ---------------------------------------------------------------------------------------------------------


def test_the_forecast_on_screen_and_as_a_file(ana: Player, waiting: None) -> None:
    count_workspace(workspace_id=ana.member.workspace_id, at=timezone.now())
    page = plain(html_of(ana.client.get("/forecast/")))
    assert "Today" in page
    assert "Less than a week is known yet." in page
    assert ana.client.get("/forecast/?day=2000-01-01").status_code == 200
    assert ana.client.get("/forecast/?day=nonsense").status_code == 200
    rows = list(csv.reader(io.StringIO(html_of(ana.client.get("/forecast/export.csv")))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) >= 1 + 22 * 46
    assert {len(row) for row in rows} == {len(COLUMNS)}


def test_what_it_reckons_with_is_changed_there(ana: Player) -> None:
    given = {"share": "90", "target": "10", "handle": "", "concurrency": "2", "shrinkage": "25"}
    assert ana.client.post(reverse("desk:forecast_terms"), given).status_code == 302
    row = StaffingTerms.objects.get()
    assert (row.share, row.target, row.handle, row.concurrency, row.shrinkage) == (90, 600, None, 2, 25)
    assert "90% of them within 10 min" in plain(html_of(ana.client.get("/forecast/")))
    wrong = ana.client.post(reverse("desk:forecast_terms"), given | {"share": "100"})
    assert wrong.status_code == 422
    assert StaffingTerms.objects.get().share == 90
