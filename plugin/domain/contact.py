"""Who an event is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

LONGEST_PHONE: Final = 16  #: its plus and 15 digits, ITU-T E.164; the library finds 17 digits possible in Germany
LONGEST_EMAIL: Final = 254  #: characters, RFC 5321 4.5.3.1.3: the library refuses a longer one, after reading all of it
LONGEST_TYPED: Final = 250  #: characters of a number as it was written, blanks and all; the library reads no longer one
LONGEST_NUMBER: Final = 255  #: characters of a customer's number; a longer one is none


class Consent(StrEnum):
    """Whether a person agreed to marketing, as far as the store told."""

    SUBSCRIBED = "subscribed"
    NOT_SUBSCRIBED = "not_subscribed"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """The way of writing to somebody that a consent is for; one says nothing of the other."""

    EMAIL = "email"
    SMS = "sms"


class Standing(StrEnum):
    """What a store keeps of a person's consent."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"  #: took it back
    NOT_SUBSCRIBED = "not_subscribed"  #: never agreed, or has not confirmed it


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonConsent:
    """How a person stands, and since when."""

    standing: Standing
    at: datetime | None = None  #: None where the store does not say: older than any that has a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a webhook says of consent, to be weighed with what else is known of its person (`domain/consent.py`)."""

    customer_id: str = ""  #: "" for a guest
    ticked: bool | None = None  #: the box at this purchase; None: nobody was asked, or the answer is not final
    at: datetime | None = None  #: when that was
    person: PersonConsent | None = None  #: the newest that is known
    keys_of_yes: tuple[str, ...] = ()  #: metadata keys that say yes, where the merchant says which one counts
    keys_of_no: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person SendPulse can recognise: at least one of e-mail and phone, both already tidied.

    Make one with `tidy_contact`, which answers None when neither is usable.
    """

    email: str | None  #: lower case, no blanks, a valid address
    phone: str | None  #: E.164 with its plus
    first_name: str = ""
    last_name: str = ""
    consent: Consent = Consent.UNKNOWN
    said: Said | None = None  #: where the consent comes from; None where the store says nothing of it

    @property
    def channel(self) -> Channel:
        """Whose consent counts: that for e-mail, unless there is only a number."""
        return Channel.EMAIL if self.email else Channel.SMS

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.first_name, self.last_name) if part)


def person_names(
    *, customer_id: str = "", emails: Iterable[str] = (), phones: Iterable[str] = (), country: str = ""
) -> tuple[str, ...]:
    """Every name a body gives one person, those that cannot be read left out; storage keeps only keyed hashes of them.

    `country` is read as in `tidy_contact`. Give no number that is another's: a recipient's, a pick-up point's.
    """
    found = [_tidy_email(text) for text in emails] + [_tidy_phone(text, country) for text in phones]
    number = customer_id if len(customer_id) <= LONGEST_NUMBER else ""
    names = ([f"customer:{number}"] if number else []) + [f"person:{address}" for address in found if address]
    return tuple(dict.fromkeys(names))


def masked_email(email: str) -> str:
    """Enough of an address to recognise whom one knows: `j…@example.com`."""
    name, at, host = email.partition("@")
    return f"{name[:1]}…@{host}" if at else ""


def masked_phone(phone: str) -> str:
    """The same of a number: `…789`."""
    return f"…{phone[-3:]}" if phone else ""


def masked_contact(contact: "Contact | None") -> str:
    """How a person is shown in a list: by their address, else by their number; "" for nobody."""
    return masked_email(contact.email or "") or masked_phone(contact.phone or "") if contact else ""


def tidy_contact(
    *,
    emails: Iterable[str],
    phones: Iterable[str],
    country: str = "",
    first_name: str = "",
    last_name: str = "",
    consent: Consent = Consent.UNKNOWN,
) -> Contact | None:
    """The person with the first usable address and the first usable number; None without either. Never raises.

    `country` (ISO 3166 alpha-2) is where a number without a country code belongs.
    """
    email = next((tidy for text in emails if (tidy := _tidy_email(text))), None)
    phone = next((tidy for text in phones if (tidy := _tidy_phone(text, country))), None)
    if not email and not phone:
        return None
    first_name, last_name = first_name.strip(), last_name.strip()
    return Contact(email=email, phone=phone, first_name=first_name, last_name=last_name, consent=consent)


def _tidy_email(text: str) -> str | None:
    """The address in small letters."""
    tidy = text.strip()
    return _valid_email(tidy) if len(tidy) <= LONGEST_EMAIL else None


def _tidy_phone(text: str, country: str) -> str | None:
    """E.164, when the number has a possible length for its country."""
    tidy = text.strip()
    return _possible_phone(tidy, country.strip().upper()) if len(tidy) <= LONGEST_TYPED else None


@lru_cache(maxsize=256)  # a body names its buyer several times
def _valid_email(text: str) -> str | None:
    try:
        return validate_email(text, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


@lru_cache(maxsize=256)
def _possible_phone(text: str, country: str) -> str | None:
    """Not `is_valid_number`: it asks whether the block is in use, which shuts out newly opened blocks and the
    numbers reserved for examples. A number that lacks its area code is no use to SendPulse.
    """
    try:
        number = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    is_possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if not is_possible or not number.national_number:  # zeros only, as forms are filled in by those who give none
        return None
    written = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return written if len(written) <= LONGEST_PHONE else None
