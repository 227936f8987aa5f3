"""Passwords hashed as Twoway hashes them, at a cost fit for accounts that live for one test."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2 with the least rounds and memory it takes."""

    time_cost = 1
    memory_cost = 8
    parallelism = 1
