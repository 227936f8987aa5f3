"""Tidy & Co. Cleaning: late cleaners, invoices, puppies."""

from __future__ import annotations

from twoway.ops.demo.story import DAY, Story, ours, theirs

NUMBER = "+15035550117"

STORIES = (
    Story(
        name="Luis Ortega",
        phone="+15035550145",
        number=NUMBER,
        team="Front desk",
        tags=("Late arrival",),
        lines=(
            ours(
                DAY - 300,
                "Jo",
                "Hi Luis, your cleaner Carol comes tomorrow between 1:00 and 1:30. Reply here if anything changes.",
            ),
            theirs(31, "Hi, is Carol still coming at 1?"),
            theirs(24, "I have to leave at 3"),
            theirs(16, "Hello? The cleaner was supposed to be here at 1"),
        ),
    ),
    Story(
        name="",
        phone="+15035550191",
        number=NUMBER,
        lines=(theirs(3, "Do you do move-out cleans on Sundays?"),),
    ),
    Story(
        name="Aaron Feld",
        phone="+15035550148",
        number=NUMBER,
        team="Front desk",
        assignee="Jo",
        tags=("Invoice",),
        lines=(
            theirs(95, "Could you send me one invoice for all the February cleans?"),
            ours(67, "Jo", "Done, Aaron. It's in your email: one invoice for four cleans, $480 in total."),
        ),
    ),
    Story(
        name="Hector Salas",
        phone="+15035550155",
        number=NUMBER,
        team="Front desk",
        assignee="Jo",
        lines=(
            theirs(160, "The lockbox moved, it's on the gas meter now"),
            ours(152, "Jo", "Thank you, Hector. I told the crew for Thursday."),
        ),
    ),
    Story(
        name="Beth Ann Moyer",
        phone="+15035550159",
        number=NUMBER,
        team="Front desk",
        assignee="Priya",
        snoozed=175,
        wakes=20 * 60,
        lines=(
            theirs(190, "We have a new puppy. Do you have something without bleach?"),
            ours(
                178, "Priya", "Congratulations! Yes, we have a plant-based kit. I'll confirm with your crew tomorrow."
            ),
        ),
    ),
    Story(
        name="Yolanda Pierce",
        phone="+15035550152",
        number=NUMBER,
        assignee="Jo",
        tags=("Reschedule",),
        done=DAY + 240,
        lines=(
            theirs(DAY + 300, "Can we change from weekly to every two weeks?"),
            ours(DAY + 262, "Jo", "Yes! Your next clean is Tuesday the 24th and then every second Tuesday."),
            theirs(DAY + 250, "Perfect, thank you"),
            ours(DAY + 241, "Jo", "You're welcome, Yolanda."),
        ),
    ),
    Story(
        name="Ivy Nakamura",
        phone="+15035550161",
        number=NUMBER,
        assignee="Priya",
        done=2 * DAY,
        lines=(
            theirs(2 * DAY + 40, "The oven looks brand new!! Please thank Carol for me"),
            ours(2 * DAY + 5, "Priya", "She'll be so happy to hear it, Ivy. Thank you!"),
        ),
    ),
)
