"""Rights in plain words, in the groups people think in."""

from __future__ import annotations

from twoway.lib.words import noted
from twoway.teams.rules import Right

GROUPS: tuple[tuple[str, tuple[tuple[Right, str, str], ...]], ...] = (
    (
        noted("Conversations"),
        (
            (Right.READ, noted("Read conversations"), noted("Everybody can. Which ones is chosen for each person.")),
            (Right.REPLY, noted("Answer and start conversations"), noted("Texts, notes, drafts, done and snooze.")),
            (Right.CALL, noted("Call customers"), noted("From their own phone, with our number shown.")),
            (Right.ASSIGN, noted("Assign conversations"), noted("To people and teams.")),
            (Right.TAG, noted("Tag conversations"), noted("And keep the list of tags.")),
            (Right.SEE_NUMBERS, noted("See whole phone numbers"), noted("Others see the last digits.")),
            (Right.SHARE_VIEWS, noted("Share views"), noted("Views that teams or everybody see.")),
            (Right.EXPORT, noted("Export transcripts"), noted("As a file, outside of Twoway.")),
        ),
    ),
    (
        noted("People and replies"),
        (
            (Right.MANAGE_CONTACTS, noted("Edit people"), noted("Names, fields, merging, blocking.")),
            (Right.MOVE_CONTACTS, noted("Import and export people"), noted("Lists as files.")),
            (
                Right.MANAGE_REPLIES,
                noted("Manage shared replies and macros"),
                noted("Those of teams and of everybody."),
            ),
            (Right.USE_SIMULATOR, noted("Use the simulator"), noted("Try texts without a carrier.")),
        ),
    ),
    (
        noted("Overview"),
        (
            (Right.SEE_COSTS, noted("See costs"), noted("What texts cost, budgets and prices.")),
            (Right.SEE_WORK, noted("See time spent texting"), noted("As sums, for each member.")),
            (Right.SEE_QUARANTINE, noted("See delivery problems"), noted("And webhooks in quarantine.")),
            (Right.SEE_COMPLIANCE, noted("See compliance"), noted("Consent, opt-outs, quiet hours, the audit trail.")),
        ),
    ),
    (
        noted("Running the workspace"),
        (
            (Right.MANAGE_TEAMS, noted("Manage teams"), noted("Who shares work.")),
            (Right.MANAGE_MEMBERS, noted("Manage people who work here"), noted("Inviting, roles, switching off.")),
            (Right.MANAGE_ROLES, noted("Manage roles"), noted("Only with rights they have themselves.")),
            (Right.MANAGE_CHANNELS, noted("Manage numbers"), noted("Providers, pools, carrier limits.")),
            (Right.MANAGE_COMPLIANCE, noted("Manage compliance"), noted("Rules, retention, requests of people.")),
            (Right.MANAGE_COSTS, noted("Manage budgets and prices"), ""),
            (Right.MANAGE_TOKENS, noted("Manage API tokens"), noted("Keys for programs.")),
            (
                Right.MANAGE_WORKSPACE,
                noted("Change workspace settings"),
                noted("Name, time zone, tone, contact fields."),
            ),
        ),
    ),
)
"""Heading, then right, words and what it covers."""
