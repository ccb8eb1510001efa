"""Settings tried out on what really happened: a past event keeps its language, and its time is the store's."""

import json
import re

import pytest

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.shop import Shop
from plugin.storage import SqlStore
from tests.support.builders import NOON, a_basket, a_product, a_settings_document, an_event
from tests.support.storage.situations import a_claimed_delivery, planned
from tests.support.web.merchant import Merchant, a_merchant, bytes_in, fields_in


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    """Of a shop where a Pole paid for an order."""
    merchant = a_merchant(store, settings)
    a_claimed_delivery(store, merchant.shop)
    return merchant


def options(html: str, name: str) -> dict[str, str]:
    """What a list offers: the label by its value."""
    [inside] = re.findall(rf'<select[^>]* name="{name}"[^>]*>(.*?)</select>', html, re.DOTALL)
    return dict(re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)</option>', inside))


def flow_in(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html.partition("<dl")[2].partition("</dl>")[0]).split())


def test_a_past_event_keeps_its_own_language_when_nothing_else_is_done(merchant: Merchant) -> None:
    page = merchant.get("/preview").text
    number = next(value for value in options(page, "past") if value)

    shown = merchant.post("/preview/result", fields_in(page) | {"past": number}).text

    assert "102 Polski" in flow_in(shown)
    assert json.loads(bytes_in(shown)[0])["automation_id"] == 102


def test_a_past_event_is_tried_in_another_language_that_is_typed(merchant: Merchant) -> None:
    page = merchant.get("/preview").text
    number = next(value for value in options(page, "past") if value)

    shown = merchant.post("/preview/result", fields_in(page) | {"past": number, "locale": "en-GB"}).text

    assert "101 English" in flow_in(shown)


def test_a_made_up_event_is_of_the_stores_language_until_another_is_typed(merchant: Merchant) -> None:
    page = merchant.get("/preview").text

    assert 'placeholder="en"' in page
    assert "101 English" in flow_in(merchant.post("/preview/result", fields_in(page)).text)


@pytest.mark.parametrize("path", ["/preview", "/events/order_paid"])
def test_the_times_of_past_events_are_the_stores_and_say_so(merchant: Merchant, path: str) -> None:
    page = merchant.get(path).text

    [past] = [label for value, label in options(page, "past").items() if value]
    assert "#1001, Nov 23, 2026, 1:00\u202fPM, pl-PL" in past
    assert "Times are in the time zone Europe/Warsaw." in page


def test_a_past_event_that_is_gone_says_so_beside_the_list(merchant: Merchant) -> None:
    answer = merchant.post("/preview/result", {"kind": "order_paid", "locale": "", "past": "987654"})

    assert answer.status_code == 422
    assert "no longer among the newest" in answer.text


# ------------------------------------------------------------------ beside an event's settings


def test_an_events_settings_are_tried_on_real_events_of_its_kind_only(merchant: Merchant, store: SqlStore) -> None:
    created = an_event(kind=EventKind.ORDER_CREATED, object_id="1002", basket=a_basket(order_number="#1002"))
    planned(store, merchant.shop, created, key="k2")

    offered = list(options(merchant.get("/events/order_paid").text, "past").values())

    assert [label.partition(",")[0] for label in offered] == ["A made-up event", "#1001"]


def test_the_sample_follows_what_is_typed_for_a_real_event_too(merchant: Merchant) -> None:
    page = merchant.get("/events/order_paid").text
    number = next(value for value in options(page, "past") if value)
    typed = fields_in(page) | {"past": number, "shape": "array"}

    shown = json.loads(bytes_in(merchant.post("/events/order_paid/sample", typed).text)[0])

    assert (shown["order_number"], shown["email"], shown["automation_id"]) == ("#1001", "jan@example.com", 102)
    assert shown["product_name"] == ""


def test_what_was_looked_at_stays_chosen_after_saving(merchant: Merchant) -> None:
    page = merchant.get("/events/order_paid").text
    number = next(value for value in options(page, "past") if value)

    saved = merchant.post("/events/order_paid", fields_in(page) | {"past": number, "shape": "array"})

    assert saved.status_code == 200
    assert fields_in(saved.text)["past"] == number
    assert "past" not in merchant.document()["events"]["order_paid"]


def test_another_shops_event_is_none_of_these(merchant: Merchant, store: SqlStore) -> None:
    other = store.shops.install(Shop(id=0, platform="fake", address="other"), {}, now=NOON)
    store.shops.write_settings(other.id, a_settings_document(), who="test", now=NOON)
    theirs = an_event(object_id="7", basket=a_basket(order_number="#7"))
    stored = planned(store, other, theirs, key="k7")

    shown = merchant.post("/events/order_paid/sample", fields_in(merchant.get("/events/order_paid").text) | {"past": stored.id})

    assert json.loads(bytes_in(shown.text)[0])["order_number"] == "#TEST"


def test_without_any_real_event_nothing_is_offered(store: SqlStore, settings: Settings) -> None:
    assert 'name="past"' not in a_merchant(store, settings).get("/events/order_paid").text


@pytest.mark.parametrize(
    ("shape", "bodies", "said"),
    [
        ("item", 50, "Only the first 50 of 60 lines are sent: one order makes at most 50 events."),
        ("order", 1, "Only the first 50 of 60 lines are sent: one event holds at most 50 products and 64 KB."),
    ],
)
def test_a_long_order_is_shown_with_what_is_left_out_of_it(
    merchant: Merchant, store: SqlStore, shape: str, bodies: int, said: str
) -> None:
    long = an_event(object_id="1002", basket=a_basket(order_number="#1002", products=(a_product(),) * 60))
    planned(store, merchant.shop, long, key="k2")
    page = merchant.get("/events/order_paid").text
    number = next(value for value, label in options(page, "past").items() if "#1002" in label)

    shown = merchant.post("/events/order_paid/sample", fields_in(page) | {"past": number, "shape": shape}).text

    assert said in shown
    assert len(bytes_in(shown)) == bodies
