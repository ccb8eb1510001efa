"""Writes the very bodies SendPulse gets."""

import json
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any, Final

from plugin.domain.basket import Product, amount
from plugin.domain.contact import Contact
from plugin.domain.errors import GiveUp
from plugin.domain.event import StoreEvent
from plugin.domain.locale import parse
from plugin.domain.money import Money, amount_text, money_text
from plugin.domain.routing import MOST_LINES, Lead, Route, Send, Shape
from plugin.domain.secret import AutomationId
from plugin.domain.settings import PersonalData, ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.variables import NAMES
from plugin.domain.wording import NO_SENTENCE, Sentence, worded
from plugin.ports import Shorten
from plugin.sendpulse.facts import fact_fields
from plugin.sendpulse.form import form_text
from plugin.sendpulse.own import own_fields, too_many
from plugin.sendpulse.text import LONGEST_TEXT, plain, unbreakable, visible

MOST_BYTES: Final = 64 * 1024

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Body:
    """One body as it will leave."""

    part: int  #: 0 for the whole event; the line's number, from 1, when one event leaves per line
    text: str  #: JSON; `form.as_sent` makes of it what leaves
    lacks: Sentence = NO_SENTENCE  #: which lines of the event are not sent, and why
    left_out: tuple[Sentence, ...] = ()  #: which of the merchant's own variables are not sent, and why


def bodies(
    event: StoreEvent,
    route: Route,
    automation_id: AutomationId | None,
    shop: Shop,
    settings: ShopSettings,
    shorten: Shorten,
) -> tuple[Body, ...]:
    """The bodies of one event in the route's shape; raises `GiveUp` when it names nobody to write to.

    `shorten` answers the whole short address that stands for one over 255 characters, and hears whose that is.
    """
    contact = event.contact
    if contact is None or not (contact.email or contact.phone):
        raise GiveUp(worded("Your store sent no email address or phone number."))
    writer = _Writer(event, contact, route, automation_id, shop, settings, shorten)
    if route.shape is Shape.ITEM and event.products:
        lacks = _unsent_deliveries(len(event.products))
        lines = enumerate(event.products[:MOST_LINES], start=1)
        return tuple(writer.body((line,), line, part=part, lacks=lacks) for part, line in lines)
    lead = None if route.shape is Shape.ARRAY else _lead(event.products, route.lead)
    return (writer.body(event.products, lead),)


def _unsent_deliveries(lines: int) -> Sentence:
    if lines <= MOST_LINES:
        return NO_SENTENCE
    return worded(
        "Only the first %(sent)s of %(all)s lines are sent: one order makes at most %(most)s events.",
        sent=MOST_LINES, all=lines, most=MOST_LINES,
    )  # fmt: skip


def _unsent_products(sent: int, lines: int) -> Sentence:
    if sent == lines:
        return NO_SENTENCE
    return worded(
        "Only the first %(sent)s of %(all)s lines are sent: one event holds at most %(most)s products and %(kilobytes)s KB.",
        sent=sent, all=lines, most=MOST_LINES, kilobytes=MOST_BYTES // 1024,
    )  # fmt: skip


def _lead(products: tuple[Product, ...], lead: Lead) -> Product | None:
    """The line that stands in the six flat keys; of equally expensive ones the first."""
    if lead is Lead.MOST_EXPENSIVE:
        return max(products, key=lambda product: amount(product.price), default=None)
    return products[0] if products else None


