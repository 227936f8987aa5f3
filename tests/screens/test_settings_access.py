"""Who may open what: every address of the settings, the profile, quarantine and the simulator, for everybody."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from tests import make
from tests.conftest import NOW, Player
from tests.screens.access import ADMINS, EVERYBODY, MANAGERS, TEXTERS, Matrix, Place
from twoway.channels import simulator
from twoway.channels.brands import actions as brands
from twoway.channels.brands.actions import BrandWish, CampaignWish
from twoway.channels.models import Channel
from twoway.channels.numbers import actions as numbers
from twoway.channels.pools import actions as pools
from twoway.desk import urls_settings
from twoway.messaging.cost import actions as costs
from twoway.messaging.models import QuarantineEntry
from twoway.providers.numbers import Hosted, HostState, HostWish
from twoway.teams import actions
from twoway.teams.inviting import actions as inviting
from twoway.teams.models import Workspace

PLACES: dict[str, Place] = {
    "profile": Place(methods=("GET", "POST"), roles=EVERYBODY),
    "profile_sign_out_elsewhere": Place(methods=("POST",), roles=EVERYBODY),
    "keys": Place(methods=("GET", "POST"), roles=EVERYBODY),
    "keys_reset": Place(methods=("POST",), roles=EVERYBODY),
    "settings": Place(methods=("GET",), roles=EVERYBODY),
    "settings_workspace": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_meter": Place(methods=("POST",), roles=ADMINS),
    "settings_members": Place(methods=("GET",), roles=ADMINS),
    "settings_member_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_member": Place(methods=("GET", "POST"), roles=ADMINS, key="member_id"),
    "settings_member_deactivate": Place(methods=("POST",), roles=ADMINS, key="member_id"),
    "settings_member_restore": Place(methods=("POST",), roles=ADMINS, key="member_id"),
    "settings_member_link": Place(methods=("POST",), roles=ADMINS, key="member_id"),
    "settings_member_sign_out": Place(methods=("POST",), roles=ADMINS, key="member_id"),
    "settings_invite": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_invitation_renew": Place(methods=("POST",), roles=ADMINS, key="invitation_id"),
    "settings_invitation_revoke": Place(methods=("POST",), roles=ADMINS, key="invitation_id"),
    "settings_teams": Place(methods=("GET",), roles=MANAGERS),
    "settings_team_add": Place(methods=("GET", "POST"), roles=MANAGERS),
    "settings_team": Place(methods=("GET", "POST"), roles=MANAGERS, key="team_id"),
    "settings_team_delete": Place(methods=("POST",), roles=MANAGERS, key="team_id"),
    "settings_tags": Place(methods=("GET",), roles=TEXTERS),
    "settings_tag": Place(methods=("GET", "POST"), roles=TEXTERS, key="tag_id"),
    "settings_tag_delete": Place(methods=("POST",), roles=TEXTERS, key="tag_id"),
    "settings_costs": Place(methods=("GET",), roles=MANAGERS),
    "settings_budget_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_budget": Place(methods=("GET", "POST"), roles=ADMINS, key="budget_id"),
    "settings_budget_delete": Place(methods=("POST",), roles=ADMINS, key="budget_id"),
    "settings_prices": Place(methods=("GET",), roles=MANAGERS),
    "settings_price_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_price_delete": Place(methods=("POST",), roles=ADMINS, key="price_id"),
    "settings_tokens": Place(methods=("GET",), roles=ADMINS),
    "settings_token_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_token_revoke": Place(methods=("POST",), roles=ADMINS, key="token_id"),
    "settings_channels": Place(methods=("GET",), roles=ADMINS),
    "settings_channel_choose": Place(methods=("GET",), roles=ADMINS),
    "settings_channel_add": Place(methods=("GET", "POST"), roles=ADMINS, key="provider"),
    "settings_channel": Place(methods=("GET", "POST"), roles=ADMINS, key="channel_id"),
    "settings_channel_keys": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_channel_check": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_channel_templates": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_channel_test": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_channel_deactivate": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_number_get": Place(methods=("GET",), roles=ADMINS),
    "settings_number_account": Place(methods=("GET", "POST"), roles=ADMINS, key="provider"),
    "settings_number_account_of": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_number_shop": Place(methods=("GET",), roles=ADMINS, key="account_id"),
    "settings_number_buy": Place(methods=("GET", "POST"), roles=ADMINS, key="account_id"),
    "settings_number_owned": Place(methods=("GET", "POST"), roles=ADMINS, key="account_id"),
    "settings_number_host": Place(methods=("GET", "POST"), roles=ADMINS, key="account_id"),
    "settings_number_order": Place(methods=("POST",), roles=ADMINS, key="order_id"),
    "settings_number_point": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_number_registration": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_number_waive": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_number_release": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_channel_reactivate": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_health": Place(methods=("GET",), roles=ADMINS),
    "settings_health_one": Place(methods=("GET",), roles=ADMINS, key="channel_id"),
    "settings_health_pause": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_health_resume": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_health_retire": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_health_keep": Place(methods=("POST",), roles=ADMINS, key="channel_id"),
    "settings_pools": Place(methods=("GET",), roles=ADMINS),
    "settings_pool_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_pool": Place(methods=("GET", "POST"), roles=ADMINS, key="pool_id"),
    "settings_pool_join": Place(methods=("POST",), roles=ADMINS, key="pool_id"),
    "settings_pool_leave": Place(methods=("POST",), roles=ADMINS, key="pool_id channel_id"),
    "settings_pool_delete": Place(methods=("POST",), roles=ADMINS, key="pool_id"),
    "settings_limits": Place(methods=("GET",), roles=ADMINS),
    "settings_brand_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_brand": Place(methods=("GET", "POST"), roles=ADMINS, key="brand_id"),
    "settings_brand_delete": Place(methods=("POST",), roles=ADMINS, key="brand_id"),
    "settings_campaign_add": Place(methods=("GET", "POST"), roles=ADMINS),
    "settings_campaign": Place(methods=("GET", "POST"), roles=ADMINS, key="campaign_id"),
    "settings_campaign_delete": Place(methods=("POST",), roles=ADMINS, key="campaign_id"),
    "problems": Place(methods=("GET",), roles=MANAGERS),
    "problem": Place(methods=("GET",), roles=MANAGERS, key="reason"),
    "quarantine": Place(methods=("GET",), roles=MANAGERS),
    "quarantine_entry": Place(methods=("GET",), roles=MANAGERS, key="entry_id"),
    "quarantine_replay": Place(methods=("POST",), roles=MANAGERS, key="entry_id"),
    "quarantine_resolve": Place(methods=("POST",), roles=MANAGERS, key="entry_id"),
    "simulator": Place(methods=("GET",), roles=TEXTERS),
    "simulator_phone": Place(methods=("GET",), roles=TEXTERS),
    "simulator_file": Place(methods=("GET",), roles=TEXTERS, key="name"),
    "simulator_text": Place(methods=("POST",), roles=TEXTERS),
    "simulator_start_over": Place(methods=("POST",), roles=TEXTERS),
    "simulator_faults": Place(methods=("POST",), roles=TEXTERS),
}
"""Every name of `urls_settings` but the first run, which has tests of its own."""

MATRIX = Matrix(PLACES)
COMMON = frozenset({"provider", "reason"})
"""Parts of addresses that mean the same in every workspace."""


@pytest.fixture
def things(workspace: Workspace, ana: Player) -> dict[str, object]:
    """One of each thing the addresses name, in Ana's workspace."""
    channel = simulator.add_number(by=ana.actor, at=NOW)
    token, _ = actions.create_token(by=ana.actor, name="Booking system", role="agent", at=NOW)
    entry = QuarantineEntry.objects.create(
        workspace=workspace,
        channel=channel,
        hook=channel.hook,
        kind="inbound",
        reason="bad_signature",
        method="POST",
        url="http://127.0.0.1:8000/hooks/simulator/x/inbound",
        body=b"{}",
        received_at=NOW,
    )
    account = numbers.keep_account(by=ana.actor, provider="simulator", given={}, at=NOW)
    hosted = Hosted(reference="+15035550177", state=HostState.WAITING, detail="At it.")
    wish = HostWish(number="+15035550177")
    order = numbers.record_order(by=ana.actor, account=account, wish=wish, name="", hosted=hosted, at=NOW)
    return {
        "member_id": make.make_member(workspace, "Vic", role="viewer", at=NOW).pk,
        "invitation_id": inviting.invite(by=ana.actor, email="dee@example.com", role="viewer", at=NOW)[0].pk,
        "team_id": make.make_team(workspace, "Front desk", at=NOW).pk,
        "tag_id": make.make_tag(workspace, "Lockout").pk,
        "token_id": token.pk,
        "channel_id": channel.pk,
        "entry_id": entry.pk,
        "account_id": account.pk,
        "order_id": order.pk,
        "budget_id": costs.add_budget(
            by=ana.actor, terms=costs.BudgetTerms(amount=Decimal(10), currency="USD"), at=NOW
        ).pk,
        "price_id": costs.set_price(
            by=ana.actor, terms=costs.PriceTerms(amount=Decimal("0.01"), currency="USD", since=NOW.date()), at=NOW
        ).pk,
        "name": simulator.store().keep_file(content=b"GIF89a", name="photo.gif", content_type="image/gif"),
        "provider": "twilio",
        "reason": "landline",
        "pool_id": pools.create_pool(by=ana.actor, name="Support", at=NOW).pk,
        "brand_id": brands.save_brand(by=ana.actor, wish=BrandWish(name="Ridgeway"), at=NOW).pk,
        "campaign_id": brands.save_campaign(by=ana.actor, wish=CampaignWish(name="Care"), at=NOW).pk,
    }


