"""The pretend Shopify's webhooks are what the app expects of the real one's."""

import json
from typing import Any

from plugin.sandbox.stores.shopify.topics import TOPICS
from tests.sandbox.conftest import World


def body_of(world: World, event: str, **wish: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(world.fire(event, **wish).request.body)
    return found


def test_every_event_is_taken_and_delivered(world: World) -> None:
    # The abandoned cart comes first: whoever buys is not reminded of what they left.
    kinds = sorted(TOPICS, key=lambda kind: kind != "cart_abandoned")

    traces = {kind: world.trace(world.fire(kind)) for kind in kinds}

    states = {kind: [step.state for step in trace.steps if step.kind == kind] for kind, trace in traces.items()}
    # Nothing changed in the cart since its checkout began.
    assert states == {kind: ["delivered"] for kind in kinds} | {"cart_updated": ["skipped"]}
    assert {trace.status for trace in traces.values()} == {200}


def test_a_webhook_carries_every_header_of_shopify(world: World) -> None:
    headers = world.fire("order_paid").request.headers

    assert {name for name in headers if name.startswith("x-shopify-")} == {
        f"x-shopify-{name}"
        for name in ("topic", "hmac-sha256", "shop-domain", "api-version", "webhook-id", "event-id", "triggered-at", "name")
    }
    assert headers["user-agent"] == "Shopify-Captain-Hook"


def test_an_order_shows_the_buyers_money_beside_the_shops(world: World) -> None:
    order = body_of(world, "order_paid", products=("moss-teapot", "moss-teapot"))

    assert order["line_items"][0]["price"] == "34.90"
    assert order["line_items"][0]["price_set"]["presentment_money"] == {"amount": "150.07", "currency_code": "PLN"}
    assert order["total_price_set"]["presentment_money"]["amount"] == "321.21"


def test_a_partly_sent_order_says_which_line_was_sent(world: World) -> None:
    order = body_of(world, "order_partially_fulfilled", products=("moss-teapot", "wool-socks"))

    assert order["fulfillment_status"] == "partial"
    assert [line["fulfillment_status"] for line in order["line_items"]] == ["fulfilled", None]
    assert len(order["fulfillments"][0]["line_items"]) == 1


def test_bodies_follow_the_shape_of_this_years_api(world: World) -> None:
    order, checkout, refund = (body_of(world, event) for event in ("order_created", "checkout_started", "order_refunded"))

    assert "checkout_id" not in order
    assert "id" not in checkout
    assert not {"email_marketing_consent", "tags", "orders_count"} & order["customer"].keys()
    assert refund["refund_line_items"][0]["subtotal"] == 34.9
    assert not {"email", "customer_locale"} & refund.keys()


def test_a_guest_without_an_address_has_an_empty_email(world: World) -> None:
    order = body_of(world, "order_created", buyer="guest")

    assert (order["email"], order["phone"]) == ("", None)


def test_an_order_is_known_to_the_admin_api(world: World) -> None:
    order = body_of(world, "order_created")
    question = {
        "query": """query ($id: ID!) { order(id: $id) { name totalPriceSet { presentmentMoney { amount } }
            lineItems(first: 5) { nodes { variant { sku } product { handle } } } }
            orders(first: 1, reverse: true) { nodes { id } } customer(id: "gid://shopify/Customer/7301001") { locale } }""",
        "variables": {"id": order["admin_graphql_api_id"]},
    }

    data = world.shopify.answer("demo.myshopify.com", question)["data"]

    assert data["order"]["name"] == order["name"]
    assert data["order"]["lineItems"]["nodes"] == [{"variant": {"sku": "TEA-06"}, "product": {"handle": "moss-teapot"}}]
    assert data["orders"]["nodes"] == [{"id": order["admin_graphql_api_id"]}]
    assert data["customer"] == {"locale": "pl-PL"}


def test_the_page_offers_what_the_stores_have_a_webhook_for(world: World) -> None:
    assert set(world.stage.labels) == set(TOPICS)
