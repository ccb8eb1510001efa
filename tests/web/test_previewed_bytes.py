"""What a page shows as sent is, byte for byte, what arrives at SendPulse, whichever way it goes."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as tries
from hypothesis import strategies as st

from plugin.config import Settings
from plugin.domain.kinds import EventKind
from plugin.domain.routing import Audience, Lead, Route, Send, Shape
from plugin.domain.secret import EventUrl
from plugin.storage import SqlStore
from plugin.web import create_app
from tests.sendpulse.conftest import Place
from tests.sendpulse.conftest import place as place
from tests.support.builders import NOON, a_settings_document, an_event
from tests.support.storage.situations import LEASE, a_plan, planned
from tests.support.web.merchant import Merchant, a_merchant, bytes_in

BODY = '{"email":"jan@example.com","product_name":"Kubek & łyżka","products":[{"product_id":1}]}'
ROUTES = st.fixed_dictionaries(
    {
        "send": st.sampled_from(Send), "shape": st.sampled_from(Shape), "lead": st.sampled_from(Lead),
        "audience": st.sampled_from(Audience),
    }
)  # fmt: skip


@pytest.fixture
def merchant(store: SqlStore, settings: Settings, place: Place) -> Merchant:
    """With the real client, and the pretend SendPulse at its other end."""
    place.pretend.account.limits.per_second = place.pretend.account.limits.per_minute = None
    merchant = a_merchant(store, settings)
    services = replace(merchant.services, post=place.client)
    return replace(merchant, services=services, client=create_app(services).test_client())


def sends(merchant: Merchant, place: Place, kind: EventKind, **route: Any) -> None:
    """The shop's settings: this kind to the pretend SendPulse in this way."""
    account, event = place.pretend.account, {"event_url": place.event.url, "event_name": place.event.name, **route}
    keys = {"client_id": account.client_id, "client_secret": account.client_secret}
    document = a_settings_document(events={kind.value: event}, account=keys)
    merchant.services.store.shops.write_settings(merchant.shop.id, document, who="test", now=NOON)


def arrived(place: Place) -> str:
    return place.pretend.received()[-1].body.decode()


@tries(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(route=ROUTES, kind=st.sampled_from(EventKind), locale=st.sampled_from(["en", "pl", "pl-PL", "uk", "zh-Hant-HK"]))
def test_the_previewed_bytes_are_the_sent_bytes(
    merchant: Merchant, place: Place, monkeypatch: pytest.MonkeyPatch, route: dict[str, str], kind: EventKind, locale: str
) -> None:
    monkeypatch.setattr("plugin.clock.now", lambda: NOON)
    monkeypatch.setattr("plugin.web.sampling.EXAMPLE_EMAIL", "me@example.com")
    sends(merchant, place, kind, **route)
    asked = {"kind": kind.value, "locale": locale, "email": "me@example.com"}
    before = len(place.pretend.received())

    shown = merchant.post("/preview/result", asked).text
    tested = merchant.post("/preview/test", asked).text

    assert len(place.pretend.received()) == before + 1
    assert bytes_in(shown)[0] == arrived(place)
    assert bytes_in(tested) == [arrived(place)]


@pytest.mark.parametrize("send", Send)
def test_the_sample_beside_the_form_shows_the_bytes_of_the_way_that_is_chosen(
    merchant: Merchant, place: Place, monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    monkeypatch.setattr("plugin.clock.now", lambda: NOON)
    sends(merchant, place, EventKind.ORDER_PAID, send=send.value)
    merchant.post("/preview/test", {"kind": "order_paid", "email": "buyer@example.com"})
    sends(merchant, place, EventKind.ORDER_PAID, send="json")

    shown = merchant.post("/events/order_paid/sample", {"send": send.value, "event_name": "order_paid"}).text

    assert bytes_in(shown) == [arrived(place)]


@pytest.mark.parametrize(
    ("send", "way", "line"),
    [
        (Send.JSON, "To the event URL, as JSON", '"product_name": "Kubek &amp; łyżka"'),
        (Send.FORM, "To the event URL, as form data", "products[0][product_id] = 1"),
        (Send.NAME, "By name, through the REST API", '"product_name": "Kubek &amp; łyżka"'),
    ],
)
def test_what_was_sent_is_what_arrived_and_can_be_read(
    merchant: Merchant, place: Place, store: SqlStore, send: Send, way: str, line: str
) -> None:
    sends(merchant, place, EventKind.ORDER_PAID, send=send.value)
    event = an_event()
    route = Route(kind=event.kind, send=send, event_url=EventUrl(place.event.url), event_name=place.event.name)
    planned(store, merchant.shop, event, a_plan(event, route=route, body=BODY))
    [claimed] = store.deliveries.claim(limit=1, now=NOON, lease=LEASE)
    place.client(replace(claimed, leased_until=None))

    shown = merchant.post(f"/deliveries/{claimed.delivery.id}/body", {}).text

    assert bytes_in(shown) == [arrived(place)]
    assert way in shown
    assert line in shown.replace("&#34;", '"')
