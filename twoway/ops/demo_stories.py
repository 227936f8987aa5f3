"""What the demo workspace's customers wrote, in minutes before it is loaded.

Nobody in it exists; the numbers are from the block kept for fiction (555-0100 to 555-0199).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DAY = 24 * 60


@dataclass(frozen=True, kw_only=True)
class Line:
    """One entry of a thread. `by` is the member's first name for ours, the program's name for a program's."""

    kind: Literal["theirs", "ours", "program", "note"]
    ago: float
    body: str
    by: str = ""
    error: str = ""
    error_code: str = ""


@dataclass(frozen=True, kw_only=True)
class Story:
    """One conversation. `done`, `snoozed` and `assigned` are minutes ago; `wakes` is minutes from now."""

    name: str
    phone: str
    number: str
    lines: tuple[Line, ...]
    team: str = ""
    assignee: str = ""
    tags: tuple[str, ...] = ()
    done: float | None = None
    snoozed: float | None = None
    wakes: float | None = None
    opted_out: bool = False
    properties: tuple[tuple[str, str], ...] = ()


def theirs(ago: float, body: str) -> Line:
    return Line(kind="theirs", ago=ago, body=body)


def ours(ago: float, by: str, body: str) -> Line:
    return Line(kind="ours", ago=ago, by=by, body=body)


def program(ago: float, by: str, body: str, *, error: str = "", error_code: str = "") -> Line:
    return Line(kind="program", ago=ago, by=by, body=body, error=error, error_code=error_code)


def note(ago: float, by: str, body: str) -> Line:
    return Line(kind="note", ago=ago, by=by, body=body)


CARS, CLEANING, DENTAL = "+15035550142", "+15035550117", "+19715550163"

CAR_STORIES = (
    Story(
        name="Dana Whitfield",
        phone="+15035550178",
        number=CARS,
        team="Roadside",
        assignee="Ana",
        tags=("Lockout", "VIP"),
        properties=(("Plan", "Everyday, since Jan 2024"), ("Email", "dana.whitfield@example.com")),
        lines=(
            program(
                DAY - 90,
                "Trip reminders",
                "Ridgeway Carshare: your trip in Juniper (Prius, bay B14) starts tomorrow at 2:00 PM, Alder & 9th. "
                "Reply HELP for help, STOP to opt out.",
            ),
            theirs(18, "Hi, the car won't unlock. App says “vehicle offline”"),
            ours(17, "Marcus", "Hi Dana, Marcus at Ridgeway. Are you standing next to Juniper now?"),
            theirs(16, "yes at bay B14, I've tried 3 times"),
            note(
                10,
                "Marcus",
                "@Ana Juniper's modem has been dropping all afternoon. Fern is good to go, I've pulled it.",
            ),
            ours(
                7,
                "Ana",
                "Hi Dana, Ana here. Juniper lost signal, so I moved your trip to Fern: the green Kia in bay B16. "
                "It's unlocked and waiting.",
            ),
            theirs(5, "omg thank you. do I still get charged for the 30 min I was stuck?"),
        ),
    ),
    Story(
        name="Grace Kim",
        phone="+15035550109",
        number=CARS,
        team="Roadside",
        assignee="Marcus",
        tags=("Roadside",),
        lines=(
            theirs(24, "There's a nail in the front left tire of Maple. Light just came on"),
            ours(22, "Marcus", "Thanks for stopping, Grace. Where are you parked, and are you somewhere safe?"),
            theirs(20, "Yes, lot behind the library on 10th"),
            ours(19, "Marcus", "A tow truck is on its way and should be there in about 25 minutes. Stay with the car."),
            theirs(9, "ok. He just called, he can't find the lot entrance"),
        ),
    ),
    Story(
        name="Theo Park",
        phone="+15035550113",
        number=CARS,
        team="Roadside",
        tags=("Charging",),
        lines=(theirs(14, "The charging cable is stuck in Willow and the station screen is black. What do I do?"),),
    ),
    Story(
        name="Jamal Carter",
        phone="+15035550133",
        number=CARS,
        lines=(theirs(2, "Bay B14 has a truck in it. Where should I leave the car?"),),
    ),
    Story(
        name="Keisha Monroe",
        phone="+15035550131",
        number=CARS,
        team="Billing",
        assignee="Tom",
        tags=("Billing",),
        lines=(
            theirs(64, "Hi! I closed my account last week, when do I get my deposit back?"),
            ours(58, "Tom", "Hi Keisha, it's approved. I'm sending it back to the card ending in 4417."),
            theirs(55, "Great, how long does that take?"),
            ours(46, "Tom", "Your deposit is on its way back, 3 to 5 days"),
        ),
    ),
    Story(
        name="Curtis Vaughn",
        phone="+15035550139",
        number=CARS,
        team="Billing",
        assignee="Tom",
        tags=("Billing",),
        lines=(
            theirs(131, "I was charged a $45 cleaning fee. The car was dirty when I picked it up."),
            ours(120, "Tom", "Sorry about that, Curtis. Do you have a photo or the time you started the trip?"),
            theirs(117, "Started 8:10 this morning. I reported it in the app"),
            note(104, "Tom", "Report is there, 8:12 AM with two photos. Refund is fair."),
            ours(101, "Tom", "I found your report. The $45 is refunded and the last renter will get the fee instead."),
        ),
    ),
    Story(
        name="Sofia Reyes",
        phone="+15035550137",
        number=CARS,
        assignee="Ana",
        lines=(
            theirs(88, "Hola, ¿puedo agregar a mi esposo como conductor? 🚗"),
            ours(80, "Ana", "¡Hola, Sofía! Sí. Necesitamos una foto de su licencia; puede subirla en la aplicación."),
        ),
    ),
    Story(
        name="Walter Briggs",
        phone="+15035550123",
        number=CARS,
        assignee="Ana",
        lines=(
            program(
                200,
                "Trip reminders",
                "Ridgeway Carshare: your trip in Aspen starts tomorrow at 9:00 AM, bay A3. "
                "Reply HELP for help, STOP to opt out.",
                error="landline",
                error_code="30006",
            ),
            note(180, "Ana", "This number is a landline. Call him about tomorrow's trip."),
        ),
    ),
    Story(
        name="Patrice Lowe",
        phone="+15035550126",
        number=CARS,
        opted_out=True,
        lines=(
            program(
                112,
                "Trip reminders",
                "Ridgeway Carshare: your trip in Cedar starts in 2 hours, bay C2. "
                "Reply HELP for help, STOP to opt out.",
            ),
            theirs(110, "STOP"),
        ),
    ),
    Story(
        name="Nina Petrova",
        phone="+15035550128",
        number=CARS,
        team="Billing",
        assignee="Tom",
        tags=("Billing",),
        snoozed=210,
        wakes=18 * 60,
        lines=(
            theirs(240, "The fuel card was declined at the station, I paid $38 myself. Can I get it back?"),
            ours(
                225,
                "Tom",
                "Of course. Keep the receipt, please. Our card company looks at it tomorrow and I'll write you.",
            ),
            theirs(221, "Thanks, I have it"),
        ),
    ),
    Story(
        name="Omar Haddad",
        phone="+15035550104",
        number=CARS,
        assignee="Marcus",
        tags=("Lost item",),
        done=DAY + 20,
        lines=(
            theirs(DAY + 95, "I think I left my sunglasses in Maple yesterday"),
            ours(
                DAY + 70, "Marcus", "Found them in the door pocket, Omar. They're at the Alder & 9th desk until Friday."
            ),
            theirs(DAY + 62, "You are the best, picking them up tonight"),
            ours(DAY + 21, "Marcus", "See you then!"),
        ),
    ),
    Story(
        name="Renee Castillo",
        phone="+15035550119",
        number=CARS,
        assignee="Ana",
        done=300,
        lines=(
            theirs(330, "Running late, can I keep Birch until 1?"),
            ours(326, "Ana", "Yes, nobody has Birch until 3. I moved your end to 1:00 PM."),
            theirs(324, "lifesaver 🙏"),
            ours(301, "Ana", "Drive safely!"),
        ),
    ),
)

