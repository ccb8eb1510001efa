"""Asked again a moment later, about the same customer or order."""

from dataclasses import replace

import pytest

from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience, Route
from plugin.domain.secret import EventUrl
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.platforms.shopify.complete import complete
from plugin.platforms.shopify.lookups import Lookups
from plugin.platforms.shopify.recent import Recent
from tests.support.platforms.shopify.admin import a_customer, a_place, data, failing, running, way
from tests.support.platforms.shopify.given import the_event

CUSTOMER = a_customer({"locale": "pt-BR"})
ORDER = data({"order": {"email": "jan@example.com", "customer_locale": "pt-BR", "lines": {"nodes": []}}})


def subscribers(kind: EventKind) -> ShopSettings:
    url = EventUrl("https://events.sendpulse.com/events/id/0123456789abcdef0123456789abcdef/1234567")
    route = Route(kind=kind, event_url=url, audience=Audience.SUBSCRIBERS)
    return replace(NO_SETTINGS, table=replace(NO_SETTINGS.table, routes={kind: route}))


def a_changed_customer(version: int) -> StoreEvent:
    return replace(the_event("customers/update", "customer_created"), version=str(version))


def test_a_thousand_events_of_one_customer_ask_once() -> None:
    with running(CUSTOMER) as admin:
        lookups, place, asked = Lookups(), a_place(), way(admin.url)
        told = [complete(a_changed_customer(n), place, asked, lookups) for n in range(1_000)]

    assert {(event.locale.raw, event.locale.origin) for event in told} == {("pt-BR", LocaleOrigin.CUSTOMER)}
    assert len(admin.questions) == 1


def test_a_thousand_refunds_of_one_order_ask_once() -> None:
    refund = replace(the_event("refunds/create", "order_refunded"), wants="order:7001")
    with running(ORDER) as admin:
        lookups, place, asked = Lookups(), a_place(), way(admin.url)
        told = [complete(replace(refund, version=str(n)), place, asked, lookups) for n in range(1_000)]

    assert {event.locale.raw for event in told} == {"pt-BR"}
    assert len(admin.questions) == 1


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        (a_changed_customer(1), EventKind.CUSTOMER_UPDATED),
        (replace(the_event("refunds/create", "order_refunded"), wants="order:7001"), EventKind.ORDER_REFUNDED),
    ],
    ids=["customer", "order"],
)
def test_whether_somebody_still_agrees_is_asked_each_time(event: StoreEvent, kind: EventKind) -> None:
    place = a_place(settings=subscribers(kind))
    with running(CUSTOMER if kind is EventKind.CUSTOMER_UPDATED else ORDER) as admin:
        lookups, asked = Lookups(), way(admin.url)
        for _ in range(3):
            complete(event, place, asked, lookups)

    assert len(admin.questions) == 3


def test_a_refusal_is_not_kept() -> None:
    with running(failing("ACCESS_DENIED"), CUSTOMER) as admin:
        lookups, place, asked = Lookups(), a_place(), way(admin.url)
        first, second = (complete(a_changed_customer(n), place, asked, lookups) for n in range(2))

    assert first.partial
    assert (second.locale.raw, second.partial) == ("pt-BR", "")


def test_answers_age_and_the_oldest_makes_way() -> None:
    seconds = 0.0
    recent = Recent[str, int](seconds=30, most=2, seconds_now=lambda: seconds)
    recent.keep("a", 1)
    recent.keep("b", 2)
    recent.keep("a", 3)
    recent.keep("c", 4)

    assert [recent.read(key) for key in "abc"] == [3, None, 4]
    seconds = 30.0
    assert recent.read("a") is None
