"""The demo's saved replies and macros."""

from __future__ import annotations

from datetime import datetime

from twoway.replies import actions
from twoway.replies.actions import MacroTerms, ReplyTerms
from twoway.replies.models import Reply
from twoway.teams.actor import Actor


def prepare(*, by: Actor, at: datetime) -> None:
    """The starter set, a reply in two languages, a help article, and two macros with their keys."""
    actions.add_starter_set(by=by, at=at)
    late, closing = _replies(by=by, at=at)
    _macros(late=late, closing=closing, by=by, at=at)


def _replies(*, by: Actor, at: datetime) -> tuple[Reply, Reply]:
    """The replies of our own; returned are the two that macros use."""
    late = actions.add_reply(
        terms=ReplyTerms(
            name="Cleaner running late",
            folder="Delays",
            scope="all",
            body="Hi {first_name|there}, your cleaner is running about {minutes} min behind and will be there by {eta}."
            " Sorry for the wait. Reply MOVE to pick another time.",
            variants={
                "es": "Hola {first_name|}, su equipo llega unos {minutes} min tarde, a las {eta}. Disculpe la espera."
            },
        ),
        by=by,
        at=at,
    )
    actions.add_reply(
        terms=ReplyTerms(
            name="Unlock the car by hand",
            word="unlock",
            folder="Help",
            scope="all",
            kind="article",
            steps=["Hold the app to the windshield sensor", "Wait for two blinks", "Pull the driver's handle"],
            url="https://example.com/help/unlock",
        ),
        by=by,
        at=at,
    )
    closing = actions.add_reply(
        terms=ReplyTerms(
            name="All sorted", word="sorted", folder="Closing", scope="all", body="All sorted. Text us any time."
        ),
        by=by,
        at=at,
    )
    return late, closing


def _macros(*, late: Reply, closing: Reply, by: Actor, at: datetime) -> None:
    actions.add_macro(
        terms=MacroTerms(
            name="Sorted and done",
            key="alt+1",
            scope="all",
            steps=[{"do": "reply", "value": closing.pk}, {"do": "done"}],
        ),
        by=by,
        at=at,
    )
    actions.add_macro(
        terms=MacroTerms(
            name="Late: mine, and write",
            key="alt+2",
            when="replying",
            scope="all",
            steps=[{"do": "fill", "value": late.pk}, {"do": "assign_me"}],
        ),
        by=by,
        at=at,
    )
