"""Alder Street Dental: insurance, crowns, appointments."""

from __future__ import annotations

from twoway.ops.demo.story import DAY, Story, ours, program, theirs

NUMBER = "+19715550163"
SIGNED_UP = {"Hana Berg": 6 * DAY + 75, "Mei Tanaka": 5 * DAY + 140, "Paul Simmons": DAY + 180}
"""Who sent the opt-in form, and how many minutes ago."""
TOLD_US = {"Lucille Grant": 3 * DAY + 60, "Marco DiNapoli": 2 * DAY + 30}
"""Whose wish a teammate wrote down, and how many minutes ago."""
_ASKED = (
    "Alder Street Dental: Reply YES to get Occasional offers. Up to 2 a month. Msg & data rates may apply. "
    "Reply HELP for help, STOP to opt out."
)

STORIES = (
    Story(
        name="Mei Tanaka",
        phone="+19715550171",
        number=NUMBER,
        team="Front desk",
        assignee="Priya",
        tags=("Insurance",),
        lines=(
            program(SIGNED_UP["Mei Tanaka"] - 0.2, "Opt-in form", _ASKED),
            theirs(SIGNED_UP["Mei Tanaka"] - 2, "YES"),
            program(
                SIGNED_UP["Mei Tanaka"] - 2.2,
                "Opt-in form",
                "Alder Street Dental: You're signed up for Occasional offers. Reply HELP for help, STOP to opt out.",
            ),
            theirs(41, "Hi, we changed insurance this month. Do you take the new one? It's Cascade Mutual"),
            ours(33, "Priya", "Hi Mei, we do. Could you tell me the plan name on the front of the card?"),
            theirs(12, "It says PPO Family Plus. Does it cover my son's cleaning on Friday?"),
        ),
    ),
    Story(
        name="Paul Simmons",
        phone="+19715550179",
        number=NUMBER,
        team="Front desk",
        tags=("Urgent",),
        lines=(
            program(SIGNED_UP["Paul Simmons"] - 0.2, "Opt-in form", _ASKED),
            theirs(7, "My new crown came off just now. It doesn't hurt but should I come in today?"),
        ),
    ),
    Story(
        name="Reggie Barnes",
        phone="+19715550174",
        number=NUMBER,
        tags=("Reschedule",),
        lines=(
            program(
                55,
                "Appointment reminders",
                "Alder Street Dental: your visit is tomorrow at 10:20 AM. Reply 1 to confirm or 2 to move it. "
                "STOP to opt out.",
            ),
            theirs(4, "2"),
            theirs(3.5, "anything next week, mornings are best"),
            theirs(3, "I'm good, don't need any more of these"),
        ),
    ),
    Story(
        name="Hana Berg",
        phone="+19715550176",
        number=NUMBER,
        team="Front desk",
        assignee="Priya",
        tags=("Booked",),
        lines=(
            theirs(150, "Do you have a cleaning slot on Wednesday afternoon?"),
            ours(144, "Priya", "We have 1:30 and 2:10 PM. Which one is better for you?"),
            theirs(141, "2:10 please"),
            ours(138, "Priya", "You are booked for Wednesday at 2:10 PM"),
        ),
    ),
    Story(
        name="Marco DiNapoli",
        phone="+19715550185",
        number=NUMBER,
        team="Billing",
        assignee="Tom",
        tags=("Billing",),
        snoozed=260,
        wakes=17 * 60,
        lines=(
            theirs(290, "My statement says $212 but I think insurance already paid"),
            ours(
                270,
                "Tom",
                "I asked your insurer for the claim, Marco. They answer within a day; I'll text you tomorrow.",
            ),
        ),
    ),
    Story(
        name="Lucille Grant",
        phone="+19715550182",
        number=NUMBER,
        assignee="Priya",
        done=DAY - 30,
        lines=(
            theirs(DAY + 15, "Is there parking at the office?"),
            ours(
                DAY + 2, "Priya", "Yes, behind the building on 12th, free for patients. The ramp is by the side door."
            ),
            theirs(DAY - 10, "Thank you dear"),
            ours(DAY - 29, "Priya", "See you Monday, Lucille."),
        ),
    ),
)
