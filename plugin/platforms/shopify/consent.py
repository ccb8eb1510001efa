"""Who agreed to marketing, as Shopify's bodies and its Admin API tell it."""

from typing import Final

from plugin.domain.consent import is_newer_than_box, with_said
from plugin.domain.contact import Channel, Contact, PersonConsent, Said, Standing
from plugin.domain.delivery import Skip
from plugin.domain.event import StoreEvent
from plugin.domain.notice import ConsentChanged, Translation
from plugin.domain.payload import Payload
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.routing import Audience
from plugin.domain.shop import Shop
from plugin.domain.wording import worded
from plugin.ports import LookupContext

from .addresses import TILL

# Pending has not confirmed yet, and an invalid address confirms nothing.
STANDINGS: Final = {
    "subscribed": Standing.SUBSCRIBED,
    "unsubscribed": Standing.UNSUBSCRIBED,
    "redacted": Standing.UNSUBSCRIBED,
    "not_subscribed": Standing.NOT_SUBSCRIBED,
    "never_subscribed": Standing.NOT_SUBSCRIBED,
    "pending": Standing.NOT_SUBSCRIBED,
    "invalid": Standing.NOT_SUBSCRIBED,
}

# An order says nothing of text messages: whoever agreed to them at the checkout stands so as a customer.
CHECKOUT_BOXES: Final = {Channel.EMAIL: "buyer_accepts_marketing", Channel.SMS: "buyer_accepts_sms_marketing"}
ORDER_BOXES: Final = {Channel.EMAIL: "buyer_accepts_marketing"}


def of_order(contact: Contact | None, order: Payload) -> Contact | None:
    """The buyer of an order. An empty box is an answer, but at a till nobody is asked."""
    if contact is None:
        return None
    ticked = _ticked(order, ORDER_BOXES.get(contact.channel, ""))
    if order.text("source_name") == TILL:
        ticked = ticked or None
    return _with(contact, order, order.object("customer"), ticked)


def of_checkout(contact: Contact | None, checkout: Payload) -> Contact | None:
    """The buyer of an unfinished checkout, whose empty box only says that it is not ticked yet."""
    if contact is None:
        return None
    return _with(contact, checkout, checkout.object("customer"), _ticked(checkout, CHECKOUT_BOXES[contact.channel]) or None)


def of_customer(contact: Contact | None, customer: Payload) -> Contact | None:
    return _with(contact, customer, customer, None) if contact else None


def person(customer: Payload, channel: Channel) -> PersonConsent | None:
    """How a customer stands: in bodies of before 2025 and in answers of the Admin API, which take the same names."""
    told = customer.object(f"{channel}_marketing_consent")
    told = told.object("of_number") or told
    if standing := STANDINGS.get(told.text("state").lower()):
        return PersonConsent(standing=standing, at=told.when("consent_updated_at"))
    box = customer.fields.get("accepts_marketing")  # before 2024
    if channel is not Channel.EMAIL or not isinstance(box, bool):
        return None
    standing = Standing.SUBSCRIBED if box else Standing.NOT_SUBSCRIBED
    return PersonConsent(standing=standing, at=customer.when("accepts_marketing_updated_at"))


def email_changed(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    return _changed(Channel.EMAIL, body, customer_id=body.required_text("customer_id"), email=body.text("email_address"))


def sms_changed(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    return _changed(Channel.SMS, body, customer_id=body.required_text("id"), phone=body.text("phone"))


def decides(event: StoreEvent, place: LookupContext) -> bool:
    """Whether letters of this kind are for those only who agreed to them."""
    route = place.settings.table.routes.get(event.kind)
    return route is not None and route.enabled and route.audience is Audience.SUBSCRIBERS


def is_asked_for(event: StoreEvent, customer_id: str, place: LookupContext) -> bool:
    """Whether the Admin API must be asked how this customer stands: only where that decides, and is not kept already."""
    return event.contact is not None and decides(event, place) and _kept(event, customer_id, place) is None


def is_refused(event: StoreEvent, customer_id: str, place: LookupContext) -> bool:
    """Whether it is known without asking that this letter does not leave, for want of the customer's consent."""
    kept = _kept(event, customer_id, place) if decides(event, place) else None
    return kept is not None and kept.standing is not Standing.SUBSCRIBED


def _kept(event: StoreEvent, customer_id: str, place: LookupContext) -> PersonConsent | None:
    """How the customer is known to stand, where nothing at this purchase can outweigh it."""
    said = event.contact.said if event.contact else None
    if event.contact is None or said is None:
        return None
    kept = place.consents.read(place.shop.id, (f"customer:{customer_id}",), event.contact.channel)
    return kept if kept and is_newer_than_box(said, kept) else None


def _changed(channel: Channel, body: Payload, *, customer_id: str, email: str = "", phone: str = "") -> Translation:
    told = person(body, channel)
    if told is None:
        reason = worded("Your store does not say whether this customer agreed to marketing.")
        return Translation(skip=Skip(code=ReasonCode.NO_EVENT, reason=reason))
    notice = ConsentChanged(channel=channel, person=told, customer_id=customer_id, email=email, phone=phone)
    return Translation(notices=(notice,))


def _ticked(body: Payload, box: str) -> bool | None:
    found = body.fields.get(box)
    return found if isinstance(found, bool) else None


def _with(contact: Contact, body: Payload, customer: Payload, ticked: bool | None) -> Contact | None:
    number = customer.whole("id")
    said = Said(
        customer_id=str(number) if number and number > 0 else "",
        ticked=ticked,
        at=body.when("created_at") or body.when("updated_at"),
        person=person(customer, contact.channel),
    )
    return with_said(contact, said)
