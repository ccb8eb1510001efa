"""What a body says beside products and people."""

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from plugin.domain.contact import Consent
from plugin.domain.event import StoreEvent
from plugin.domain.facts import Address, Facts, Tracking
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.routing import Route, Send
from plugin.domain.settings import NO_SETTINGS, PersonalData, ShopSettings
from plugin.sendpulse.body import MOST_BYTES, bodies
from plugin.sendpulse.form import form_text
from tests.support.builders import a_basket, a_contact, a_product, an_event
from tests.support.sendpulse.samples import SHOP

SHARING = ShopSettings(table=NO_SETTINGS.table, share=frozenset({PersonalData.ADDRESS}))


def pln(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="PLN")


FACTS = Facts(
    subtotal=pln("59.97"), tax=pln("11.21"), shipping_price=pln("0"), discount_total=pln("10"), discount_code="LATO",
    shipping_method="Kurier", payment_method="BLIK", note="Proszę <b>dzwonić</b>", tags=("prezent", "vip"), source="web",
    utm_source="newsletter", utm_medium="email", utm_campaign="lato", cancel_reason="customer", refund_reason="Uszkodzone",
    tracking=(Tracking(number="2", company="DHL", link="https://dhl.example/2"), Tracking(number="1"), Tracking()),
    address=Address(street="ul. Prosta 1", city="Warszawa", zip="00-001", country="Poland"),
    order_count=2, total_spent=pln("179.91"), customer_tags=("stały",),
)  # fmt: skip
MONEY = {
    "subtotal": "59.97", "subtotal_text": "59,97 zł", "tax": "11.21", "tax_text": "11,21 zł", "shipping_price": "0.00",
    "shipping_price_text": "0,00 zł", "discount_total": "10.00", "discount_total_text": "10,00 zł",
}  # fmt: skip
ORDER = {
    "discount_code": "LATO", "shipping_method": "Kurier", "payment_method": "BLIK", "order_note": "Proszę dzwonić",
    "order_tags": "prezent, vip", "order_source": "web", "utm_source": "newsletter", "utm_medium": "email",
    "utm_campaign": "lato",
}  # fmt: skip
ADDRESS = {
    "shipping_address": "ul. Prosta 1", "shipping_city": "Warszawa", "shipping_zip": "00-001", "shipping_country": "Poland",
}  # fmt: skip
FIRST = {"is_first_order": "no"}
HISTORY = {"order_count": 2, "total_spent": 179.91, "total_spent_text": "179,91 zł"}
NEWEST = {"tracking_number": "2", "tracking_company": "DHL", "tracking_link": "https://dhl.example/2"}
PARCELS = {**NEWEST, "parcels": [NEWEST, {"tracking_number": "1"}]}


def told(event: StoreEvent, settings: ShopSettings = SHARING, **route: Any) -> dict[str, Any]:
    """What its body says beyond the body of the same event without facts."""
    with_facts, without = (
        json.loads(
            bodies(one, Route(kind=one.kind, **route), None, SHOP, settings, lambda *_: "https://app.example/go/x")[0].text
        )
        for one in (event, an_event(kind=event.kind))
    )
    return {name: value for name, value in with_facts.items() if name not in without}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (EventKind.ORDER_PAID, MONEY | ORDER | ADDRESS | HISTORY | FIRST),
        (EventKind.ORDER_FULFILLED, MONEY | ORDER | PARCELS | ADDRESS | HISTORY | FIRST),
        (
            EventKind.ORDER_CANCELLED,
            MONEY | ORDER | {"cancel_reason": "customer"} | ADDRESS | HISTORY | {"is_first_order": "no"},
        ),
        (EventKind.ORDER_REFUNDED, ORDER | {"refund_reason": "Uszkodzone"} | ADDRESS | HISTORY | FIRST),
        (EventKind.CUSTOMER_CREATED, HISTORY | {"customer_tags": "stały"}),
    ],
)
def test_a_body_says_what_its_kind_has(kind: EventKind, expected: dict[str, Any]) -> None:
    found = told(an_event(kind=kind, facts=FACTS))

    assert {name: plain_blanks(value) for name, value in found.items()} == expected


def plain_blanks(value: Any) -> Any:
    return value.replace("\xa0", " ") if isinstance(value, str) else value


def test_a_cart_says_what_it_costs_and_where_its_buyer_came_from() -> None:
    found = told(an_event(kind=EventKind.CART_ABANDONED, facts=FACTS))

    assert found.keys() == {
        "subtotal", "subtotal_text", "discount_total", "discount_total_text", "discount_code", "utm_source", "utm_medium",
        "utm_campaign", *ADDRESS,
    }  # fmt: skip


