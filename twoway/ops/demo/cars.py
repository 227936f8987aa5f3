"""Ridgeway Carshare: lockouts, flat tires, deposits."""

from __future__ import annotations

from twoway.ops.demo.story import DAY, Story, note, ours, program, theirs

NUMBER = "+15035550142"

STORIES = (
    Story(
        name="Dana Whitfield",
        phone="+15035550178",
        number=NUMBER,
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
        number=NUMBER,
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
        number=NUMBER,
        team="Roadside",
        tags=("Charging",),
        lines=(theirs(14, "The charging cable is stuck in Willow and the station screen is black. What do I do?"),),
    ),
    Story(
        name="Jamal Carter",
        phone="+15035550133",
        number=NUMBER,
        lines=(theirs(2, "Bay B14 has a truck in it. Where should I leave the car?"),),
    ),
    Story(
        name="Keisha Monroe",
        phone="+15035550131",
        number=NUMBER,
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
        number=NUMBER,
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
        number=NUMBER,
        assignee="Ana",
        lines=(
            theirs(88, "Hola, ¿puedo agregar a mi esposo como conductor? 🚗"),
            ours(80, "Ana", "¡Hola, Sofía! Sí. Necesitamos una foto de su licencia; puede subirla en la aplicación."),
        ),
    ),
    Story(
        name="Walter Briggs",
        phone="+15035550123",
        number=NUMBER,
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
        number=NUMBER,
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
        number=NUMBER,
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
        number=NUMBER,
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
        number=NUMBER,
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