def test_every_address_has_its_row() -> None:
    names = {pattern.name for pattern in urls_settings.urlpatterns} - {"setup"}
    assert names == set(PLACES)


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_roles(role: str, things: dict[str, object], workspace: Workspace) -> None:
    player = Player(member=make.make_member(workspace, "Kim", role=role, at=NOW))
    assert MATRIX.wrong_for_role(player, things) == {}


def test_somebody_who_is_not_signed_in_is_asked_to(things: dict[str, object]) -> None:
    assert MATRIX.open_to_nobody(things) == {}


def test_an_owner_of_another_workspace_finds_nothing(things: dict[str, object], cleo: Player) -> None:
    assert MATRIX.found_by_stranger(cleo, things, common=COMMON) == {}


def test_a_form_without_its_protection_token_is_refused(things: dict[str, object], ana: Player) -> None:
    assert MATRIX.taken_without_token(ana, things) == {}


def test_writes_are_not_links(things: dict[str, object], ana: Player) -> None:
    assert MATRIX.written_by_link(ana, things) == {}


def test_what_a_role_may_not_open_is_not_offered(workspace: Workspace, ana: Player, ben: Player) -> None:
    offered = ana.client.get(reverse("desk:settings")).content.decode()
    assert reverse("desk:settings_members") in offered
    for_an_agent = ben.client.get(reverse("desk:settings")).content.decode()
    assert reverse("desk:profile") in for_an_agent
    hidden = ("settings_members", "settings_tokens", "settings_channels", "settings_workspace", "quarantine")
    assert not [name for name in hidden if reverse(f"desk:{name}") in for_an_agent]


def test_a_phone_of_another_workspace_can_not_be_used(
    things: dict[str, object], cleo: Player, channel: Channel
) -> None:
    answer = cleo.client.post(reverse("desk:simulator_text"), {"channel": str(things["channel_id"]), "body": "Hi"})
    assert answer.status_code == 404
