"""Quiet hours, purposes and caps: what is shown, set, refused beside its field; and the customer's clock."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from tests import make
from tests.cast import NOW, Player
from tests.screens_html import html_of, on_screen, plain
from tests.screens_rules import inline_code
from twoway.channels.models import Channel
from twoway.compliance.pacing.models import Pacing
from twoway.compliance.purposes.queries import first_text_needs_consent, rules_of
from twoway.compliance.quiet import actions
from twoway.compliance.quiet.models import Place, QuietHours
from twoway.conversations.models import Conversation
from twoway.events.queries import audit_entries
from twoway.teams.models import Workspace

QUIET, PACING = "desk:compliance_quiet", "desk:compliance_pacing"
HOURS = {
    "profile": "safe",
    "weekdays_from": "600",
    "weekdays_to": "1080",
    "saturday_from": "",
    "saturday_to": "",
    "sunday_from": "",
    "sunday_to": "",
}
PURPOSE = {"label": "Back in stock", "slug": "back_in_stock", "level": "express", "keeps_quiet_hours": "on"}


def page(player: Player, name: str) -> str:
    html = html_of(player.client.get(reverse(name)))
    assert inline_code(html) == []
    return html


def zone_at(hour: int) -> str:
    """A zone in which it is this hour now, whenever the test runs."""
    ahead = (hour - timezone.now().astimezone(ZoneInfo("UTC")).hour + 11) % 24 - 11
    return f"Etc/GMT{'-' if ahead >= 0 else '+'}{abs(ahead)}"


def test_the_day_of_each_zone_and_the_law_of_each_state(ana: Player) -> None:
    html = page(ana, QUIET)
    words = plain(html)
    assert html.count('class="day24"') == 6
    assert "9 AM to 8 PM on weekdays and Saturday, 12 PM to 8 PM on Sunday, not on public holidays" in words
    assert "Rhode Island" in words
    assert "At most 3 in 24 hours on one subject" in words
    assert "8 PM in one source, 9 PM in another" in words


def test_admins_set_stricter_hours(ana: Player) -> None:
    answer = ana.client.post(reverse("desk:compliance_quiet_edit"), HOURS)
    assert answer.status_code == 302
    row = QuietHours.objects.get()
    assert (row.weekday_from, row.weekday_to, row.saturday_from, row.sunday_to) == (600, 1080, None, None)
    assert "10 AM to 6 PM on weekdays, not on Saturday, not on Sunday" in plain(page(ana, QUIET))


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"weekdays_from": "1080", "weekdays_to": "600"}, "The end comes after the beginning."),
        ({"weekdays_from": "0"}, "Select a valid choice."),
        ({"saturday_from": "600"}, "Choose both times, or close the day at both."),
        ({"profile": "legal"}, "Confirm that you have had these hours checked"),
        ({"profile": "none"}, "Select a valid choice."),
    ],
)
def test_hours_that_are_none_are_refused_and_kept_in_the_form(ana: Player, changed: dict[str, str], words: str) -> None:
    answer = ana.client.post(reverse("desk:compliance_quiet_edit"), {**HOURS, **changed})
    assert answer.status_code == 422
    assert words in plain(html_of(answer))
    assert not QuietHours.objects.exists()


def test_the_legal_minimum_says_who_chose_it(ana: Player) -> None:
    form = {**HOURS, "profile": "legal", "acknowledges": "on"}
    assert ana.client.post(reverse("desk:compliance_quiet_edit"), form).status_code == 302
    words = plain(page(ana, QUIET))
    assert "Ana chose the legal minimum" in words
    assert "8 AM to 9 PM every day" in words


def attempt(player: Player, number: str) -> str:
    return plain(html_of(player.client.post(reverse("desk:compliance_quiet_try"), {"number": number})))


def test_a_number_is_tried(ana: Player, workspace: Workspace) -> None:
    assert "Not now (800) 555-0199 This number doesn't say where they are." in attempt(ana, "800 555 0199")
    contact = make.make_contact(workspace, at=NOW)
    make.make_identity(contact, at=NOW, value="+18005550199")
    actions.set_place(contact=contact, time_zone=zone_at(3), at=NOW, by=ana.actor)
    assert "Not now (800) 555-0199 It's 3:" in attempt(ana, "800 555 0199")
    assert "Law: Florida, Federal (TCPA)." in attempt(ana, "(305) 555-0123")
    assert "This is not a phone number." in attempt(ana, "nobody")


def test_a_purpose_of_ones_own_is_added_changed_and_retired(ana: Player, workspace: Workspace) -> None:
    assert ana.client.post(reverse("desk:compliance_pacing_add"), {**PURPOSE, "per_day": "1"}).status_code == 302
    assert rules_of(workspace.pk)["back_in_stock"].per_day == 1
    assert "Back in stock back_in_stock , your own Express Doesn't age 1 a day Kept As replies" in plain(
        page(ana, PACING)
    )
    again = ana.client.post(reverse("desk:compliance_pacing_add"), PURPOSE)
    assert "There is a purpose of this name already." in plain(html_of(again))
    change = reverse("desk:compliance_pacing_purpose", args=["back_in_stock"])
    assert ana.client.post(change, {**PURPOSE, "per_week": "2"}).status_code == 302
    assert (rules_of(workspace.pk)["back_in_stock"].per_day, rules_of(workspace.pk)["back_in_stock"].per_week) == (
        None,
        2,
    )
    assert ana.client.post(reverse("desk:compliance_pacing_retire", args=["back_in_stock"])).status_code == 302
    assert "back_in_stock" not in rules_of(workspace.pk)


def test_a_given_purpose_is_made_stricter_never_looser(ana: Player, workspace: Workspace) -> None:
    url = reverse("desk:compliance_pacing_purpose", args=["reminder"])
    form = {"label": "Reminder", "level": "express", "keeps_quiet_hours": "on", "per_day": "1", "per_week": "3"}
    looser = ana.client.post(url, {**form, "per_day": "9"})
    assert "Reminder texts demand more than that." in plain(html_of(looser))
    assert 'value="9"' in looser.content.decode()
    assert ana.client.post(url, form).status_code == 302
    assert rules_of(workspace.pk)["reminder"].per_day == 1
    assert "made stricter" in plain(page(ana, PACING))
    ana.client.post(reverse("desk:compliance_pacing_retire", args=["reminder"]))
    assert rules_of(workspace.pk)["reminder"].per_day == 3


@pytest.mark.parametrize("slug", ["reply", "emergency", "opt_out_notice", "nothing"])
def test_what_is_no_purpose_to_change_is_not_found(ana: Player, slug: str) -> None:
    assert ana.client.get(reverse("desk:compliance_pacing_purpose", args=[slug])).status_code == 404


def test_the_guard_and_first_texts(ana: Player, workspace: Workspace) -> None:
    url = reverse("desk:compliance_pacing_guard")
    bad = ana.client.post(url, {"guard_after": "3", "question": "Want more?"})
    assert "Say in the question that STOP ends the texts." in plain(html_of(bad))
    assert "Want more?" in bad.content.decode()
    assert ana.client.post(url, {"guard_after": "3", "spared": ["survey"], "question": ""}).status_code == 302
    row = Pacing.objects.get()
    assert (row.guard_after, row.spared) == (3, ["emergency", "survey"])
    assert "nothing goes out to them but replies, survey and emergency texts" in plain(page(ana, PACING))
    ana.client.post(reverse("desk:compliance_pacing_policy"), {"first_text_needs_consent": "yes"})
    assert first_text_needs_consent(workspace.pk)
    ana.client.post(reverse("desk:compliance_pacing_policy"), {"first_text_needs_consent": "no"})
    assert not first_text_needs_consent(workspace.pk)


# Beside a conversation ------------------------------------------------------------------------------------------------


@pytest.fixture
def talk(channel: Channel) -> Conversation:
    wrote = timezone.now() - timedelta(hours=1)
    contact = make.make_contact(channel.workspace, at=NOW, name="Dana")
    identity = make.make_identity(contact, at=NOW, value="+12025550171")
    return make.make_conversation(channel, at=wrote, messages=1, contact=contact, identity=identity)


def test_where_they_are_is_said_and_the_composer_tells_their_time(ben: Player, talk: Conversation) -> None:
    url = reverse("desk:contact_place", args=[talk.pk])
    assert "Where they are" in plain(html_of(ben.client.get(url, headers=on_screen())))
    given = {"time_zone": zone_at(3), "region": "US-FL", "is_their_word": "yes"}
    assert ben.client.post(url, given).status_code == 302
    row = Place.objects.get()
    assert (row.country, row.state, row.told_by, row.by_name) == ("US", "FL", "customer", "Ben")
    thread = plain(html_of(ben.client.get(reverse("desk:conversation", args=[talk.pk]))))
    assert "for them. Your reply goes out now: direct replies are exempt from quiet hours." in thread
    form = plain(html_of(ben.client.get(url, headers=on_screen())))
    assert "They told us, Ben." in form


def test_in_their_daytime_the_composer_says_nothing(ben: Player, talk: Conversation) -> None:
    hours = actions.HoursWanted(profile="legal", acknowledges=True)
    make_admin = make.make_member(talk.workspace, "Ada", role="admin", at=NOW)
    actions.set_hours(wanted=hours, at=NOW, by=Player(member=make_admin).actor)
    actions.set_place(contact=talk.contact, time_zone=zone_at(14), told_by="customer", at=NOW, by=ben.actor)
    thread = plain(html_of(ben.client.get(reverse("desk:conversation", args=[talk.pk]))))
    assert "direct replies are exempt" not in thread


def test_a_place_that_is_none_is_refused(ben: Player, talk: Conversation) -> None:
    url = reverse("desk:contact_place", args=[talk.pk])
    answer = ben.client.post(url, {"time_zone": "Mars/Base", "region": "US-ZZ"}, headers=on_screen())
    assert "Write a state in two letters" in plain(html_of(answer))
    assert not Place.objects.exists()
    assert [entry.action for entry in audit_entries(talk.workspace_id)] == []
