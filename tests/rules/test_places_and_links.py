"""Places in texts, and addresses that look like others."""

from __future__ import annotations

import pytest

from twoway.sms.links import true_host
from twoway.sms.places import find


@pytest.mark.parametrize(
    ("body", "latitude", "longitude", "name"),
    [
        ("geo:37.7749,-122.4194", 37.7749, -122.4194, ""),
        ("I'm here: https://maps.google.com/?q=37.7749,-122.4194", 37.7749, -122.4194, ""),
        ("https://www.google.com/maps?q=37.7749,-122.4194&z=17", 37.7749, -122.4194, ""),
        ("https://www.google.com/maps/@37.7749,-122.4194,15z", 37.7749, -122.4194, ""),
        ("https://www.google.com/maps/search/?api=1&query=37.7749%2C-122.4194", 37.7749, -122.4194, ""),
        (
            "https://www.google.com/maps/place/City+Hall/@37.1,-122.1,17z/data=!3d37.7792!4d-122.4191",
            37.7792,
            -122.4191,
            "City Hall",
        ),
        ("https://maps.apple.com/?ll=37.7749,-122.4194&q=Union%20Square", 37.7749, -122.4194, "Union Square"),
        ("https://maps.apple.com/?q=37.7749,-122.4194", 37.7749, -122.4194, ""),
        ("https://www.openstreetmap.org/?mlat=37.7749&mlon=-122.4194#map=16/1/1", 37.7749, -122.4194, ""),
        ("Parked at 37.77491, -122.41942 now", 37.77491, -122.41942, ""),
        ("37.7749° N, 122.4194° W", 37.7749, -122.4194, ""),
        (
            "BEGIN:VCARD\nitem1.URL;type=pref:https://maps.apple.com/?ll=37.7749\\,-122.4194\nEND:VCARD",
            37.7749,
            -122.4194,
            "",
        ),
    ],
)
def test_a_place_is_found(body: str, latitude: float, longitude: float, name: str) -> None:
    found = find(body)
    assert found is not None
    assert (found.latitude, found.longitude, found.name) == (latitude, longitude, name)


@pytest.mark.parametrize(
    "body",
    [
        "It was 12.5, 13.5 last week",
        "Order 37.774900,1 and 2",
        "https://maps.app.goo.gl/abc",
        "https://example.com/?q=37.7749,-122.4194",
        "https://www.google.com/search?q=pizza",
        "https://maps.google.com/?q=97.7749,-222.4194",
        "https://[::1",
        "geo:here",
        "It cost $12.999, 14.222x",
    ],
)
def test_no_place_is_made_up(body: str) -> None:
    assert find(body) is None


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://example.com/pay", ""),
        ("https://bücher.de/", ""),
        ("https://пример.рф/", "xn--e1afmkfd.xn--p1ai"),
        ("https://аpple.com/", "xn--pple-43d.com"),
        ("https://раураl.com/", "xn--l-7sba6dbr.com"),
        ("https://xn--pple-43d.com/", "xn--pple-43d.com"),
        ("https://bank.com@evil.example/", "evil.example"),
        ("https://[::1", ""),
    ],
)
def test_a_host_that_misleads_is_shown_as_it_is(url: str, host: str) -> None:
    assert true_host(url) == host
