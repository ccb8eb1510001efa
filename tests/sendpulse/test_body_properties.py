"""What holds for the body of any event whatever."""

from datetime import UTC, timedelta, timezone
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugin.domain.basket import Basket, Product
from plugin.domain.contact import Contact
from plugin.domain.event import BuyerLocale, StoreEvent
from plugin.domain.facts import Address, Facts, Tracking
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.money import Money
from plugin.domain.routing import MOST_LINES, Lead, Route, RouteTable, Send, Shape
from plugin.domain.secret import AutomationId
from plugin.domain.settings import PersonalData, ShopSettings, StoreFacts
from plugin.domain.shop import Shop
from plugin.sendpulse.body import bodies
from tests.support.sendpulse.fit_bodies import fields_of, is_as_designed

texts = st.one_of(
    st.text(max_size=20), st.text(min_size=240, max_size=400), st.sampled_from(["<b>", "None", "\ud800", "👩‍👩‍👧" * 90])
)
links = st.one_of(st.just(""), st.text(max_size=400).map(lambda text: "https://demo.example/" + text))
money = st.builds(
    Money,
    amount=st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12),
    currency=st.sampled_from(["PLN", "JPY", "KWD", "", "XXX", "?"]),
)
products = st.builds(
    Product, id=st.one_of(st.just(""), st.from_regex(r"[0-9]{1,19}", fullmatch=True), texts), name=texts, variant_name=texts,
    price=st.none() | money, quantity=st.integers(0, 10**6), line_total=st.none() | money,
    link=links, image=links, bundle=texts, sku=texts, compare_at=st.none() | money,
)  # fmt: skip
baskets = st.builds(
    Basket, keys=st.just(("order:1",)), products=st.lists(products, max_size=60).map(tuple), total=st.none() | money,
    order_total=st.none() | money,
    order_id=texts, order_number=texts, order_link=links, cart_link=links,
)  # fmt: skip
contacts = st.builds(
    Contact, email=st.sampled_from(["jan@example.com", None]), phone=st.just("+48501234567"), first_name=texts, last_name=texts
)
spent = st.none() | money | st.just(Money(amount=Decimal(10**19), currency=""))
told = st.builds(
    Facts, subtotal=st.none() | money, tax=st.none() | money, shipping_price=st.none() | money,
    discount_total=st.none() | money,
    discount_code=texts, shipping_method=texts, payment_method=texts, note=texts, tags=st.lists(texts, max_size=3).map(tuple),
    source=texts, utm_source=texts, utm_medium=texts, utm_campaign=texts, cancel_reason=texts, refund_reason=texts,
    tracking=st.lists(st.builds(Tracking, number=texts, company=texts, link=links), max_size=60).map(tuple),
    address=st.none() | st.builds(Address, street=texts, city=texts, zip=texts, country=texts),
    order_count=st.none() | st.integers(0, 10**9), total_spent=spent,
    customer_tags=st.lists(texts, max_size=3).map(tuple),
)  # fmt: skip
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))]))
events = st.builds(
    StoreEvent, kind=st.sampled_from(EventKind), object_id=texts, happened_at=moments, contact=contacts,
    basket=st.none() | baskets, locale=st.builds(BuyerLocale, raw=texts), facts=told,
)  # fmt: skip
facts = st.builds(
    StoreFacts, name=texts, link=links, timezone=st.sampled_from(["", "Asia/Tokyo", "Mars/Olympus"]), default_locale=texts,
    product_id_as_text=st.booleans(),
)  # fmt: skip
shops = st.builds(Shop, id=st.just(1), platform=st.just("p"), address=st.just("a"), name=texts, link=links, locale=texts)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    event=events, shop=shops, facts=facts, shape=st.sampled_from(Shape), lead=st.sampled_from(Lead), send=st.sampled_from(Send),
    flow=st.none() | st.integers(1, 2**53 - 1).map(AutomationId), share=st.frozensets(st.sampled_from(PersonalData)),
)  # fmt: skip
def test_any_event_becomes_bodies_sendpulse_can_read(
    event: StoreEvent,
    shop: Shop,
    facts: StoreFacts,
    shape: Shape,
    lead: Lead,
    send: Send,
    flow: AutomationId | None,
    share: frozenset[PersonalData],
) -> None:
    route = Route(kind=event.kind, shape=shape, lead=lead, send=send)
    store = ShopSettings(table=RouteTable(routes={}), store=facts, share=share)

    found = bodies(event, route, flow, shop, store, lambda *_: "https://app.example/go/x")

    is_by_line = shape is Shape.ITEM and event.products
    assert [body.part for body in found] == (list(range(1, min(len(event.products), MOST_LINES) + 1)) if is_by_line else [0])
    for body in found:
        fields = fields_of(body)
        is_as_designed(fields, as_text=facts.product_id_as_text)
        assert fields.get("automation_id") == (flow.number if flow else None)
        assert fields.get("item_count", 0) == (len(event.products) if KINDS[event.kind].has_products else 0)
