"""Whether somebody agreed to marketing, by all that is known of it: what was ticked, and how the person stands."""

from dataclasses import replace
from typing import Final

from plugin.domain.contact import Consent, Contact, PersonConsent, Said, Standing

# What storefronts write into metadata, whose values are texts.
YES: Final = frozenset({"true", "yes", "1", "on", "subscribed"})
NO: Final = frozenset({"false", "no", "0", "off", "unsubscribed"})


def agreed(said: Said) -> Consent:
    """What this amounts to: a tick counts unless it was taken back since; without one the person's standing decides."""
    if said.ticked and not _is_taken_back(said):
        return Consent.SUBSCRIBED
    if said.person:
        return Consent.SUBSCRIBED if said.person.standing is Standing.SUBSCRIBED else Consent.NOT_SUBSCRIBED
    if said.ticked is False and not said.customer_id:
        return Consent.NOT_SUBSCRIBED  # a guest has no standing that could be asked for
    return Consent.UNKNOWN


def agreed_under(said: Said, key: str) -> Consent:
    """What stands under this metadata key."""
    if key in said.keys_of_yes:
        return Consent.SUBSCRIBED
    return Consent.NOT_SUBSCRIBED if key in said.keys_of_no else Consent.UNKNOWN


def with_said(contact: Contact | None, said: Said) -> Contact | None:
    """The contact with what its webhook says of consent."""
    return replace(contact, said=said, consent=agreed(said)) if contact else None


def with_person(contact: Contact, found: PersonConsent | None) -> Contact:
    """The contact as far as this is known, too: the newest standing counts, wherever it was found."""
    # Events of the version before say nothing but their consent: what they did not know can still be learnt.
    said = Said() if contact.said is None and contact.consent is Consent.UNKNOWN else contact.said
    if said is None or found is None:
        return contact
    return with_said(contact, replace(said, person=newest(said.person, found))) or contact


def newest(known: PersonConsent | None, found: PersonConsent) -> PersonConsent:
    """The one that became so last; of two that are as old, the one found last."""
    if known is None or known.at is None:
        return found
    return found if found.at is not None and found.at >= known.at else known


def is_newer_than_box(said: Said, person: PersonConsent) -> bool:
    """Whether the person's standing became what it is after this purchase, so that nothing at it can outweigh that."""
    return person.at is not None and said.at is not None and person.at >= said.at


def _is_taken_back(said: Said) -> bool:
    person = said.person
    if person is None or person.standing is not Standing.UNSUBSCRIBED:
        return False
    return person.at is None or said.at is None or person.at >= said.at
