"""What a Saleor is asked about its carts, and what its answer means."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from plugin.config import Settings
from plugin.domain.carts import CartState
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import Family
from plugin.domain.settings import NO_SETTINGS
from plugin.platforms import discover
from plugin.platforms.saleor import cart_questions, manifest
from plugin.platforms.saleor.ids import global_id
from plugin.platforms.saleor.testing import TESTKIT
from plugin.ports import LookupContext
from plugin.sandbox.buyers import buyer_of
from plugin.sandbox.catalogue import PRODUCTS
from plugin.sandbox.sale import Sale, SaleLine
from plugin.sandbox.serving import serve_in_thread
from plugin.sandbox.stores.saleor.api import saleor_app
from plugin.sandbox.stores.saleor.graph import schema
from plugin.sandbox.stores.saleor.pretend import PretendSaleor
from tests.support.builders import NOON, a_cart
from tests.support.fakes import FakeConsents, FakeShops
from tests.support.platforms.saleor import fakes
from tests.support.platforms.saleor.catalogue import RememberingCatalogue
from tests.support.shared_folder import SHARED, needs_shared

VERSIONS = ("3.21.69", "3.22.67", "3.23.28", "3.24.0-a.0", "")
CHECKOUT = "7c2e0000-0000-4000-8000-000000001399"
SHOP_PLATFORM = discover()["saleor"]


def look(carts: list[StoreEvent], access: Mapping[str, Any], address: str = "") -> list[CartState]:
    shop, _ = TESTKIT.installation(address or None)
    place = LookupContext(
        shop=shop, settings=NO_SETTINGS, access=access, catalogue=RememberingCatalogue(), consents=FakeConsents(),
        shops=FakeShops(), now=NOON,
    )  # fmt: skip
    return list(SHOP_PLATFORM.open(Settings.from_environ({}), TESTKIT.environ).look_at_carts(carts, place))


def a_left_cart(**changed: Any) -> StoreEvent:
    """Begun at noon, changed an hour later."""
    cart = a_cart(begun_at=NOON, happened_at=NOON + timedelta(hours=1))
    assert cart.basket
    basket = replace(cart.basket, keys=(f"checkout:{changed.pop('checkout', CHECKOUT)}",))
    names = ("customer:9", "person:jan@example.com", "person:j.nowak@example.com", "person:+48600100200")
    return replace(cart, basket=basket, person=changed.pop("person", names), **changed)


# ------------------------------------------------------------------ what an answer means


def an_order(**changed: Any) -> dict[str, Any]:
    return {
        "checkoutId": global_id("Checkout", "0" * 8), "created": (NOON + timedelta(minutes=30)).isoformat(),
        "origin": "CHECKOUT", "status": "UNFULFILLED", "userEmail": "jan@example.com", "user": None, "events": [],
    } | changed  # fmt: skip


def answered(*, is_there: bool = True, became: Any = (), user: Any = (), address: Any = ()) -> dict[str, Any]:
    lists = {"became_0": became, "ofUser_0": user, "ofAddress_0": address}
    checkout = {"id": global_id("Checkout", CHECKOUT)} if is_there else None
    return {"checkout_0": checkout} | {name: {"edges": [{"node": one} for one in found]} for name, found in lists.items()}


OWN = {"checkoutId": global_id("Checkout", CHECKOUT)}
EARLIER, MUCH_EARLIER = (NOON - timedelta(seconds=1)).isoformat(), (NOON - timedelta(days=9)).isoformat()
SECOND_DAY = {"happened_at": NOON + timedelta(days=1, minutes=31)}
FILLED_IN = [{"type": "DRAFT_CREATED", "date": MUCH_EARLIER}, {"type": "PLACED_FROM_DRAFT", "date": NOON.isoformat()}]
FILLED_IN_BEFORE = [{"type": "PLACED_FROM_DRAFT", "date": EARLIER}]

STATES: dict[str, tuple[dict[str, Any], CartState]] = {
    "open": (answered(), CartState.OPEN),
    "gone": (answered(is_there=False), CartState.CLOSED),
    "became an order": (answered(is_there=False, became=[an_order(**OWN, userEmail="else@example.com")]), CartState.BOUGHT),
    "became an order that was cancelled": (answered(became=[an_order(**OWN, status="CANCELED")]), CartState.BOUGHT),
    "another checkout became an order": (answered(became=[an_order(userEmail="x@example.com")]), CartState.OPEN),
    "its buyer ordered elsewhere": (answered(address=[an_order()]), CartState.BOUGHT),
    "gone, and its buyer ordered elsewhere": (answered(is_there=False, address=[an_order()]), CartState.BOUGHT),
    "written another way": (answered(address=[an_order(userEmail="Jan@Example.com")]), CartState.BOUGHT),
    "under the account's address": (answered(address=[an_order(userEmail="J.Nowak@example.com")]), CartState.BOUGHT),
    "by the account": (answered(user=[an_order(userEmail="new@example.com", user={"id": "VXNlcjo5"})]), CartState.BOUGHT),
    "another's, whose address has this in it": (answered(address=[an_order(userEmail="bojan@example.com")]), CartState.OPEN),
    "another account's": (answered(user=[an_order(userEmail="", user={"id": "VXNlcjo5OQ=="})]), CartState.OPEN),
    "before the cart was begun": (answered(address=[an_order(created=EARLIER)]), CartState.OPEN),
    "the moment the cart was begun": (answered(address=[an_order(created=NOON.isoformat())]), CartState.BOUGHT),
    "a draft": (answered(address=[an_order(status="DRAFT")]), CartState.OPEN),
    "a replacement": (answered(address=[an_order(origin="REISSUE")]), CartState.OPEN),
    "brought in": (answered(address=[an_order(origin="BULK_CREATE")]), CartState.OPEN),
    "not confirmed yet": (answered(address=[an_order(status="UNCONFIRMED")]), CartState.BOUGHT),
    "a draft filled in since": (
        answered(address=[an_order(origin="DRAFT", created=MUCH_EARLIER, events=FILLED_IN)]), CartState.BOUGHT
    ),
    "a draft filled in before": (
        answered(address=[an_order(origin="DRAFT", created=MUCH_EARLIER, events=FILLED_IN_BEFORE)]), CartState.OPEN
    ),
    "one of many": (
        answered(address=[an_order(created=EARLIER), an_order(origin="REISSUE"), an_order()]), CartState.BOUGHT
    ),
}  # fmt: skip


@pytest.fixture
def saleor() -> Iterator[fakes.PretendSaleor]:
    with fakes.PretendSaleor() as running:
        yield running


def says(saleor: fakes.PretendSaleor, data: Any, **more: Any) -> dict[str, Any]:
    """An access to a shop that answers so."""
    saleor.answers["/graphql/"] = fakes.Answer(json.dumps({"data": data} | more).encode())
    return {"token": "t", "api_url": saleor.address, "version": "3.23.28"}


@pytest.mark.parametrize(("data", "state"), STATES.values(), ids=STATES.keys())
def test_an_answer_says_how_a_cart_stands(saleor: fakes.PretendSaleor, data: dict[str, Any], state: CartState) -> None:
    assert look([a_left_cart()], says(saleor, data)) == [state]


def test_who_comes_back_a_day_after_an_order_is_not_settled_by_it(saleor: fakes.PretendSaleor) -> None:
    assert look([a_left_cart(**SECOND_DAY)], says(saleor, answered(address=[an_order()]))) == [CartState.OPEN]


def test_what_stands_behind_no_checkout_is_not_asked_about(saleor: fakes.PretendSaleor) -> None:
    access = says(saleor, answered())

    assert look([a_left_cart(checkout="5c1"), replace(a_left_cart(), basket=None)], access) == [CartState.OPEN] * 2
    assert saleor.asked == []


# ------------------------------------------------------------------ how it is asked


def test_fifty_carts_are_one_question(saleor: fakes.PretendSaleor) -> None:
    one = answered()
    data = {name.replace("_0", f"_{number}"): value for number in range(120) for name, value in one.items()}
    carts = [a_left_cart(checkout=f"7c2e0000-0000-4000-8000-{number:012d}") for number in range(120)]

    assert look(carts, says(saleor, data)) == [CartState.OPEN] * 120
    assert len(saleor.asked) == 3


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_a_stranger_wrote_stands_in_the_question(saleor: fakes.PretendSaleor, version: str) -> None:
    access = says(saleor, answered()) | {"version": version}
    stranger = 'x") { id } shop { name } #"@example.com'

    look([a_left_cart(person=(f"person:{stranger}", "customer:1) {", "person:%@example.com"))], access)

    question = json.loads(saleor.asked[0].body)
    assert "example.com" not in question["query"]
    assert "shop" not in question["query"]
    assert question["variables"].get("users_0", []) == []
    assert validate(schema(), parse(question["query"])) == []


def test_who_gave_no_address_is_asked_about_by_the_checkout_alone(saleor: fakes.PretendSaleor) -> None:
    access = says(saleor, answered())

    assert look([a_left_cart(person=("person:+48600100200",))], access) == [CartState.OPEN]
    variables = json.loads(saleor.asked[0].body)["variables"]
    assert (variables["users_0"], variables["addresses_0"]) == ([], [])


def test_a_row_of_before_people_had_names_is_asked_about_by_its_address(saleor: fakes.PretendSaleor) -> None:
    look([a_left_cart(person=())], says(saleor, answered()))

    variables = json.loads(saleor.asked[0].body)["variables"]
    assert variables["addresses_0"] == ["jan@example.com", "Jan@example.com", "JAN@EXAMPLE.COM"]


@needs_shared
@pytest.mark.parametrize("version", [(3, 21, 0), (3, 23, 28)])
def test_both_forms_are_valid_on_a_real_3_23(version: tuple[int, int, int]) -> None:
    real = build_schema((SHARED / "schemas" / "saleor-3.23.28.graphql").read_text(encoding="utf-8"), assume_valid=True)
    cart = cart_questions._cart(a_left_cart())
    assert cart

    query, _ = cart_questions._question({0: cart, 12: cart}, version)

    assert validate(real, parse(query)) == []
    assert len(re.findall(r"^  became_", query, re.MULTILINE)) == 2


# ------------------------------------------------------------------ when there is no answer


@pytest.mark.parametrize(
    "answer",
    [
        fakes.Answer(b"{}", status=500), fakes.Answer(b"{}", status=429), fakes.Answer(b"", status=302),
        fakes.Answer(b"<html>"), fakes.Answer(b"<html>", status=400),
    ],
    ids=["broken", "too fast", "elsewhere", "no json", "no json, and wrong"],
)  # fmt: skip
def test_no_answer_is_asked_for_again(saleor: fakes.PretendSaleor, answer: fakes.Answer) -> None:
    access = says(saleor, {})
    saleor.answers["/graphql/"] = answer

    with pytest.raises(TryAgain):
        look([a_left_cart()], access)


@pytest.mark.parametrize(
    "answer",
    [
        fakes.Answer(b"{}", status=404), fakes.Answer(b'{"data": null}'), fakes.Answer(b'{"data": {"checkout_0": null}}'),
        fakes.Answer(b'{"data": {"became_0": null, "checkout_0": null}}'),
    ],
    ids=["not there", "no data", "half of it", "null"],
)  # fmt: skip
def test_what_answers_something_else_is_not_asked_for_an_hour(saleor: fakes.PretendSaleor, answer: fakes.Answer) -> None:
    access = says(saleor, {})
    saleor.answers["/graphql/"] = answer

    with pytest.raises(GiveUp):
        look([a_left_cart()], access)


def test_a_shop_that_is_not_there_is_asked_again() -> None:
    with fakes.PretendSaleor() as gone:
        access = says(gone, {})

    with pytest.raises(TryAgain):
        look([a_left_cart()], access)


def test_an_answer_that_drips_ends_the_question(saleor: fakes.PretendSaleor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cart_questions, "CART_QUESTION_SECONDS", 0.3)
    access = says(saleor, answered())
    saleor.answers["/graphql/"].drip_seconds = 0.05
    began = datetime.now()  # noqa: DTZ005

    with pytest.raises(TryAgain):
        look([a_left_cart()], access)
    assert datetime.now() - began < timedelta(seconds=3)  # noqa: DTZ005


DENIED = {"message": "jan@example.com may not", "extensions": {"exception": {"code": "PermissionDenied"}}}
ODD = {"message": "jan@example.com", "extensions": {"exception": {"code": "<jan@example.com>"}}}
WRONG = {"message": "Unknown argument", "extensions": {"exception": {"code": "GraphQLError"}}}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (fakes.Answer(b"", status=401), "does not know this token"),
        (fakes.Answer(b"", status=403), "does not know this token"),
        (fakes.Answer(json.dumps({"errors": [DENIED], "data": answered()}).encode()), "lacks a permission"),
        (fakes.Answer(json.dumps({"errors": [WRONG]}).encode(), status=400), r"refused the request \(GraphQLError\)"),
        (fakes.Answer(json.dumps({"errors": [ODD]}).encode()), r"refused the request \(\?\)"),
    ],
    ids=["unknown", "forbidden", "denied", "wrong", "odd"],
)
def test_a_refusal_says_why_and_repeats_nothing(saleor: fakes.PretendSaleor, answer: fakes.Answer, why: str) -> None:
    access = says(saleor, {})
    saleor.answers["/graphql/"] = answer

    with pytest.raises(GiveUp, match=why) as refused:
        look([a_left_cart()], access)
    assert "jan@" not in str(refused.value)


def test_without_a_token_nobody_is_asked(saleor: fakes.PretendSaleor) -> None:
    with pytest.raises(GiveUp, match="no access token"):
        look([a_left_cart()], {"api_url": saleor.address})
    assert saleor.asked == []


def test_an_address_that_may_not_be_called_is_not() -> None:
    with pytest.raises(GiveUp):
        look([a_left_cart()], {"token": "t", "api_url": "http://10.0.0.1/graphql/"})


# ------------------------------------------------------------------ a Saleor that finds by itself


@pytest.fixture
def shop() -> Iterator[PretendSaleor]:
    saleor = PretendSaleor()
    with serve_in_thread(saleor_app(saleor)) as serving:
        saleor.url = serving.url
        yield saleor


def a_sale(number: int, buyer: str = "zofia", **changed: Any) -> Sale:
    found = buyer_of(buyer)
    assert found
    found = replace(found, **changed)
    line = SaleLine(number=1, product=PRODUCTS[0], variant=PRODUCTS[0].variants[0])
    return Sale(number=number, buyer=found, locale="pl-PL", lines=(line,), began_at=NOON + timedelta(minutes=number))


def the_cart_of(sale: Sale) -> StoreEvent:
    names = tuple(f"person:{address}" for address in (sale.buyer.email.lower(), sale.buyer.phone) if address)
    return a_left_cart(checkout=str(sale.checkout_uuid), person=names, begun_at=sale.began_at)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_saleor_tells_what_was_bought(shop: PretendSaleor, version: str) -> None:
    app = shop.add_app(manifest.written())
    left, bought, other, gone = a_sale(1), a_sale(2, "juergen"), a_sale(3, "joao"), a_sale(4, "emily")
    for sale in (left, bought, other):
        shop.remember(sale)
    shop.remember(bought, family=Family.ORDER)
    shop.remember(a_sale(5, "joao", email="Joao.Araujo@example.com"), family=Family.ORDER)
    shop.remember(a_sale(6, "zofia", email="my.zofia.wisniewska@example.com"), family=Family.ORDER)

    found = look(
        [the_cart_of(sale) for sale in (left, bought, other, gone)],
        {"token": app.token, "api_url": shop.api_url, "version": version},
    )

    assert found == [CartState.OPEN, CartState.BOUGHT, CartState.BOUGHT, CartState.CLOSED]


@pytest.mark.parametrize("version", VERSIONS)
def test_an_app_that_may_not_see_orders_cannot_ask(shop: PretendSaleor, version: str) -> None:
    app = shop.add_app(manifest.written() | {"permissions": ["MANAGE_CHECKOUTS", "MANAGE_USERS"]})

    with pytest.raises(GiveUp, match="lacks a permission"):
        look([the_cart_of(a_sale(1))], {"token": app.token, "api_url": shop.api_url, "version": version})


def test_a_token_that_was_taken_back_cannot_ask(shop: PretendSaleor) -> None:
    app = shop.add_app(manifest.written())
    shop.remove_app(app)

    with pytest.raises(GiveUp, match="no longer knows"):
        look([the_cart_of(a_sale(1))], {"token": app.token, "api_url": shop.api_url, "version": "3.23.28"})


def test_a_saleor_that_is_away_is_asked_again(shop: PretendSaleor) -> None:
    app = shop.add_app(manifest.written())
    shop.outage.begin()

    with pytest.raises(TryAgain):
        look([the_cart_of(a_sale(1))], {"token": app.token, "api_url": shop.api_url, "version": "3.23.28"})
