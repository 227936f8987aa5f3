"""`twoway segments`, run as people run it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "segments.json").read_text())


def run(*words: str | bytes, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "twoway", "segments", *words], input=stdin, capture_output=True)


def parsed(output: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_one_text_as_a_json_document() -> None:
    done = run("It’s ready", "--json")
    assert done.returncode == 0
    assert done.stderr == b""
    assert parsed(done.stdout) == [
        {
            "encoding": "UCS-2",
            "segments": 1,
            "units": 10,
            "per_segment": [10],
            "costly": [
                {
                    "char": "’",
                    "code_point": "U+2019",
                    "name": "RIGHT SINGLE QUOTATION MARK",
                    "position": 2,
                    "replacement": "'",
                }
            ],
            "suggestion": None,
        }
    ]


def test_a_cheaper_form_is_suggested() -> None:
    found = parsed(run("a" * 159 + "’", "--json").stdout)[0]
    assert (found["segments"], found["per_segment"]) == (3, [67, 67, 26])
    assert found["suggestion"] == "a" * 159 + "'"


def test_words_for_people() -> None:
    assert run("Hello").stdout == b"GSM-7, 5 units, 1 segment\n"


def test_every_vector_by_standard_input() -> None:
    lines = [vector for vector in VECTORS if "\n" not in vector["text"] and "\r" not in vector["text"]]
    done = run("-", stdin="".join(f"{vector['text']}\n" for vector in lines).encode())
    found = [(each["encoding"], each["units"], each["segments"]) for each in parsed(done.stdout)]
    assert found == [(vector["encoding"], vector["units"], vector["segments"]) for vector in lines]
    assert len(found) > 60


def test_bad_input_never_ends_the_stream() -> None:
    done = run("-", stdin=b"fine\n\xff\xfe\n\n\x00\xed\xa0\x80\nwindows\r\nlast without an end")
    found = parsed(done.stdout)
    assert done.returncode == 0
    assert [each.get("units") for each in found] == [4, None, 0, None, 7, 19]
    assert found[1] == {"error": "Line 2 is not valid UTF-8."}


def test_each_line_is_answered_before_the_next_is_read() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "twoway", "segments", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for text in ("one", "three"):
        process.stdin.write(f"{text}\n".encode())
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["units"] == len(text)
    process.communicate()
    assert process.returncode == 0


def test_a_reader_who_leaves_is_no_failure() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "twoway", "segments", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(b"first\n")
    process.stdin.flush()
    process.stdout.readline()
    process.stdout.close()
    _, errors = process.communicate(b"second\nthird\n")
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.parametrize(
    ("words", "status"), [((), 2), (("one", "two"), 2), (("a", "--nonsense"), 2), ((b"\xff", "--json"), 1)]
)
def test_what_cannot_be_used(words: tuple[str | bytes, ...], status: int) -> None:
    done = run(*words)
    assert done.returncode == status
    assert done.stdout == b""
    assert done.stderr.splitlines()[-1].startswith(b"twoway")
    assert b"Traceback" not in done.stderr


def test_toll_free_numbers_have_smaller_parts() -> None:
    assert parsed(run("a" * 161, "--toll-free", "--json").stdout)[0]["per_segment"] == [152, 9]
