"""Who agreed to marketing: what Shopify's bodies say, and when the Admin API is asked for the rest."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from plugin.domain.contact import Channel, Consent, PersonConsent, Standing
from plugin.domain.errors import TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import ConsentChanged, Translation
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Audience, Route, RouteTable
from plugin.domain.settings import NO_SETTINGS, ShopSettings
from plugin.ports import LookupContext
from tests.platforms.shopify.test_complete import BOTH, completed
from tests.support.fakes import FakeConsents
from tests.support.platforms.shopify.admin import a_customer, a_place, data, failing, says
from tests.support.platforms.shopify.given import meaning, the_event

YES, NO, UNKNOWN = Consent.SUBSCRIBED, Consent.NOT_SUBSCRIBED, Consent.UNKNOWN
CUSTOMER = "customer:7001000000001"


def stands(state: str, at: str | None = "2026-02-01T10:00:00Z", **more: Any) -> dict[str, Any]:
    """A customer as bodies of before 2025 carry them."""
    told = {"state": state, "consent_updated_at": at}
    return {"id": 7001000000001, "email": "z@example.com", "email_marketing_consent": told} | more


ORDERS: dict[str, tuple[dict[str, Any], Consent]] = {
    "ticked": ({"buyer_accepts_marketing": True}, YES),
    "not ticked by a customer": ({"buyer_accepts_marketing": False}, UNKNOWN),
    "not ticked by a guest": ({"buyer_accepts_marketing": False, "customer": None}, NO),
    "nothing said": ({"buyer_accepts_marketing": None}, UNKNOWN),
    "a word is no tick": ({"buyer_accepts_marketing": "true"}, UNKNOWN),
    "at a till nobody is asked": ({"buyer_accepts_marketing": False, "customer": None, "source_name": "pos"}, UNKNOWN),
    "at a till a yes is one": ({"buyer_accepts_marketing": True, "source_name": "pos"}, YES),
    "a subscriber who did not tick": ({"buyer_accepts_marketing": False, "customer": stands("subscribed")}, YES),
    "a subscriber before 2024": (
        {"buyer_accepts_marketing": None, "customer": {"email": "z@example.com", "accepts_marketing": True}}, YES,
    ),
    "no subscriber before 2024": (
        {"buyer_accepts_marketing": None, "customer": {"email": "z@example.com", "accepts_marketing": False}}, NO,
    ),
    "taken back after the order": (
        {"buyer_accepts_marketing": True, "customer": stands("unsubscribed", "2026-11-23T09:05:09Z")}, NO,
    ),
    "taken back before the order": ({"buyer_accepts_marketing": True, "customer": stands("unsubscribed")}, YES),
    "erased": ({"buyer_accepts_marketing": False, "customer": stands("redacted")}, NO),
    **{
        state: ({"buyer_accepts_marketing": None, "customer": stands(state)}, NO)
        for state in ("pending", "invalid", "not_subscribed", "never_subscribed")
    },
    "a state nobody knows": ({"buyer_accepts_marketing": None, "customer": stands("example string")}, UNKNOWN),
}  # fmt: skip


@pytest.mark.parametrize(("changed", "expected"), ORDERS.values(), ids=ORDERS)
def test_consent_of_an_order(changed: dict[str, Any], expected: Consent) -> None:
    assert consent(the_event("orders/paid", "order_created", **changed)) is expected


CHECKOUTS: dict[str, tuple[dict[str, Any], Consent]] = {
    "an empty box says nothing yet": ({"buyer_accepts_marketing": False}, UNKNOWN),
    "not of a guest either": ({"buyer_accepts_marketing": False, "customer": None}, UNKNOWN),
    "a tick is one": ({"buyer_accepts_marketing": True}, YES),
    "a subscriber's empty box": ({"buyer_accepts_marketing": False, "customer": stands("subscribed")}, YES),
}


@pytest.mark.parametrize(("changed", "expected"), CHECKOUTS.values(), ids=CHECKOUTS)
def test_consent_of_an_unfinished_checkout(changed: dict[str, Any], expected: Consent) -> None:
    assert consent(the_event("checkouts/create", "checkout_started", **changed)) is expected


SMS = {"state": "subscribed", "consent_updated_at": "2026-02-01T10:00:00Z"}
NUMBER: dict[str, Any] = {"id": 7, "email": None, "phone": "+48123456789"}
NUMBERS: dict[str, tuple[str, str, dict[str, Any], Consent]] = {
    "the box for e-mail says nothing": (
        "checkouts/update", "cart_updated__phone_only", {"buyer_accepts_marketing": True}, UNKNOWN,
    ),
    "the box for messages does": (
        "checkouts/update", "cart_updated__phone_only", {"buyer_accepts_sms_marketing": True}, YES,
    ),
    "an empty one not yet": (
        "checkouts/update", "cart_updated__phone_only", {"buyer_accepts_sms_marketing": False}, UNKNOWN,
    ),
    "an order has no such box": ("orders/cancelled", "order_cancelled__phone_only", {"buyer_accepts_marketing": True}, UNKNOWN),
    "a customer's standing": (
        "orders/cancelled", "order_cancelled__phone_only", {"customer": NUMBER | {"sms_marketing_consent": SMS}}, YES,
    ),
    "a customer's standing for e-mail is another": (
        "orders/cancelled", "order_cancelled__phone_only", {"customer": NUMBER | {"email_marketing_consent": SMS}}, UNKNOWN,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("topic", "sample", "changed", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_consent_of_a_number_alone(topic: str, sample: str, changed: dict[str, Any], expected: Consent) -> None:
    assert consent(the_event(topic, sample, **changed)) is expected


# ------------------------------------------------------------------ the consent topics


def test_a_changed_consent_is_a_notice() -> None:
    told = meaning("customers_email_marketing_consent/update", "email_consent_changed")

    (notice,) = told.notices
    assert isinstance(notice, ConsentChanged)
    assert (notice.customer_id, notice.email, notice.channel) == ("7001000000001", "zofia@example.com", Channel.EMAIL)
    assert notice.person.standing is Standing.UNSUBSCRIBED and notice.person.at is not None
    assert not told.events


def test_a_consent_of_which_nothing_is_told_is_skipped() -> None:
    told = meaning("customers_marketing_consent/update", "sms_consent_changed__says_nothing")

    assert told.skip is not None
    assert told == Translation(skip=told.skip)
    assert told.skip.code is ReasonCode.NO_EVENT


# ------------------------------------------------------------------ asking


def an_order(**changed: Any) -> StoreEvent:
    """An order without lines or history to look up."""
    event = the_event("orders/paid", "order_created", **({"buyer_accepts_marketing": False, "line_items": []} | changed))
    return replace(event, wants=event.wants.partition(" history:")[0])


def for_subscribers(kind: EventKind = EventKind.ORDER_PAID, **changed: Any) -> ShopSettings:
    route = Route(kind=kind, **({"audience": Audience.SUBSCRIBERS} | changed))
    return replace(NO_SETTINGS, table=RouteTable(routes={kind: route}))


def a_strict_place(**kept: PersonConsent) -> LookupContext:
    found = {(CUSTOMER, Channel(channel)): person for channel, person in kept.items()}
    return a_place(settings=for_subscribers(), consents=FakeConsents(found))


def answering(state: str, at: str | None = "2026-02-01T10:00:00Z") -> Any:
    return a_customer({"locale": "pl", "email_marketing_consent": {"state": state, "consent_updated_at": at}})


@pytest.mark.parametrize(
    ("state", "ticked", "at", "expected"),
    [
        ("SUBSCRIBED", False, "2026-02-01T10:00:00Z", YES),
        ("NOT_SUBSCRIBED", False, None, NO),
        ("UNSUBSCRIBED", True, "2026-11-23T09:05:09Z", NO),
        ("UNSUBSCRIBED", True, "2026-02-01T10:00:00Z", YES),
        ("PENDING", False, "2026-11-23T09:05:09Z", NO),
    ],
)
def test_a_buyer_is_asked_for_where_only_subscribers_are_written_to(
    state: str, ticked: bool, at: str | None, expected: Consent
) -> None:
    order = an_order(buyer_accepts_marketing=ticked)

    event, admin = completed(order, answering(state, at), place=a_strict_place())

    assert consent(event) is expected
    assert [question["variables"] for question in admin.questions] == [{"ids": ["gid://shopify/Customer/7001000000001"]}]


NO_MATTER: dict[str, ShopSettings] = {
    "for everyone": for_subscribers(audience=Audience.EVERYONE),
    "switched off": for_subscribers(enabled=False),
    "another kind": for_subscribers(EventKind.ORDER_CREATED),
    "no settings": NO_SETTINGS,
}


@pytest.mark.parametrize("settings", NO_MATTER.values(), ids=NO_MATTER)
def test_nobody_is_asked_for_where_it_makes_no_difference(settings: ShopSettings) -> None:
    event, admin = completed(an_order(), failing("ACCESS_DENIED"), place=a_place(settings=settings))

    assert (event, admin.questions) == (an_order(), [])


def test_a_guest_is_not_asked_for() -> None:
    event, admin = completed(an_order(customer=None), failing("ACCESS_DENIED"), place=a_strict_place())

    assert (consent(event), admin.questions) == (NO, [])


def test_what_was_told_after_the_purchase_need_not_be_asked() -> None:
    at = an_order().happened_at + timedelta(minutes=1)

    _, admin = completed(
        an_order(), failing("ACCESS_DENIED"), place=a_strict_place(email=PersonConsent(standing=Standing.UNSUBSCRIBED, at=at))
    )

    assert admin.questions == []


def test_what_was_told_before_the_purchase_or_of_messages_is_asked_anew() -> None:
    early = PersonConsent(standing=Standing.SUBSCRIBED, at=an_order().happened_at - timedelta(days=90))
    late = PersonConsent(standing=Standing.SUBSCRIBED, at=an_order().happened_at + timedelta(days=90))

    event, admin = completed(an_order(), answering("UNSUBSCRIBED"), place=a_strict_place(email=early, sms=late))

    assert (consent(event), len(admin.questions)) == (NO, 1)


def test_a_cart_is_asked_for_again_when_it_is_told_again() -> None:
    lines = [{"title": "Engraving", "price": "5.00", "quantity": 1}]
    cart = the_event("checkouts/update", "cart_updated", buyer_accepts_marketing=False, line_items=lines)
    place = a_place(settings=for_subscribers(EventKind.CART_UPDATED))

    first, _ = completed(cart, answering("SUBSCRIBED"), place=place)
    second, _ = completed(first, answering("UNSUBSCRIBED", "2026-11-23T09:59:00Z"), place=place)

    assert (consent(first), consent(second)) == (YES, NO)


def test_a_customer_who_may_be_read_later_is_waited_for() -> None:
    with pytest.raises(TryAgain):
        completed(an_order(), says(503, b""), place=a_strict_place())


def test_a_picture_is_waited_for_also_when_the_consent_was_found() -> None:
    order = the_event("orders/paid", "order_created", customer_locale=None)

    with pytest.raises(TryAgain):
        completed(order, answering("SUBSCRIBED"), failing("THROTTLED"), place=a_strict_place())


def test_a_customer_who_cannot_be_read_stays_as_the_order_told() -> None:
    event, _ = completed(an_order(), failing("ACCESS_DENIED"), place=a_strict_place())

    assert consent(event) is UNKNOWN
    assert event.partial


def test_a_number_is_asked_for_its_own_consent() -> None:
    order = the_event("orders/cancelled", "order_cancelled__phone_only", customer=NUMBER, line_items=[])
    told = {"email_marketing_consent": None, "sms_marketing_consent": {"of_number": {"state": "SUBSCRIBED"}}}

    event, _ = completed(order, a_customer(told, number=NUMBER["id"]), place=a_place(settings=for_subscribers(order.kind)))

    assert consent(event) is YES


def test_a_refund_learns_from_its_order_who_agreed() -> None:
    customer = stands("SUBSCRIBED") | {"email_address": {"text": "z@example.com"}}
    order = {"created_at": "2026-11-20T09:00:00Z", "buyer_accepts_marketing": False, "customer": customer}

    event, _ = completed(the_event("refunds/create", "order_refunded"), data({"order": order}), BOTH)

    assert consent(event) is YES


def consent(event: StoreEvent) -> Consent:
    assert event.contact is not None
    return event.contact.consent
