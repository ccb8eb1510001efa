"""What a tick and a person's standing amount to together."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from plugin.domain.consent import agreed, agreed_under, newest, with_person, with_said
from plugin.domain.contact import Channel, Consent, PersonConsent, Said, Standing
from tests.support.builders import NOON, a_contact

EARLIER, LATER = NOON - timedelta(days=200), NOON + timedelta(seconds=3)
YES, NO, UNKNOWN = Consent.SUBSCRIBED, Consent.NOT_SUBSCRIBED, Consent.UNKNOWN


def stands(standing: Standing, at: datetime | None = EARLIER) -> PersonConsent:
    return PersonConsent(standing=standing, at=at)


def said(*, ticked: bool | None, person: PersonConsent | None = None, customer_id: str = "7") -> Said:
    return Said(customer_id=customer_id, ticked=ticked, at=NOON, person=person)


CASES: dict[str, tuple[Said, Consent]] = {
    "ticked": (said(ticked=True), YES),
    "ticked by a guest": (said(ticked=True, customer_id=""), YES),
    "not ticked by a guest": (said(ticked=False, customer_id=""), NO),
    "not ticked by a customer nobody could ask for": (said(ticked=False), UNKNOWN),
    "nobody was asked": (said(ticked=None), UNKNOWN),
    "a guest whom nobody asked": (said(ticked=None, customer_id=""), UNKNOWN),
    "not ticked by a subscriber": (said(ticked=False, person=stands(Standing.SUBSCRIBED)), YES),
    "a subscriber whom nobody asked": (said(ticked=None, person=stands(Standing.SUBSCRIBED)), YES),
    "not ticked, never agreed": (said(ticked=False, person=stands(Standing.NOT_SUBSCRIBED, None)), NO),
    "not asked, never agreed": (said(ticked=None, person=stands(Standing.NOT_SUBSCRIBED, None)), NO),
    "not ticked, taken back": (said(ticked=False, person=stands(Standing.UNSUBSCRIBED)), NO),
    "ticked, and taken back a moment after": (said(ticked=True, person=stands(Standing.UNSUBSCRIBED, LATER)), NO),
    "ticked, and taken back nobody knows when": (said(ticked=True, person=stands(Standing.UNSUBSCRIBED, None)), NO),
    "ticked anew after it was taken back": (said(ticked=True, person=stands(Standing.UNSUBSCRIBED)), YES),
    "ticked, and not confirmed": (said(ticked=True, person=stands(Standing.NOT_SUBSCRIBED, LATER)), YES),
}


@pytest.mark.parametrize(("given", "expected"), CASES.values(), ids=CASES)
def test_a_tick_and_a_standing_amount_to(given: Said, expected: Consent) -> None:
    assert agreed(given) is expected


ORDERS: dict[str, tuple[datetime | None, datetime | None, bool]] = {
    "a newer one counts": (EARLIER, LATER, True),
    "an older one that comes late does not": (LATER, EARLIER, False),
    "of two as old the last one found": (NOON, NOON, True),
    "one with a time before one without": (NOON, None, False),
    "one with a time after one without": (None, NOON, True),
    "of two without a time the last one found": (None, None, True),
}


@pytest.mark.parametrize(("known", "found", "is_found"), ORDERS.values(), ids=ORDERS)
def test_the_newest_standing_counts(known: datetime | None, found: datetime | None, is_found: bool) -> None:
    one, other = stands(Standing.SUBSCRIBED, known), stands(Standing.UNSUBSCRIBED, found)

    assert newest(one, other) is (other if is_found else one)


def test_what_is_found_later_changes_the_consent_of_a_contact() -> None:
    contact = with_said(a_contact(), said(ticked=True))
    assert contact is not None and contact.consent is YES

    assert with_person(contact, stands(Standing.UNSUBSCRIBED, LATER)).consent is NO
    assert with_person(contact, None) == contact


@pytest.mark.parametrize(("stored", "expected"), [(UNKNOWN, NO), (YES, YES)])
def test_an_event_of_the_version_before_learns_only_what_it_did_not_know(stored: Consent, expected: Consent) -> None:
    assert with_person(a_contact(consent=stored), stands(Standing.NOT_SUBSCRIBED)).consent is expected


def test_a_number_alone_goes_by_the_consent_to_text_messages() -> None:
    assert a_contact().channel is Channel.EMAIL
    assert replace(a_contact(), email=None, phone="+48123456789").channel is Channel.SMS


def test_of_all_metadata_keys_the_merchants_one_counts() -> None:
    found = Said(keys_of_yes=("gift", "marketing"), keys_of_no=("newsletter",))

    assert [agreed_under(found, key) for key in ("marketing", "newsletter", "other", "")] == [YES, NO, UNKNOWN, UNKNOWN]
