"""Reads what the checklist of the set-up goes by. Nothing in it is asked of anybody."""

from __future__ import annotations

from datetime import datetime

from twoway.channels.queries import visible_channels
from twoway.compliance.optin import queries as optin
from twoway.compliance.optin.forms import queries as forms
from twoway.compliance.quiet.queries import hours_of
from twoway.compliance.revocation.queries import own_words
from twoway.conversations.views.queries import visible_views
from twoway.desk.setup_rules import Facts
from twoway.messaging.cost.queries import standings
from twoway.messaging.progress import progress_of
from twoway.messaging.tone.queries import guide_of
from twoway.notifications import queries as notifications
from twoway.replies.queries import visible_to
from twoway.sla.queries import goal_of
from twoway.teams import queries as teams
from twoway.teams.actor import Actor


def facts_of(actor: Actor, workspace: teams.Workspace, *, at: datetime) -> Facts:
    """What is known of the actor's workspace; some fifteen short statements, for this one page."""
    numbers = [channel.provider for channel in visible_channels(actor) if channel.is_active]
    texts, tone = progress_of(actor), guide_of(actor.workspace_id)
    wish = notifications.wish_of(actor)
    return Facts(
        reply_goal=goal_of(actor.workspace_id),
        teams_with_people=sum(team.member_count > 0 for team in teams.teams(actor)),
        shared_views=visible_views(actor).exclude(scope="private").count(),
        people=len(teams.members(actor)),
        practised=texts.practised,
        shared_replies=visible_to(actor).filter(scope="all", archived_at=None).count(),
        has_tone=bool(tone.guide or tone.avoided),
        has_quiet_hours=bool(hours_of(actor.workspace_id)),
        has_answers=bool(workspace.help_text or workspace.stop_text or workspace.start_text),
        own_words=len(own_words(actor)),
        numbers=len(numbers),
        real_numbers=sum(provider != "simulator" for provider in numbers),
        received=texts.received,
        answered=texts.answered,
        published_forms=sum(form.is_active for form in forms.forms(actor)),
        topics=len(optin.topics(actor)),
        budgets=len(standings(actor, at=at)),
        is_told=bool(wish.ways or wish.quiet_from or notifications.devices(actor)),
    )
