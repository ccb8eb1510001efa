"""A sale's parcel as the Admin API shows it, and which shops have subscribed to what its carrier says."""

from collections.abc import MutableMapping
from typing import Any, Final

from graphql import GraphQLError

from plugin.sandbox.sale import Sale

from .bodies import gid
from .carriers import PARCELS, tracking_number
from .objects import Node, line_item
from .scopes import allowed

SCOPE: Final = "read_fulfillments"
TOPIC: Final = "FULFILLMENT_EVENTS_CREATE"

Subscriptions = MutableMapping[str, str]  #: of one shop: where each leads, by its id


def parcel(sale: Sale, storefront: str) -> Node:
    """The one parcel of a sale, with all its lines."""
    number = tracking_number(sale)
    lines = [
        {
            "id": gid("FulfillmentLineItem", line.number),
            "quantity": line.quantity,
            "lineItem": line_item(sale, line, storefront),
        }
        for line in sale.lines
    ]
    followed = [{"company": "Demo Post", "number": number, "url": f"{storefront}/parcels/{number}"}]
    return {
        "__typename": "Fulfillment",
        "id": gid("Fulfillment", PARCELS + sale.number),
        "trackingInfo": lambda _info, first=None: followed[:first],
        "fulfillmentLineItems": lambda _info, first=None: {"nodes": lines[:first]},
    }


def mutations(known: Subscriptions) -> dict[str, Any]:
    """Resolvers that subscribe a shop, and end it."""

    def create(_info: object, topic: str, webhookSubscription: Node) -> Node:  # noqa: N803 (GraphQL's)
        if topic != TOPIC:
            raise GraphQLError("The pretend Shopify subscribes shops to what carriers say only.")
        uri = str(webhookSubscription.get("uri") or "")
        if not uri or uri in known.values():
            return {"webhookSubscription": None, "userErrors": [{"field": ["uri"], "message": "Address is taken or missing"}]}
        number = gid("WebhookSubscription", 900 + len(known))
        known[number] = uri
        return {"webhookSubscription": subscription(number, uri), "userErrors": []}

    def delete(_info: object, id: str) -> Node:
        gone = known.pop(id, None)
        errors = [] if gone else [{"field": ["id"], "message": "Webhook subscription does not exist"}]
        return {"deletedWebhookSubscriptionId": id if gone else None, "userErrors": errors}

    return {"webhookSubscriptionCreate": allowed(SCOPE, create), "webhookSubscriptionDelete": delete}


def subscription(number: str, uri: str) -> Node:
    return {"__typename": "WebhookSubscription", "id": number, "topic": TOPIC, "uri": uri, "filter": None, "includeFields": []}
