"""The cast, the clock and the database every test may ask for.

Ana owns the workspace, Ben is an agent in it, Cleo belongs to another workspace; see `tests/cast.py`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import datetime
from types import SimpleNamespace

import hypothesis
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from hypothesis import HealthCheck

from tests import emptying, environment, make, turns
from tests.cast import NOW, Player
from twoway.channels.models import Channel
from twoway.teams.models import Workspace

__all__ = ["NOW", "Player"]


def pytest_configure(config: pytest.Config) -> None:
    """Refuse settings that would read the developer's own data folder and database."""
    if os.environ.get("DJANGO_SETTINGS_MODULE") != "tests.settings":
        raise pytest.UsageError("Tests take their settings from tests.settings; leave DJANGO_SETTINGS_MODULE alone.")
    emptying.install()
    # How fast examples are made says how busy the machine is, and nothing about the program.
    patient = hypothesis.settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    hypothesis.settings.register_profile("twoway", patient)
    hypothesis.settings.load_profile("twoway")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        items[:] = turns.by_turns(items)


def pytest_unconfigure() -> None:
    environment.clean_up()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Start the server before pytest-django makes its databases, and let go of every connection after."""
    environment.start_database()
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = environment.migrated()
    yield
    for connection in connections.all(initialized_only=True):
        connection.close()
        if isinstance(connection, DatabaseWrapper):
            connection.close_pool()


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def workspace(db: None) -> Workspace:
    return make.make_workspace(name="Ridgeway Carshare", at=NOW)


@pytest.fixture
def ana(workspace: Workspace) -> Player:
    """The owner."""
    return Player(member=make.make_member(workspace, "Ana", role="owner", at=NOW))


@pytest.fixture
def ben(workspace: Workspace) -> Player:
    """An agent."""
    return Player(member=make.make_member(workspace, "Ben", role="agent", at=NOW))


@pytest.fixture
def cleo(db: None) -> Player:
    """The owner of another workspace."""
    elsewhere = make.make_workspace(name="Elsewhere", at=NOW)
    return Player(member=make.make_member(elsewhere, "Cleo", role="owner", at=NOW))


@pytest.fixture
def channel(workspace: Workspace) -> Channel:
    """One of our numbers, at the simulator."""
    return make.make_channel(workspace, at=NOW)


@pytest.fixture
def clients(ana: Player, ben: Player, cleo: Player) -> SimpleNamespace:
    """Signed-in browsers: `clients.ana`, `clients.ben`, `clients.cleo`."""
    return SimpleNamespace(ana=ana.client, ben=ben.client, cleo=cleo.client)