EUROS = Money(amount=Decimal(3), currency="EUR")


@pytest.mark.parametrize("kind", [EventKind.ORDER_PAID, EventKind.CART_ABANDONED])
def test_an_amount_in_another_currency_than_the_body_s_is_not_told(kind: EventKind) -> None:
    found = told(an_event(kind=kind, facts=Facts(subtotal=pln("5"), tax=EUROS, shipping_price=EUROS, discount_total=EUROS)))

    assert found.keys() == {"subtotal", "subtotal_text"}


def test_what_a_buyer_spent_may_be_in_the_store_s_own_currency() -> None:
    found = told(an_event(facts=Facts(total_spent=EUROS)))

    assert (found["total_spent"], plain_blanks(found["total_spent_text"])) == (3, "3,00 €")


def test_an_amount_is_told_where_the_body_names_no_currency() -> None:
    found = told(an_event(basket=a_basket(products=(), total=None), facts=Facts(subtotal=EUROS)))

    assert found["subtotal"] == "3.00"


def test_parcels_under_one_number_are_told_once() -> None:
    twice = Tracking(number="2"), Tracking(number="1"), Tracking(number="2")

    assert told(an_event(kind=EventKind.ORDER_FULFILLED, facts=Facts(tracking=twice)))["parcels"] == [
        {"tracking_number": "2"},
        {"tracking_number": "1"},
    ]


def test_an_address_leaves_only_where_the_merchant_chose_so() -> None:
    assert not told(an_event(facts=FACTS), NO_SETTINGS).keys() & ADDRESS.keys()


@pytest.mark.parametrize(("count", "expected"), [(1, "yes"), (2, "no"), (None, None)])
def test_a_first_order_is_one_whose_buyer_has_no_other(count: int | None, expected: str | None) -> None:
    assert told(an_event(facts=Facts(order_count=count))).get("is_first_order") == expected


@pytest.mark.parametrize(("count", "expected"), [(1, "yes"), (2, None)])
def test_whether_it_was_the_first_is_not_known_of_one_whose_buyer_came_back(count: int, expected: str | None) -> None:
    """A letter about the first order that leaves after the second one."""
    found = told(an_event(facts=Facts(order_count=count, has_later_orders=True)))

    assert (found["order_count"], found.get("is_first_order")) == (count, expected)


@pytest.mark.parametrize(
    ("consent", "expected"), [(Consent.SUBSCRIBED, "yes"), (Consent.NOT_SUBSCRIBED, "no"), (Consent.UNKNOWN, "unknown")]
)
def test_a_customer_says_how_they_stand(consent: Consent, expected: str) -> None:
    event = an_event(kind=EventKind.CUSTOMER_UPDATED, contact=a_contact(consent=consent))

    (body,) = bodies(event, Route(kind=event.kind), None, SHOP, NO_SETTINGS, lambda *_: "")

    assert json.loads(body.text)["marketing_consent"] == expected


@pytest.mark.parametrize(("amount", "expected"), [("180", 180), ("179.91", 179.91), ("0", 0), ("1e17", None)])
def test_what_a_buyer_spent_is_a_number(amount: str, expected: float | None) -> None:
    found = told(an_event(facts=Facts(total_spent=pln(amount))))

    assert found.get("total_spent") == expected
    assert ("total_spent_text" in found) is (expected is not None)


def test_a_line_says_its_stock_number_and_what_it_cost_before() -> None:
    event = an_event(kind=EventKind.CART_UPDATED).with_products((a_product(sku="MUG-1", compare_at=pln("24.99")),))

    (body,) = bodies(event, Route(kind=event.kind), None, SHOP, NO_SETTINGS, lambda *_: "")

    (line,) = json.loads(body.text)["products"]
    assert (line["product_sku"], line["compare_at_price"]) == ("MUG-1", "24.99")
    assert plain_blanks(line["compare_at_price_text"]) == "24,99 zł"


def test_facts_make_way_where_a_body_would_be_too_large() -> None:
    """As a form each of these letters takes twelve signs."""
    long = "\U0001f381" * 255
    facts = Facts(note=long, discount_code=long, shipping_method=long, payment_method=long, source=long)
    facts = replace(facts, tracking=tuple(Tracking(number=f"{number}{long}", company=long) for number in range(50)))
    event = an_event(kind=EventKind.ORDER_FULFILLED, facts=facts, contact=a_contact(first_name=long, last_name=long))
    route = Route(kind=event.kind, send=Send.FORM)

    (body,) = bodies(event, route, None, SHOP, SHARING, lambda *_: "")

    fields = json.loads(body.text)
    assert len(form_text(body.text)) <= MOST_BYTES
    assert "parcels" not in fields
    assert fields["products"]
