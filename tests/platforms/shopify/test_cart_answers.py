"""What is made of a shop's answers about its carts, good, bad and missing."""

import json
import re
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from plugin.domain.carts import CartState
from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.event import StoreEvent
from plugin.platforms.shopify.api import NOT_UNDERSTOOD, REFUSALS, Admin
from plugin.platforms.shopify.cart_questions import look_at_carts
from plugin.platforms.shopify.complete import NO_ACCESS
from plugin.ports import LookupContext
from plugin.ports.platforms import CART_QUESTION_SECONDS
from tests.support.hostile.damage import damaged
from tests.support.platforms.shopify.admin import Reply, a_place, data, failing, running, says, slowly, way
from tests.support.platforms.shopify.carts import MOST_CARTS, ZOFIA, the_cart
from tests.support.platforms.shopify.given import opened

OPEN, BOUGHT, UNKNOWN = CartState.OPEN, CartState.BOUGHT, CartState.UNKNOWN

NODE = {"cart_token": "t", "checkout_token": "c", "created_at": "2026-11-23T12:00:00Z", "processed_at": "2026-11-23T12:00:00Z",
        "source_name": "web", "email": "zofia.wisniewska@example.com", "phone": None, "customer": None}  # fmt: skip
HERS = the_cart("checkout:x", person=[f"person:{ZOFIA.email}"])
OF_HER_PHONE = the_cart("checkout:x", person=[f"person:{ZOFIA.phone}"])
NOBODYS = the_cart("checkout:y", person=["person:nobody@example.com"])


def found(**changed: Any) -> dict[str, Any]:
    return {"nodes": [NODE | changed]}


NOTHING: dict[str, Any] = {"nodes": []}


def asked(reply: Reply, *carts: StoreEvent, place: LookupContext | None = None) -> Sequence[CartState]:
    with running(reply) as admin:
        return look_at_carts(carts, place or a_place(), way(admin.url))


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, BOUGHT),
        ({"source_name": "subscription_contract"}, OPEN),
        ({"source_name": "subscription_contract_checkout_one"}, OPEN),
        ({"source_name": None}, BOUGHT),
        ({"processed_at": "2026-11-01T12:00:00Z"}, OPEN),
        ({"created_at": "2026-11-23T10:59:59Z"}, OPEN),
        ({"created_at": None}, OPEN),
        ({"email": "other@example.com"}, OPEN),
        ({"email": "Zofia.Wisniewska@Example.com "}, BOUGHT),
        ({"email": None, "customer": {"id": "1", "email_address": {"text": ZOFIA.email}, "phone_number": None}}, BOUGHT),
    ],
    ids=[
        "an order", "a renewal", "a new kind of renewal", "of no source", "brought in", "older", "without a date",
        "of another", "spelled otherwise", "the customer's address",
    ],
)  # fmt: skip
def test_what_is_found_is_looked_at(changed: dict[str, Any], state: CartState) -> None:
    assert asked(data({"cart0": found(**changed)}), HERS) == [state]


@pytest.mark.parametrize(("source", "state"), [("web", BOUGHT), ("pos", BOUGHT), ("subscription_contract", OPEN)])
def test_so_are_the_orders_of_a_phone_number(source: str, state: CartState) -> None:
    customer = {"orders": found(source_name=source)}

    assert asked(data({"cart0": NOTHING, "cart0phone0": customer}), OF_HER_PHONE) == [state]


def test_a_renewal_settles_its_own_basket() -> None:
    cart = the_cart("checkout:c")

    assert asked(data({"cart0": found(source_name="subscription_contract")}), cart) == [BOUGHT]


def test_a_shop_without_access_is_not_asked() -> None:
    with pytest.raises(GiveUp, match=re.escape(NO_ACCESS)):
        asked(data({}), HERS, place=a_place(access={}))


@pytest.mark.parametrize("status", [401, 402, 403, 404, 423])
def test_a_refusal_is_for_good(status: int) -> None:
    with pytest.raises(GiveUp, match=re.escape(REFUSALS[status])):
        asked(says(status, b"{}"), HERS)


@pytest.mark.parametrize("status", [408, 429, 430, 500, 503])
def test_no_answer_is_for_now(status: int) -> None:
    with pytest.raises(TryAgain):
        asked(says(status, b"{}"), HERS)


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "MAX_COST_EXCEEDED", ""])
def test_a_question_that_is_no_question_is_refused_without_a_word_of_it(code: str) -> None:
    with pytest.raises(GiveUp) as error:
        asked(failing(code), HERS)

    assert "zofia" not in str(error.value)


