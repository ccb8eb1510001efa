"""What a carrier says of a parcel, as the webhook tells it."""

from collections.abc import Callable
from typing import Final

from plugin.sandbox.sale import Sale

from .bodies import Body, SaleState, gid

PARCELS: Final = 5_500_000_000_000  #: what a parcel's number is counted from


def says(status: str) -> Callable[[SaleState], Body]:
    """fulfillment_events/create with this status."""
    return lambda scene: _event(scene, status)


def _event(scene: SaleState, status: str) -> Body:
    number = 4_700_000_000_000 + (scene.sale.number % 10**9) * 10 + scene.turn
    nowhere = ("city", "province", "zip", "address1", "latitude", "longitude", "estimated_delivery_at")
    return {
        "id": number,
        "fulfillment_id": PARCELS + scene.sale.number,
        "status": status,
        "message": status.replace("_", " "),
        "happened_at": scene.stamp,
        **dict.fromkeys(nowhere),
        "country": scene.sale.buyer.country,
        "shop_id": 61000000001,
        "created_at": scene.stamp,
        "updated_at": scene.stamp,
        "order_id": scene.order_id,
        "admin_graphql_api_id": gid("FulfillmentEvent", number),
    }


def tracking_number(sale: Sale) -> str:
    return f"DEMO{sale.number % 10**9:09d}"
