"""Texts read for their meaning in a process of its own, and what happens when that ends in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.compliance.revocation.test_judgement import ORDINARY, REFUSALS
from tests.ops.processes import clean_environment, wait_for
from twoway.compliance.revocation import judgement
from twoway.compliance.revocation.apart import UNREADABLE, Apart, Lost
from twoway.compliance.revocation.rules import LONGEST_LINE, MOST_TEXTS, judged
from twoway.compliance.revocation.wording import LONGEST

READING = [sys.executable, "-m", "twoway.compliance.revocation.reading"]
FRAGILE = [sys.executable, "-m", "tests.compliance.revocation.fragile"]
NOT_THERE = ["/nowhere/python"]
ENDS_AT_ONCE = [sys.executable, "-c", ""]
TALKS_NONSENSE = [
    sys.executable,
    "-c",
    "import sys; print([], flush=True); [print('{}', flush=True) for _ in sys.stdin]",
]
TEXTS = ["Thanks for the help but please don't text me again", "What time does the sale end?", "lose it"]
KINDS = ["opt_out", "none", "unsure"]
ASKS_AND_WAITS = """
import signal
from twoway.compliance.revocation.apart import Apart
apart = Apart()
apart.by_meaning(["lose it"])
print(apart.pid, flush=True)
signal.pause()
"""


@pytest.fixture
def apart() -> Iterator[Apart]:
    one = Apart()
    yield one
    one.end()


def is_alive(pid: int) -> bool:
    """Whether that process runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def pid_of(apart: Apart) -> int:
    assert apart.pid
    return apart.pid


def test_it_reads_as_the_judgement_does_however_many_there_are(apart: Apart) -> None:
    texts = [*REFUSALS, *ORDINARY]
    assert len(texts) > MOST_TEXTS
    assert judged(texts, by_meaning=apart.by_meaning) == judgement.judge(texts)


def test_a_keyword_starts_nothing(apart: Apart) -> None:
    assert [one.kind for one in judged(["STOP", "start"], by_meaning=apart.by_meaning)] == ["opt_out", "none"]
    assert apart.pid is None


def test_texts_as_long_as_they_are_read_fit_into_a_line(apart: Apart) -> None:
    texts = ["\N{GRINNING FACE}" * (LONGEST + 500)] * MOST_TEXTS
    assert len(apart.by_meaning(texts)) == MOST_TEXTS


def test_killed_in_the_middle_another_one_answers(apart: Apart) -> None:
    apart.by_meaning(["hello there"])
    first = pid_of(apart)
    os.kill(first, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as pool, capture_logs() as logs:
        answer = pool.submit(apart.by_meaning, TEXTS)
        os.kill(first, signal.SIGKILL)
        assert [one.kind for one in answer.result(60)] == KINDS
    assert pid_of(apart) != first
    assert [line["event"] for line in logs] == ["reading_lost"]
    assert "lose it" not in str(logs)


def test_killed_while_it_rests_the_next_text_is_read() -> None:
    with_a_life = Apart()
    with_a_life.by_meaning(["hello there"])
    os.kill(pid_of(with_a_life), signal.SIGKILL)
    assert [one.kind for one in with_a_life.by_meaning(TEXTS)] == KINDS
    with_a_life.end()


def test_a_text_that_is_its_death_holds_up_no_other() -> None:
    fragile = Apart(command=FRAGILE)
    with capture_logs() as logs:
        verdicts = fragile.by_meaning([TEXTS[0], "the end of me", TEXTS[1]])
    fragile.end()
    assert [one.kind for one in verdicts] == ["opt_out", "unsure", "none"]
    assert verdicts[1] == UNREADABLE
    assert [line["event"] for line in logs] == ["reading_lost", "text_unreadable"]


def test_where_not_even_a_known_text_is_read_texts_are_not_guessed_at() -> None:
    nonsense = Apart(command=TALKS_NONSENSE)
    with pytest.raises(Lost, match="no list"):
        nonsense.by_meaning(TEXTS)
    assert nonsense.pid is None


@pytest.mark.parametrize("command", [NOT_THERE, ENDS_AT_ONCE])
def test_where_it_cannot_be_started_the_worker_reads_itself(command: list[str]) -> None:
    alone = Apart(command=command)
    with capture_logs() as logs:
        assert [one.kind for one in alone.by_meaning(TEXTS)] == KINDS
        assert [one.kind for one in alone.by_meaning(TEXTS)] == KINDS
    assert [line["event"] for line in logs] == ["meaning_read_in_worker"]
    assert alone.pid is None


def test_it_ends_after_a_while_without_texts_and_comes_back(apart: Apart) -> None:
    assert not apart.rest(unused_for=0)
    apart.by_meaning(TEXTS)
    first = pid_of(apart)
    assert not apart.rest(unused_for=3600)
    assert apart.rest(unused_for=0)
    assert not is_alive(first)
    assert [one.kind for one in apart.by_meaning(TEXTS)] == KINDS
    assert pid_of(apart) != first


def test_it_ends_with_a_worker_that_is_killed() -> None:
    worker = subprocess.Popen(
        [sys.executable, "-c", ASKS_AND_WAITS], stdout=subprocess.PIPE, text=True, env=clean_environment()
    )
    assert worker.stdout
    with closing(worker.stdout):
        reading = int(worker.stdout.readline())
        assert is_alive(reading)
        worker.kill()
        worker.wait(60)
    wait_for(lambda: not is_alive(reading))


def test_a_line_that_is_too_long_or_cut_off_ends_it() -> None:
    for given in (b"[" * (LONGEST_LINE + 1), b'["lose'):
        done = subprocess.run(READING, input=given, capture_output=True, env=clean_environment(), check=False)
        assert (done.returncode, done.stdout) == (1, b"[]\n")