@dataclass(frozen=True, slots=True)
class _Writer:
    """Everything a body is made of, so that each group of keys is one small function."""

    event: StoreEvent
    contact: Contact
    route: Route
    automation_id: AutomationId | None
    shop: Shop
    settings: ShopSettings
    shorten: Shorten

    def body(self, lines: tuple[Product, ...], lead: Product | None, *, part: int = 0, lacks: Sentence = NO_SENTENCE) -> Body:
        """One body over these lines."""
        told = self._recipient() | self._six(lead) | self._rest(lines, lead)
        flat = {name: value for name, value in told.items() if name in NAMES[self.event.kind]}
        own, left_out = own_fields(self.event, self.settings, self.shop)
        more = self._facts() | own
        text, count = self._capped(flat, more, [self._line(product) for product in lines[:MOST_LINES]])
        unfit = too_many([name for name in own if name not in more])
        return Body(part, text, lacks or _unsent_products(count, len(lines)), (*left_out, *unfit))

    def _recipient(self) -> Fields:
        fields: Fields = _present({"email": self.contact.email, "phone": self.contact.phone})
        # SendPulse takes the flow's number at the top level only, as a Number.
        return fields | ({"automation_id": self.automation_id.number} if self.automation_id else {})

    def _six(self, lead: Product | None) -> Fields:
        return self._five(lead) | {"event_date": self._happened_at().date().isoformat()}

    def _five(self, product: Product | None) -> Fields:
        """The documented product keys; without a product they are empty texts."""
        fields = {
            "product_name": plain(product.name) if product else "",
            "product_id": self._product_id(product.id if product else ""),
            "product_link": self._link(product.link) if product else "",
            "product_price": _amount(product.price) if product else "",
            "product_img_url": self._link(product.image) if product else "",
        }
        return {key: value for key, value in fields.items() if value is not None}

    def _product_id(self, text: str) -> int | str | None:
        """A Number, which cannot be empty, so None leaves the key out: a key keeps its JSON type for ever."""
        if self.settings.store.product_id_as_text:
            return plain(text)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None

    def _rest(self, lines: tuple[Product, ...], lead: Product | None) -> Fields:
        return self._occasion() | self._order() | self._person_and_store() | self._counts(lines) | self._money_texts(lead)

    def _occasion(self) -> Fields:
        return {"event_name": self.event.kind.value, "event_time": self._happened_at().isoformat(timespec="seconds")}

    def _order(self) -> Fields:
        basket = self.event.basket
        if basket is None:
            return {}
        return _present(
            {
                "currency": plain(self._currency()),
                "total": _amount(basket.total),
                "order_total": _amount(basket.order_total),
                "order_id": plain(basket.order_id),
                "order_number": plain(basket.order_number),
                "order_link": self._personal_link(basket.order_link),
                "cart_link": self._personal_link(basket.cart_link),
            }
        )

    def _currency(self) -> str:
        """That of the body's amounts, "" where the store names none."""
        basket = self.event.basket
        priced = chain((basket.total,), (product.price for product in basket.products)) if basket else ()
        return next((money.currency for money in priced if money and money.currency), "")

    def _person_and_store(self) -> Fields:
        store = self.settings.store
        return _present(
            {
                "customer_name": plain(self.contact.name),
                "first_name": plain(self.contact.first_name),
                "last_name": plain(self.contact.last_name),
                "locale": self._locale(),
                "store_name": plain(store.name or self.shop.name),
                "store_link": self._link(store.link or self.shop.link),
            }
        )

    def _counts(self, lines: tuple[Product, ...]) -> Fields:
        """Pieces in the lines this body speaks of, and how many lines the whole basket has."""
        if not lines:
            return {}
        return {"quantity": sum(product.quantity for product in lines), "item_count": len(self.event.products)}

    def _money_texts(self, lead: Product | None) -> Fields:
        basket = self.event.basket
        return _present(
            {
                "product_price_text": self._money(lead.price if lead else None),
                "total_text": self._money(basket.total if basket else None),
                "order_total_text": self._money(basket.order_total if basket else None),
            }
        )

    def _facts(self) -> Fields:
        return fact_fields(
            self.event,
            self.contact,
            currency=self._currency(),
            written=self._money,
            link=self._personal_link,
            with_address=PersonalData.ADDRESS in self.settings.share,
        )

    def _line(self, product: Product) -> Fields:
        names = {"variant_name": product.variant_name, "bundle_name": product.bundle, "product_sku": product.sku}
        before = {"compare_at_price": _amount(product.compare_at), "compare_at_price_text": self._money(product.compare_at)}
        return (
            self._five(product)
            | _present({"product_price_text": self._money(product.price)})
            | {"quantity": product.quantity}
            | _present({name: plain(text) for name, text in names.items()})
            | self._line_total(product)
            | _present(before)
        )

    def _line_total(self, product: Product) -> Fields:
        """What is paid for all pieces, so that lines add up where the price of one was rounded."""
        price = product.price
        total = product.line_total or (price and Money(amount=price.amount * product.quantity, currency=price.currency))
        return _present({"line_total": _amount(total), "line_total_text": self._money(total)})

    def _capped(self, flat: Fields, more: Fields, products: list[Fields]) -> tuple[str, int]:
        """The body with as many products as fit, and how many do; what is more than the flat keys makes way for them."""

        def text(count: int) -> str:
            return _json(flat | more | ({"products": products[:count]} if count else {}))

        while more and self._size(text(min(1, len(products)))) > MOST_BYTES:
            more.popitem()

        counts = range(1, len(products) + 1)
        fitting = bisect_right(counts, MOST_BYTES, key=lambda count: self._size(text(count)))
        return text(fitting), fitting

    def _size(self, text: str) -> int:
        return len(form_text(text) if self.route.send is Send.FORM else text.encode())

    def _personal_link(self, address: str) -> str:
        return self._link(address, self.event.names)

    def _link(self, address: str, names: Sequence[str] = ()) -> str:
        """The address, or a short one of ours in its place; "" when even that is too long."""
        address = unbreakable(visible(address).strip())
        if len(address) > LONGEST_TEXT:
            address = self.shorten(address, names)
        return address if len(address) <= LONGEST_TEXT else ""

    def _money(self, money: Money | None) -> str:
        return money_text(money, self._locale()) if money else ""

    def _locale(self) -> str:
        """The buyer's locale as a tidy tag, the shop's when the buyer's cannot be read."""
        default = self.settings.store.default_locale or self.shop.locale
        return parse(self.event.locale.raw) or parse(default) or plain(default)

    def _happened_at(self) -> datetime:
        try:
            return self.event.happened_at.astimezone(self.settings.zone(self.shop))
        except OverflowError:  # a store that writes the year 1 or 9999
            return self.event.happened_at


def _amount(money: Money | None) -> str:
    return amount_text(money) if money else ""


def _present(fields: Mapping[str, str | None]) -> Fields:
    """Those with something to say; an empty text is left out."""
    return {key: value for key, value in fields.items() if value}


def _json(fields: Fields) -> str:
    return _ENCODER.encode(fields)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)  # `dumps` would make one for each
