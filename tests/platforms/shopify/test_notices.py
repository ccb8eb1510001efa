"""What Shopify tells us that is no event, and bodies that lack what matters."""

from typing import Any

import pytest

from plugin.domain.errors import Unreadable
from plugin.domain.notice import (
    BasketEnded,
    PersonAsks,
    PersonToForget,
    ProductsChanged,
    ScopesChanged,
    ShopChanged,
    ShopLeft,
    ShopToForget,
    Translation,
)
from tests.support.platforms.shopify.given import meaning

CHECKOUT, CART = "checkout:c0ffee00000000000000000000000001", "cart:Z2NwLWV1cm9wZS13ZXN0NDowMUVYQU1QTEUx"
BOUGHT = {
    "orders/updated": ("order_updated", (CHECKOUT, CART, "order:5001000000001")),
    "checkouts/update": ("checkout_completed", (CHECKOUT, CART)),
    "checkouts/create": ("checkout_completed", (CHECKOUT, CART)),
}


@pytest.mark.parametrize(("topic", "sample", "keys"), [(topic, *rest) for topic, rest in BOUGHT.items()])
def test_a_basket_is_known_to_be_bought_without_an_event(topic: str, sample: str, keys: tuple[str, ...]) -> None:
    answer = meaning(topic, sample)

    (purchase,) = answer.bought
    assert purchase.keys == keys
    assert purchase.people
    assert purchase.placed_at
    assert not answer.events


def test_a_deleted_checkout_ends_its_wait_without_an_event() -> None:
    answer = meaning("checkouts/delete", "checkout_deleted")

    assert answer.notices == (BasketEnded(keys=("cart:c1-00000000000000000000000000000022",)),)
    assert not answer.events


NOTICES = {
    "app/uninstalled": ("app_uninstalled", ShopLeft()),
    "shop/redact": ("shop_redact", ShopToForget()),
    "app/scopes_update": ("app_scopes_update", ScopesChanged(scopes=("read_orders", "read_products"))),
    "products/update": ("product_update", ProductsChanged(product_ids=("8001000000001",))),
    "products/delete": ("product_delete", ProductsChanged(product_ids=("8001000000001",))),
    "shop/update": (
        "shop_update",
        ShopChanged(
            name="Żubr i Spółka",
            link="https://demo.example",
            locale="pl",
            timezone="Europe/Warsaw",
            currency="PLN",
            number="548380009",
        ),
    ),
    "customers/redact": (
        "customer_redact",
        PersonToForget(
            email="zofia@example.com",
            phone="+48123456789",
            customer_id="7001000000001",
            order_ids=("5001000000001", "5001000000004"),
        ),
    ),
    "customers/data_request": (
        "customer_data_request",
        PersonAsks(email="zofia@example.com", customer_id="7001000000001", order_ids=("5001000000001",), request_id="9999"),
    ),
}


@pytest.mark.parametrize(("topic", "sample", "notice"), [(topic, *rest) for topic, rest in NOTICES.items()])
def test_what_changes_on_our_side_is_a_notice(topic: str, sample: str, notice: object) -> None:
    assert meaning(topic, sample) == Translation(notices=(notice,))  # type: ignore[arg-type]


HOLES = {
    "app/scopes_update": ("app_scopes_update", {"current": None}, "current"),
    "customers/redact": ("customer_redact", {"customer": []}, "customer: expected an object, found a list"),
    "products/update": ("product_update", {"id": None}, "id"),
    "orders/updated": ("order_updated", {"id": ""}, "id"),
    "checkouts/delete": ("checkout_deleted", {"cart_token": None}, "token"),
    "carts/update": ("cart_updated__cart_without_buyer", {"token": None, "id": None}, "id"),
    "refunds/create": ("order_refunded", {"order_id": None}, "order_id"),
}


@pytest.mark.parametrize(("topic", "sample", "changed", "words"), [(topic, *rest) for topic, rest in HOLES.items()])
def test_a_body_that_lacks_what_matters_says_where(topic: str, sample: str, changed: dict[str, Any], words: str) -> None:
    with pytest.raises(Unreadable, match=words):
        meaning(topic, sample, **changed)


def test_a_shipment_is_left_to_the_order_s_own_webhook() -> None:
    answer = meaning("fulfillments/create", "fulfillment_created")

    assert answer.skip is not None
    assert not answer.events
