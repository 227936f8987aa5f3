"""How people get and use an account: nobody signs up by themselves, they are added by an owner or an admin."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by first run and by members with the right to add people."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
