"""Who agreed to marketing: Saleor has no word for it, but storefronts write it into public metadata."""

from dataclasses import replace
from typing import Final

from plugin.domain.consent import NO, YES, agreed_under
from plugin.domain.contact import Contact, Said
from plugin.domain.payload import Payload

MOST_KEYS: Final = 50
LONGEST_KEY: Final = 255  #: characters


def with_candidates(contact: Contact | None, *places: Payload) -> Contact | None:
    """The contact with every key that says yes or no: only the shop's settings tell which one is about marketing.

    What an order or checkout says comes before what its account says: give them in this order.
    """
    found = _candidates(places)
    if contact is None or not found:
        return contact
    yes, no = (tuple(key for key, is_yes in found.items() if is_yes is wanted) for wanted in (True, False))
    return replace(contact, said=Said(keys_of_yes=yes, keys_of_no=no))


def with_consent(contact: Contact, key: str) -> Contact:
    """The contact with the consent that stands under the merchant's key."""
    return replace(contact, consent=agreed_under(contact.said, key)) if contact.said and key else contact


def _candidates(places: tuple[Payload, ...]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for item in (item for place in places for item in place.objects("metadata")):
        key, word = item.text("key"), item.text("value").casefold()
        if word in YES | NO and 0 < len(key) <= LONGEST_KEY and len(found) < MOST_KEYS:
            found.setdefault(key, word in YES)
    return found
