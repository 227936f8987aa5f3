"""Calls as tables: what a caller hears, what each webhook changes in any order, and who is texted."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.messaging.calls import rules, wording
from twoway.messaging.calls.rules import Known, Plan, TextBack, Voiced
from twoway.providers.voice.base import Ask, Dial, Hangup, Heard, Record, Say, Stage, Step

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
VOICED = Voiced(words={kind: f"<{kind}>" for kind in (*wording.DEFAULTS, *wording.PROMPTS)})
OURS = "+14155550199"
FORWARD = Plan(does="forward", forward_to="+14155550123", ring_seconds=25)


def say(kind: str) -> Say:
    return Say(f"<{kind}>", "en-US")


@pytest.mark.parametrize(("plan", "expected"), [
    (Plan(), (say("greeting"), Hangup())),
    (Plan(does="greet", words="Closed."), (Say("Closed."), Hangup())),
    (Plan(does="text"), (say("texting"), Hangup())),
    (Plan(does="voicemail", message_seconds=60), (say("voicemail"), Record(most=60), Hangup())),
    (Plan(does="voicemail", words="Speak.", is_transcribed=True),
     (Say("Speak."), Record(most=120, is_transcribed=True), Hangup())),
    (FORWARD, (Dial(number="+14155550123", caller_id=OURS, ring=25),)),
    (replace(FORWARD, words="One moment."),
     (Say("One moment."), Dial(number="+14155550123", caller_id=OURS, ring=25))),
    (replace(FORWARD, forward_to=""), (say("voicemail"), Record(most=120), Hangup())),
])  # fmt: skip
def test_what_a_caller_hears(plan: Plan, expected: tuple[object, ...]) -> None:
    heard = Heard(step=Step.CALLED, provider_id="1")
    assert rules.tell(heard, plan, VOICED, caller_id=OURS, is_over=False) == expected
    assert rules.tell(heard, plan, VOICED, caller_id=OURS, is_over=True) == (Hangup(),)


@pytest.mark.parametrize(("then", "stage", "expected"), [
    ("voicemail", Stage.NO_ANSWER, (say("voicemail"), Record(most=120), Hangup())),
    ("voicemail", Stage.BUSY, (say("voicemail"), Record(most=120), Hangup())),
    ("text", Stage.NO_ANSWER, (say("texting"), Hangup())),
    ("greet", Stage.FAILED, (say("greeting"), Hangup())),
    ("voicemail", Stage.COMPLETED, (Hangup(),)),
    ("voicemail", Stage.CANCELED, (Hangup(),)),
    ("voicemail", Stage.ANSWERED, ()),
    ("voicemail", Stage.RINGING, ()),
])  # fmt: skip
def test_what_follows_a_forwarded_call(then: str, stage: Stage, expected: tuple[object, ...]) -> None:
    heard = Heard(step=Step.DIALLED, stage=stage)
    assert rules.tell(heard, replace(FORWARD, then=then), VOICED, caller_id=OURS, is_over=False) == expected


def test_a_message_is_thanked_for_and_nothing_else_is_answered() -> None:
    told = {step: rules.tell(Heard(step=step), FORWARD, VOICED, caller_id=OURS, is_over=False) for step in Step}
    assert told[Step.RECORDED] == (say("thanks"), Hangup())
    assert told[Step.RECORDING] == told[Step.TRANSCRIBED] == told[Step.STATUS] == ()


def heard(step: Step, stage: Stage = Stage.UNKNOWN, seconds: int | None = None, url: str = "") -> Heard:
    return Heard(step=step, stage=stage, seconds=seconds, recording_url=url)


def run(direction: str, *told: Heard) -> Known:
    known = Known(direction=direction)
    for one in told:
        after = rules.change(known, one)
        known = replace(known, state=after.state, is_over=after.is_over, has_agent=after.has_agent)
    return known


KEY = Heard(step=Step.KEYED, digits="1")
RUNS = [
    ("in", [heard(Step.CALLED), heard(Step.STATUS, Stage.COMPLETED, 5)], "missed"),
    ("in", [heard(Step.CALLED), heard(Step.DIALLED, Stage.NO_ANSWER), heard(Step.STATUS, Stage.COMPLETED)], "missed"),
    ("in", [heard(Step.CALLED), heard(Step.DIALLED, Stage.COMPLETED, 60), heard(Step.STATUS, Stage.COMPLETED)],
     "completed"),
    ("in", [heard(Step.CALLED), heard(Step.DIALLED, Stage.ANSWERED), heard(Step.STATUS, Stage.COMPLETED)],
     "completed"),
    ("in", [heard(Step.CALLED), heard(Step.RECORDED, seconds=9, url="u"), heard(Step.RECORDING, seconds=9, url="u"),
            heard(Step.STATUS, Stage.COMPLETED)], "voicemail"),
    ("in", [heard(Step.CALLED), heard(Step.RECORDED, seconds=0, url="u"), heard(Step.STATUS, Stage.COMPLETED)],
     "missed"),
    ("out", [heard(Step.STATUS, Stage.RINGING), heard(Step.STATUS, Stage.NO_ANSWER)], "failed"),
    ("out", [KEY, heard(Step.DIALLED, Stage.NO_ANSWER), heard(Step.STATUS, Stage.COMPLETED)], "missed"),
    ("out", [KEY, heard(Step.DIALLED, Stage.FAILED), heard(Step.STATUS, Stage.COMPLETED)], "failed"),
    ("out", [KEY, heard(Step.DIALLED, Stage.COMPLETED, 42), heard(Step.STATUS, Stage.COMPLETED)], "completed"),
    ("out", [KEY, heard(Step.STATUS, Stage.COMPLETED)], "missed"),
    ("out", [heard(Step.AGENT), heard(Step.STATUS, Stage.COMPLETED)], "failed"),
    ("out", [heard(Step.AGENT), replace(KEY, digits="2"), KEY], "failed"),
]  # fmt: skip


@pytest.mark.parametrize(("direction", "told", "state"), RUNS)
def test_how_calls_end(direction: str, told: list[Heard], state: str) -> None:
    known = run(direction, *told)
    assert known.state == state
    assert known.is_over


@pytest.mark.parametrize(("direction", "told", "state"), RUNS)
def test_hearing_everything_twice_changes_nothing(direction: str, told: list[Heard], state: str) -> None:
    assert run(direction, *told, *told).state == run(direction, *told).state
    assert run(direction, *[one for each in told for one in (each, each)]).state == state


@pytest.mark.parametrize(("direction", "told", "state"), [run for run in RUNS if run[0] == "in"])
def test_calls_to_us_end_the_same_in_any_order(direction: str, told: list[Heard], state: str) -> None:
    assert {run(direction, *order).state for order in permutations(told)} == {state}


@given(st.lists(st.builds(
    Heard, step=st.sampled_from(Step), stage=st.sampled_from(Stage), seconds=st.none() | st.integers(0, 90),
    recording_url=st.sampled_from(["", "u"]),
), max_size=8), st.sampled_from(["in", "out"]))  # fmt: skip
def test_a_call_only_moves_forward(told: list[Heard], direction: str) -> None:
    known = Known(direction=direction)
    for one in told:
        after = rules.change(known, one)
        assert rules.RANK[after.state] >= rules.RANK[known.state]
        assert after.is_over >= known.is_over
        assert after.has_agent >= known.has_agent
        known = replace(known, state=after.state, is_over=after.is_over, has_agent=after.has_agent)


@pytest.mark.parametrize(("known", "state"), [
    (Known(direction="in"), "missed"), (Known(direction="in", state="answered"), "completed"),
    (Known(direction="out"), "failed"), (Known(direction="out", has_agent=True), "missed"),
    (Known(direction="in", state="voicemail"), "voicemail"),
])  # fmt: skip
def test_a_call_whose_end_nobody_told(known: Known, state: str) -> None:
    assert rules.forgotten(known) == replace(rules.forgotten(known), state=state, is_over=True)


MISSED = TextBack(
    state="missed", kind="phone", is_blocked=False, texts=True, called_at=AT, texted_at=None, every_minutes=60
)  # fmt: skip


@pytest.mark.parametrize(("facts", "why"), [
    (MISSED, ""),
    (replace(MISSED, state="voicemail"), "not_wanted"),
    (replace(MISSED, state="completed"), "not_wanted"),
    (replace(MISSED, texts=False), "not_wanted"),
    (replace(MISSED, kind="alpha"), "no_number"),
    (replace(MISSED, kind="short_code"), "no_number"),
    (replace(MISSED, is_blocked=True), "blocked"),
    (replace(MISSED, called_at=AT - timedelta(hours=6)), ""),
    (replace(MISSED, called_at=AT - timedelta(hours=6, seconds=1)), "too_late"),
    (replace(MISSED, texted_at=AT - timedelta(minutes=59)), "told_already"),
    (replace(MISSED, texted_at=AT - timedelta(minutes=60)), ""),
])  # fmt: skip
def test_who_is_texted(facts: TextBack, why: str) -> None:
    assert rules.why_no_text(facts, at=AT) == why


@pytest.mark.parametrize(("plan", "texts"), [
    (Plan(), False), (Plan(texts_missed=True), True), (Plan(does="text"), True), (replace(FORWARD, then="text"), True),
    (FORWARD, False), (Plan(does="voicemail", texts_missed=True), True),
])  # fmt: skip
def test_which_plans_text(plan: Plan, texts: bool) -> None:
    assert plan.texts is texts


AGENT = {"customer": "+14155550101", "caller_id": OURS, "ring": 30}
OUT = Known(direction="out")


@pytest.mark.parametrize(("heard", "known", "expected"), [
    (Heard(step=Step.AGENT), OUT, (Ask(words="<key>", keys=1), Hangup())),
    (Heard(step=Step.AGENT), replace(OUT, code="4711"), (Ask(words="<code>", keys=4), Hangup())),
    (Heard(step=Step.AGENT), replace(OUT, is_over=True), (Hangup(),)),
    (Heard(step=Step.KEYED), OUT, (Hangup(),)),
    (Heard(step=Step.KEYED), replace(OUT, has_agent=True),
     (say("connecting"), Dial(number="+14155550101", caller_id=OURS, ring=30))),
    (Heard(step=Step.KEYED), replace(OUT, has_agent=True, is_over=True), (Hangup(),)),
    (Heard(step=Step.DIALLED, stage=Stage.BUSY), replace(OUT, is_over=True), (Hangup(),)),
])  # fmt: skip
def test_what_a_member_hears(heard: Heard, known: Known, expected: tuple[object, ...]) -> None:
    assert rules.tell_agent(heard, VOICED, known=known, **AGENT) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(("counts", "is_verified", "why"), [
    ((39, 5, 0), True, ""), ((40, 0, 0), True, "too_many_calls"), ((6, 6, 0), True, "too_many_calls"),
    ((4, 4, 4), False, ""), ((5, 5, 5), False, "phone_not_verified"), ((5, 5, 5), True, ""),
])  # fmt: skip
def test_how_often_a_member_may_call(counts: tuple[int, int, int], is_verified: bool, why: str) -> None:
    hour, one, unverified = counts
    told = rules.why_not_again(last_hour=hour, to_one=one, unverified=unverified, is_verified=is_verified)
    assert told == why


@pytest.mark.parametrize(("caller", "withheld"), [
    ("", True), ("Anonymous", True), ("+266696687", True), ("Restricted", True), ("+14155550101", False),
])  # fmt: skip
def test_withheld_numbers(caller: str, withheld: bool) -> None:
    assert rules.is_withheld(caller) is withheld


def test_words_are_in_both_languages_and_the_workspaces_own_come_first() -> None:
    for kind, words in wording.DEFAULTS.items():
        assert set(words) == set(wording.LANGUAGES)
        assert kind in wording.LABELS
    own = {("text", "es"): "Hola de {business}"}
    assert wording.worded("text", "es", own, business="Acme") == "Hola de Acme"
    assert wording.worded("text", "en", own, business="Acme").startswith("Acme: Sorry")
    assert wording.worded("text", "fr", own, business="Acme").startswith("Acme: Sorry")
    assert wording.language_of(None, "es-MX", "en") == "es"
    assert wording.language_of("fr", "") == "en"
