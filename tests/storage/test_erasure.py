"""A person to forget while what names them still waits to be read, on both databases."""

from sqlalchemy import select

from plugin.domain.carts import Purchase
from plugin.domain.notice import PersonToForget, ShopChanged, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.storage.queue.webhook_endings import FORGOTTEN
from tests.storage.test_notices import count
from tests.support.builders import NOON, a_contact, an_event
from tests.support.storage.situations import LEASE, a_webhook, claimed_webhook, tell

JAN = PersonToForget(email="jan@example.com", phone="+48 512 345 678", customer_id="7", order_ids=("1001001",))
OF_JAN = b'{"email": "JAN@example.com"}'


def forget_jan(store: SqlStore, shop: Shop) -> None:
    """The request is read before what came earlier."""
    store.inbox.receive(a_webhook(shop, key="redact", body=OF_JAN), now=NOON)
    [*_, redact] = store.inbox.claim(limit=99, now=NOON + 2 * LEASE, lease=LEASE)
    store.inbox.translated(redact, Translation(notices=(JAN,)), now=NOON)


def webhook(store: SqlStore, key: str) -> tuple[str, str, bool]:
    """Its state, its reason, and whether there is a body."""
    columns = tables.webhooks.c
    with store.database.read() as connection:
        row = connection.execute(select(columns.state, columns.reason, columns.body).where(columns.key == key)).one()
    return row.state, row.reason, row.body is not None


def test_a_waiting_webhook_does_not_bring_a_forgotten_person_back(store: SqlStore, a_shop: Shop) -> None:
    waiting = claimed_webhook(store, a_shop, key="order", body=OF_JAN)
    forget_jan(store, a_shop)
    [waiting] = [found for found in store.inbox.claim(limit=99, now=NOON + 9 * LEASE, lease=LEASE) if found.id == waiting.id]

    bought = Purchase(keys=(), people=("person:jan@example.com",), placed_at=NOON)
    new = store.inbox.translated(waiting, Translation(events=(an_event(),)), purchases=(bought,), now=NOON)

    assert (new, count(store, "events"), count(store, "purchases")) == (0, 0, 0)
    assert webhook(store, "order") == ("skipped", FORGOTTEN, False)


def test_a_webhook_in_a_workers_hands_does_not_bring_the_person_back_either(store: SqlStore, a_shop: Shop) -> None:
    in_hand = claimed_webhook(store, a_shop, key="order", body=OF_JAN)
    store.inbox.receive(a_webhook(a_shop, key="redact", body=OF_JAN), now=NOON)
    [redact] = store.inbox.claim(limit=99, now=NOON, lease=LEASE)
    store.inbox.translated(redact, Translation(notices=(JAN,)), now=NOON)

    assert store.inbox.translated(in_hand, Translation(events=(an_event(),)), now=NOON) == 0

    assert count(store, "events") == 0


def test_every_way_a_body_names_the_person_is_found(store: SqlStore, a_shop: Shop) -> None:
    bodies = {
        "phone as written": b'{"phone": "+48 512 345 678"}', "phone as tidied": b'{"phone": "+48512345678"}',
        "order": b'{"id": 1001001}', "another order": b'{"id": 10010012}', "seven pieces": b'{"quantity": 7}',
    }  # fmt: skip
    for key, body in bodies.items():
        store.inbox.receive(a_webhook(a_shop, key=key, body=body), now=NOON)

    forget_jan(store, a_shop)

    found = [key for key in bodies if webhook(store, key)[1] == FORGOTTEN]
    assert found == ["phone as written", "phone as tidied", "order"]


def test_what_such_a_webhook_says_of_the_shop_itself_is_obeyed(store: SqlStore, a_shop: Shop) -> None:
    changed = claimed_webhook(store, a_shop, key="shop", body=OF_JAN)
    forget_jan(store, a_shop)
    [changed] = [found for found in store.inbox.claim(limit=99, now=NOON + 9 * LEASE, lease=LEASE) if found.id == changed.id]

    store.inbox.translated(changed, Translation(notices=(ShopChanged(name="Renamed"),)), now=NOON)

    assert store.shops.list()[0].shop.name == "Renamed"
    assert webhook(store, "shop") == ("translated", "", False)


def test_such_a_webhook_that_cannot_be_read_leaves_no_body(store: SqlStore, a_shop: Shop) -> None:
    odd = claimed_webhook(store, a_shop, key="odd", body=OF_JAN)
    forget_jan(store, a_shop)
    [odd] = [found for found in store.inbox.claim(limit=99, now=NOON + 9 * LEASE, lease=LEASE) if found.id == odd.id]

    store.inbox.failed(odd, "odd", code=ReasonCode.UNREADABLE, now=NOON)

    assert webhook(store, "odd") == ("failed", "odd", False)


def test_what_other_people_and_other_shops_wait_for_goes_on(store: SqlStore, a_shop: Shop) -> None:
    other = store.shops.install(Shop(id=0, platform="shopify", address="other.myshopify.com"), {}, now=NOON)
    store.inbox.receive(a_webhook(other, key="elsewhere", body=OF_JAN), now=NOON)
    tell(store, a_shop, an_event(object_id="2", contact=a_contact(email="eva@example.com")), key="eva")
    store.inbox.receive(a_webhook(a_shop, key="ola", body=b'{"email": "ola@example.com"}'), now=NOON)

    forget_jan(store, a_shop)

    assert [webhook(store, key)[1:] for key in ("elsewhere", "ola", "eva")] == [("", True)] * 3


def test_a_person_of_more_orders_than_a_statement_has_places_is_forgotten(store: SqlStore, a_shop: Shop) -> None:
    redact = claimed_webhook(store, a_shop, key="redact", body=OF_JAN)
    tell(store, a_shop, an_event(object_id="69999"))
    many = PersonToForget(order_ids=tuple(str(number) for number in range(70_000)))

    store.inbox.translated(redact, Translation(notices=(many,)), now=NOON)

    assert count(store, "events") == 0
