"""customers/*: people, and what the law lets them ask for."""

from datetime import UTC

from plugin.domain.event import StoreEvent
from plugin.domain.kinds import EventKind
from plugin.domain.notice import PersonAsks, PersonToForget, Translation
from plugin.domain.payload import Payload
from plugin.domain.shop import Shop

from . import lines, locale, people, wants
from .event_times import happened


def created(customer: Payload, shop: Shop) -> Translation:
    return _event(EventKind.CUSTOMER_CREATED, customer, shop, "created_at", "updated_at")


def updated(customer: Payload, shop: Shop) -> Translation:
    version = happened(customer, "updated_at", "created_at").astimezone(UTC).isoformat()
    return _event(EventKind.CUSTOMER_UPDATED, customer, shop, "updated_at", "created_at", version=version)


def redact(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    person = body.required_object("customer")
    notice = PersonToForget(
        email=person.text("email"),
        phone=person.text("phone"),
        customer_id=person.text("id"),
        order_ids=body.texts("orders_to_redact"),
    )
    return Translation(notices=(notice,))


def data_request(body: Payload, shop: Shop) -> Translation:  # noqa: ARG001  (the shape of a translator)
    person = body.required_object("customer")
    notice = PersonAsks(
        email=person.text("email"),
        phone=person.text("phone"),
        customer_id=person.text("id"),
        order_ids=body.texts("orders_requested"),
        request_id=body.object("data_request").text("id"),
    )
    return Translation(notices=(notice,))


def _event(kind: EventKind, customer: Payload, shop: Shop, *moments: str, version: str = "") -> Translation:
    contact = people.of_customer(customer)
    event = StoreEvent(
        kind=kind,
        object_id=customer.required_text("id"),
        version=version,
        happened_at=happened(customer, *moments),
        contact=contact,
        locale=locale.of_shop(shop),
        person=people.names_of_customer(customer),
        wants=wants.for_customer(contact, lines.number(customer, "id")),
    )
    return Translation(events=(event,))
