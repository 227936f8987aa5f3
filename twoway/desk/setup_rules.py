"""The eight steps of the set-up: what each asks for, and whether the facts say that it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from twoway.lib.words import noted


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of a workspace. Counts, and whether something is there; nothing here is anybody's word for it."""

    reply_goal: int | None = None
    teams_with_people: int = 0
    shared_views: int = 0
    people: int = 1
    practised: bool = False
    shared_replies: int = 0
    has_tone: bool = False
    has_quiet_hours: bool = False
    has_answers: bool = False
    own_words: int = 0
    numbers: int = 0
    real_numbers: int = 0
    received: bool = False
    answered: bool = False
    published_forms: int = 0
    topics: int = 0
    budgets: int = 0
    is_told: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One thing of a step, and where it is done. What is not `needed` is worth a look and holds nothing up."""

    words: str
    url_name: str
    is_done: Callable[[Facts], bool]
    needed: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One of the eight."""

    key: str
    title: str
    words: str
    icon: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """A step as it stands: `tasks` with whether each is done. `is_apart`: the workspace said it is not for them."""

    step: Step
    tasks: tuple[tuple[Task, bool], ...] = field(default=())
    is_done: bool = False
    is_apart: bool = False

    @property
    def is_open(self) -> bool:
        """Whether there is still something to do."""
        return not (self.is_done or self.is_apart)


STEPS: tuple[Step, ...] = (
    Step(
        key="channels",
        title=noted("Channels"),
        words=noted("A number that takes texts, and one text that came in and was answered."),
        icon="mobile",
        tasks=(
            Task(
                words=noted("Connect a number, or the simulator"),
                url_name="settings_channels",
                is_done=lambda f: f.numbers > 0,
            ),
            Task(words=noted("A text came in"), url_name="settings_channels", is_done=lambda f: f.received),
            Task(words=noted("It was answered"), url_name="inbox", is_done=lambda f: f.answered),
            Task(
                words=noted("Connect a number of your own"),
                url_name="settings_channels",
                is_done=lambda f: f.real_numbers > 0,
                needed=False,
            ),
        ),
    ),
    Step(
        key="goals",
        title=noted("Goals"),
        words=noted("How soon a customer should have an answer. Everybody sees it beside each wait."),
        icon="clock",
        tasks=(
            Task(
                words=noted("Write down the goal"), url_name="setup_steps", is_done=lambda f: f.reply_goal is not None
            ),
        ),
    ),
    Step(
        key="procedures",
        title=noted("Procedures"),
        words=noted("Who answers what, and how work is handed over."),
        icon="layers",
        tasks=(
            Task(
                words=noted("Make a team and put people in it"),
                url_name="settings_teams",
                is_done=lambda f: f.teams_with_people > 0,
            ),
            Task(
                words=noted("Share a view of the list"),
                url_name="views",
                is_done=lambda f: f.shared_views > 0,
                needed=False,
            ),
        ),
    ),
    Step(
        key="training",
        title=noted("Training"),
        words=noted("Everybody who will answer is here and has answered a practice text."),
        icon="users",
        tasks=(
            Task(words=noted("Invite the others"), url_name="settings_members", is_done=lambda f: f.people > 1),
            Task(
                words=noted("Answer a practice text on the simulator"),
                url_name="simulator",
                is_done=lambda f: f.practised,
            ),
        ),
    ),
    Step(
        key="templates",
        title=noted("Templates"),
        words=noted("Answers to what is asked most, and how your texts should sound."),
        icon="slash",
        tasks=(
            Task(
                words=noted("Share saved replies"), url_name="settings_replies", is_done=lambda f: f.shared_replies > 0
            ),
            Task(words=noted("Write the tone guide"), url_name="settings_tone", is_done=lambda f: f.has_tone),
        ),
    ),
    Step(
        key="automation",
        title=noted("Automation"),
        words=noted("What is answered without anybody, and when nothing is sent."),
        icon="bolt",
        tasks=(
            Task(
                words=noted("Look at the quiet hours and save them"),
                url_name="compliance_quiet",
                is_done=lambda f: f.has_quiet_hours,
            ),
            Task(
                words=noted("Write your answers to STOP, START and HELP"),
                url_name="settings_workspace",
                is_done=lambda f: f.has_answers,
            ),
            Task(
                words=noted("Add words of your own that stop texts"),
                url_name="compliance_keywords",
                is_done=lambda f: f.own_words > 0,
                needed=False,
            ),
        ),
    ),
    Step(
        key="promotion",
        title=noted("Promotion"),
        words=noted("How customers find out that they can text you, and agree to it."),
        icon="mega",
        tasks=(
            Task(
                words=noted("Add a topic with a keyword to text"),
                url_name="compliance_optin",
                is_done=lambda f: f.topics > 0,
            ),
            Task(
                words=noted("Publish an opt-in form, with its QR code"),
                url_name="compliance_optin",
                is_done=lambda f: f.published_forms > 0,
            ),
        ),
    ),
    Step(
        key="monitoring",
        title=noted("Monitoring"),
        words=noted("You hear of it when something goes wrong, or becomes dear."),
        icon="chart",
        tasks=(
            Task(words=noted("Choose how you are told"), url_name="notify", is_done=lambda f: f.is_told),
            Task(words=noted("Set a budget"), url_name="settings_costs", is_done=lambda f: f.budgets > 0),
        ),
    ),
)
KEYS = frozenset(step.key for step in STEPS)


def standing(facts: Facts, *, apart: Iterable[str] = ()) -> tuple[Standing, ...]:
    """Each step as it stands; one is done when all that it needs is."""
    left_out = frozenset(apart)
    found = []
    for step in STEPS:
        tasks = tuple((task, task.is_done(facts)) for task in step.tasks)
        is_done = all(is_done for task, is_done in tasks if task.needed)
        found.append(Standing(step=step, tasks=tasks, is_done=is_done, is_apart=step.key in left_out and not is_done))
    return tuple(found)


def is_finished(steps: Iterable[Standing]) -> bool:
    """Whether nothing is left to do."""
    return not any(step.is_open for step in steps)
