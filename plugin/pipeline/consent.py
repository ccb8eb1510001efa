"""Between completing and routing: what is kept of a person's consent, joined with what their event says."""

from dataclasses import replace

from plugin.domain.consent import with_person
from plugin.domain.contact import Contact, Said
from plugin.domain.event import StoreEvent
from plugin.ports import Consents


def with_kept_consent(event: StoreEvent, shop_id: int, kept: Consents) -> StoreEvent:
    """The event with its buyer's consent as it is known now, also where the store's API could not be asked."""
    contact = event.contact
    if contact is None or contact.said is None:
        return event
    found = kept.read(shop_id, _names(contact, contact.said), contact.channel)
    return replace(event, contact=with_person(contact, found))


def _names(contact: Contact, said: Said) -> tuple[str, ...]:
    """A customer goes by their number, however often their address changes; a guest has only the address."""
    if said.customer_id:
        return (f"customer:{said.customer_id}",)
    return (f"person:{contact.email or contact.phone}",)
