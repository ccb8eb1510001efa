"""Pages offer the kinds of events a shop can have, and no switch for what can never come."""

import pytest

from plugin.config import Settings
from plugin.domain.kinds import KINDS, EventKind, possible
from plugin.domain.wording import worded
from plugin.ports import Permission, Store
from tests.support.builders import EVENT_URL, NOON
from tests.support.fake_platform import KINDS as TOLD
from tests.support.fake_platform import FakePlatform
from tests.support.web.merchant import Merchant, a_merchant

PAGES = ("/events", "/languages", "/preview", "/deliveries")


@pytest.fixture
def merchant(store: Store, settings: Settings) -> Merchant:
    return a_merchant(store, settings)


def platform_of(merchant: Merchant) -> FakePlatform:
    platform = merchant.services.platforms["fake"]
    assert isinstance(platform, FakePlatform)
    return platform


@pytest.mark.parametrize("page", PAGES)
def test_what_the_platform_tells_is_offered(merchant: Merchant, page: str) -> None:
    text = merchant.get(page).text

    assert [kind.value for kind in TOLD if kind.value not in text] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_cart_left_alone_is_offered_where_the_platform_tells_of_carts(merchant: Merchant, page: str) -> None:
    with_carts = merchant.get(page).text
    platform_of(merchant).kinds = frozenset({EventKind.CUSTOMER_UPDATED})
    merchant.services.store.shops.write_settings(merchant.shop.id, {"version": 1}, who="test", now=NOON)

    assert "cart_abandoned" in with_carts
    assert "cart_abandoned" not in merchant.get(page).text


@pytest.mark.parametrize("page", PAGES)
def test_what_no_platform_tells_yet_is_not_offered(merchant: Merchant, page: str) -> None:
    assert "order_delivered" not in merchant.get(page).text
    assert merchant.get("/events/order_delivered").status_code == 404


def test_a_platform_that_tells_more_has_more_to_offer(merchant: Merchant) -> None:
    platform_of(merchant).kinds = frozenset(EventKind) - {EventKind.CART_ABANDONED}

    assert "order_delivered" in merchant.get("/events").text
    assert merchant.get("/events/order_delivered").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_what_a_settings_file_names_is_shown_all_the_same(store: Store, settings: Settings, page: str) -> None:
    document = {
        "version": 1,
        "events": {"order_delivered": {"enabled": True, "send": "json", "event_url": EVENT_URL}},
        "flows": [{"locale": "en", "automation_id": 7, "event": "order_out_for_delivery"}],
    }
    merchant = a_merchant(store, settings, document=document)

    assert "order_delivered" in merchant.get(page).text
    assert "order_out_for_delivery" in merchant.get(page).text
    assert merchant.get("/events/order_delivered").status_code == 200


def test_the_guide_offers_what_most_shops_begin_with(merchant: Merchant) -> None:
    page = merchant.get("/setup?step=events").text

    first, _, more = page.partition("More events")
    for kind in EventKind:
        is_told = kind in possible(TOLD)
        assert (f'value="{kind.value}"' in first) == (is_told and KINDS[kind].is_recommended)
        assert (f'value="{kind.value}"' in more) == (is_told and not KINDS[kind].is_recommended)


def test_a_kind_that_must_be_allowed_first_offers_to_ask_for_it(merchant: Merchant) -> None:
    platform_of(merchant).lacking = {
        EventKind.ORDER_PAID: Permission(
            name="read_parcels", reason=worded("This app may not see parcels."), request=worded("Allow it to see parcels")
        )
    }

    page = merchant.get("/events/order_paid").text

    assert "This app may not see parcels." in page
    assert '<button type="button" data-allow="read_parcels"' in page
    assert "data-allow" not in merchant.get("/events/order_created").text
