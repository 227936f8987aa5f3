"""Topics, forms and imports for tests, each with just what a test wants to say about it."""

from __future__ import annotations

from typing import Any

from tests.conftest import NOW
from twoway.channels.models import Channel
from twoway.compliance.optin.forms import actions as forms
from twoway.compliance.optin.forms import rules
from twoway.compliance.optin.forms.actions import FormWish
from twoway.compliance.optin.forms.rules import Box, Wording
from twoway.compliance.optin.imports import actions as imports
from twoway.compliance.optin.imports import rules as import_rules
from twoway.compliance.optin.imports.actions import ImportWish
from twoway.compliance.optin.models import Form, Import, Topic
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.teams.actor import Actor

PROVEN = "Paper form signed 2026-02-11"


def make_topic(by: Actor, channel: Channel, **fields: Any) -> Topic:
    """A topic of one number: visits, by double opt-in."""
    given = {"keyword": "VISITS", "label": "Visits", "purpose": "reminder", "channel_ids": [channel.pk], **fields}
    return topics.save(wish=TopicWish(**given), by=by, at=NOW)


def form_wish(topic: Topic, channel: Channel, **fields: str) -> FormWish:
    """A form for one topic; `disclosure` and the columns of a form may be other ones."""
    wording = Wording(
        title="Text with us",
        lede="A person answers.",
        boxes=(Box(topic_id=topic.id, label="Text me about my visits", description="About 4 a month."),),
        disclosure=fields.pop("disclosure", rules.DISCLOSURE),
        terms_url="https://example.com/terms",
        privacy_url="https://example.com/privacy",
    )
    given = {"name": "Web", "slug": "alder-street", "origins": "https://shop.example", "countries": "US, CA", **fields}
    return FormWish(channel_id=channel.pk, wording=wording, **given)


def make_form(by: Actor, channel: Channel, topic: Topic, **fields: str) -> Form:
    """A published form."""
    return forms.save(wish=form_wish(topic, channel, **fields), by=by, at=NOW)


def begin(by: Actor, channel: Channel, topic: Topic, text: str, **mapping: int | None) -> Import:
    """A file that was checked, or is being checked when it is long."""
    columns = mapping or rules_guess(text)
    content = text.encode()
    wish = ImportWish(
        file_name="people.csv", content=content, mapping=columns, topic=topic, channel=channel, attests=True
    )
    return imports.begin(wish=wish, by=by, at=NOW)


def rules_guess(text: str) -> dict[str, int | None]:
    """The columns as Twoway guesses them."""
    return dict(import_rules.guess(import_rules.header(text)))
