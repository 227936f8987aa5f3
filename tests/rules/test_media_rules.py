"""What leaves as it is, what is made smaller and what becomes a link; when to try again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from twoway.messaging.media import rules
from twoway.messaging.media.rules import Facts
from twoway.providers.adapter import MediaLimits
from twoway.sms import phone

MB = 1024 * 1024
MMS = MediaLimits(count=3, size=MB, file_size=500 * 1024, types=("image/jpeg", "image/png", "image/gif", "video/*"))


def photo(key: int, size: int = 3 * MB, content_type: str = "image/jpeg") -> Facts:
    return Facts(id=key, content_type=content_type, size=size, is_picture=True)


def file(key: int, size: int, content_type: str = "video/mp4") -> Facts:
    return Facts(id=key, content_type=content_type, size=size, is_picture=False)


def ways(*files: Facts, limits: MediaLimits = MMS) -> list[tuple[str, int, str]]:
    return [(one.way, one.budget, one.why) for one in rules.choices(files, limits)]


def test_a_small_picture_leaves_as_it_is() -> None:
    assert ways(photo(1, 200_000)) == [("as_is", 0, "")]


def test_a_large_picture_is_made_smaller_and_several_share_the_room() -> None:
    assert ways(photo(1)) == [("smaller", rules.PICTURE_BUDGET, "")]
    assert ways(photo(1), photo(2), photo(3)) == [("smaller", MB // 3, "")] * 3


def test_a_picture_of_another_type_is_turned_into_one_the_carrier_takes() -> None:
    assert ways(photo(1, 1000, "image/webp")) == [("smaller", rules.PICTURE_BUDGET, "")]


def test_files_keep_their_place_before_pictures() -> None:
    assert ways(photo(1), file(2, 400 * 1024)) == [("smaller", rules.PICTURE_BUDGET, ""), ("as_is", 0, "")]
    assert ways(file(1, 450 * 1024), file(2, 450 * 1024), photo(3)) == [
        ("as_is", 0, ""),
        ("as_is", 0, ""),
        ("smaller", MB - 900 * 1024, ""),
    ]


@pytest.mark.parametrize(
    ("files", "limits", "why"),
    [
        ((file(1, 501 * 1024),), MMS, "too_big"),
        ((file(1, 10, "application/pdf"),), MMS, "type"),
        ((photo(1),), MediaLimits(), "no_mms"),
        ((photo(1, 10), photo(2, 10), photo(3, 10), photo(4, 10)), MMS, "too_many"),
        ((file(1, 600), file(2, 600)), MediaLimits(count=5, size=1000), "too_big"),
    ],
)
def test_what_does_not_go_becomes_a_link_with_a_reason(files: tuple[Facts, ...], limits: MediaLimits, why: str) -> None:
    chosen = rules.choices(files, limits)[-1]
    assert (chosen.way, chosen.why) == ("link", why)
    assert rules.LINK_WORDS[why].endswith("link.")


def test_no_picture_gets_less_room_than_it_needs_to_be_seen() -> None:
    assert ways(photo(1), photo(2), limits=MediaLimits(count=5, size=60 * 1024)) == [
        ("smaller", 60 * 1024, ""),
        ("link", 0, "too_big"),
    ]


@pytest.mark.parametrize(
    ("kind", "ours", "theirs", "count"),
    [
        ("sms", "+15035550142", "+14165550100", 3),
        ("sms", "12345", "+15035550142", 3),
        ("sms", "+18885550142", "+15035550142", 3),
        ("sms", "+15035550142", "+447911123456", 0),
        ("sms", "+447911123456", "+15035550142", 0),
        ("sms", "+15035550142", "+18765550100", 0),
        ("whatsapp", "whatsapp:+447911123456", "whatsapp:+4915123456789", 1),
    ],
)
def test_mms_is_for_the_us_and_canada(kind: str, ours: str, theirs: str, count: int) -> None:
    assert rules.limits_for(MMS, kind=kind, ours=ours, theirs=theirs).count == count


def test_a_name_has_no_mms() -> None:
    assert not phone.has_mms("Ridgeway")


@pytest.mark.parametrize(
    ("types", "words"),
    [
        ([], ""),
        (["image/jpeg"], "Photo"),
        (["image/jpeg", "image/png"], "2 photos"),
        (["", ""], "2 photos"),
        (["video/mp4"], "Video"),
        (["audio/ogg"], "Voice message"),
        (["application/pdf", "image/png"], "2 files"),
        (["text/x-vcard"], "Contact"),
        (["location/place"], "Location"),
    ],
)
def test_a_list_says_what_came(types: list[str], words: str) -> None:
    assert rules.words(types) == words


def test_links_are_added_and_taken_away_again() -> None:
    links = ["https://a.example/m/1", "https://a.example/m/2"]
    items: list[dict[str, object]] = [{"media": 1, "link": links[0]}, {"media": 2}, {"media": 3, "link": links[1]}]
    assert rules.with_links("", links) == "\n".join(links)
    for body in ("", "See here", "Two\nlines\n"):
        assert rules.without_links(rules.with_links(body, links), items) == body
    assert rules.without_links("As it is", [{"media": 1}]) == "As it is"


def test_tries_come_ever_later() -> None:
    assert [rules.retry_in(n) for n in (1, 2, 3)] == [
        timedelta(seconds=5),
        timedelta(seconds=10),
        timedelta(seconds=20),
    ]
    assert rules.retry_in(60) == rules.LONGEST_RETRY


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("geo:45.5,-122.6", (45.5, -122.6)),
        ("geo:45.5,-122.6;u=35", (45.5, -122.6)),
        ("geo:45.5,-122.6,10?z=3", (45.5, -122.6)),
        ("geo:145.5,-122.6", None),
        ("geo:nowhere", None),
        ("https://example.com/", None),
    ],
)
def test_places_are_read(url: str, place: tuple[float, float] | None) -> None:
    assert rules.location_of(url) == place


def test_every_reason_is_a_sentence() -> None:
    assert all(words.endswith(".") for words in [*rules.WHY.values(), rules.why("anything")])


@pytest.mark.parametrize(
    ("items", "limits", "goes"),
    [
        ([], MediaLimits(), True),
        ([{"media": 1, "type": "image/jpeg", "size": 10, "link": "https://a.example/m/1"}], MediaLimits(), True),
        ([{"media": 1, "type": "image/jpeg", "size": 10}], MediaLimits(), False),
        ([{"media": 1, "type": "image/jpeg", "size": 10}], MMS, True),
        ([{"media": 1, "type": "image/jpeg", "size": 2 * MB}], MMS, False),
        ([{"media": 1, "type": "application/pdf", "size": 10}], MMS, False),
        ([{"media": n, "type": "image/jpeg", "size": 10} for n in range(4)], MMS, False),
    ],
)
def test_what_was_made_ready_for_one_number_may_not_go_by_another(
    items: list[dict[str, object]], limits: MediaLimits, goes: bool
) -> None:
    assert rules.goes_through(items, limits) is goes
