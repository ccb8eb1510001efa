"""Asking a shop about its carts: over real HTTP, the pretend Shopify."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from plugin.domain.carts import CartState
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.event import StoreEvent
from plugin.platforms.shopify.api import REFUSALS
from plugin.platforms.shopify.cart_questions import look_at_carts
from plugin.sandbox.buyers import BUYERS
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.stores.shopify.pretend import Fault
from tests.support.builders import NOON, a_basket, a_cart
from tests.support.platforms.shopify.admin import a_place, data, running, way
from tests.support.platforms.shopify.carts import HOUR, JUERGEN, MOST_CARTS, ZOFIA, the_cart
from tests.support.platforms.shopify.fixtures import World, a_world
from tests.support.platforms.shopify.given import SHOP

OPEN, BOUGHT = CartState.OPEN, CartState.BOUGHT


@pytest.fixture
def world() -> Iterator[World]:
    with a_world() as world:
        world.open()
        yield world


def a_sale(number: int = 7, *, buyer: int = 0, at: datetime = NOON) -> Sale:
    line = SaleLine(number=1, product=PRODUCTS[0], variant=PRODUCTS[0].variants[0])
    return Sale(number=number, buyer=BUYERS[buyer], locale="pl-PL", began_at=at, lines=(line,))


def look(world: World, *carts: StoreEvent) -> list[CartState]:
    [found] = world.shops.list()
    place = a_place(access=world.access)
    place = replace(place, shop=found.shop, shops=world.shops)
    return list(world.platform.look_at_carts(carts, place))


def questions(world: World) -> list[str]:
    return [query for _, query in world.pretend.queries if query.startswith("query OrdersOfCarts")]


def test_a_checkout_that_is_no_order_is_open(world: World) -> None:
    sale = a_sale()
    world.pretend.remember(SHOP.address, sale, is_order=False)

    cart = the_cart(f"checkout:{sale.token}", f"cart:{sale.cart_token}", person=[f"person:{ZOFIA.email}"])

    assert look(world, cart) == [OPEN]


@pytest.mark.parametrize("name", ["checkout", "cart"])
def test_a_basket_that_became_an_order_is_bought_whoever_it_is_of(world: World, name: str) -> None:
    sale = a_sale()
    world.pretend.remember(SHOP.address, sale)
    token = {"checkout": sale.token, "cart": sale.cart_token}[name]

    assert look(world, the_cart(f"{name}:{token}"), the_cart(f"{name}:{token[::-1]}")) == [BOUGHT, OPEN]


@pytest.mark.parametrize("name", [f"customer:{ZOFIA.number}", f"person:{ZOFIA.email}", f"person:{ZOFIA.phone}"])
def test_an_order_of_the_same_person_since_then_settles_their_cart(world: World, name: str) -> None:
    world.pretend.remember(SHOP.address, a_sale())

    assert look(world, the_cart("checkout:other", person=["person:nobody@example.com", name])) == [BOUGHT]


@pytest.mark.parametrize("name", [f"customer:{JUERGEN.number}", f"person:{JUERGEN.email}", f"person:{JUERGEN.phone}"])
def test_an_order_of_somebody_else_does_not(world: World, name: str) -> None:
    world.pretend.remember(SHOP.address, a_sale())

    assert look(world, the_cart("checkout:other", person=[name])) == [OPEN]


def test_an_address_within_another_one_is_another_s(world: World) -> None:
    world.pretend.remember(SHOP.address, a_sale())

    assert look(world, the_cart("checkout:other", person=["person:wisniewska@example.com"])) == [OPEN]


@pytest.mark.parametrize("name", [f"customer:{ZOFIA.number}", f"person:{ZOFIA.email}", f"person:{ZOFIA.phone}"])
@pytest.mark.parametrize(
    ("placed_at", "state"),
    [(NOON - HOUR - timedelta(seconds=1), OPEN), (NOON - HOUR, BOUGHT), (NOON + HOUR, BOUGHT)],
    ids=["before", "just then", "after"],
)
def test_an_older_order_does_not_count(world: World, name: str, placed_at: datetime, state: CartState) -> None:
    world.pretend.remember(SHOP.address, a_sale(at=placed_at))

    assert look(world, the_cart("checkout:other", person=[name])) == [state]


def test_a_cart_that_does_not_say_when_it_was_begun_was_begun_when_it_changed(world: World) -> None:
    world.pretend.remember(SHOP.address, a_sale(at=NOON - HOUR))
    person = [f"person:{ZOFIA.email}"]

    states = look(world, *(the_cart("cart:x", person=person, begun_at=None, happened_at=NOON - HOUR * n) for n in (0, 2)))

    assert states == [OPEN, BOUGHT]


def test_a_cart_they_came_back_to_a_day_later_is_open(world: World) -> None:
    world.pretend.remember(SHOP.address, a_sale())

    cart = the_cart("checkout:other", person=[f"person:{ZOFIA.email}"], happened_at=NOON + timedelta(days=1))

    assert look(world, cart) == [OPEN]


def test_a_cart_read_before_all_names_were_kept_goes_by_its_contact(world: World) -> None:
    world.pretend.remember(SHOP.address, a_sale())
    cart = a_cart(begun_at=NOON - HOUR, basket=a_basket(keys=("cart:x",)), person=())
    assert cart.contact

    assert look(world, replace(cart, contact=replace(cart.contact, email=ZOFIA.email))) == [BOUGHT]
    assert look(world, replace(cart, contact=replace(cart.contact, email=None, phone=ZOFIA.phone))) == [BOUGHT]


def test_fifty_carts_are_two_questions(world: World) -> None:
    bought = {3, 24, 25, 49}
    sales = [a_sale(n, at=NOON - timedelta(days=1)) for n in range(1, MOST_CARTS + 1)]
    for n in bought:
        world.pretend.remember(SHOP.address, sales[n])

    def person(n: int) -> list[str]:
        return [f"customer:{n}", f"person:a{n}@example.com", "person:+48600100200"]

    carts = [the_cart(f"checkout:{one.token}", f"cart:{one.cart_token}", person=person(n)) for n, one in enumerate(sales)]
    states = look(world, *carts)

    assert {n for n, state in enumerate(states) if state is BOUGHT} == bought
    assert (len(states), len(questions(world))) == (MOST_CARTS, 2)


@pytest.mark.parametrize("seed", range(6))
def test_answers_come_in_the_order_of_the_carts(world: World, seed: int) -> None:
    chance = Random(seed)
    sales = [a_sale(n, buyer=chance.randrange(2), at=NOON - timedelta(days=3)) for n in range(1, 31)]
    expected = [chance.choice((OPEN, BOUGHT)) for _ in sales]
    for sale, state in zip(sales, expected, strict=True):
        world.pretend.remember(SHOP.address, sale, is_order=state is BOUGHT)

    names = [f"customer:{JUERGEN.number}", f"person:{ZOFIA.email}", f"person:{ZOFIA.phone}", f"person:{JUERGEN.phone}"]
    carts = [
        the_cart(f"{chance.choice(('checkout', 'x'))}:{sale.token}", f"cart:{sale.cart_token}", person=chance.sample(names, 2))
        for sale in sales
    ]

    assert look(world, *carts) == expected


HOSTILE = [
    f'x" OR customer_id:{ZOFIA.number} OR email:"@example.com',
    f'x\\" OR customer_id:{ZOFIA.number} OR email:"@example.com',
    "x@example.com\\",
    f"x' OR email:'{ZOFIA.email}",
    f"(x) OR ({ZOFIA.email})",
    "*@example.com",
    "@",
    "NOT x@example.com",
    "-x@example.com AND (",
    'x@example.com") OR (created_at:>="2020-01-01T00:00:00Z',
]


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_of_a_stranger_is_searched_and_nothing_more(world: World, address: str) -> None:
    sale = a_sale()
    world.pretend.remember(SHOP.address, sale)
    of_nobody = the_cart("checkout:other", person=[f"person:{address}"])
    of_the_sale = the_cart(f"checkout:{sale.token}", person=[f"person:{address}"])

    assert look(world, of_nobody, of_the_sale) == [OPEN, BOUGHT]
    assert len(questions(world)) == 1


def test_an_address_stands_in_no_query_s_text(world: World) -> None:
    look(world, the_cart("checkout:other", person=[f"person:{ZOFIA.email}", f"person:{ZOFIA.phone}", "customer:17"]))

    [query] = questions(world)
    assert not re.search(r"example|48512|17\b", query)


def test_a_number_that_is_none_is_not_searched(world: World) -> None:
    world.pretend.remember(SHOP.address, a_sale())

    assert look(world, the_cart("cart:x", person=[f"customer:1 OR customer_id:{ZOFIA.number}"])) == [OPEN]


def test_of_a_cart_without_any_name_nothing_is_asked() -> None:
    with running(data({})) as admin:
        states = look_at_carts([the_cart()], a_place(), way(admin.url))

    assert (states, admin.questions) == ([OPEN], [])


def test_a_throttled_question_is_asked_again_later(world: World) -> None:
    look(world, the_cart("cart:x"))
    world.pretend.bucket(SHOP.address).take(1990)

    with pytest.raises(TryAgain):
        look(world, *(the_cart(f"cart:{n}") for n in range(30)))


def test_a_shop_in_an_outage_may_answer_later(world: World) -> None:
    cart = the_cart("checkout:x", person=[f"person:{ZOFIA.email}"])
    world.pretend.outage.begin()
    with pytest.raises(TryAgain):
        look(world, cart)

    world.pretend.outage.end()
    assert look(world, cart) == [OPEN]


def test_a_token_that_shopify_refuses_is_renewed_once(world: World) -> None:
    cart = the_cart("checkout:x")
    world.pretend.fail(Fault.UNAUTHORIZED)
    assert look(world, cart) == [OPEN]
    assert world.pretend.tokens.requests == 2  # the exchange, and one refresh

    world.pretend.fail(Fault.UNAUTHORIZED, times=2)
    with pytest.raises(GiveUp, match=re.escape(REFUSALS[401])):
        look(world, cart)


def test_another_process_that_renews_the_token_is_not_waited_for_longer(world: World) -> None:
    [found] = world.shops.list()
    world.shops.renew(found.shop.id, {"expires_at": (world.clock() - HOUR).isoformat()})
    world.shops.lease_access(found.shop.id, now=world.clock(), lease=HOUR)
    tokens = world.access_tokens(all_seconds=0.3)
    begun = time.monotonic()

    with pytest.raises(TryAgain):
        tokens.way(replace(a_place(access=world.access), shop=found.shop, shops=world.shops))

    assert time.monotonic() - begun < 1
