"""Who an event is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import phonenumbers
from email_validator import EmailNotValidError, validate_email


class Consent(StrEnum):
    """Whether a person agreed to marketing, as far as the store told."""

    SUBSCRIBED = "subscribed"
    NOT_SUBSCRIBED = "not_subscribed"
    UNKNOWN = "unknown"


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
    names = ([f"customer:{customer_id}"] if customer_id else []) + [f"person:{address}" for address in found if address]
    return tuple(dict.fromkeys(names))


def masked_email(email: str) -> str:
    """Enough of an address to recognise whom one knows: `j…@example.com`."""
    name, at, host = email.partition("@")
    return f"{name[:1]}…@{host}" if at else ""


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
    names = {"first_name": first_name.strip(), "last_name": last_name.strip()}
    return Contact(email=email, phone=phone, consent=consent, **names)


def _tidy_email(text: str) -> str | None:
    """The address in small letters; the library refuses those over 254 bytes."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _tidy_phone(text: str, country: str) -> str | None:
    """E.164, when the number has a possible length for its country.

    Not `is_valid_number`: it asks whether the block is in use, which shuts out newly opened blocks and the
    numbers reserved for examples. A number that lacks its area code is no use to SendPulse.
    """
    try:
        number = phonenumbers.parse(text.strip(), country.strip().upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
