"""Short links of one person are found by whose they are, also when their events are gone, on both databases."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import update

from plugin.domain.person import Holding, Person
from plugin.domain.routing import Route
from plugin.domain.settings import NO_SETTINGS
from plugin.domain.shop import Shop
from plugin.sendpulse.body import bodies
from plugin.storage import SqlStore
from plugin.storage.db import tables
from tests.storage.test_people import JAN, NAMES, ORDER, kept
from tests.support.builders import NOON, a_basket, an_event
from tests.support.storage import old_rows
from tests.support.storage.situations import tell

SPELT = {
    "as it is": "https://demo.example/cart?email=Jan@example.com",
    "encoded": "https://demo.example/cart?email=jan%40example.com&step=2",
    "within a link": "https://demo.example/login?next=%2Fcart%3Femail%3Djan%2540example.com",
    "after a blank": "https://demo.example/mail?to=Jan+jan@example.com.",
}
OTHERS = {
    "another's that ends alike": "https://demo.example/cart?email=johnjan@example.com",
    "another's that begins alike": "https://demo.example/cart?email=jan@example.com.pl",
    "nobody's": "https://demo.example/products/mug?size=40",
}


@pytest.mark.parametrize("is_noted", [True, False], ids=["noted", "of before"])
@pytest.mark.parametrize("address", [*SPELT.values(), *OTHERS.values()], ids=[*SPELT, *OTHERS])
def test_a_link_that_spells_the_address_is_theirs(store: SqlStore, a_shop: Shop, address: str, is_noted: bool) -> None:
    token = store.links.shorten(a_shop.id, address)
    if not is_noted:
        with store.database.write() as connection:
            connection.execute(update(tables.links).values(people=None))

    found = kept(store, a_shop, JAN)
    store.people.erase(a_shop.id, JAN, who="test", now=NOON)

    assert found == ({Holding.LINKS: 1} if address in SPELT.values() else {})
    assert store.links.resolve(token) == (None if address in SPELT.values() else address)


@pytest.mark.parametrize(
    ("names", "is_theirs"),
    [
        (NAMES, True), (NAMES[:1], True), (NAMES[1:2], True), (NAMES[2:], True),
        (("customer:8", *NAMES[2:]), False), (("person:eva@example.com", *NAMES[2:]), False), ((), False),
    ],
    ids=["every name", "number", "address", "phone", "another account's", "the household's phone", "everybody's"],
)  # fmt: skip
def test_a_link_is_found_when_its_events_are_gone(
    store: SqlStore, a_shop: Shop, names: tuple[str, ...], is_theirs: bool
) -> None:
    address = "https://demo.example/orders/secret"
    token = store.links.shorten(a_shop.id, address, names)
    tell(store, a_shop, an_event(**ORDER))

    found = kept(store, a_shop, Person(customer_id="7"))[Holding.LINKS]
    store.people.erase(a_shop.id, Person(customer_id="7"), who="test", now=NOON)

    assert (found, store.links.resolve(token)) == ((1, None) if is_theirs else (0, address))


def test_an_address_two_people_use_is_both_ones(store: SqlStore, a_shop: Shop) -> None:
    address, eva, ola = "https://demo.example/orders/secret", ("person:eva@example.com",), ("person:ola@example.com",)
    tokens = {store.links.shorten(a_shop.id, address, names) for names in (NAMES[1:2], eva, NAMES, NAMES[1:2], eva, ())}

    found = [kept(store, a_shop, Person(email=email))[Holding.LINKS] for email in ("jan@example.com", "eva@example.com")]

    assert (len(tokens), found) == (1, [1, 1])
    assert not kept(store, a_shop, Person(email=ola[0].removeprefix("person:")))
    [[people]] = old_rows.values(store, "links", "people")
    assert people.count("|") == 1


def test_a_link_of_before_is_noted_when_it_is_used_again(store: SqlStore, a_shop: Shop) -> None:
    address = "https://demo.example/orders/secret"
    store.links.shorten(a_shop.id, address)
    with store.database.write() as connection:
        connection.execute(update(tables.links).values(people=None))

    store.links.shorten(a_shop.id, address, NAMES)

    assert kept(store, a_shop, JAN)[Holding.LINKS] == 1


def test_an_address_everybody_uses_notes_only_so_many(store: SqlStore, a_shop: Shop) -> None:
    for number in range(60):
        store.links.shorten(a_shop.id, "https://demo.example/orders", (f"person:{number}@example.com",))

    found = [kept(store, a_shop, Person(email=f"{number}@example.com"))[Holding.LINKS] for number in (0, 59)]

    assert found == [1, 0]


def test_a_letters_links_note_whose_they_are(store: SqlStore, a_shop: Shop) -> None:
    event = an_event(**ORDER, basket=a_basket(order_link=f"https://demo.example/orders/{'7' * 300}"))
    noted: list[Any] = []

    def shorten(address: str, names: Sequence[str]) -> str:
        noted.append((address, names))
        return "https://app.example/go/x"

    bodies(event, Route(kind=event.kind), None, a_shop, NO_SETTINGS, shorten)

    assert [names for address, names in noted if "orders" in address] == [event.names]
