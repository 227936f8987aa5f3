"""Who a text is from, and what people type for a number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twoway.sms import phone


@pytest.mark.parametrize(
    ("raw", "region", "kind", "value"),
    [
        ("+14155550101", None, "phone", "+14155550101"),
        (" 14155550101", None, "phone", "+14155550101"),
        ("14155550101", "US", "phone", "+14155550101"),
        ("2125550123", "US", "phone", "+12125550123"),
        ("447911123456", "US", "phone", "+447911123456"),
        ("00447911123456", None, "phone", "+447911123456"),
        ("+1 (415) 555-0101", None, "phone", "+14155550101"),
        ("tel:+1-415-555-0101", None, "phone", "+14155550101"),
        ("+5215512345678", None, "phone", "+525512345678"),
        ("72345", None, "short_code", "72345"),
        ("72345", "US", "short_code", "72345"),
        ("911", None, "short_code", "911"),
        ("MTN", None, "alpha", "MTN"),
        ("  My Brand ", None, "alpha", "My Brand"),
        ("12", None, "alpha", "12"),
        ("", None, "alpha", ""),
        ("1" * 40, None, "alpha", "1" * 40),
        ("000000000", None, "alpha", "000000000"),
        ("x" * 100, None, "alpha", "x" * 64),
        ("anonymous\x00", None, "alpha", "anonymous"),
        ("whatsapp:+14155550101", None, "whatsapp", "+14155550101"),
        ("WhatsApp:14155550101", None, "whatsapp", "+14155550101"),
        ("whatsapp:+5215512345678", None, "whatsapp", "+5215512345678"),
        ("whatsapp:US.13491208655302741918", None, "whatsapp", "US.13491208655302741918"),
        ("Ana@Example.com", None, "email", "ana@example.com"),
    ],
)
def test_a_sender_is_identified(raw: str, region: str | None, kind: phone.Kind, value: str) -> None:
    assert phone.identify(raw, region=region) == phone.Identity(kind, value)


@given(st.text(alphabet=st.characters(codec=None)), st.sampled_from([None, "US", "GB", "XX"]))
def test_identifying_never_fails_and_is_stable(raw: str, region: str | None) -> None:
    identity = phone.identify(raw, region=region)
    assert len(identity.value) <= 254
    assert identity.value.encode("utf-8").find(b"\x00") == -1
    if identity.kind == "phone":
        assert phone.identify(identity.value) == identity


@given(st.from_regex(r"\+?[0-9() .\-]{1,20}", fullmatch=True))
def test_what_looks_like_a_number_never_fails(raw: str) -> None:
    identity = phone.identify(raw, region="US")
    if identity.kind == "phone":
        assert identity.value[0] == "+"
        assert identity.value[1:].isdigit()
        assert len(identity.value) <= 16


@pytest.mark.parametrize(
    ("typed", "region", "value"),
    [
        ("(415) 555-2671", "US", "+14155552671"),
        ("415.555.2671 x123", "US", "+14155552671"),
        ("tel:+1-415-555-2671;ext=89", "US", "+14155552671"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("07700 900123", "GB", "+447700900123"),
        ("+447911123456", "US", "+447911123456"),
        ("+5215512345678", "US", "+525512345678"),
        ("+525512345678", "US", "+525512345678"),
        ("+5511987654321", None, "+5511987654321"),
        ("+39 06 69 82 123", "US", "+39066982123"),
        ("\uff14\uff11\uff15 \uff15\uff15\uff15 \uff12\uff16\uff17\uff11", "US", "+14155552671"),
        ("+1 415 555 2671\u202c", "US", "+14155552671"),
    ],
)
def test_a_typed_number_is_read(typed: str, region: str | None, value: str) -> None:
    assert phone.parse_typed(typed, region=region) == phone.Identity("phone", value)


def test_a_short_code_may_be_typed() -> None:
    assert phone.parse_typed("72345", region="US") == phone.Identity("short_code", "72345")


@pytest.mark.parametrize(
    ("typed", "region", "words"),
    [
        ("4155552671", None, "country code"),
        ("555-2671", "US", "area code"),
        ("MYBRAND", "US", "not a phone number"),
        ("911", "US", "Emergency"),
        ("12", "US", "too few"),
        ("+1 415 555 26711 99", "US", "too many"),
        ("  ", "US", "Write a phone number"),
    ],
)
def test_what_is_not_a_number_is_refused_with_a_sentence(typed: str, region: str | None, words: str) -> None:
    with pytest.raises(phone.NotANumber, match=words) as refused:
        phone.parse_typed(typed, region=region)
    assert str(refused.value).endswith(".")


@given(st.text(), st.sampled_from([None, "US", "MX", "IT"]))
def test_typing_anything_gives_a_number_or_a_sentence(typed: str, region: str | None) -> None:
    try:
        found: str = phone.parse_typed(typed, region=region).kind
    except phone.NotANumber as refused:
        found = str(refused)[-1]
    assert found in ("phone", "short_code", ".")


@pytest.mark.parametrize(
    ("value", "region", "shown"),
    [
        ("+15035550178", "US", "(503) 555-0178"),
        ("+15035550178", "GB", "+1 503-555-0178"),
        ("+15035550178", None, "+1 503-555-0178"),
        ("+447911123456", "US", "+44 7911 123456"),
        ("whatsapp:+447911123456", "GB", "07911 123456"),
        ("72345", "US", "72345"),
        ("My Brand", "US", "My Brand"),
        ("+999123", "US", "+999123"),
    ],
)
def test_a_number_is_shown_as_people_write_it(value: str, region: str | None, shown: str) -> None:
    assert phone.pretty(value, region=region) == shown


@pytest.mark.parametrize(
    ("value", "free"),
    [("+18005550199", True), ("+18885550199", True), ("+14155550199", False), ("+18105550199", False), ("800", False)],
)
def test_toll_free_numbers_are_known(value: str, free: bool) -> None:
    assert phone.is_toll_free_us(value) is free


@pytest.mark.parametrize(
    ("kind", "possible"), [("phone", True), ("short_code", True), ("whatsapp", True), ("email", True), ("alpha", False)]
)
def test_a_name_cannot_be_answered(kind: phone.Kind, possible: bool) -> None:
    assert phone.can_reply(kind) is possible


@pytest.mark.parametrize(
    ("value", "zones"),
    [
        ("+14155552671", ("America/Los_Angeles",)),
        ("+18502345678", ("America/Chicago",)),
        ("+18505551234", ("America/New_York",)),
        ("+12082345678", ("America/Denver",)),
        ("+12087654321", ("America/Los_Angeles",)),
        ("+19075551234", ("America/Adak", "America/Anchorage")),
        ("+18005550199", ()),
        ("+15002345678", ()),
        ("72345", ()),
        ("MTN", ()),
    ],
)
def test_the_zones_of_a_number_go_by_its_area_and_exchange(value: str, zones: tuple[str, ...]) -> None:
    assert phone.time_zones(value) == zones


def test_a_country_of_several_zones_names_them_all() -> None:
    assert len(phone.time_zones("+61412345678")) == 8
    assert len(phone.time_zones("+79123456789")) == 16


@pytest.mark.parametrize(
    ("value", "where"), [("+14155552671", "San Francisco, CA"), ("+14165550123", "Ontario"), ("72345", "")]
)
def test_the_place_of_a_number(value: str, where: str) -> None:
    assert phone.place(value) == where
