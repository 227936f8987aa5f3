"""The demo's opt-in form, its topics, and who agreed to what in the days before the stories."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from twoway.channels.models import Channel
from twoway.compliance.consent import actions as consent
from twoway.compliance.optin import actions as optin
from twoway.compliance.optin.forms import actions as forms
from twoway.compliance.optin.forms.actions import FormWish, Sent
from twoway.compliance.optin.forms.queries import latest
from twoway.compliance.optin.forms.rules import DISCLOSURE, Box, Wording
from twoway.compliance.optin.models import FormVersion, Topic
from twoway.compliance.optin.topics import actions as topics
from twoway.compliance.optin.topics.actions import TopicWish
from twoway.contacts import actions as contacts
from twoway.contacts.models import Identity
from twoway.ops.demo import dental
from twoway.ops.demo.threads import Cast
from twoway.sms import phone
from twoway.teams.actor import system

SLUG = "alder-street"
PEOPLE: Mapping[str, str] = {
    story.name: story.phone for story in dental.STORIES if story.name in {*dental.SIGNED_UP, *dental.TOLD_US}
}
_BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X)"
_SITE = "https://alderstreet.example/text-us"


def agree(*, cast: Cast, numbers: Mapping[str, Channel], at: datetime) -> None:
    """Publish the form and write the ledger by the actions people use, in order of time, all before `at`."""
    channel = numbers[dental.NUMBER]
    reminders, offers = _topics(cast, channel, at=at - timedelta(days=12))
    version = _form(cast, channel, (reminders, offers), at=at - timedelta(days=12))
    known = {name: _person(channel, name, number, at=at - timedelta(days=7)) for name, number in PEOPLE.items()}
    for name, ago, wants in (
        ("Hana Berg", dental.SIGNED_UP["Hana Berg"], [reminders]),
        ("Mei Tanaka", dental.SIGNED_UP["Mei Tanaka"], [reminders, offers]),
    ):
        _sign_up(version, known[name], wants, at=at - timedelta(minutes=ago))
    _said_yes(known["Mei Tanaka"], channel, at=at - timedelta(minutes=dental.SIGNED_UP["Mei Tanaka"] - 2))
    consent.grant(
        identity=known["Lucille Grant"],
        purpose="reminder",
        level="express",
        method="paper",
        proof={"note": "New patient form, signed at the front desk"},
        by=cast.of("Priya"),
        at=at - timedelta(minutes=dental.TOLD_US["Lucille Grant"]),
    )
    consent.withdraw(
        identity=known["Marco DiNapoli"],
        purpose="promotion",
        method="agent",
        proof={"note": "Said at the desk: bills yes, offers no"},
        by=cast.of("Tom"),
        at=at - timedelta(minutes=dental.TOLD_US["Marco DiNapoli"]),
    )
    waits = at - timedelta(minutes=dental.SIGNED_UP["Paul Simmons"])
    _sign_up(version, known["Paul Simmons"], [offers], at=waits)


def _topics(cast: Cast, channel: Channel, *, at: datetime) -> tuple[Topic, Topic]:
    reminders = TopicWish(
        keyword="VISITS",
        label="Appointments",
        description="Reminders and changes of your visits.",
        frequency="About 4 a month",
        purpose="reminder",
        channel_ids=[channel.pk],
        is_double=False,
    )
    offers = TopicWish(
        keyword="OFFERS",
        label="Occasional offers",
        description="Not needed to be a patient.",
        frequency="Up to 2 a month",
        purpose="promotion",
        channel_ids=[channel.pk],
    )
    by = cast.of("Ana")
    return topics.save(wish=reminders, by=by, at=at), topics.save(wish=offers, by=by, at=at)


def _form(cast: Cast, channel: Channel, offered: tuple[Topic, Topic], *, at: datetime) -> FormVersion:
    reminders, offers = offered
    wording = Wording(
        title="Text us like you'd text a friend",
        lede="Move a visit, ask about a bill, send a photo of your insurance card. A person at the front desk answers.",
        boxes=(
            Box(
                topic_id=reminders.pk,
                label="Text me about my appointments and account",
                description="Reminders, changes and replies. About 4 a month.",
            ),
            Box(
                topic_id=offers.pk,
                label="Also send occasional offers (optional)",
                description="Up to 2 a month. Not needed to be a patient.",
            ),
        ),
        disclosure=DISCLOSURE,
        terms_url="https://alderstreet.example/terms",
        privacy_url="https://alderstreet.example/privacy",
    )
    wish = FormWish(name="Front desk", slug=SLUG, channel_id=channel.pk, wording=wording)
    version = latest(forms.save(wish=wish, by=cast.of("Ana"), at=at))
    if version is None:
        raise LookupError("The form was just published and has no version.")
    return version


def _person(channel: Channel, name: str, number: str, *, at: datetime) -> Identity:
    by = system(channel.workspace_id)
    return contacts.find_or_create(identity=phone.Identity("phone", number), name=name, by=by, at=at)[0]


def _sign_up(version: FormVersion, identity: Identity, wants: list[Topic], *, at: datetime) -> None:
    """What the public page does, but for the question by text: the stories hold that."""
    sent = Sent(
        version=version,
        topic_ids=tuple(topic.pk for topic in wants),
        address="192.0.2.44",
        user_agent=_BROWSER,
        source_url=_SITE,
    )
    source = forms.keep(sent=sent, identity=identity, at=at)
    optin.request(topics=wants, source=source, by=system(identity.workspace_id), at=at)


def _said_yes(identity: Identity, channel: Channel, *, at: datetime) -> None:
    source = optin.Source(
        identity=identity, channel=channel, method="reply", proof={"words": "YES", "number": channel.address}
    )
    optin.confirm(source=source, by=system(identity.workspace_id), at=at)
