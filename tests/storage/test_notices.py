"""What a store tells us that changes what is kept, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from plugin.domain.carts import Purchase
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.notice import (
    Notice,
    PersonAsks,
    PersonToForget,
    ProductsChanged,
    ScopesChanged,
    ShopChanged,
    ShopLeft,
    ShopToForget,
    Translation,
)
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.ports import DeliveryFilter
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.support.builders import NOON, a_basket, a_cart, a_contact, an_event
from tests.support.storage.situations import (
    DELIVERED,
    a_claimed_delivery,
    a_plan,
    a_webhook,
    attempted,
    audit_lines,
    claimed_webhook,
    planned,
    tell,
    waiting_cart,
)
from tests.support.uninstalling import uninstall


def count(store: SqlStore, name: str) -> int:
    with store.database.read() as connection:
        return connection.execute(select(func.count()).select_from(tables.metadata.tables[name])).scalar_one()


def test_changed_products_are_looked_up_again(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    keys = ["product:1", "product:1:7", "product:12", "product:12:7"]
    for shop in (a_shop, other):
        store.catalogue.write(shop.id, {key: {"name": key} for key in keys}, now=NOON)

    tell(store, a_shop, notices=[ProductsChanged(product_ids=("1", "99"))])

    assert sorted(store.catalogue.read(a_shop.id, keys)) == ["product:12", "product:12:7"]
    assert len(store.catalogue.read(other.id, keys)) == 4


def test_changed_facts_of_a_shop_are_stored(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, notices=[ShopChanged(name="Renamed", timezone="Asia/Tokyo")])
    tell(store, a_shop, notices=[ShopChanged()], key="k2")

    shop = store.shops.list()[0].shop
    assert (shop.name, shop.timezone, shop.locale) == ("Renamed", "Asia/Tokyo", "en")


@pytest.mark.parametrize("notice", [ShopChanged(), ScopesChanged(scopes=("read_markets",))], ids=["the shop", "its scopes"])
def test_what_was_looked_up_of_a_shop_that_changed_is_looked_up_again(store: SqlStore, a_shop: Shop, notice: Notice) -> None:
    keys = ["shop:editions", "product:1"]
    store.catalogue.write(a_shop.id, {key: {"name": key} for key in keys}, now=NOON)

    tell(store, a_shop, notices=[notice])

    assert list(store.catalogue.read(a_shop.id, keys)) == ["product:1"]


def test_changed_scopes_join_the_access(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, notices=[ScopesChanged(scopes=("read_orders", "read_products"))])

    assert store.shops.list()[0].access == {"token": "planted-access-token", "scopes": ["read_orders", "read_products"]}


def test_changed_scopes_are_a_reason_to_look_at_what_the_platform_is_told(store: SqlStore, a_shop: Shop) -> None:
    [pending] = store.platform_sync.due(limit=1, has_failed=False, now=NOON)
    store.platform_sync.done(pending, again_at=None)

    tell(store, a_shop, notices=[ScopesChanged(scopes=("read_fulfillments",))])

    assert [one.shop.id for one in store.platform_sync.due(limit=1, has_failed=False, now=NOON)] == [a_shop.id]


def test_scopes_give_no_access_to_a_shop_that_left(store: SqlStore, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    tell(store, a_shop, notices=[ScopesChanged(scopes=("read_orders",))])

    assert store.shops.list()[0].access == {}


def test_an_uninstall_drops_the_access_at_once(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, notices=[ShopLeft()])
    tell(store, a_shop, notices=[ShopLeft()], key="told twice")

    [found] = store.shops.list()
    assert (found.is_active, found.access) == (False, {})
    assert [what for _, what in audit_lines(store, a_shop)] == ["installed", "uninstalled"]


def test_a_shop_to_forget_is_gone_with_the_webhook_that_said_so(store: SqlStore, a_shop: Shop) -> None:
    uninstall(store.shops, a_shop.id)

    tell(store, a_shop, notices=[ShopToForget()])

    assert store.shops.list() == []
    assert count(store, "webhooks") == 0


# ------------------------------------------------------------------ people

JAN = PersonToForget(email=" Jan@Example.com ", customer_id="5", order_ids=("1001",))


@pytest.mark.parametrize(
    "notice",
    [
        PersonToForget(email=" Jan@Example.com "),
        PersonToForget(phone="+48 512 345 678"),
        PersonToForget(email="other@example.com", order_ids=("1001",)),
    ],
    ids=["by_email", "by_phone", "by_order"],
)
def test_a_person_is_forgotten_with_everything_sent_about_them(store: SqlStore, a_shop: Shop, notice: Notice) -> None:
    attempted(store, a_claimed_delivery(store, a_shop, contact=a_contact(phone="+48512345678")), DELIVERED)
    other = a_contact(email="eva@example.com")
    later = NOON + timedelta(seconds=2)  # the account's pace allows the next one
    attempted(store, a_claimed_delivery(store, a_shop, now=later, key="k2", object_id="2", contact=other), DELIVERED, now=later)

    tell(store, a_shop, notices=[notice], key="redact")

    assert (count(store, "events"), count(store, "attempts")) == (1, 1)
    [left] = store.log.list(DeliveryFilter(shop_id=a_shop.id))
    with store.database.read() as connection:
        [kept] = connection.execute(select(tables.webhooks.c.key).where(tables.webhooks.c.body.is_not(None))).scalars()
    assert (left.kind, kept) == ("order_paid", "k2")


def test_an_order_is_not_taken_for_the_customer_of_the_same_number(store: SqlStore, a_shop: Shop) -> None:
    eva = a_contact(email="eva@example.com")
    tell(store, a_shop, an_event(object_id="5", contact=eva), key="order 5")
    tell(store, a_shop, an_event(object_id="1001", kind=EventKind.CUSTOMER_CREATED, contact=eva), key="customer 1001")
    tell(store, a_shop, an_event(object_id="5", kind=EventKind.CUSTOMER_CREATED, contact=None), key="customer 5")

    tell(store, a_shop, notices=[JAN], key="redact")

    assert count(store, "events") == 2


def test_every_kind_of_event_of_a_persons_order_or_account_is_forgotten(store: SqlStore, a_shop: Shop) -> None:
    ids = {Family.ORDER: "1001", Family.CUSTOMER: "5", Family.CART: "eva's"}
    for kind, traits in KINDS.items():
        tell(store, a_shop, an_event(kind=kind, object_id=ids[traits.family], contact=None), key=kind.value)

    tell(store, a_shop, notices=[JAN], key="redact")

    with store.database.read() as connection:
        left = set(connection.execute(select(tables.events.c.kind)).scalars())
    assert left == {kind.value for kind, traits in KINDS.items() if traits.is_cart}


EARLIER = NOON - timedelta(days=9)
GONE = ("timers", "timer_keys", "timer_people", "purchases", "cart_marks", "events")


def test_a_forgotten_persons_carts_and_purchases_are_gone(store: SqlStore, a_shop: Shop) -> None:
    waiting_cart(store, a_shop)
    names = ("person:jan@example.com",)
    tell(store, a_shop, an_event(), bought=[Purchase(keys=("order:1001",), people=names, placed_at=EARLIER)], key="order")
    a_reminder = a_cart(kind=EventKind.CART_ABANDONED, basket=a_basket(keys=("order:1001",)))
    planned(store, a_shop, a_reminder, key="reminder")
    assert [count(store, name) for name in GONE] == [1, 1, 1, 2, 2, 3]

    tell(store, a_shop, notices=[JAN], key="redact")

    assert [count(store, name) for name in GONE] == [0, 0, 0, 0, 0, 0]


def test_a_purchase_is_forgotten_under_every_name_its_order_gave(store: SqlStore, a_shop: Shop) -> None:
    names = ("customer:5", "person:jan@example.com", "person:jan@work.example")
    bought = Purchase(keys=("checkout:c1",), people=names, placed_at=NOON)
    tell(store, a_shop, an_event(person=names), bought=[bought], key="order")

    tell(store, a_shop, notices=[JAN], key="redact")

    assert count(store, "purchases") == 1  # the basket's: it names nobody


def test_a_forgotten_persons_cart_link_leads_nowhere(store: SqlStore, a_shop: Shop) -> None:
    cart = store.links.shorten(a_shop.id, "https://demo.example/cart/jan")
    mug = store.links.shorten(a_shop.id, "https://demo.example/products/mug")
    body = f'{{"cart_link": "https://app.example/go/{cart}", "product_link": "https://app.example/go/{mug}"}}'
    planned(store, a_shop, an_event(), a_plan(an_event(), body=body))

    tell(store, a_shop, notices=[JAN], key="redact")

    assert store.links.resolve(cart) is None
    assert store.links.resolve(mug) == "https://demo.example/products/mug"


def test_a_forgotten_person_is_also_found_in_webhooks_nobody_could_read(store: SqlStore, a_shop: Shop) -> None:
    for key, body in (("jan", b'{"email": "JAN@example.com"}'), ("order", b'{"id": 1001}'), ("eva", b'{"id": 10012}')):
        store.inbox.failed(claimed_webhook(store, a_shop, key=key, body=body), "odd", code=ReasonCode.UNREADABLE, now=NOON)

    tell(store, a_shop, notices=[PersonToForget(email="jan@example.com", order_ids=("1001",))], key="redact")

    query = select(tables.webhooks.c.key).where(tables.webhooks.c.body.is_not(None))
    with store.database.read() as connection:
        assert connection.execute(query).scalars().all() == ["eva"]


def test_a_person_nobody_named_takes_nothing_along(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event(kind=EventKind.CUSTOMER_CREATED, contact=None, object_id=""))
    store.inbox.failed(claimed_webhook(store, a_shop, key="odd", body=b"{}"), "odd", code=ReasonCode.UNREADABLE, now=NOON)

    tell(store, a_shop, notices=[PersonToForget()], key="redact")

    assert count(store, "events") == 1


def test_a_webhook_told_again_does_not_bring_a_forgotten_person_back(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event())
    tell(store, a_shop, notices=[JAN], key="redact")

    assert store.inbox.receive(a_webhook(a_shop), now=NOON) is False


def test_a_shop_that_left_is_still_obeyed(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event())
    uninstall(store.shops, a_shop.id)

    tell(store, a_shop, notices=[JAN], key="redact")

    assert count(store, "events") == 0


def test_a_person_who_asks_is_noted_without_an_address(store: SqlStore, a_shop: Shop) -> None:
    tell(store, a_shop, an_event())

    tell(store, a_shop, notices=[PersonAsks(email="jan@example.com", customer_id="5", request_id="9999")], key="asks")

    [*_, (who, what)] = audit_lines(store, a_shop)
    assert (who, what) == ("store", "person_asked 1 9999")


def test_what_made_no_event_is_not_kept(store: SqlStore, a_shop: Shop) -> None:
    webhook = claimed_webhook(store, a_shop, body=b'{"email": "jan@example.com"}')

    store.inbox.translated(webhook, Translation(notices=(ShopChanged(name="x"),)), now=NOON)

    with store.database.read() as connection:
        assert connection.execute(select(tables.webhooks.c.body)).scalar() is None
