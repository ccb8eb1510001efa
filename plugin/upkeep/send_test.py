"""Send a test: a made-up event to the merchant's own address, through the real way, never counted as traffic."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Consent, tidy_contact
from plugin.domain.delivery import Delivery, Hold, Outcome, Skip
from plugin.domain.errors import Misconfigured
from plugin.domain.event import BuyerLocale, LocaleOrigin, StoreEvent
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.matching import Choice, choose, with_rules_locale
from plugin.domain.money import Money
from plugin.domain.settings import ShopSettings
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import Body, ClaimedDelivery, Post, ShortLink, WriteBodies


def made_up_event(kind: EventKind, shop: Shop, *, email: str, locale: str, now: datetime) -> StoreEvent:
    """An event of this kind as a buyer with this address would cause it; raises `Misconfigured`."""
    contact = tidy_contact(emails=[email], phones=[], first_name="Test", consent=Consent.SUBSCRIBED)
    if contact is None:
        raise Misconfigured(
            worded("“%(email)s” is not an email address; enter your own, such as you@example.com.", email=email)
        )
    price = Money(amount=Decimal("19.99"), currency=shop.currency or "EUR")
    store = shop.link or "https://shop.example"
    product = Product(id="1", name="Test product", price=price, link=f"{store}/products/test")
    basket = Basket(keys=("test",), products=(product,), total=price, order_id="1", order_number="#TEST")
    if KINDS[kind].is_cart:
        basket = replace(basket, order_id="", order_number="", cart_link=f"{store}/cart")
    return StoreEvent(
        kind=kind,
        object_id="test",
        happened_at=now,
        contact=contact,
        basket=basket if KINDS[kind].has_products else None,
        locale=BuyerLocale(raw=locale, origin=LocaleOrigin.ORDER) if locale else BuyerLocale(),
    )


def preview(
    event: StoreEvent, shop: Shop, settings: ShopSettings, *, write_bodies: WriteBodies, short_link: ShortLink
) -> tuple[Choice, Sequence[Body]] | Skip | Hold:
    """What would leave for this event: the choice and every body, byte for byte. Raises `GiveUp`."""
    event = with_rules_locale(settings.table.rules, event)
    answer = choose(settings.table, event, default_locale=settings.store.default_locale or shop.locale)
    if isinstance(answer, Skip | Hold):
        return answer
    written = write_bodies(event, answer.route, answer.automation_id, shop, settings, partial(short_link, shop.id))
    return answer, written


def send_test(
    event: StoreEvent, shop: Shop, settings: ShopSettings, *, write_bodies: WriteBodies, short_link: ShortLink, post: Post
) -> tuple[Choice, str, Outcome] | Skip | Hold:
    """Choose, write and post one event now; nothing is stored. Answers the choice, the body and the outcome."""
    answer = preview(event, shop, settings, write_bodies=write_bodies, short_link=short_link)
    if isinstance(answer, Skip | Hold):
        return answer
    choice, bodies = answer
    text = bodies[0].text
    return choice, text, post(_claimed(event, shop, settings, choice, text))


def _claimed(event: StoreEvent, shop: Shop, settings: ShopSettings, choice: Choice, body: str) -> ClaimedDelivery:
    delivery = Delivery(id=0, shop_id=shop.id, destination="", kind=event.kind, attempts=0)
    route = choice.route
    return ClaimedDelivery(
        delivery=delivery, shop=shop, send=route.send, event_url=route.event_url, event_name=route.event_name,
        body=body, account=settings.account, attempt_id=0,
    )  # fmt: skip
