"""The errors an operation may answer with, for its declaration."""

from __future__ import annotations

from typing import Any

from twoway.api.shapes import ProblemOut

READ: dict[int, Any] = dict.fromkeys((401, 403, 422, 429, 503), ProblemOut)
READ_ONE: dict[int, Any] = READ | {404: ProblemOut}
EXPORT_ONE: dict[int, Any] = READ_ONE | {409: ProblemOut}
WRITE: dict[int, Any] = READ | dict.fromkeys((400, 411, 413, 415), ProblemOut)
WRITE_ONE: dict[int, Any] = WRITE | {404: ProblemOut}
SEND: dict[int, Any] = WRITE | {409: ProblemOut}
SEND_ONE: dict[int, Any] = WRITE_ONE | {409: ProblemOut}
