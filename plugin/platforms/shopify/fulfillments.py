"""The parcels of an order."""

from typing import Final

from plugin.domain.payload import Payload

NOT_SENT: Final = frozenset({"cancelled", "error", "failure"})  #: statuses of parcels that never left


def newest(order: Payload) -> Payload:
    """The last parcel that was sent; an empty one when the body lists none. Ids only grow."""
    sent = [one for one in order.objects("fulfillments") if one.text("status").lower() not in NOT_SENT]
    numbered = [(number, one) for one in sent if (number := one.whole("id")) and number > 0]
    return max(numbered, key=lambda pair: pair[0])[1] if numbered else Payload({}, f"{order.path}.fulfillments")
