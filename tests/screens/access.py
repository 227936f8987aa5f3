"""Matrices of addresses: for each its methods and roles, and what is wrong with the answers that were given.

One workspace serves many calls: whatever a call writes is undone before the next, and everybody signs in anew for each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from django.db import transaction
from django.test import Client
from django.urls import reverse

from tests.cast import Player

Method = Literal["GET", "POST"]
EVERYBODY = frozenset({"owner", "admin", "manager", "agent", "viewer"})
ADMINS = frozenset({"owner", "admin"})
MANAGERS = ADMINS | {"manager"}
TEXTERS = MANAGERS | {"agent"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """One address: its methods, which roles may, and the ids in it (names of things, parted by blanks)."""

    methods: tuple[Method, ...]
    roles: frozenset[str]
    key: str = ""


@dataclass(frozen=True)
class Matrix:
    """Addresses by URL name. What its methods return goes by method and name, and is empty when all is well."""

    places: dict[str, Place]

    def address(self, name: str, things: dict[str, object]) -> str:
        """The path of an address; `things` has a value for each of its ids."""
        keys = self.places[name].key.split()
        return reverse(f"desk:{name}", kwargs={key: things[key] for key in keys})

    def wrong_for_role(self, player: Player, things: dict[str, object]) -> dict[str, int]:
        """The statuses this member should not have got: who may is answered, who may not gets 403."""

        def is_right(place: Place, method: Method, answer: Any) -> bool:
            if player.member.role not in place.roles:
                return bool(answer.status_code == 403)
            return answer.status_code in ({200} if method == "GET" else {200, 302, 422})

        return self._wrong(lambda: player.client, things, is_right)

    def refused_to(self, player: Player, things: dict[str, object]) -> set[str]:
        """Which of the addresses answer this member 403, with whatever method."""
        return {one.partition(" ")[2] for one in self._wrong(lambda: player.client, things, _is_let_in)}

    def open_to_nobody(self, things: dict[str, object]) -> dict[str, int]:
        """The statuses of what did not ask somebody without an account to sign in."""

        def is_right(_place: Place, _method: Method, answer: Any) -> bool:
            return answer.status_code == 302 and str(answer["Location"]).startswith(reverse("account_login"))

        return self._wrong(Client, things, is_right)

    def found_by_stranger(
        self, stranger: Player, things: dict[str, object], *, common: frozenset[str] = frozenset()
    ) -> dict[str, int]:
        """Where another workspace's owner did not get 404 on our ids. Those in `common` mean the same everywhere."""

        def is_right(_place: Place, _method: Method, answer: Any) -> bool:
            return bool(answer.status_code == 404)

        def has_ids(place: Place, _method: Method) -> bool:
            return bool(set(place.key.split()) - common)

        return self._wrong(lambda: stranger.client, things, is_right, only=has_ids)

    def taken_without_token(self, player: Player, things: dict[str, object]) -> dict[str, int]:
        """Where a form without its protection token was not refused with the page that says so."""

        def client() -> Client:
            made = Client(enforce_csrf_checks=True)
            made.force_login(player.member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
            return made

        def is_right(_place: Place, _method: Method, answer: Any) -> bool:
            return answer.status_code == 403 and "That page was too old." in answer.content.decode()

        return self._wrong(client, things, is_right, only=lambda _place, method: method == "POST")

    def written_by_link(self, player: Player, things: dict[str, object]) -> dict[str, int]:
        """The addresses for writing only that a link could open."""
        found = {}
        for name, place in self.places.items():
            if place.methods == ("POST",):
                status = player.client.get(self.address(name, things)).status_code
                if status != 405:
                    found[f"GET {name}"] = status
        return found

    def _wrong(
        self,
        client: Callable[[], Client],
        things: dict[str, object],
        is_right: Callable[[Place, Method, Any], bool],
        *,
        only: Callable[[Place, Method], bool] = lambda _place, _method: True,
    ) -> dict[str, int]:
        found = {}
        asked = [(name, place, method) for name, place in self.places.items() for method in place.methods]
        for name, place, method in asked:
            if only(place, method):
                with undone(f"{method} {name}"):
                    answer = call(client(), method, self.address(name, things))
                    if not is_right(place, method, answer):
                        found[f"{method} {name}"] = answer.status_code
        return found


def _is_let_in(_place: Place, _method: Method, answer: Any) -> bool:
    return bool(answer.status_code != 403)


def call(client: Client, method: Method, url: str) -> Any:
    """The answer to one request."""
    return client.get(url) if method == "GET" else client.post(url)


@contextmanager
def undone(words: str) -> Iterator[None]:
    """Take back what is written in the block. An error in it names `words`."""
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    except Exception as error:
        error.add_note(words)
        raise
