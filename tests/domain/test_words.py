"""The words of docs/glossary.md keep their promises: shops, events, baskets, events, errors."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.basket import amount
from plugin.domain.delivery import Delivery, Skip
from plugin.domain.errors import GiveUp, NotInstalled, PluginError, TryAgain, Unreadable
from plugin.domain.kinds import EventKind
from plugin.domain.money import Money
from plugin.domain.notice import Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.settings import NO_SETTINGS
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from tests.support.builders import a_basket, a_product, an_event


def a_shop(timezone: str) -> Shop:
    return Shop(id=1, platform="shopify", address="demo.myshopify.com", timezone=timezone)


def test_a_shop_is_named_by_platform_and_address() -> None:
    assert a_shop("UTC").key == "shopify:demo.myshopify.com"


def test_a_shop_lives_in_its_time_zone() -> None:
    assert a_shop("Europe/Warsaw").zone == ZoneInfo("Europe/Warsaw")


@pytest.mark.parametrize(
    "name", ["", "Mars/Base", "/etc/passwd", "../UTC", "Europe", "a" * 300, "a\x00b", "\ud800"], ids=ascii
)  # a folder and a name too long raise OSError where the tzdata package is installed
def test_a_shop_in_an_unknown_time_zone_lives_in_utc(name: str) -> None:
    assert a_shop(name).zone == ZoneInfo("UTC")


def test_the_business_key_tells_kind_object_and_version_apart() -> None:
    keys = {an_event(kind=kind, object_id=id_, version=v).key for kind in EventKind for id_ in "12" for v in ("", "r1")}

    assert len(keys) == len(EventKind) * 4
    assert an_event(object_id="1001", version="r1").key == "order_paid:1001:r1"


def test_an_events_lines_can_be_replaced() -> None:
    event = an_event().with_products((a_product(name="Talerz"),))

    assert [product.name for product in event.products] == ["Talerz"]
    assert event.basket and event.basket.order_id == "1001"


def test_an_event_without_a_basket_has_no_lines_to_replace() -> None:
    event = an_event(basket=None)

    assert event.products == ()
    assert event.with_products((a_product(),)) == event


def test_a_baskets_quantity_counts_pieces_not_lines() -> None:
    assert a_basket(products=(a_product(quantity=2), a_product(quantity=3))).quantity == 5


def test_an_unknown_price_compares_as_nothing() -> None:
    assert amount(None) == 0
    assert amount(Money(amount=Decimal("1.5"), currency="PLN")) == Decimal("1.5")


def test_a_delivery_is_logged_by_its_ids_without_its_person() -> None:
    delivery = Delivery(id=7, shop_id=1, destination="7043663", kind=EventKind.ORDER_PAID, attempts=2)

    assert delivery.log_context() == {"shop": 1, "delivery": 7, "kind": "order_paid", "attempt": 2}


def test_errors_say_what_happens_next() -> None:
    assert NotInstalled("Nobody here knows this shop.", answer=401).answer == 401
    assert TryAgain("busy", after=timedelta(seconds=5)).after == timedelta(seconds=5)
    assert TryAgain("busy").after is None
    assert all(issubclass(error, PluginError) for error in (NotInstalled, TryAgain, GiveUp, Unreadable))


def test_a_webhook_may_mean_nothing_but_a_reason() -> None:
    translation = Translation(skip=Skip(code=ReasonCode.NO_CONTACT, reason=worded("Nothing for SendPulse.")))

    assert (translation.events, translation.notices) == ((), ())


def test_before_any_settings_nothing_is_routed() -> None:
    assert NO_SETTINGS.table.routes == {}
