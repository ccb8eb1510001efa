"""The page of abandoned carts: how often and how late a reminder comes, what waits now, what became of the last ones."""

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from sqlalchemy import insert, select

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import no_letter
from plugin.storage import SqlStore
from plugin.storage.db import tables
from plugin.web.pages.events.carts import SHOWN
from tests.support.builders import NOON, a_basket, a_cart, a_contact, a_product, a_settings_document, an_event
from tests.support.fake_platform import FakePlatform
from tests.support.storage.situations import planned, waiting_cart
from tests.support.web.merchant import Merchant, a_merchant, errors_in, fields_in

PAGE = "/events/cart_abandoned"
HOUR = timedelta(hours=1)
LINK = "https://demo.example/{locale}/checkout?checkout={checkout}"


@pytest.fixture
def merchant(store: SqlStore, settings: Settings) -> Merchant:
    found = a_merchant(store, settings)
    found.client.application.extensions["plugin"] = replace(found.services, now=lambda: NOON)
    return found


def rows(page: str, table: int) -> list[str]:
    """Each row of one of the page's tables as a line of text."""
    found = re.findall(r"<table class=\"lists\">.*?<tbody>(.*?)</tbody>", page, re.DOTALL)[table]
    cells = (re.sub(r"<[^>]+>", " ", row) for row in re.findall(r"<tr>(.*?)</tr>", found, re.DOTALL))
    return [" ".join(unescape(text).split()) for text in cells]


def ended(store: SqlStore, merchant: Merchant, number: int, code: ReasonCode) -> None:
    """A reminder that was not sent."""
    event = a_cart(kind=EventKind.CART_ABANDONED, object_id=f"c{number}", basket=a_basket(keys=(f"checkout:c{number}",)))
    planned(store, merchant.shop, event, no_letter(code, event.kind), key=f"ended {number}")


# ------------------------------------------------------------------ how often, how late


def test_how_often_and_how_late_is_saved_and_stays_when_something_else_is(merchant: Merchant) -> None:
    fields = merchant.form(PAGE)
    assert (fields["wait_minutes"], fields["window_hours"], fields["oldest_hours"]) == ("60", "24", "72")

    answer = merchant.post(PAGE, fields | {"window_hours": "48", "oldest_hours": " 100 "})
    merchant.post(PAGE, fields_in(answer.text) | {"shape": "item"})

    event = merchant.document()["events"]["cart_abandoned"]
    assert (event["window_hours"], event["oldest_hours"], event["shape"]) == (48, 100, "item")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("window_hours", "a day", "enter a whole number of hours from 1 to 720."),
        ("window_hours", "0", "Found the number 0; enter a whole number of hours"),
        ("oldest_hours", "721", "Found the number 721"),
        ("oldest_hours", "1", "a cart counts as abandoned only after 60 minutes, so no reminder would ever be sent"),
    ],
)
def test_wrong_hours_are_told_beside_their_field_where_they_stay(merchant: Merchant, name: str, typed: str, said: str) -> None:
    answer = merchant.post(PAGE, merchant.form(PAGE) | {name: typed, "shape": "item"})

    assert answer.status_code == 422
    assert said in unescape(errors_in(answer.text)[name])
    assert (fields_in(answer.text)[name], fields_in(answer.text)["shape"]) == (typed, "item")
    assert merchant.document() == a_settings_document()


def test_a_wait_longer_than_the_usual_hours_can_be_saved_with_what_is_shown_for_it(store: SqlStore, settings: Settings) -> None:
    events = a_settings_document()["events"] | {}
    events["cart_abandoned"]["wait_minutes"] = 10_080
    merchant = a_merchant(store, settings, document=a_settings_document(events=events))

    fields = merchant.form(PAGE)

    assert fields["oldest_hours"] == "169"
    assert merchant.post(PAGE, fields).status_code == 200


def test_other_events_know_nothing_of_reminders(merchant: Merchant) -> None:
    page = merchant.get("/events/order_paid").text

    assert not {"wait_minutes", "window_hours", "oldest_hours"} & fields_in(page).keys()
    assert "Waiting carts" not in page
    assert "link back to the cart" not in page


# ------------------------------------------------------------------ what waits


def test_a_cart_that_waits_is_shown_masked_with_what_is_in_it_by_the_stores_clock(merchant: Merchant, store: SqlStore) -> None:
    money = Money(amount=Decimal("59.97"), currency="EUR")
    basket = a_basket(keys=("checkout:c1",), products=(a_product(quantity=3),), total=money)
    waiting_cart(store, merchant.shop, contact=a_contact(email="jan.kowalski@example.com"), basket=basket)

    page = merchant.get(PAGE).text

    assert rows(page, 0) == ["j…@example.com 3 products, €59.97 Nov 23, 2026, 1:00 PM Nov 23, 2026, 2:00 PM"]
    assert "1 cart is waiting for its reminder." in page
    assert "Europe/Warsaw" in page
    assert "jan.kowalski" not in page