CLEANING_STORIES = (
    Story(
        name="Luis Ortega",
        phone="+15035550145",
        number=CLEANING,
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
        number=CLEANING,
        lines=(theirs(3, "Do you do move-out cleans on Sundays?"),),
    ),
    Story(
        name="Aaron Feld",
        phone="+15035550148",
        number=CLEANING,
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
        number=CLEANING,
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
        number=CLEANING,
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
        number=CLEANING,
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
        number=CLEANING,
        assignee="Priya",
        done=2 * DAY,
        lines=(
            theirs(2 * DAY + 40, "The oven looks brand new!! Please thank Carol for me"),
            ours(2 * DAY + 5, "Priya", "She'll be so happy to hear it, Ivy. Thank you!"),
        ),
    ),
)

DENTAL_STORIES = (
    Story(
        name="Mei Tanaka",
        phone="+19715550171",
        number=DENTAL,
        team="Front desk",
        assignee="Priya",
        tags=("Insurance",),
        lines=(
            theirs(41, "Hi, we changed insurance this month. Do you take the new one? It's Cascade Mutual"),
            ours(33, "Priya", "Hi Mei, we do. Could you tell me the plan name on the front of the card?"),
            theirs(12, "It says PPO Family Plus. Does it cover my son's cleaning on Friday?"),
        ),
    ),
    Story(
        name="Paul Simmons",
        phone="+19715550179",
        number=DENTAL,
        team="Front desk",
        tags=("Urgent",),
        lines=(theirs(7, "My new crown came off at lunch. It doesn't hurt but should I come in today?"),),
    ),
    Story(
        name="Reggie Barnes",
        phone="+19715550174",
        number=DENTAL,
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
        ),
    ),
    Story(
        name="Hana Berg",
        phone="+19715550176",
        number=DENTAL,
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
        number=DENTAL,
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
        number=DENTAL,
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

STORIES = (*CAR_STORIES, *CLEANING_STORIES, *DENTAL_STORIES)
"""Twenty-five conversations, in no particular order."""
