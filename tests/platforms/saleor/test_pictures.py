"""Pictures of products: what a mail far from the shop can show."""

import pytest

from plugin.domain.payload import Payload
from plugin.platforms.saleor.testing import TESTKIT
from plugin.platforms.saleor.translate import translate
from tests.support.platforms.saleor.bodies import a_line, a_sample, a_translation, an_order


@pytest.mark.parametrize(
    ("url", "image"),
    [
        ("https://cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("/media/a.png", "https://demo.saleor.example/media/a.png"),
        ("//cdn.example.com/a.png", "https://cdn.example.com/a.png"),
        ("http://cdn.example.com/a.png", "http://cdn.example.com/a.png"),
        ("media/a.png", "https://demo.saleor.example/media/a.png"),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,AA", ""),
        ("http://[::1", ""),
        ("http://cdn.example.com:99999/a.png", ""),
        ("", ""),
    ],
)
def test_a_picture_is_an_address_a_mail_can_show(url: str, image: str) -> None:
    assert a_line(thumbnail={"url": url}, variant=None).image == image


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/a.png", "https://127.0.0.1/a.png", "http://10.1.2.3/a.png", "http://192.168.1.20:8000/a.png",
        "http://172.20.0.4/a.png", "http://169.254.1.1/a.png", "http://[::1]/a.png", "http://[fe80::1]/a.png",
        "http://[fd00::7]/a.png", "http://[::ffff:10.0.0.1]/a.png", "http://saleor.local/a.png", "http://api.internal/a.png",
        "http://api:8000/a.png", "http://127.1/a.png", "http://2130706433/a.png", "http://0x7f.0.0.1/a.png",
        "http://LOCALHOST./a.png", "//localhost/a.png",
    ],
)  # fmt: skip
def test_a_picture_in_somebodys_own_network_is_none_and_the_log_says_so(url: str) -> None:
    line = a_sample("order_created")["order"]["lines"][0] | {"thumbnail": {"url": url}, "variant": None}

    event = an_order(lines=[line])

    assert event.products[0].image == ""
    assert "picture" in event.partial


@pytest.mark.parametrize("url", ["http://8.8.8.8/a.png", "http://172.32.0.1/a.png", "https://[2606:4700::1]/a.png"])
def test_a_picture_at_a_public_number_is_one(url: str) -> None:
    assert a_line(thumbnail={"url": url}, variant=None).image == url


def test_a_products_picture_stands_in_for_a_lines_that_leads_nowhere() -> None:
    public = {"product": {"thumbnail": {"url": "https://cdn.example.com/a.png"}}}
    line = a_sample("order_created")["order"]["lines"][0] | {"thumbnail": {"url": "http://localhost/a.png"}, "variant": public}

    event = an_order(lines=[line])

    assert (event.products[0].image, event.partial) == ("https://cdn.example.com/a.png", "")


def test_a_relative_picture_of_a_shop_in_a_private_network_is_none() -> None:
    shop, _ = TESTKIT.installation("http://127.0.0.1:8000/graphql/")
    body = a_sample("order_created")
    body["order"]["lines"] = [body["order"]["lines"][0] | {"thumbnail": {"url": "/media/a.png"}, "variant": None}]

    (event,) = translate("order_created", Payload(body, "$"), shop).events

    assert event.products[0].image == ""
    assert "picture" in event.partial


def test_several_things_can_be_missing() -> None:
    line = a_sample("order_created")["order"]["lines"][0] | {"thumbnail": {"url": "http://localhost/a.png"}, "variant": None}
    order = {**a_sample("order_created")["order"], "lines": [line]}

    (event,) = a_translation("order_created", "order_created", order=order, errors=[{"message": "no"}]).events

    assert event.partial.count("; ") >= 1
    assert "permission" in event.partial
    assert "picture" in event.partial
