"""Long texts that arrive in parts appear once and whole, or visibly with a gap; nothing of them is lost."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from tests.conftest import NOW
from tests.messaging import smpp_hands
from tests.messaging.smpp_hands import delivered, piece, smpp_channel, take
from twoway.channels.models import Channel
from twoway.compliance.models import OptOut
from twoway.conversations.models import Conversation
from twoway.messaging import parts
from twoway.messaging.models import Message
from twoway.messaging.part_models import InboundPart
from twoway.teams.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = ("Where is ", "my car? ", "😀 please")
LONG = "".join(WORDS)


@pytest.fixture
def number(workspace: Workspace) -> Channel:
    return smpp_channel(workspace)


def three(*numbers: int, at: datetime = NOW, reference: int = 7) -> list[smpp_hands.RawRequest]:
    return [delivered(piece(WORDS[one - 1], one, 3, reference=reference), at=at) for one in numbers]


def bodies() -> list[str]:
    return list(Message.objects.order_by("id").values_list("body", flat=True))


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
def test_parts_in_any_order_become_one_text(number: Channel, order: Sequence[int]) -> None:
    take(number, three(*order))
    (text,) = Message.objects.all()
    assert (text.body, text.segments, text.direction, text.sender) == (LONG, 3, "in", smpp_hands.CUSTOMER)
    assert Conversation.objects.get().preview == LONG


def test_parts_in_one_batch_become_one_text(number: Channel) -> None:
    take(number, three(3, 1, 2), together=True)
    assert bodies() == [LONG]


def test_an_incomplete_text_waits(number: Channel) -> None:
    take(number, three(1, 3))
    assert bodies() == []
    assert parts.sweep(at=NOW + timedelta(minutes=9)) == 0
    assert bodies() == []


def test_parts_that_come_twice_are_kept_once(number: Channel) -> None:
    twice = three(1, 2, 3)
    take(number, [*twice[:2], *twice, *twice])
    assert bodies() == [LONG]
    assert InboundPart.objects.count() == 3


def test_a_part_that_comes_again_under_another_id_is_the_same_part(number: Channel) -> None:
    take(number, [*three(1), *three(1), *three(2), *three(2), *three(3)])
    assert bodies() == [LONG]


def test_parts_that_arrive_at_the_same_moment_in_several_processes(number: Channel) -> None:
    groups = [three(one, reference=reference) for reference in range(6) for one in (1, 2, 3)]
    together = threading.Barrier(3)

    def process(mine: list[list[smpp_hands.RawRequest]]) -> None:
        together.wait()
        take(number, [raw for group in mine for raw in group])

    processes = [threading.Thread(target=process, args=(groups[start::3],)) for start in range(3)]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
    assert bodies() == [LONG] * 6


def test_after_ten_minutes_it_is_shown_with_a_mark_and_the_late_part_by_itself(number: Channel) -> None:
    take(number, three(1, 3))
    assert parts.sweep(at=NOW + timedelta(minutes=10)) == 1
    assert bodies() == ["Where is [part 2 of 3 is missing] 😀 please"]
    assert parts.sweep(at=NOW + timedelta(minutes=11)) == 0
    (late,) = three(2, at=NOW + timedelta(minutes=12))
    take(number, [late, late])
    assert bodies()[1:] == ["[part 2 of 3, came late] my car?"]
    assert parts.sweep(at=NOW + timedelta(hours=2)) == 0


def test_a_reference_used_again_hours_later_does_not_mix(number: Channel) -> None:
    take(number, three(1, 2))
    later = NOW + timedelta(hours=5)
    take(number, [delivered(piece(words, n, 3), at=later) for n, words in enumerate(("One ", "two ", "three"), 1)])
    assert bodies() == ["Where is my car? [part 3 of 3 is missing]", "One two three"]


def test_a_reference_used_again_at_once_with_other_words_is_another_text(number: Channel) -> None:
    take(number, [*three(1), *[delivered(piece(words, n, 2)) for n, words in enumerate(("One ", "two"), 1)]])
    assert bodies() == ["Where is [part 2 of 3 is missing] [part 3 of 3 is missing]", "One two"]


def test_the_same_reference_of_another_person_or_number_is_another_text(number: Channel, workspace: Workspace) -> None:
    other = "+14155550102"
    take(number, [*three(1, 2), delivered(piece("x", 3, 3, sender=other))])
    assert bodies() == []
    take(number, three(3))
    assert bodies() == [LONG]


def test_a_character_cut_in_two_is_made_whole(number: Channel) -> None:
    take(number, [delivered(piece("It works \ud83d", 1, 2)), delivered(piece("\ude00!", 2, 2))])
    assert bodies() == ["It works 😀!"]


def test_a_consent_word_in_a_part_is_not_one(number: Channel) -> None:
    take(number, [delivered(piece("Please don't ", 1, 2)), delivered(piece("STOP", 2, 2))])
    assert bodies() == ["Please don't STOP"]
    assert not OptOut.objects.exists()


def test_a_consent_word_cut_in_two_is_honoured(number: Channel) -> None:
    take(number, [delivered(piece("ST", 1, 2)), delivered(piece("OP", 2, 2))])
    assert OptOut.objects.filter(lifted_at=None).count() == 1


@pytest.mark.parametrize(("part", "total"), [(1, 1), (0, 3), (4, 3), (1, 0)])
def test_a_part_that_cannot_be_is_a_text(number: Channel, part: int, total: int) -> None:
    take(number, [delivered(piece("hello", part, total))])
    assert bodies() == ["hello"]


def test_old_parts_are_forgotten_but_not_those_that_wait(number: Channel) -> None:
    take(number, [*three(1, 2, 3), *three(1, reference=8, at=NOW + timedelta(days=4))])
    parts.sweep(at=NOW + timedelta(days=4, minutes=1))
    assert list(InboundPart.objects.values_list("reference", flat=True)) == ["8"]
    assert bodies() == [LONG]
