"""The pretend Saleor's deliveries are what a running Saleor was seen to send."""

import json
from typing import Any

import pytest
import requests

from plugin.sandbox.courier import Fired
from plugin.sandbox.stores.saleor.topics import TOPICS
from tests.sandbox.conftest import World
from tests.support.shared_folder import SHARED, needs_shared


def body_of(fired: Fired) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fired.request.body)
    return found


def change_app(world: World, **changed: Any) -> None:
    """Install the app otherwise than its manifest says, and without telling it."""
    [app] = world.saleor.apps()
    known = {"id": app.identifier, "name": app.name, "version": app.version}
    world.saleor.add_app(known | {"permissions": app.permissions, "webhooks": app.webhooks} | changed)


def test_every_event_is_taken_and_delivered(world: World) -> None:
    # The abandoned cart comes first: whoever buys is not reminded of what they left.
    kinds = sorted(TOPICS, key=lambda kind: kind != "cart_abandoned")

    traces = {kind: world.trace(world.fire(kind, store="saleor", buyer="joao")) for kind in kinds}

    states = {kind: [step.state for step in trace.steps if step.kind == kind] for kind, trace in traces.items()}
    # Nothing changed in the cart since its checkout began.
    assert states == {kind: ["delivered"] for kind in kinds} | {"cart_updated": ["skipped"]}
    assert {trace.status for trace in traces.values()} == {200}


@needs_shared
def test_the_headers_are_those_of_a_running_saleor(world: World) -> None:
    seen = json.loads((SHARED / "corpus" / "saleor" / "order-created.headers.json").read_text())
    real = {name.lower() for name, _ in seen["headers"]}

    fired = world.fire("order_created", store="saleor")

    assert set(fired.request.headers) == real - {"connection", "content-length"}  # those two are the HTTP client's


def test_the_body_is_ascii_in_the_order_of_the_query(world: World) -> None:
    fired = world.fire("order_created", store="saleor")

    assert fired.request.body.isascii()
    assert list(body_of(fired))[:4] == ["__typename", "issuedAt", "version", "recipient"]
    assert body_of(fired)["order"]["billingAddress"]["firstName"] == "Zofia"


def test_what_the_app_did_not_ask_for_is_not_sent(world: World) -> None:
    body = body_of(world.fire("order_created", store="saleor"))

    assert not {"externalReference", "statusDisplay", "trackingClientId"} & body["order"].keys()


def test_an_order_says_how_it_is_sent_and_why_money_went_back(world: World) -> None:
    sent, refunded = (body_of(world.fire(event, store="saleor"))["order"] for event in ("order_fulfilled", "order_refunded"))

    assert sent["shippingMethodName"] == "Parcel"
    assert sent["fulfillments"][0]["trackingNumber"].startswith("DEMO")
    assert [grant["reason"] for grant in refunded["grantedRefunds"]] == ["Damaged in transit"]
    assert [transaction["name"] for transaction in refunded["transactions"]] == ["Card"]


def test_an_account_that_only_registered_has_no_orders(world: World) -> None:
    assert body_of(world.fire("customer_created", store="saleor"))["user"]["orders"] == {"totalCount": 0, "edges": []}


def test_orders_are_hidden_from_an_app_that_may_not_manage_them(world: World) -> None:
    change_app(world, permissions=("MANAGE_USERS",))

    body = body_of(world.fire("customer_created", store="saleor"))

    assert body["user"]["orders"] is None
    assert [error["path"] for error in body["errors"]] == [["event", "user", "orders"]]


def test_the_recipient_is_the_installed_app(world: World) -> None:
    [app] = world.saleor.apps()

    assert body_of(world.fire("order_paid", store="saleor"))["recipient"] == {"id": app.id}


def test_a_language_saleor_does_not_have_falls_back_as_a_storefront_would(world: World) -> None:
    found = {
        locale: body_of(world.fire("order_paid", store="saleor", locale=locale))["order"]["languageCodeEnum"]
        for locale in ("pt_br", "pl-UA", "xx", "zh-Hant")
    }

    assert found == {"pt_br": "PT_BR", "pl-UA": "PL", "xx": "EN", "zh-Hant": "ZH_HANT"}


def test_an_event_without_its_permission_is_never_sent(world: World) -> None:
    change_app(world, permissions=("MANAGE_CHECKOUTS",))

    fired = world.fire("order_paid", store="saleor")

    assert (fired.tries, fired.note) == ([], "The app lacks MANAGE_ORDERS, so Saleor never tells it.")
    assert world.trace(fired).answer == fired.note


@pytest.mark.parametrize(
    ("webhook", "note"),
    [
        ({"isActive": False}, "switched off"),
        ({"asyncEvents": ["ORDER_CREATED"]}, "asked for this event"),
        ({"query": "subscription { event { ... on CheckoutCreated { version } } }"}, "selects nothing"),
    ],
)
def test_a_silent_webhook_says_why(world: World, webhook: dict[str, Any], note: str) -> None:
    [app] = world.saleor.apps()
    change_app(world, webhooks=[{**known, **webhook} for known in app.webhooks])

    assert note in world.fire("order_paid", store="saleor").note


def test_custom_headers_are_sent_in_lower_case(world: World) -> None:
    [app] = world.saleor.apps()
    change_app(world, webhooks=[{**known, "customHeaders": {"X-Mine": "1"}} for known in app.webhooks])

    assert world.fire("order_paid", store="saleor").request.headers["x-mine"] == "1"


def test_a_repeat_is_the_same_to_the_byte(world: World) -> None:
    first = world.fire("order_paid", store="saleor")
    again = world.stage.again(first.id)

    assert again.request == first.request
    assert again.status == 200
    assert len(world.sendpulse.mails()) == 1


def test_the_store_knows_its_own_sales(world: World) -> None:
    [app] = world.saleor.apps()
    order = body_of(world.fire("order_paid", store="saleor"))["order"]["id"]
    world.fire("customer_updated", store="saleor")

    answer = requests.post(
        world.saleor.api_url,
        json={
            "query": """query ($id: ID!) { order(id: $id) { number fulfillments { id } } checkout(id: "none") { id }
                user(id: "VXNlcjo3MzAxMDAx") { firstName } shop { version domain { host } languages { code } }
                product(id: "UHJvZHVjdDo5MTAxMDAx") { slug translation(languageCode: PL) { name } media { url(size: 64) }
                    thumbnail(size: 64) { url } }
                channels { slug } app { id webhooks { name asyncEvents { eventType } } permissions { code } } }""",
            "variables": {"id": order},
        },
        headers={"Authorization-Bearer": app.token},
        timeout=5,
    ).json()

    assert answer["data"]["order"]["number"]
    assert answer["data"]["checkout"] is None
    assert answer["data"]["user"] == {"firstName": "Zofia"}
    assert answer["data"]["product"]["translation"] == {"name": "Czajniczek Mech"}
    assert requests.get(answer["data"]["product"]["thumbnail"]["url"], timeout=5).status_code == 200
    assert answer["data"]["app"]["id"] == app.id
