"""`twoway redact`, run as people run it."""

from __future__ import annotations

import json
import subprocess
import sys


def run(*words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([sys.executable, "-m", "twoway", "redact", *words], input=stdin, capture_output=True)


def test_one_text_as_a_json_document() -> None:
    done = run("card 4111 1111 1111 1111, cvv 123", "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout) == {
        "text": "card 411111******1111, cvv ***",
        "found": [{"kind": "card", "start": 5, "end": 24}, {"kind": "cvv", "start": 30, "end": 33}],
    }


def test_a_text_without_secrets_comes_back_as_it_is() -> None:
    assert json.loads(run("see you at 5", "--json").stdout) == {"text": "see you at 5", "found": []}


def test_a_line_a_document() -> None:
    done = run("-", "--json", stdin="ssn 123-45-6789\r\n\u00e9 4111111111111111\n\n".encode() + b"\xff\n")
    assert done.returncode == 0
    assert [json.loads(line) for line in done.stdout.splitlines()] == [
        {"text": "ssn ***-**-****", "found": [{"kind": "ssn", "start": 4, "end": 15}]},
        {"text": "\u00e9 411111******1111", "found": [{"kind": "card", "start": 2, "end": 18}]},
        {"text": "", "found": []},
        {"error": "Line 4 is not valid UTF-8."},
    ]


def test_for_people_it_names_what_was_found() -> None:
    assert run("pw: hunter2").stdout.decode().splitlines() == ["pw: ******", "  Password or PIN at 4"]
