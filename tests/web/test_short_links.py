"""A short link leads at once to what the shop has shown to be its own, and past a page that names any other site."""

import re
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from plugin.domain.hosts import host_of
from plugin.platforms import find_testkit
from tests.support.builders import NOON, a_settings_document
from tests.support.uninstalling import uninstall
from tests.web.test_admin_access import House
from tests.web.test_admin_access import house as house

LONG = "x" * 300
OTHER = "https://evil.example/" + LONG


def followed(house: House, address: str, **headers: str) -> TestResponse:
    token = house.store.links.shorten(house.shop.id, address)
    return house.app.test_client().get(f"/go/{token}", headers=headers)


def own(house: House) -> str:
    """An address at the shop's own host."""
    return f"https://{host_of(house.shop.address) or house.shop.address}/{LONG}"


def is_page_between(answer: TestResponse, host: str) -> bool:
    return (
        answer.status_code == 200
        and "Location" not in answer.headers
        and f'translate="no">{host}</strong>' in answer.text
        and not re.search(r"<script|http-equiv|onload", answer.text)
    )


def test_to_the_shop_s_own_host_it_leads_at_once(house: House) -> None:
    answer = followed(house, own(house))

    assert (answer.status_code, answer.headers["Location"]) == (302, own(house))
    assert answer.headers["X-Robots-Tag"] == "noindex"


def test_to_another_site_it_leads_past_a_page_that_names_it(house: House) -> None:
    answer = followed(house, OTHER)

    assert is_page_between(answer, "evil.example")
    assert f'<a href="{OTHER}" rel="noopener noreferrer nofollow">' in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_the_merchant_wrote_into_the_settings_shows_nothing(house: House) -> None:
    store = {"link": "https://evil.example", "product_link": "https://evil.example/{slug}"}
    house.store.shops.write_settings(house.shop.id, a_settings_document() | {"store": store}, who="test", now=NOON)

    assert is_page_between(followed(house, OTHER), "evil.example")


@pytest.mark.parametrize("accept", ["*/*", "image/avif,image/webp,*/*", "text/html"])
def test_it_makes_no_difference_who_asks(house: House, accept: str) -> None:
    assert is_page_between(followed(house, OTHER, Accept=accept), "evil.example")


def test_a_host_that_only_looks_like_the_shop_s_is_another(house: House) -> None:
    host = host_of(own(house))
    likenesses = {
        f"https://{host}.evil.example/{LONG}": f"{host}.evil.example",
        f"https://evil-{host}/{LONG}": f"evil-{host}",
        f"https://{host}:8443/{LONG}": f"{host}:8443",
        f"https://sub.{host}/{LONG}": f"sub.{host}",
        f"https://evil.example/https://{host}/{LONG}": "evil.example",
        f"https://evil.example?{host}/{LONG}": "evil.example",
        f"https://ev\u0456l.example/{LONG}": "xn--evl-khd.example",
    }

    found = {address: is_page_between(followed(house, address), shown) for address, shown in likenesses.items()}

    assert set(found.values()) == {True}, found


@pytest.mark.parametrize(
    "start", ["https://HOST@evil.example/", "https://evil.example\\@HOST/", "javascript:x//HOST/", "//HOST/"]
)
def test_an_address_that_may_be_read_in_two_ways_leads_nowhere(house: House, start: str) -> None:
    answer = followed(house, start.replace("HOST", host_of(own(house))) + LONG)

    assert answer.status_code == 404
    assert "evil" not in answer.text


def test_the_page_says_nothing_it_was_not_to_say(house: House) -> None:
    answer = followed(house, 'https://evil.example/"><script>alert(1)</script>' + LONG)

    assert "<script" not in answer.text


def test_another_shop_s_host_is_not_this_one_s(house: House) -> None:
    shop, access = find_testkit(house.platform.name).installation()
    address = shop.address.replace("demo", "other") if "demo" in shop.address else f"https://other.example/{shop.address[-9:]}"
    other = house.store.shops.install(replace(shop, id=0, address=address, link=""), access, now=NOON)
    token = house.store.links.shorten(other.id, own(house))

    assert is_page_between(house.app.test_client().get(f"/go/{token}"), host_of(own(house)))


def test_a_shop_that_left_keeps_its_host(house: House) -> None:
    token = house.store.links.shorten(house.shop.id, own(house))
    uninstall(house.store.shops, house.shop.id)

    assert house.app.test_client().get(f"/go/{token}").status_code == 302


@pytest.mark.parametrize("token", ["x", "A" * 22, "A" * 5000])
def test_a_guess_leads_nowhere(house: House, token: str) -> None:
    assert house.app.test_client().get(f"/go/{token}").status_code == 404