def test_throttled_says_when() -> None:
    cost = {"requestedQueryCost": 450, "throttleStatus": {"currentlyAvailable": 200, "restoreRate": 100}}

    with pytest.raises(TryAgain) as error:
        asked(failing("THROTTLED", cost=cost), HERS)

    assert error.value.after == timedelta(seconds=2.5)


def denied(*path: str | int) -> dict[str, Any]:
    return {"message": f"Access denied for {ZOFIA.email}", "path": list(path), "extensions": {"code": "ACCESS_DENIED"}}


@pytest.mark.parametrize(
    ("answer", "errors", "states"),
    [
        ({"cart0": found(), "cart1": None}, [denied("cart1")], [BOUGHT, UNKNOWN]),
        ({"cart0": found(), "cart1": NOTHING}, [denied("cart0", "nodes", 0, "phone")], [BOUGHT, OPEN]),
        ({"cart0": found(email=None), "cart1": NOTHING}, [denied("cart0", "nodes", 0, "email")], [UNKNOWN, OPEN]),
        ({"cart0": found(), "cart1": NOTHING}, [denied()], [BOUGHT, UNKNOWN]),
        ({"cart0": NOTHING, "cart1": NOTHING}, [denied()], None),
        ({"cart0": found(), "cart1": found(checkout_token="y")}, [denied()], [BOUGHT, BOUGHT]),
    ],
    ids=[
        "one cart unknown",
        "known all the same",
        "nobody's order",
        "about all",
        "about all, and nothing known",
        "about all, but known",
    ],
)
def test_half_an_answer_is_one_for_the_carts_it_is_about(
    answer: dict[str, Any], errors: list[Any], states: list[CartState] | None
) -> None:
    reply = data(answer, errors=errors)

    if states is None:
        with pytest.raises(GiveUp, match="protected customer data"):
            asked(reply, HERS, NOBODYS)
    else:
        assert asked(reply, HERS, NOBODYS) == states


def test_a_term_that_shopify_left_out_of_its_search_is_no_answer() -> None:
    warning = {"field": "email", "code": "invalid_field", "message": "Invalid search field for this query."}
    search = [{"path": ["cart1"], "query": ZOFIA.email, "warnings": [warning]}]
    body = {"data": {"cart0": NOTHING, "cart1": NOTHING}, "extensions": {"search": search}}

    assert asked(says(200, json.dumps(body).encode()), HERS, NOBODYS) == [OPEN, UNKNOWN]
    with pytest.raises(GiveUp, match=NOT_UNDERSTOOD):
        asked(says(200, json.dumps(body).replace("cart1", "cart0").encode()), HERS)


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"cart0": NOTHING}, {"cart0": {}, "cart0phone0": None}, {"cart0": [], "cart0phone0": None},
        {"cart0": NOTHING, "cart0phone0": {}}, {"cart0": NOTHING, "cart0phone0": "x"},
    ],
)  # fmt: skip
def test_data_that_lacks_a_part_says_nothing(answer: dict[str, Any]) -> None:
    with pytest.raises(GiveUp, match="not whole"):
        asked(data(answer), OF_HER_PHONE)


class DamagedAdmin(Admin):
    """Answers at once, without a network, and never what was asked for."""

    def __init__(self, random: Random) -> None:
        super().__init__("http://127.0.0.1:1/{shop}")
        self._random = random

    def _post(self, *_: Any) -> tuple[int, Mapping[str, str], bytes | None]:
        whole = {"data": {"cart0": found(), "cart0phone0": {"orders": found()}, "cart1": NOTHING}, "errors": [denied("cart1")]}
        return 200, {}, damaged(json.dumps(whole).encode(), self._random)


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_answer_is_an_answer_or_a_reason(seed: int) -> None:
    admin = DamagedAdmin(Random(seed))

    try:
        states = look_at_carts([OF_HER_PHONE, NOBODYS], a_place(), lambda place: admin.of(place.shop, "token"))
    except (TryAgain, GiveUp) as error:
        assert "@" not in (str(error) or "@")
    else:
        assert (set(states) <= {OPEN, BOUGHT, UNKNOWN}, len(states)) == (True, 2)


def test_a_dead_shop_is_waited_for_no_longer_than_all_questions_may_take() -> None:
    carts = [the_cart(f"checkout:{n}", person=["person:+48600100200"]) for n in range(MOST_CARTS)]
    with running(slowly(CART_QUESTION_SECONDS + 2)) as admin:
        platform = opened(PLUGIN_SANDBOX="1", SHOPIFY_ADMIN_URL=admin.url)
        begun = time.monotonic()

        with pytest.raises(TryAgain):
            platform.look_at_carts(carts, a_place())

    assert time.monotonic() - begun < CART_QUESTION_SECONDS + 0.5
