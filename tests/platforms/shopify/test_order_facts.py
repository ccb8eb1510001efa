"""What orders and checkouts say beside their lines and their people."""

from typing import Any

import pytest

from plugin.domain.facts import Address, Facts, Tracking
from plugin.domain.money import Money
from tests.platforms.shopify.test_complete import BOTH, completed
from tests.platforms.shopify.test_complete_people import ORDER
from tests.platforms.shopify.test_order_states import AT_ONCE, BEFORE, CREAM, EDITED, GONE, a_parcel, a_refund
from tests.support.platforms.shopify.admin import data
from tests.support.platforms.shopify.given import the_event

NEITHER_SET: dict[str, Any] = dict.fromkeys(
    f"{beginning}{name}_set"
    for beginning in ("", "current_")
    for name in ("subtotal_price", "total_tax", "total_discounts", "shipping_price")
)
AMOUNTS: dict[str, Any] = NEITHER_SET | {
    "subtotal_price": "100.00",
    "total_tax": "18.70",
    "total_discounts": "5.00",
    "current_subtotal_price": "30.00",
    "current_total_tax": "5.61",
    "current_total_discounts": "1.50",
    "shipping_lines": [{"title": "Courier", "price": "12.00", "discounted_price": "9.00"}],
}


def facts(topic: str = "orders/paid", sample: str = "order_created", **changed: Any) -> Facts:
    return the_event(topic, sample, **changed).facts


def amounts(told: Facts) -> list[str]:
    found: list[Money | None] = [told.subtotal, told.tax, told.shipping_price, told.discount_total]
    return [str(money.amount) if money else "" for money in found]


BOUGHT, LEFT = ["100.00", "18.70", "9.00", "5.00"], ["30.00", "5.61", "9.00", "1.50"]
STATES = {
    "orders/create": BOUGHT,
    "orders/paid": LEFT,
    "orders/partially_fulfilled": LEFT,
    "orders/fulfilled": LEFT,
    "orders/cancelled": LEFT,
}


@pytest.mark.parametrize(("topic", "expected"), STATES.items(), ids=STATES)
def test_after_an_edit_only_the_order_s_beginning_tells_the_amounts_of_what_was_bought(topic: str, expected: list[str]) -> None:
    assert amounts(facts(topic, **EDITED | AMOUNTS)) == expected


def test_a_body_of_before_there_were_edits_tells_the_amounts_it_has() -> None:
    older = {name: None for name in AMOUNTS if name.startswith("current_")}

    assert amounts(facts(**AMOUNTS | older)) == BOUGHT


def test_amounts_are_those_the_buyer_saw() -> None:
    both = {
        "shop_money": {"amount": "10", "currency_code": "EUR"},
        "presentment_money": {"amount": "43", "currency_code": "PLN"},
    }

    told = facts(current_subtotal_price_set=both, shipping_lines=[{"title": "x", "discounted_price_set": both}])

    assert told.subtotal == Money(amount=told.subtotal.amount, currency="PLN") if told.subtotal else False
    assert amounts(told)[0] == "43"
    assert told.shipping_price and told.shipping_price.currency == "PLN"


NOTHING_SAVED = [("orders/create", "order_created"), ("orders/paid", "order_created"), ("checkouts/update", "checkout_started")]


@pytest.mark.parametrize(("topic", "sample"), NOTHING_SAVED)
def test_who_saved_nothing_is_not_told_so(topic: str, sample: str) -> None:
    nothing = NEITHER_SET | {"total_discounts": "0.00", "current_total_discounts": "0.00"}

    assert facts(topic, sample, **nothing).discount_total is None


def test_what_an_edit_left_of_no_discount_is_not_what_it_was() -> None:
    assert facts(**EDITED | AMOUNTS | {"current_total_discounts": "0.00"}).discount_total is None


CANCELLATIONS: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "all of it": ([a_refund(AT_ONCE, (1, 1), (2, 6))], BOUGHT),
    "what an edit had left": ([a_refund(BEFORE, (1, 1), (2, 3)), a_refund(AT_ONCE, (2, 3))], [""] * 4),
    "without refunds": ([], BOUGHT),
}


@pytest.mark.parametrize(("refunds", "expected"), CANCELLATIONS.values(), ids=CANCELLATIONS)
def test_a_cancelled_order_tells_amounts_only_where_they_are_of_what_was_cancelled(
    refunds: list[dict[str, Any]], expected: list[str]
) -> None:
    nothing = {name: "0.00" for name in AMOUNTS if name.startswith("current_") and not name.endswith("_set")}

    told = facts("orders/cancelled", **GONE | AMOUNTS | nothing, refunds=refunds, cancel_reason="inventory")

    assert (amounts(told), told.cancel_reason) == (expected, "inventory")


