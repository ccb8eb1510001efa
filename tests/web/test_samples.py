"""SendPulse is shown an event by a sample, at an address that only its shop's pages tell."""

import json
import re
from html import unescape

import pytest

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.domain.variables import of_kind
from plugin.storage import SqlStore
from tests.support.builders import NOON, a_settings_document
from tests.support.uninstalling import uninstall
from tests.support.web.merchant import Merchant, a_merchant


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    return a_merchant(store, settings, document=a_settings_document() | {"share": ["address"]})


def address_on(page: str) -> str:
    found = re.search(r'id="sample-address"[^>]*>https?://[^/<]+(/sample/[^<]+)<', page)
    assert found
    return found[1]


def copied_on(page: str) -> str:
    found = re.search(r'<pre id="sample-json"[^>]*>([^<]+)</pre>', page)
    assert found
    return unescape(found[1])


@pytest.mark.parametrize("kind", ["order_paid", "cart_abandoned", "customer_created"])
def test_the_address_on_the_event_s_page_answers_the_sample_that_is_copied(merchant: Merchant, kind: str) -> None:
    page = merchant.get(f"/events/{kind}").text

    answer = merchant.client.get(address_on(page))

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert answer.text == copied_on(page)
    lacks = {"automation_id", "product_id"} if kind == "customer_created" else {"automation_id"}
    assert json.loads(answer.text).keys() == {variable.name for variable in of_kind(EventKind(kind))} - lacks


def test_every_variable_of_the_sample_stands_in_the_table_with_its_type(merchant: Merchant) -> None:
    page = merchant.get("/events/order_fulfilled").text
    fields = json.loads(copied_on(page))

    rows = re.findall(r'<code id="(\w+)-(\w+)" translate="no">\2</code>.*?<td[^>]*>(\w+)</td>', page, re.DOTALL)

    assert {name: type for table, name, type in rows if table == "variable"} == {
        name: "Structure" if isinstance(value, list) else "Date" if name == "event_date" else
        "String" if isinstance(value, str) else "Number"
        for name, value in fields.items()
    }  # fmt: skip
    for name in ("products", "parcels"):
        assert {row[1] for row in rows if row[0] == name} == set(fields[name][0])


def test_the_guide_shows_the_sample_where_the_first_event_is_connected(store: SqlStore, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document={})
    page = merchant.get("/setup?step=connect").text

    assert json.loads(merchant.client.get(address_on(page)).text)["event_name"] == "order_paid"


def test_a_sample_follows_the_settings_and_says_nothing_of_the_shop(merchant: Merchant) -> None:
    path = address_on(merchant.get("/events/order_paid").text)
    store = {"product_id": "text", "name": "Planted Lamps", "link": "https://lamps.example"}
    merchant.services.store.shops.write_settings(
        merchant.shop.id, a_settings_document() | {"store": store}, who="test", now=NOON
    )

    answer = merchant.client.get(path)

    assert answer.get_json()["product_id"] == "632910392"
    assert "shipping_city" not in answer.get_json()
    assert not re.search(r"planted|lamps", answer.text, re.IGNORECASE)


def forgeries(token: str) -> list[str]:
    kind, shop_id, signature = token.rsplit("-", 2)
    return [
        f"order_created-{shop_id}-{signature}",
        f"{kind}-{int(shop_id) + 1}-{signature}",
        f"{kind}-{shop_id}-{signature[:-1]}{'0' if signature[-1] != '0' else '1'}",
        f"{kind}-{shop_id}-{'0' * 64}",
        f"{kind}-{shop_id}-{signature.upper()}" if signature != signature.upper() else "x",
        f"{kind}-0{shop_id}-{signature}x",
        f"{kind}-{'9' * 30}-{signature}",
        f"{kind}-{'9' * 18}-{signature}",
        f"nothing-{shop_id}-{signature}",
        *("x", "-", "--", "A" * 5000, "%00", "order_paid-1-"),
    ]


def test_a_token_that_was_not_signed_here_leads_nowhere(merchant: Merchant, store: SqlStore) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="other", name="Other"), {}, now=NOON)
    token = store.samples.token(merchant.shop.id, EventKind.ORDER_PAID)

    answers = {forged: merchant.client.get(f"/sample/{forged}").status_code for forged in forgeries(token)}

    assert set(answers.values()) == {404}, answers
    assert other.id == merchant.shop.id + 1, "another shop is there whose sample was asked for with this one's signature"


def test_each_kind_of_each_shop_has_an_address_of_its_own(store: SqlStore, settings: Settings) -> None:
    tokens = {store.samples.token(shop_id, kind) for kind in EventKind for shop_id in (1, 2)}

    assert len(tokens) == 2 * len(EventKind)


@pytest.mark.parametrize("is_left", [True, False], ids=["left", "suspended"])
def test_the_address_ends_with_the_shop(merchant: Merchant, store: SqlStore, is_left: bool) -> None:
    path = address_on(merchant.get("/events/order_paid").text)
    if is_left:
        uninstall(store.shops, merchant.shop.id)
    else:
        store.shops.suspend(merchant.shop.id, now=NOON)

    ended = merchant.client.get(path)
    if is_left:
        store.shops.install(merchant.shop, {}, now=NOON)
    else:
        store.shops.resume(merchant.shop.id, now=NOON)

    assert ended.status_code == 404
    assert merchant.client.get(path).status_code == 200


def test_a_shop_that_is_forgotten_leaves_its_address_to_nobody(merchant: Merchant, store: SqlStore) -> None:
    path = address_on(merchant.get("/events/order_paid").text)
    store.shops.forget(merchant.shop.id)
    store.shops.install(merchant.shop, {}, now=NOON)

    assert merchant.client.get(path).status_code == 404


def test_who_asks_too_often_is_asked_to_wait(merchant: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.clock.now", lambda: NOON)
    path = address_on(merchant.get("/events/order_paid").text)

    codes = [merchant.client.get(path).status_code for _ in range(61)]

    assert codes == [200] * 60 + [429]
    assert merchant.get("/events/order_paid").status_code == 200, "the shop's own staff is not counted with them"


def test_anybody_s_page_may_read_a_sample_but_no_search_engine_keeps_it(merchant: Merchant) -> None:
    answer = merchant.client.get(address_on(merchant.get("/events/order_paid").text))

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_merchant_s_own_variables_stand_in_the_sample_and_the_table(store: SqlStore, settings: Settings) -> None:
    own = [{"name": "season", "type": "text", "value": "winter"}, {"name": "points", "type": "number", "path": "$.points"}]
    merchant = a_merchant(store, settings, document=a_settings_document() | {"variables": own})

    page = merchant.get("/events/order_paid").text
    sample = merchant.client.get(address_on(page)).get_json()

    assert (sample["season"], sample["points"]) == ("example", 12.5)
    assert re.search(r'<code id="variable-points" translate="no">.*?<td[^>]*>Number</td>', page, re.DOTALL)
