"""Which host a browser goes to, or none where it might be read another way."""

import pytest

from plugin.domain.hosts import host_of
from tests.support.hostile.long_texts import MOST_SECONDS, seconds_for


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://demo.example", "demo.example"),
        ("https://demo.example/a?b=c#d", "demo.example"),
        ("HTTPS://Demo.Example./a", "demo.example"),
        ("https://demo.example:443/", "demo.example"),
        ("http://demo.example:80?x", "demo.example"),
        ("https://demo.example:0443/", "demo.example"),
        ("https://demo.example:8443/", "demo.example:8443"),
        ("http://localhost:9000/dashboard/", "localhost:9000"),
        ("https://[2001:db8::1]/x", "[2001:db8::1]"),
        ("https://żółw.example/kubek", "xn--w-uga1v8h.example"),
        ("https://dеmo.example/", "xn--dmo-rdd.example"),
        ("https://demo\u3002example/", "demo.example"),
        ("https://demo.example/a\\b@c d", "demo.example"),
    ],
)
def test_the_host_is_told_as_it_is_looked_up(address: str, host: str) -> None:
    assert host_of(address) == host


@pytest.mark.parametrize(
    "address",
    [
        "", "demo.example", "//demo.example", "javascript:alert(1)", "ftp://demo.example", "https:/demo.example",
        "https:demo.example", "https://demo.example@evil.example/", "https://a:b@demo.example/", "https://demo.example\\@evil.example/",
        "https://demo.example\\.evil.example", "https:\\\\demo.example", "https://demo%2eexample/", "https://demo.example\t.evil.example",
        "https://demo.example /", " https://demo.example", "https://demo.example:x/", "https://demo.example:0/",
        "https://demo.example:70000/", "https:///demo.example", "https://", "https://demo.example/\n", "https://demo.example/\0",
        "https://demo.example/" + "x" * 9000, "https://<b>/", "https://..", "https://" + "ż" * 70 + ".example", "https://demo.example\x7f/",
    ],
    ids=lambda text: ascii(text)[:40],
)  # fmt: skip
def test_what_may_be_read_in_two_ways_has_none(address: str) -> None:
    assert host_of(address) == ""


@pytest.mark.parametrize("name", ["ж" * 7_000, "ж." * 3_500, "ﷺ" * 250, "ﷺ" * 7_000, "a\u0301" * 3_500])
def test_a_name_longer_than_any_is_no_host_at_once(name: str) -> None:
    address = f"https://{name}.example/"

    assert host_of(address) == ""
    assert seconds_for(lambda: host_of(address)) < MOST_SECONDS
