"""The bodies SendPulse gets, against files that hold them word for word."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from plugin.domain.basket import Product
from plugin.domain.errors import GiveUp
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.routing import Lead, Route, Send, Shape
from plugin.domain.secret import AutomationId
from plugin.domain.settings import NO_SETTINGS, ShopSettings, StoreFacts
from plugin.sendpulse.body import MOST_BYTES, Body, bodies
from plugin.sendpulse.form import form_text
from tests.support.builders import a_basket, a_cart, a_contact, a_product, an_event
from tests.support.sendpulse.samples import SHOP

GOLDEN = Path(__file__).parent / "golden"
PLATE = a_product(
    id="632910393", name="Talerz", variant_name="Duży", quantity=2, link="https://demo.example/products/talerz", image="",
    price=Money(amount=Decimal("45.5"), currency="PLN"),
)  # fmt: skip
GIFT = a_product(id="", name="Pakowanie na prezent", price=None, link="", image="")
THREE = a_basket(
    products=(a_product(), PLATE, GIFT), total=Money(amount=Decimal("110.99"), currency="PLN"),
    order_link="https://demo.example/orders/1001", cart_link="",
)  # fmt: skip
LATE = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def written(
    event: StoreEvent, settings: ShopSettings = NO_SETTINGS, *, flow: int | None = None, **route: Any
) -> tuple[Body, ...]:
    """The bodies of an event on a route with these settings."""
    automation_id = AutomationId(flow) if flow else None
    return bodies(event, Route(kind=event.kind, **route), automation_id, SHOP, settings, lambda *_: "https://app.example/go/x")


def only(event: StoreEvent, settings: ShopSettings = NO_SETTINGS, **more: Any) -> dict[str, Any]:
    (body,) = written(event, settings, **more)
    fields: dict[str, Any] = json.loads(body.text)
    return fields


def stored(**facts: Any) -> ShopSettings:
    return replace(NO_SETTINGS, store=StoreFacts(**facts))


CASES = {
    "order_paid": written(an_event(basket=THREE), flow=102),
    "order_paid__most_expensive": written(an_event(basket=THREE), lead=Lead.MOST_EXPENSIVE),
    "order_paid__item": written(an_event(basket=THREE), flow=102, shape=Shape.ITEM),
    "order_paid__array": written(an_event(basket=THREE), flow=102, shape=Shape.ARRAY),
    "order_paid__id_as_text": written(an_event(basket=THREE), stored(product_id_as_text=True), shape=Shape.ARRAY),
    "cart_abandoned__phone_only": written(
        a_cart(
            kind=EventKind.CART_ABANDONED,
            contact=a_contact(email=None, phone="+48501234567", first_name="", last_name=""),
            basket=a_basket(products=(PLATE,), order_id="", order_number="", cart_link="https://demo.example/cart/c1"),
            happened_at=LATE,
        ),
        stored(name="Sklep", link="https://sklep.example", timezone="Asia/Tokyo"),
        flow=202,
    ),
    "customer_created": written(an_event(kind=EventKind.CUSTOMER_CREATED, object_id="7", basket=None, locale="uk_UA")),
    "order_paid__no_lines": written(an_event(basket=a_basket(products=())), shape=Shape.ITEM),
}


@pytest.mark.parametrize("name", CASES)
def test_a_body_is_what_its_golden_file_says(name: str) -> None:
    expected = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")

    found = [{"part": body.part, "body": json.loads(body.text)} for body in CASES[name]]

    # As text, so that the order of the keys and the types of the numbers count too.
    assert json.dumps(found, ensure_ascii=False, indent=2) + "\n" == expected


def test_every_golden_file_has_its_case() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(CASES)


def test_a_body_is_compact_json_with_its_letters_as_they_are() -> None:
    (body,) = written(an_event(basket=a_basket(products=(PLATE,))))

    assert '"variant_name":"Duży"' in body.text


def test_nobody_to_write_to_gives_no_body() -> None:
    for contact in (None, a_contact(email=None, phone=None)):
        with pytest.raises(GiveUp, match="no email address or phone number"):
            written(an_event(contact=contact))


def test_the_date_is_the_one_on_the_shops_wall() -> None:
    assert only(an_event(happened_at=LATE))["event_date"] == "2027-01-01"
    assert only(an_event(happened_at=LATE), stored(timezone="America/New_York"))["event_date"] == "2026-12-31"


@pytest.mark.parametrize("year", [1, 9999])
def test_a_moment_no_zone_can_hold_keeps_its_own_date(year: int) -> None:
    event = an_event(happened_at=datetime.fromisoformat(f"{year:04}-{'01-01T00:00' if year == 1 else '12-31T23:59'}+00:00"))

    fields = only(event, stored(timezone="America/New_York" if year == 1 else "Asia/Tokyo"))

    assert fields["event_date"][:4] == f"{year:04}"


def test_the_lead_of_equally_expensive_lines_is_the_first() -> None:
    same = (a_product(name="first"), a_product(name="second"))

    assert only(an_event(basket=a_basket(products=same)), lead=Lead.MOST_EXPENSIVE)["product_name"] == "first"


def test_an_address_too_long_for_sendpulse_becomes_a_short_one() -> None:
    long = a_product(link="https://demo.example/" + "a" * 300, image="https://demo.example/short.png")

    fields = only(an_event(basket=a_basket(products=(long,))))

    assert fields["product_link"] == fields["products"][0]["product_link"] == "https://app.example/go/x"
    assert fields["product_img_url"] == "https://demo.example/short.png"


def test_no_address_ends_the_attribute_it_stands_in() -> None:
    basket = a_basket(
        products=(a_product(link='https://demo.example/a?b=">x</a><img src=`', image="https://demo.example/ż'.png"),)
    )

    fields = only(an_event(basket=basket))

    assert fields["product_link"] == "https://demo.example/a?b=%22%3Ex%3C/a%3E%3Cimg src=%60"
    assert fields["product_img_url"] == "https://demo.example/ż'.png"


def test_an_address_that_cannot_be_shortened_is_left_empty() -> None:
    event = an_event(basket=a_basket(products=(a_product(link="https://demo.example/" + "a" * 300),)))
    (body,) = bodies(event, Route(kind=event.kind), None, SHOP, NO_SETTINGS, lambda address, names: address)

    assert json.loads(body.text)["product_link"] == ""


def test_a_long_basket_is_cut_at_fifty_products_with_its_true_count() -> None:
    fields = only(an_event(basket=a_basket(products=tuple(a_product(quantity=2) for _ in range(60)))))

    assert (len(fields["products"]), fields["item_count"], fields["quantity"]) == (50, 60, 120)


def many(count: int) -> StoreEvent:
    return an_event(basket=a_basket(products=tuple(a_product(name=f"Line {number}") for number in range(1, count + 1))))


def test_a_long_basket_makes_no_more_than_fifty_deliveries_and_each_says_so() -> None:
    found = written(many(60), shape=Shape.ITEM)
    fields = [json.loads(body.text) for body in found]

    assert [body.part for body in found] == list(range(1, 51))
    assert [each["product_name"] for each in fields] == [f"Line {number}" for number in range(1, 51)]
    assert {each["item_count"] for each in fields} == {60}
    assert {body.lacks for body in found} == {"Only the first 50 of 60 lines are sent: one order makes at most 50 events."}


@pytest.mark.parametrize("shape", Shape)
def test_a_basket_that_is_sent_whole_says_nothing_of_limits(shape: Shape) -> None:
    assert {body.lacks for body in written(many(50), shape=shape)} == {""}


@pytest.mark.parametrize("shape", [Shape.ORDER, Shape.ARRAY])
def test_a_body_that_does_not_name_all_lines_says_so(shape: Shape) -> None:
    (body,) = written(many(60), shape=shape)

    assert body.lacks == "Only the first 50 of 60 lines are sent: one event holds at most 50 products and 64 KB."


def big(count: int) -> tuple[Product, ...]:
    link = "https://demo.example/" + "ż" * 230
    return tuple(a_product(name=f"{number} " + "😀" * 250, variant_name="ż" * 255, link=link) for number in range(count))


@pytest.mark.parametrize("send", [Send.JSON, Send.FORM, Send.NAME])
def test_a_heavy_basket_loses_its_last_products_only(send: Send) -> None:
    (body,) = written(an_event(basket=a_basket(products=big(50))), send=send)
    fields = json.loads(body.text)
    size = len(form_text(body.text)) if send is Send.FORM else len(body.text.encode())

    assert MOST_BYTES // 2 < size <= MOST_BYTES
    assert fields["products"][0]["product_name"].startswith("0 ")
    assert (fields["product_name"], fields["item_count"]) == (fields["products"][0]["product_name"], 50)
    assert body.lacks.startswith(f"Only the first {len(fields['products'])} of 50 lines are sent")


@pytest.mark.parametrize(
    ("id", "expected"),
    [("632910392", 632910392), ("", None), ("gid://x/1", None), ("1" * 20, None), ("²", None)],
)
def test_product_id_is_a_number_or_not_there(id: str, expected: int | None) -> None:
    assert only(an_event(basket=a_basket(products=(a_product(id=id),)))).get("product_id") == expected


def test_a_locale_nobody_can_read_becomes_the_shops() -> None:
    assert only(an_event(locale="???"))["locale"] == "en"
    assert only(an_event(locale=""), stored(default_locale="PT_br"))["locale"] == "pt-BR"
    assert only(an_event(locale="iw"))["locale"] == "he"


def test_without_a_readable_locale_anywhere_the_shops_own_word_stands() -> None:
    assert only(an_event(locale="???"), stored(default_locale="elvish tongue"))["locale"] == "elvish tongue"


def test_the_currency_is_found_at_a_line_when_there_is_no_total() -> None:
    assert only(an_event(basket=a_basket(total=None, products=(GIFT, PLATE))))["currency"] == "PLN"
    assert "currency" not in only(an_event(basket=a_basket(total=None, products=(GIFT,))))


class Counted(tuple[Product, ...]):
    """Lines that count how often one is looked at."""

    looks = 0

    def __iter__(self) -> Iterator[Product]:
        for product in super().__iter__():
            Counted.looks += 1
            yield product


def test_a_body_of_one_line_does_not_look_at_all_the_others() -> None:
    """Thirty thousand lines took half a minute."""
    lines = Counted([a_product()] * 500)

    written(an_event(basket=a_basket(products=lines, total=None)), shape=Shape.ITEM)

    assert Counted.looks < 5 * len(lines)
