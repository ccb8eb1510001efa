"""A contact is somebody SendPulse can recognise, or nobody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugin.domain.contact import LONGEST_NUMBER, Consent, Contact, masked_contact, person_names, tidy_contact

EMAILS = {
    "as it is": ("jan@example.com", "jan@example.com"),
    "capitals": ("Jan.Nowak@Example.COM", "jan.nowak@example.com"),
    "blanks around": ("  jan@example.org\n", "jan@example.org"),
    "plus": ("jan+shop@example.com", "jan+shop@example.com"),
    "internationalised": ("JÜRGEN@BÜCHER.example.com", "jürgen@bücher.example.com"),
    "punycode": ("jan@xn--bcher-kva.example.com", "jan@bücher.example.com"),
}

NO_EMAILS = {
    "empty": "", "blank": " ", "word": "none", "words": "example string", "no dot": "jan@example", "local": "jan@localhost",
    "reserved": "jan@shop.invalid", "two": "jan@example.com,ola@example.com", "with a name": "Jan <jan@example.com>",
    "blank inside": "jan nowak@example.com", "quoted": '"jan nowak"@example.com', "NUL": "jan\x00@example.com",
    "surrogate": "jan@exa\ud800mple.com", "bracketed": "jan@[192.0.2.1]", "two dots": "jan..n@example.com",
    "long name": "j" * 243 + "@example.com", "long": "jan@" + ".".join(["e" * 60] * 5) + ".com",
    "long in its punycode": "jan@" + ".".join(["ü" * 40] * 5) + ".com",
}  # fmt: skip

PHONES = {
    "E.164": ("+48600000000", "", "+48600000000"),
    "blanks and brackets": ("+48 (600) 000-000", "", "+48600000000"),
    "with its country": ("600 000 000", "PL", "+48600000000"),
    "country in small letters": ("600 000 000", " pl ", "+48600000000"),
    "dialled from abroad": ("0048600000000", "PL", "+48600000000"),
    "made up": ("+15550100123", "", "+15550100123"),
    "made up, with its country": ("(555) 010-0123", "US", "+15550100123"),
    "plus beats country": ("+380 50 000 00 00", "PL", "+380500000000"),
    "extension": ("+48600000000 ext. 5", "", "+48600000000"),
    "address": ("tel:+48-600-000-000", "", "+48600000000"),
    "plus and unknown country": ("+48600000000", "??", "+48600000000"),
}

NO_PHONES = {
    "empty": ("", "PL"), "word": ("none", "PL"), "plus": ("+", "PL"), "no country": ("600000000", ""),
    "unknown country": ("600000000", "XX"), "too short": ("+4860000", ""), "too long": ("+48600000000000000", ""),
    "no area code": ("555-0100", "US"), "no such country code": ("+999123456789", ""), "endless": ("6" * 300, "PL"),
    "surrogate": ("\ud800", "PL"), "emergency": ("112", "PL"), "longer than E.164 allows": ("20261123120000", "DE"),
    "zeros": ("00000000000", "BR"), "far too long": ("48" + " " * 250 + "600700800", "PL"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "tidy"), EMAILS.values(), ids=EMAILS)
def test_an_address_is_tidied(raw: str, tidy: str) -> None:
    assert tidy_contact(emails=[raw], phones=[]) == Contact(email=tidy, phone=None)


@pytest.mark.parametrize("raw", NO_EMAILS.values(), ids=NO_EMAILS)
def test_junk_is_no_address(raw: str) -> None:
    assert tidy_contact(emails=[raw], phones=[]) is None


@pytest.mark.parametrize(("raw", "country", "tidy"), PHONES.values(), ids=PHONES)
def test_a_number_is_written_as_e164(raw: str, country: str, tidy: str) -> None:
    assert tidy_contact(emails=[], phones=[raw], country=country) == Contact(email=None, phone=tidy)


@pytest.mark.parametrize(("raw", "country"), NO_PHONES.values(), ids=NO_PHONES)
def test_junk_is_no_number(raw: str, country: str) -> None:
    assert tidy_contact(emails=[], phones=[raw], country=country) is None


def test_the_first_usable_address_or_number_is_taken() -> None:
    contact = tidy_contact(
        emails=["", "none", "jan@example.com", "ola@example.com"], phones=["-", "+48600000001", "+48600000002"]
    )

    assert contact == Contact(email="jan@example.com", phone="+48600000001")


def test_names_and_consent_are_kept() -> None:
    contact = tidy_contact(
        emails=["jan@example.com"], phones=[], first_name=" Jan ", last_name="Nowak", consent=Consent.SUBSCRIBED
    )

    assert contact
    assert (contact.first_name, contact.last_name, contact.name) == ("Jan", "Nowak", "Jan Nowak")
    assert contact.consent is Consent.SUBSCRIBED


@pytest.mark.parametrize(("first", "last", "name"), [("Jan", "", "Jan"), ("", "Nowak", "Nowak"), ("", "", "")])
def test_half_a_name_has_no_blank_beside_it(first: str, last: str, name: str) -> None:
    assert Contact(email="jan@example.com", phone=None, first_name=first, last_name=last).name == name


def test_a_person_has_no_name_longer_than_a_number_can_be() -> None:
    assert person_names(customer_id="7" * (LONGEST_NUMBER + 1), emails=["jan@example.com"]) == ("person:jan@example.com",)


@settings(deadline=None, max_examples=400)
@given(email=st.text(max_size=300), phone=st.text(max_size=300), country=st.text(max_size=4))
def test_no_text_makes_tidying_fail(email: str, phone: str, country: str) -> None:
    tidy_contact(emails=[email, f"{email}@example.com"], phones=[phone, f"+{phone}"], country=country)


@settings(deadline=None, max_examples=200)
@given(email=st.emails())
def test_a_tidied_address_stays_as_it_is(email: str) -> None:
    once = tidy_contact(emails=[email], phones=[])

    assert once is None or tidy_contact(emails=[once.email or ""], phones=[]) == once


@pytest.mark.parametrize(
    ("email", "phone", "shown"),
    [
        ("jan@example.com", "+48501234567", "j…@example.com"),
        (None, "+48501234567", "…567"),
        (None, None, ""),
    ],
    ids=["address first", "number", "neither"],
)
def test_a_person_is_shown_masked(email: str | None, phone: str | None, shown: str) -> None:
    contact = Contact(email=email, phone=phone, first_name="Jan", last_name="", consent=Consent.UNKNOWN)

    assert masked_contact(contact) == shown


def test_nobody_is_shown_as_nobody() -> None:
    assert masked_contact(None) == ""
