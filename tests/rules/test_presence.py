"""Who is where, as one web process hears it: no database, no clock but the one it is given."""

from __future__ import annotations

from typing import Any

from twoway.webhooks.presence import GOOD_FOR_SECONDS, MOST_PLACES, Places


def said(member: int, conversation: int, doing: str = "view", *, tab: str = "t", team: int = 0) -> dict[str, Any]:
    name = {1: "Ana", 2: "Ben"}.get(member, "Tom")
    where = {"c": conversation, "a": [team, 0], "n": name, "i": name[:2].upper(), "h": 1} if doing != "gone" else {}
    return {"w": 7, "m": member, "t": tab, "s": doing, **where}


def doing(places: Places, conversation: int) -> list[tuple[str, str]]:
    return [(name, what) for _, name, _, _, what in places.people(7, conversation)]


def test_everybody_hears_who_comes_and_goes() -> None:
    places = Places()
    assert places.hear(said(1, 12, team=3), now=0) == ([(12, 3, 0)], [])
    assert places.hear(said(1, 12, team=3), now=1) == ([], [])
    assert places.hear(said(1, 13), now=2) == ([(12, 3, 0), (13, 0, 0)], [])
    assert doing(places, 12) == []
    assert doing(places, 13) == [("Ana", "view")]
    assert places.hear(said(1, 13, "gone"), now=3) == ([(13, 0, 0)], [])
    assert places.hear(said(1, 13, "gone"), now=4) == ([], [])
    assert len(places) == 0
    assert places.everywhere(7) == []


def test_only_who_is_there_hears_of_typing_each_time() -> None:
    places = Places()
    places.hear(said(1, 12), now=0)
    for at in (1, 4, 7):
        assert places.hear(said(1, 12, "reply"), now=at) == ([], [(12, 0, 0)])
    assert places.hear(said(1, 12, "note"), now=8) == ([], [(12, 0, 0)])
    assert places.hear(said(1, 12, "view"), now=9) == ([], [(12, 0, 0)])
    assert places.hear(said(1, 12, "view"), now=39) == ([], [])


def test_one_of_two_windows_counts_the_one_that_does_more() -> None:
    places = Places()
    places.hear(said(1, 12, "reply", tab="a"), now=0)
    places.hear(said(1, 12, "view", tab="b"), now=0)
    places.hear(said(2, 12), now=0)
    assert doing(places, 12) == [("Ana", "reply"), ("Ben", "view")]
    places.hear(said(1, 12, "gone", tab="a"), now=1)
    assert doing(places, 12) == [("Ana", "view"), ("Ben", "view")]


def test_who_falls_silent_is_forgotten() -> None:
    places = Places()
    places.hear(said(1, 12), now=0)
    places.hear(said(2, 12), now=10)
    assert places.expire(now=GOOD_FOR_SECONDS - 1) == []
    assert places.expire(now=GOOD_FOR_SECONDS) == [(7, (12, 0, 0))]
    assert doing(places, 12) == [("Ben", "view")]


def test_where_it_goes_its_audience_goes() -> None:
    places = Places()
    places.hear(said(1, 12, team=3), now=0)
    places.given(7, [(12, 3, 0), (12, 4, 9)])
    places.given(8, [(12, 5, 5)])
    assert places.audience(7, 12) == (12, 4, 9)
    assert places.audience(7, 99) is None


def test_windows_of_one_member_are_bounded() -> None:
    places = Places()
    for window in range(MOST_PLACES + 5):
        places.hear(said(1, 100 + window, tab=str(window)), now=window)
    assert len(places) == MOST_PLACES
    assert doing(places, 104) == []
    assert doing(places, 105) == [("Ana", "view")]


def test_nobody_can_speak_for_another() -> None:
    places = Places()
    places.hear(said(1, 12, tab="same"), now=0)
    places.hear(said(2, 13, tab="same"), now=0)
    places.hear(said(2, 0, "gone", tab="same"), now=1)
    assert doing(places, 12) == [("Ana", "view")]
