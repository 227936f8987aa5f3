"""Things people put in order."""

from __future__ import annotations

import pytest

from twoway.lib.ordering import as_wished, moved


@pytest.mark.parametrize(
    ("wished", "expected"),
    [([], "abc"), ([3], "cab"), ([3, 1, 2], "cab"), ([2, 2, 1], "bac")],
)
def test_who_is_named_comes_first_and_the_rest_as_it_was(wished: list[int], expected: str) -> None:
    assert "".join(as_wished({1: "a", 2: "b", 3: "c"}, wished)) == expected


def test_a_stranger_is_not_put_in_order() -> None:
    with pytest.raises(KeyError):
        as_wished({1: "a"}, [7])


@pytest.mark.parametrize(
    ("key", "step", "expected"),
    [(1, 1, [2, 1, 3]), (3, -1, [1, 3, 2]), (2, 0, [1, 2, 3]), (1, -1, None), (3, 1, None)],
)
def test_one_place_up_or_down(key: int, step: int, expected: list[int] | None) -> None:
    assert moved([1, 2, 3], key, step=step) == expected
