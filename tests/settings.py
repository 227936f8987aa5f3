"""The settings of a test run: Twoway's own, read from an environment made for this run."""

from __future__ import annotations

from importlib import import_module

from tests import environment

environment.prepare()

globals().update({name: value for name, value in vars(import_module("twoway.settings")).items() if name.isupper()})
PASSWORD_HASHERS = ["tests.hashing.QuickArgon2PasswordHasher"]
UNDO_SECONDS = 0