def test_who_left_a_number_only_is_known_by_its_end(merchant: Merchant, store: SqlStore) -> None:
    waiting_cart(store, merchant.shop, contact=a_contact(email=None, phone="+48501234567"))

    page = merchant.get(PAGE).text

    assert rows(page, 0)[0].startswith("…567 ")
    assert "501234" not in page


def test_a_reminder_whose_time_has_come_is_due_any_moment(merchant: Merchant, store: SqlStore) -> None:
    waiting_cart(store, merchant.shop, happened_at=NOON - 2 * HOUR)

    assert rows(merchant.get(PAGE).text, 0)[0].endswith("Any moment now")


def test_of_very_many_carts_the_next_ones_are_shown_and_all_are_counted(merchant: Merchant, store: SqlStore) -> None:
    waiting_cart(store, merchant.shop)
    with store.database.write() as connection:
        one = dict(connection.execute(select(tables.timers)).mappings().one())
        later = [one | {"id": number, "due_at": NOON + number * HOUR} for number in range(1_000, 3_000)]
        connection.execute(insert(tables.timers), later)

    page = merchant.get(PAGE).text

    assert len(rows(page, 0)) == SHOWN
    assert "2,001 carts are waiting. These are the next." in page


def test_another_shops_carts_are_not_shown(merchant: Merchant, store: SqlStore) -> None:
    other = store.shops.install(replace(merchant.shop, id=0, address="other"), {}, now=NOON)
    waiting_cart(store, other)

    assert "No carts are waiting." in merchant.get(PAGE).text


def test_without_any_cart_the_page_says_what_it_will_show(merchant: Merchant) -> None:
    page = merchant.get(PAGE).text

    assert "No carts are waiting. A cart waits from its last change until it is bought or its reminder is due." in page
    assert "results yet." in page


def test_while_the_event_is_off_none_waits(store: SqlStore, settings: Settings) -> None:
    page = a_merchant(store, settings, document=a_settings_document(events={})).get(PAGE).text

    assert "Carts don’t wait while this event is off." in page


# ------------------------------------------------------------------ what became of the last ones


def test_a_cart_that_got_no_reminder_says_why_and_leads_to_its_story(merchant: Merchant, store: SqlStore) -> None:
    ended(store, merchant, 1, ReasonCode.BOUGHT)
    ended(store, merchant, 2, ReasonCode.REMINDED)
    ended(store, merchant, 3, ReasonCode.TOO_OLD)

    page = merchant.get(PAGE).text

    codes = (ReasonCode.TOO_OLD, ReasonCode.REMINDED, ReasonCode.BOUGHT)
    told = [row.partition("Skipped ")[2] for row in rows(page, 0)]
    assert told == [no_letter(code, EventKind.CART_ABANDONED).reason for code in codes]
    assert all(row.startswith("j…@example.com ") for row in rows(page, 0))
    assert re.search(r'href="/fake/deliveries/\d+"', page)


def test_no_more_than_the_last_twenty_stand_there_whatever_became_of_them(merchant: Merchant, store: SqlStore) -> None:
    for number in range(SHOWN + 2):
        ended(store, merchant, number, ReasonCode.EMPTIED)
    event = a_cart(kind=EventKind.CART_ABANDONED, object_id="left")
    planned(store, merchant.shop, event, key="left")
    order = an_event(object_id="paid")
    planned(store, merchant.shop, order, no_letter(ReasonCode.DRAFT, order.kind), key="paid")

    found = rows(merchant.get(PAGE).text, 0)

    assert len(found) == SHOWN
    assert found[0].endswith("Waiting")
    assert all("The cart is empty." in row for row in found[1:])


# ------------------------------------------------------------------ a way back


@pytest.mark.parametrize("path", [PAGE, "", "/setup"])
def test_reminders_without_a_way_back_are_told_with_where_to_mend_it(merchant: Merchant, path: str) -> None:
    page = merchant.get(path).text

    assert "Cart reminders have no link back to the cart" in page
    assert 'href="/fake/settings">Enter it on the Settings page' in page


@pytest.mark.parametrize("path", [PAGE, ""])
def test_who_said_where_a_cart_opens_is_told_nothing(merchant: Merchant, path: str) -> None:
    merchant.post("/settings", merchant.form("/settings") | {"cart_link": LINK})

    assert "reminders have no link back" not in merchant.get(path).text


@pytest.mark.parametrize("path", [PAGE, ""])
def test_a_store_that_says_it_by_itself_lacks_nothing(merchant: Merchant, path: str) -> None:
    platform = merchant.services.platforms["fake"]
    assert isinstance(platform, FakePlatform)
    platform.merchant_says = frozenset()

    assert "reminders have no link back" not in merchant.get(path).text


def test_while_reminders_are_off_nobody_is_asked_for_a_link(store: SqlStore, settings: Settings) -> None:
    merchant = a_merchant(store, settings, document=a_settings_document(events={}))

    assert "reminders have no link back" not in merchant.get(PAGE).text
