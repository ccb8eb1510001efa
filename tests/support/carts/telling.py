"""What a store tells of a history."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from tests.support.carts.history import ARRIVES_AFTER, OF_A_BASKET, TICK, History, Step, Telling, What

COMES_BACK = int(timedelta(days=1).total_seconds())  #: changed so long after an order, a cart is one its buyer came back to
LONG_BEFORE = -2 * TICK  #: when an order was placed that was there before the first cart
TOPICS = {
    "shopify": {
        "begun": "checkouts/create", What.EDITED: "checkouts/update", What.SHOPPED: "carts/update",
        What.EMPTIED: "checkouts/update", What.CLEARED: "carts/update", What.DELETED: "checkouts/delete",
        "orders": ("orders/create", "orders/paid", "orders/updated"), What.BOUGHT: "checkouts/update",
    },
    "saleor": {
        "begun": "checkout_created", What.EDITED: "checkout_updated", What.SHOPPED: "checkout_updated",
        What.EMPTIED: "checkout_updated", What.CLEARED: "checkout_updated",
        "orders": ("order_created", "order_fully_paid", "order_updated"),
    },
}  # fmt: skip


def told(history: History) -> list[Telling]:
    """All webhooks of this history, those that are lost too."""
    found: list[Telling] = []
    for step in happening(history):
        for telling, delays in zip(_tellings(history, step), step.arrivals, strict=False):
            arrives = tuple(telling.at + delay * TICK + ARRIVES_AFTER + len(found) for delay in delays)
            found.append(replace(telling, arrives=arrives, has_one_key=len(found) % 2 == 0))
    return found


def happening(history: History) -> tuple[Step, ...]:
    """The steps that can happen: a basket that was bought, or on Saleor deleted, is no more, and none is deleted unborn.

    One of several checkouts of a cart is not deleted, either: whether the cart is left then, no rule says.
    """
    over: set[int] = set()
    devices: dict[int, set[int]] = defaultdict(set)
    found = []
    for step in history.steps:
        if step.what in OF_A_BASKET:
            own = devices[step.basket]
            if (
                step.basket in over
                or (step.what is not What.EDITED and not own)
                or (step.what is What.DELETED and own == {0, 1})
            ):
                continue
            own |= {step.device} if step.what is What.EDITED else set()
            if step.what is What.BOUGHT or (step.what is What.DELETED and history.platform == "saleor"):
                over.add(step.basket)
        found.append(step)
    return tuple(found)


def truth(history: History, basket: int, now: int) -> str:
    """What the store answers then, asked about this basket: open, bought or closed."""
    steps = [step for step in happening(history) if step.at * TICK <= now]
    own = [step for step in steps if step.what in OF_A_BASKET and step.basket == basket]
    if any(step.what is What.BOUGHT for step in own):
        return "bought"
    begun, changed = own[0].at * TICK, own[-1].at * TICK
    orders = [step.at * TICK for step in steps if step.what in (What.BOUGHT, What.ORDERED) and step.person == own[0].person]
    if any(begun <= placed and changed < placed + COMES_BACK for placed in orders):
        return "bought"
    return "closed" if own[-1].what is What.DELETED else "open"


def _tellings(history: History, step: Step) -> Iterator[Telling]:
    topics = TOPICS[history.platform]
    if step.what is What.DELETED:
        if topic := topics.get(step.what):
            checkout = _checkout(step, _last_device(history, step))
            yield Telling(what=step.what, topic=str(topic), basket=step.basket, checkout=checkout, at=step.at * TICK)
    elif step.what in OF_A_BASKET and step.what is not What.BOUGHT:
        yield _change(history, step)
    elif step.what in (What.OFF, What.ON) or (step.what is What.RENEWED and history.platform == "saleor"):
        return
    else:
        yield from _order(history, step)


def _change(history: History, step: Step) -> Telling:
    own = [one for one in happening(history) if one.what in OF_A_BASKET and one.basket == step.basket]
    is_storefront = step.what in (What.SHOPPED, What.CLEARED) and history.platform == "shopify"
    device = step.device if step.what is What.EDITED else _last_device(history, step)
    device = device if history.platform == "shopify" else 0
    topics = TOPICS[history.platform]
    return Telling(
        what=step.what,
        topic=str(topics["begun"] if step is own[0] else topics[step.what]),
        basket=step.basket,
        checkout="" if is_storefront else _checkout(step, device),
        cart=_cart(step) if history.platform == "shopify" else "",
        people=() if is_storefront else _people(*own[: own.index(step) + 1]),
        at=step.at * TICK,
        begun=own[0].at * TICK,  # of each of its checkouts: whether a later one is begun anew, no rule says
        is_empty=step.what in (What.EMPTIED, What.CLEARED),
    )


def _order(history: History, step: Step) -> Iterator[Telling]:
    """The order's own webhooks; one that is paid now was placed before any cart was begun."""
    is_old, of_basket = step.what is What.PAID, step.what is What.BOUGHT
    placed = LONG_BEFORE if is_old else step.at * TICK
    is_shopify = history.platform == "shopify"
    checkout = _checkout(step, _last_device(history, step) if is_shopify else 0) if of_basket else ""
    cart = _cart(step) if of_basket and is_shopify and step.names_cart else ""
    for place, topic in enumerate(TOPICS[history.platform]["orders"]):
        says_when = is_shopify or topic != "order_updated"
        yield Telling(
            what=step.what, topic=topic, basket=step.basket if of_basket else 0, checkout=checkout, cart=cart,
            order=step.at, people=_people(step), at=(step.at + place) * TICK, placed=placed if says_when else None,
            is_bought=True,
        )  # fmt: skip
    if of_basket and is_shopify:
        yield Telling(
            what=step.what, topic="checkouts/update", basket=step.basket, checkout=checkout, cart=_cart(step),
            people=_people(step), at=step.at * TICK, begun=placed, placed=placed, is_bought=True,
        )  # fmt: skip


def _people(*steps: Step) -> tuple[str, ...]:
    """The buyer's names; a checkout forgets none that was given."""
    return tuple(sorted({f"{name}:{step.person}" for step in steps for name in step.names}))


def _last_device(history: History, step: Step) -> int:
    before: Sequence[Step] = [
        one for one in history.steps if one.basket == step.basket and one.what is What.EDITED and one.at <= step.at
    ]
    return before[-1].device if before else 0


def _checkout(step: Step, device: int) -> str:
    return f"checkout:{step.basket}{'abc'[device]}"


def _cart(step: Step) -> str:
    return f"cart:{step.basket}"