SHIPPING: dict[str, tuple[list[Any], str, str]] = {
    "nothing is sent": ([], "", ""),
    "free": ([{"title": "Standard", "price": "10.00", "discounted_price": "0.00"}], "0.00", "Standard"),
    "older, with a list of discounts": (
        [{"title": "Standard", "price": "10.00", "discount_allocations": [{"amount": "4.00"}, {"amount": "x"}]}],
        "6.00", "Standard",
    ),
    "with a discount that its new price leaves out": (
        [{"title": "Standard", "price": "10.00", "discounted_price": "10.00", "discount_allocations": [{"amount": "4.00"}]}],
        "6.00", "Standard",
    ),
    "with a discount that its new price has": (
        [{"title": "Standard", "price": "10.00", "discounted_price": "6.00", "discount_allocations": [{"amount": "4.00"}]}],
        "6.00", "Standard",
    ),
    "with nothing but a new price": ([{"title": "Standard", "discounted_price": "6.00"}], "6.00", "Standard"),
    "discounted by more than it costs": (
        [{"title": "Standard", "price": "10.00", "discount_allocations": [{"amount": "14.00"}]}], "0", "Standard",
    ),
    "twice": ([{"title": "A", "price": "1.50"}, {"title": "B", "price": "2.00"}], "3.50", "A, B"),
    "twice the same": ([{"title": "A", "price": "1.50"}, {"title": "A", "price": "2.00"}], "3.50", "A"),
    "taken out by an edit": ([{"title": "A", "price": "1", "is_removed": True}, {"title": "B", "price": "2.00"}], "2.00", "B"),
    "without a price": ([{"title": "A"}, {"title": "B", "price": "2.00"}], "", "A, B"),
    "in two currencies": (
        [{"price": "1", "price_set": {"shop_money": {"amount": "1", "currency_code": "EUR"}}}, {"price": "2"}], "", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("shipping", "price", "method"), SHIPPING.values(), ids=SHIPPING)
def test_shipping_costs_what_is_left_of_its_price_after_discounts(shipping: list[Any], price: str, method: str) -> None:
    told = facts("orders/create", shipping_lines=shipping)

    assert (amounts(told)[2], told.shipping_method) == (price, method)


def test_shipping_that_went_back_costs_nothing_any_more() -> None:
    gone = {"presentment_money": {"amount": "0.00", "currency_code": "PLN"}}
    changed = AMOUNTS | {"current_shipping_price_set": gone}

    assert [amounts(facts(topic, **changed))[2] for topic in ("orders/create", "orders/paid")] == ["9.00", "0.00"]


TYPED, STAFF = {"type": "discount_code", "code": "TEN"}, {"type": "manual", "title": "For a friend"}
CODES: dict[str, tuple[list[str], list[Any], str]] = {
    "none": ([], [], ""),
    "one": (["TEN"], [TYPED], "TEN"),
    "two": (["TEN", "SHIP"], [], "TEN, SHIP"),
    "the title of what the staff took off": (["TEN", "For a friend"], [TYPED, STAFF], "TEN"),
    "a code that is called like it": (["TEN"], [TYPED, STAFF | {"title": "TEN"}], "TEN"),
    "an automatic one": ([], [{"type": "automatic", "title": "Autumn"}], ""),
}


@pytest.mark.parametrize(("codes", "applied", "expected"), CODES.values(), ids=CODES)
def test_a_code_is_what_the_buyer_typed(codes: list[str], applied: list[Any], expected: str) -> None:
    told = facts(discount_codes=[{"code": code} for code in codes], discount_applications=applied)

    assert told.discount_code == expected


GATEWAYS = [(["visa", "bogus", "visa"], "visa, bogus"), ([""], ""), (None, ""), (["shopify_payments"], "shopify_payments")]


@pytest.mark.parametrize(("names", "expected"), GATEWAYS)
def test_ways_of_payment_are_told_as_the_store_names_them(names: Any, expected: str) -> None:
    assert facts(payment_gateway_names=names).payment_method == expected


@pytest.mark.parametrize(("name", "expected"), [("web", "web"), ("pos", "pos"), ("755357713", ""), (755357713, ""), (None, "")])
def test_a_source_that_is_only_a_number_says_nothing(name: Any, expected: str) -> None:
    assert facts(source_name=name).source == expected


@pytest.mark.parametrize(
    ("tags", "expected"), [("gift,  vip , gift,", ("gift", "vip")), ("", ()), (None, ()), (["gift", "vip"], ("gift", "vip"))]
)
def test_tags_are_a_text_in_webhooks_and_a_list_in_the_admin_api(tags: Any, expected: tuple[str, ...]) -> None:
    assert facts(tags=tags).tags == expected


def test_a_note_is_told() -> None:
    assert facts(note=" Please ring twice ").note == "Please ring twice"


BY_MAIL = ("newsletter", "email", "autumn sale")
VISITS: dict[str, tuple[Any, Any, tuple[str, str, str]]] = {
    "from a letter": ("/?utm_source=newsletter&UTM_medium=email&utm_campaign=autumn+sale#top", [], BY_MAIL),
    "a whole address": (
        "https://demo.example/p?x&utm_source=newsletter&utm_medium=email&utm_campaign=autumn%20sale",
        [],
        BY_MAIL,
    ),
    "written into the cart": (
        "/",
        [{"name": "utm_source", "value": "ads"}, {"name": "utm_medium", "value": None}],
        ("ads", "", ""),
    ),
    "both": ("/?utm_source=newsletter", [{"name": "utm_medium", "value": "cpc"}], ("newsletter", "", "")),
    "twice": ("/?utm_source=a&utm_source=b", None, ("a", "", "")),
    "none": ("/collections/all?page=2", [{"name": "colour", "value": "green"}], ("", "", "")),
    "no text": (None, "?", ("", "", "")),
    "broken": ("http://[?utm_source=%ff%00x&&=&", [], ("�x", "", "")),
    "longer than is read": ("/?utm_source=ads&utm_campaign=" + "x" * 5000, [], ("ads", "", "")),
    "as long as is read": (f"/?utm_source=ads&utm_campaign={'x' * 4066}", [], ("ads", "", "x" * 4066)),
    "first without a value": ("/?utm_source=&utm_source=ads", [], ("ads", "", "")),
    "with an encoded name": ("/?utm%5Fsource=ads", [], ("ads", "", "")),
    "behind very many": ("/?" + "a=b&" * 500 + "utm_source=x", [], ("", "", "")),
}


@pytest.mark.parametrize(("landing", "noted", "expected"), VISITS.values(), ids=VISITS)
def test_a_campaign_is_that_of_the_visit(landing: Any, noted: Any, expected: tuple[str, str, str]) -> None:
    told = facts(landing_site=landing, note_attributes=noted)

    assert (told.utm_source, told.utm_medium, told.utm_campaign) == expected


HOME = {"address1": "ul. Prosta 1", "address2": "m. 2", "city": "Warszawa", "zip": "00-001", "country": "Poland"}
PLACES: dict[str, tuple[Any, dict[str, Any], Address | None]] = {
    "a home": (HOME, {}, Address(street="ul. Prosta 1, m. 2", city="Warszawa", zip="00-001", country="Poland")),
    "without a country's name": ({"city": "Łódź", "country_code": "PL"}, {}, Address(city="Łódź", country="PL")),
    "a pick-up point": (HOME, {"shipping_lines": [{"title": "Pick up", "code": "pickup"}]}, None),
    "a list": ([], {}, None),
    "none": (None, {}, None),
}


@pytest.mark.parametrize(("place", "more", "expected"), PLACES.values(), ids=PLACES)
def test_an_address_is_where_it_is_sent(place: Any, more: dict[str, Any], expected: Address | None) -> None:
    assert facts(shipping_address=place, **more).address == expected


def tracked(number: int, *numbers: str, status: str = "success", **more: Any) -> dict[str, Any]:
    links = [f"https://carrier.example/{one}" for one in numbers]
    told = {"tracking_company": "InPost", "tracking_numbers": list(numbers), "tracking_urls": links}
    return a_parcel(number, status, CREAM) | told | more


def a_tracking(number: str) -> Tracking:
    return Tracking(number=number, company="InPost", link=f"https://carrier.example/{number}")


def test_every_parcel_that_left_is_told_the_newest_first() -> None:
    parcels = [tracked(7, "A1"), tracked(9, "C1", "C2"), tracked(8, "B1", status="cancelled"), tracked(6)]

    told = facts("orders/fulfilled", fulfillments=parcels)

    assert told.tracking == (a_tracking("C1"), a_tracking("C2"), a_tracking("A1"))


def test_a_parcel_without_a_number_is_not_told_by_another_s() -> None:
    parcels = [tracked(7, "A1"), tracked(8)]

    assert facts("orders/partially_fulfilled", fulfillments=parcels).tracking == ()
    assert facts("orders/fulfilled", fulfillments=parcels).tracking == (a_tracking("A1"),)
    assert facts("orders/partially_fulfilled", fulfillments=parcels[:1]).tracking == (a_tracking("A1"),)


FOLLOWED: dict[str, tuple[dict[str, Any], tuple[Tracking, ...]]] = {
    "one number": ({"tracking_number": "A1", "tracking_url": "https://c.example/A1"}, (Tracking(number="A1", link="https://c.example/A1"),)),
    "more numbers than links": (
        {"tracking_numbers": ["A1", "A2"], "tracking_urls": ["https://c.example/A1"]},
        (Tracking(number="A1", link="https://c.example/A1"), Tracking(number="A2")),
    ),
    "a link of the second number only": (
        {"tracking_numbers": ["A1", "A2"], "tracking_urls": ["https://c.example/A2"]},
        (Tracking(number="A1"), Tracking(number="A2", link="https://c.example/A2")),
    ),
    "more links than numbers, and an empty number": (
        {"tracking_numbers": ["A1", ""], "tracking_urls": ["https://c.example/A1", "https://c.example/x", ""]},
        (Tracking(number="A1", link="https://c.example/A1"), Tracking(link="https://c.example/x")),
    ),
    "an empty place for the first link": (
        {"tracking_numbers": ["A1", "A2"], "tracking_urls": [None, "https://c.example/2"]},
        (Tracking(number="A1"), Tracking(number="A2", link="https://c.example/2")),
    ),
    "a link of neither number": (
        {"tracking_numbers": ["A1", "A2"], "tracking_urls": ["https://c.example/parcels"]},
        (Tracking(number="A1"), Tracking(number="A2"), Tracking(link="https://c.example/parcels")),
    ),
    "numbers one of which begins the other": (
        {"tracking_numbers": ["A1", "A12"], "tracking_urls": ["https://c.example/A12"]},
        (Tracking(number="A1"), Tracking(number="A12", link="https://c.example/A12")),
    ),
    "no number where one should stand": (
        {"tracking_numbers": ["", None], "tracking_urls": ["", "https://c.example/2"]}, (Tracking(link="https://c.example/2"),),
    ),
    "a link only": ({"tracking_urls": ["https://c.example/A1"]}, (Tracking(link="https://c.example/A1"),)),
    "no link a buyer may follow": ({"tracking_number": "A1", "tracking_url": "javascript:alert(1)"}, (Tracking(number="A1"),)),
    "a carrier only": ({"tracking_company": "InPost", "tracking_numbers": [], "tracking_number": None}, ()),
}  # fmt: skip


@pytest.mark.parametrize(("parcel", "expected"), FOLLOWED.values(), ids=FOLLOWED)
def test_a_parcel_is_followed_by_its_numbers_and_links(parcel: dict[str, Any], expected: tuple[Tracking, ...]) -> None:
    assert facts("orders/fulfilled", fulfillments=[a_parcel(7) | parcel]).tracking == expected


def test_a_checkout_tells_amounts_discounts_and_the_visit() -> None:
    told = facts(
        "checkouts/update", "checkout_started", subtotal_price="12.90", total_discounts="2.00",
        discount_codes=[{"code": "TEN"}], landing_site="/?utm_source=newsletter", shipping_address=HOME,
    )  # fmt: skip

    assert (amounts(told)[0], amounts(told)[3], told.discount_code, told.utm_source) == ("12.90", "2.00", "TEN", "newsletter")
    assert told.address and told.address.city == "Warszawa"


@pytest.mark.parametrize(("before", "expected"), [("24.99", "24.99"), ("19.99", ""), ("10.00", ""), (None, ""), ("x", "")])
def test_a_price_before_is_told_where_it_was_higher(before: Any, expected: str) -> None:
    line = {"title": "Mug", "price": "19.99", "quantity": 1, "compare_at_price": before}

    (product,) = the_event("checkouts/update", "checkout_started", line_items=[line]).products

    assert (str(product.compare_at.amount) if product.compare_at else "") == expected


ASKED: dict[str, Any] = ORDER | {
    "codes": ["TEN"],
    "payment_gateway_names": ["Cash on Delivery (COD)"],
    "note": "Ring twice",
    "tags": ["gift", "vip"],
    "note_attributes": [{"name": "colour", "value": "green"}],
    "journey": {"last_visit": {"landing_page": "https://demo.example/?utm_source=newsletter"}},
    "shipping": {"nodes": [{"code": "C", "title": "Courier"}]},
    "shipping_address": ORDER["shipping_address"] | HOME,
}


def test_a_refund_learns_from_its_order_what_its_body_leaves_out() -> None:
    event, _ = completed(the_event("refunds/create", "order_refunded", note="Broken"), data({"order": ASKED}), BOTH)

    told = event.facts
    assert (told.refund_reason, told.discount_code, told.payment_method) == ("Broken", "TEN", "Cash on Delivery (COD)")
    assert (told.note, told.tags, told.source) == ("Ring twice", ("gift", "vip"), "web")
    assert (told.utm_source, told.shipping_method) == ("newsletter", "Courier")
    assert told.address and told.address.street == "ul. Prosta 1, m. 2"


def test_a_refund_of_an_order_that_was_collected_has_no_address() -> None:
    order = ASKED | {"shipping": {"nodes": [{"code": "pickup", "title": "In the shop"}]}}

    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": order}), BOTH)

    assert event.facts.address is None
