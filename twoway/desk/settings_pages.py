"""The pages of the settings column: what they are called, who may open them, in which order they stand."""

from __future__ import annotations

from dataclasses import dataclass

from twoway.lib.words import noted
from twoway.teams.approvals.rules import CONCERNED
from twoway.teams.rules import Right


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """One line of the settings column. `right` is None for what everybody has; `names` are the URL names it covers.

    With one of the rights in `also` it may be opened as well.
    """

    label: str
    words: str
    icon: str
    url_name: str
    right: Right | None
    names: tuple[str, ...] = ()
    also: frozenset[Right] = frozenset()


PAGES: tuple[tuple[str, tuple[Page, ...]], ...] = (
    (
        noted("You"),
        (
            Page(label=noted("Profile"), words=noted("Name, theme"), icon="user", url_name="desk:profile", right=None),
            Page(
                label=noted("Notifications"),
                words=noted("What you're told, how, and when not"),
                icon="bell",
                url_name="desk:notify",
                right=None,
                names=("notifications",),
            ),
            Page(
                label=noted("Times"),
                words=noted("Your time zone and clock"),
                icon="cal",
                url_name="desk:times",
                right=None,
            ),
            Page(
                label=noted("Keyboard shortcuts"),
                words=noted("Your own keys"),
                icon="cmd",
                url_name="desk:keys",
                right=None,
            ),
            Page(
                label=noted("Sign-in and security"),
                words=noted("Password, second step, passkeys"),
                icon="lock",
                url_name="mfa_index",
                right=None,
                names=("account_change_password",),
            ),
            Page(
                label=noted("Time texting"),
                words=noted("How long texts take, and what is measured"),
                icon="clock",
                url_name="desk:effort",
                right=None,
            ),
        ),
    ),
    (
        noted("Workspace"),
        (
            Page(
                label=noted("Get started"),
                words=noted("What is set up, and what is left"),
                icon="flag",
                url_name="desk:setup_steps",
                right=Right.MANAGE_WORKSPACE,
                names=("setup_",),
            ),
            Page(
                label=noted("General"),
                words=noted("Name, time zone, answers to keywords"),
                icon="sliders",
                url_name="desk:settings_workspace",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("People"),
                words=noted("Who works here and what they may do"),
                icon="users",
                url_name="desk:settings_members",
                right=Right.MANAGE_MEMBERS,
                names=("settings_member", "settings_invit"),
            ),
            Page(
                label=noted("Roles"),
                words=noted("What each may see and do"),
                icon="key",
                url_name="desk:settings_roles",
                right=Right.MANAGE_ROLES,
                names=("settings_role",),
            ),
            Page(
                label=noted("Two people"),
                words=noted("What takes a second person's yes"),
                icon="shield",
                url_name="desk:settings_two_people",
                right=Right.MANAGE_ROLES,
                also=CONCERNED,
            ),
            Page(
                label=noted("Teams"),
                words=noted("Who shares work"),
                icon="layers",
                url_name="desk:settings_teams",
                right=Right.MANAGE_TEAMS,
                names=("settings_team",),
            ),
            Page(
                label=noted("Hours"),
                words=noted("When somebody answers"),
                icon="clock",
                url_name="desk:settings_hours",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Queues"),
                words=noted("Who gets which conversation"),
                icon="hourglass",
                url_name="desk:settings_queues",
                right=Right.MANAGE_TEAMS,
                names=("settings_queue", "settings_rule"),
            ),
            Page(
                label=noted("Escalation"),
                words=noted("What goes to a manager, when to call"),
                icon="flag",
                url_name="desk:settings_escalation",
                right=Right.MANAGE_TEAMS,
                names=("settings_escalation", "settings_hint"),
            ),
            Page(
                label=noted("Tags"),
                words=noted("What conversations are about"),
                icon="tag",
                url_name="desk:settings_tags",
                right=Right.TAG,
                names=("settings_tag",),
            ),
            Page(
                label=noted("Reply times"),
                words=noted("How soon customers are answered"),
                icon="target",
                url_name="desk:settings_clocks",
                right=Right.MANAGE_WORKSPACE,
                names=("settings_clock",),
            ),
            Page(
                label=noted("Answering"),
                words=noted("Who answers what somebody has"),
                icon="user",
                url_name="desk:settings_answering",
                right=Right.REPLY,
            ),
            Page(
                label=noted("Callbacks"),
                words=noted("Calls customers ask for by text"),
                icon="callback",
                url_name="desk:settings_callbacks",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Automatic replies"),
                words=noted("Welcome, after hours, the wait"),
                icon="sms",
                url_name="desk:settings_greetings",
                right=Right.MANAGE_WORKSPACE,
                names=("settings_greeting",),
            ),
            Page(
                label=noted("Promises kept"),
                words=noted("Whether waits were as we said"),
                icon="target",
                url_name="desk:settings_promises",
                right=Right.SEE_WORK,
            ),
            Page(
                label=noted("Tone"),
                words=noted("How texts sound, words to avoid"),
                icon="mega",
                url_name="desk:settings_tone",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Saved replies"),
                words=noted("Prepared answers, found with /"),
                icon="slash",
                url_name="desk:settings_replies",
                right=Right.REPLY,
                names=("settings_reply",),
            ),
            Page(
                label=noted("Macros"),
                words=noted("Several actions with one key"),
                icon="bolt",
                url_name="desk:settings_macros",
                right=Right.REPLY,
                names=("settings_macro",),
            ),
            Page(
                label=noted("Contact fields"),
                words=noted("What you keep about people"),
                icon="list",
                url_name="desk:settings_fields",
                right=Right.MANAGE_WORKSPACE,
                names=("settings_field",),
            ),
            Page(
                label=noted("Wallboard"),
                words=noted("Who sees it, screens on the wall"),
                icon="monitor",
                url_name="desk:settings_wallboard",
                right=Right.MANAGE_WORKSPACE,
            ),
            Page(
                label=noted("Costs"),
                words=noted("What texts cost, budgets, prices"),
                icon="chart",
                url_name="desk:settings_costs",
                right=Right.SEE_COSTS,
                names=("settings_budget", "settings_price"),
            ),
        ),
    ),
    (
        noted("Channels"),
        (
            Page(
                label=noted("Numbers"),
                words=noted("What customers text"),
                icon="phone",
                url_name="desk:settings_channels",
                right=Right.MANAGE_CHANNELS,
                names=("settings_channel", "settings_number"),
            ),
            Page(
                label=noted("Calls"),
                words=noted("When somebody calls a number"),
                icon="phone",
                url_name="desk:settings_calls",
                right=Right.MANAGE_CHANNELS,
                names=("settings_calls",),
            ),
            Page(
                label=noted("Number health"),
                words=noted("What becomes of texts, pausing, retiring"),
                icon="chart",
                url_name="desk:settings_health",
                right=Right.MANAGE_CHANNELS,
                names=("settings_health",),
            ),
            Page(
                label=noted("Phone queues"),
                words=noted("Texts for who waits on the phone"),
                icon="phone",
                url_name="desk:settings_phone_queues",
                right=Right.MANAGE_CHANNELS,
                names=("settings_phone_queue",),
            ),
            Page(
                label=noted("Pools"),
                words=noted("Several numbers, one purpose"),
                icon="merge",
                url_name="desk:settings_pools",
                right=Right.MANAGE_CHANNELS,
                names=("settings_pool",),
            ),
            Page(
                label=noted("Carrier limits"),
                words=noted("Brands, campaigns, a day's limit"),
                icon="target",
                url_name="desk:settings_limits",
                right=Right.MANAGE_CHANNELS,
                names=("settings_brand", "settings_campaign"),
            ),
            Page(
                label=noted("Delivery problems"),
                words=noted("Why texts did not arrive, and what to do"),
                icon="alert",
                url_name="desk:problems",
                names=("problem",),
                right=Right.SEE_QUARANTINE,
            ),
            Page(
                label=noted("Quarantine"),
                words=noted("Webhooks we couldn't use yet"),
                icon="alert",
                url_name="desk:quarantine",
                right=Right.SEE_QUARANTINE,
            ),
        ),
    ),
    (
        noted("Developer"),
        (
            Page(
                label=noted("API tokens"),
                words=noted("Keys for programs"),
                icon="key",
                url_name="desk:settings_tokens",
                right=Right.MANAGE_TOKENS,
            ),
        ),
    ),
)
