"""Rights in plain words, in the groups people think in."""

from __future__ import annotations

from twoway.teams.rules import Right

GROUPS: tuple[tuple[str, tuple[tuple[Right, str, str], ...]], ...] = (
    (
        "Conversations",
        (
            (Right.READ, "Read conversations", "Everybody can. Which ones is chosen for each person."),
            (Right.REPLY, "Answer and start conversations", "Texts, notes, drafts, done and snooze."),
            (Right.ASSIGN, "Assign conversations", "To people and teams."),
            (Right.TAG, "Tag conversations", "And keep the list of tags."),
            (Right.SEE_NUMBERS, "See whole phone numbers", "Others see the last digits."),
            (Right.SHARE_VIEWS, "Share views", "Views that teams or everybody see."),
            (Right.EXPORT, "Export transcripts", "As a file, outside of Twoway."),
        ),
    ),
    (
        "People and replies",
        (
            (Right.MANAGE_CONTACTS, "Edit people", "Names, fields, merging, blocking."),
            (Right.MOVE_CONTACTS, "Import and export people", "Lists as files."),
            (Right.MANAGE_REPLIES, "Manage shared replies and macros", "Those of teams and of everybody."),
            (Right.USE_SIMULATOR, "Use the simulator", "Try texts without a carrier."),
        ),
    ),
    (
        "Overview",
        (
            (Right.SEE_COSTS, "See costs", "What texts cost, budgets and prices."),
            (Right.SEE_WORK, "See time spent texting", "As sums, for each member."),
            (Right.SEE_QUARANTINE, "See delivery problems", "And webhooks in quarantine."),
            (Right.SEE_COMPLIANCE, "See compliance", "Consent, opt-outs, quiet hours, the audit trail."),
        ),
    ),
    (
        "Running the workspace",
        (
            (Right.MANAGE_TEAMS, "Manage teams", "Who shares work."),
            (Right.MANAGE_MEMBERS, "Manage people who work here", "Inviting, roles, switching off."),
            (Right.MANAGE_ROLES, "Manage roles", "Only with rights they have themselves."),
            (Right.MANAGE_CHANNELS, "Manage numbers", "Providers, pools, carrier limits."),
            (Right.MANAGE_COMPLIANCE, "Manage compliance", "Rules, retention, requests of people."),
            (Right.MANAGE_COSTS, "Manage budgets and prices", ""),
            (Right.MANAGE_TOKENS, "Manage API tokens", "Keys for programs."),
            (Right.MANAGE_WORKSPACE, "Change workspace settings", "Name, time zone, tone, contact fields."),
        ),
    ),
)
"""Heading, then right, words and what it covers."""
