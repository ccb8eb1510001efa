"""Who an event is about."""

from dataclasses import dataclass
from enum import StrEnum


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
