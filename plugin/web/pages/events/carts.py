"""The carts of the page of abandoned carts: those that wait, and the last that ended with what became of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from plugin.domain.contact import masked_contact
from plugin.domain.delivery import State
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.money import money_text
from plugin.ports import DeliveryFilter, LogRow, WaitingCart
from plugin.web import i18n
from plugin.web.i18n import ngettext
from plugin.web.moments import Moment, moment
from plugin.web.services import services
from plugin.web.visit import visit

SHOWN: Final = 20  #: of each


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """A cart that waits."""

    buyer: str  #: masked
    content: str  #: how many products, and what they cost together
    changed: Moment
    due: Moment
    is_due: bool  #: its time has come, and it rings as soon as everything before it is read


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRow:
    """A reminder, or a cart that got none."""

    id: int  #: of its delivery
    buyer: str  #: masked; "" once it was forgotten
    product: str
    when: Moment
    state: State
    reason: str  #: as it is stored, in English


@dataclass(frozen=True, slots=True, kw_only=True)
class Carts:
    """Both lists."""

    number: int  #: how many wait, shown or not
    waiting: Sequence[WaitingRow]
    ended: Sequence[EndedRow]


def carts() -> Carts:
    """This shop's: as many as are shown, however many there are."""
    store, shop_id = services().store, visit().shop.id
    found = store.timers.waiting(shop_id, limit=SHOWN)
    ended = store.log.page(DeliveryFilter(shop_id=shop_id, kind=EventKind.CART_ABANDONED, limit=SHOWN))
    return Carts(
        number=found.number, waiting=[_waiting(cart) for cart in found.carts], ended=[_ended(row) for row in ended.rows]
    )


def _waiting(cart: WaitingCart) -> WaitingRow:
    zone = visit().zone
    return WaitingRow(
        buyer=masked_contact(cart.event.contact), content=_content(cart.event), changed=moment(cart.changed_at, zone),
        due=moment(cart.due_at, zone), is_due=cart.due_at <= services().now(),
    )  # fmt: skip


def _content(event: StoreEvent) -> str:
    basket = event.basket
    if basket is None:
        return ""
    number = ngettext("%(number)s product", "%(number)s products", basket.quantity, number=basket.quantity)
    total = money_text(basket.total, i18n.locale()) if basket.total else ""
    return f"{number}, {total}" if total else number


def _ended(row: LogRow) -> EndedRow:
    return EndedRow(
        id=row.id, buyer=row.buyer, product=row.product, when=moment(row.created_at, visit().zone), state=row.state,
        reason=row.reason,
    )  # fmt: skip
