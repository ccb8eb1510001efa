"""How people come in: from a store's admin, which shows our pages in a frame."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from plugin.domain.shop import Shop
from plugin.ports.shops import Shops


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """A request for a page. Nothing in it is believed yet."""

    url: str  #: whole, at PUBLIC_URL and never at the Host header's word
    query: Mapping[str, str]
    headers: Mapping[str, str]  #: names in lower case
    address: str = ""  #: the network address it came from


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody of a shop's staff. Only `AdminEntry.visitor` makes one, from a token it has checked."""

    shop: Shop
    who: str  #: for the audit: the platform's own id of the person, never a name or an address


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The document the host loads: no content yet, that comes with the visitor's token."""

    ancestors: str  #: who may frame it, as `frame-ancestors` says it
    locale: str = ""  #: the staff member's language, in the host's words
    theme: str = ""  #: light or dark; "" follows the browser
    facts: Mapping[str, str] = field(default_factory=dict)  #: for the platform's own fragment of the document
    scripts: tuple[str, ...] = ()  #: origins the content security policy lets scripts come from, beside our own


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlyResponse:
    """What the browser must do before there can be a document."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


class AdminEntry(Protocol):
    """The way from one platform's admin to our pages."""

    entry: str  #: the address the admin opens, such as /shopify; every page lives below it

    def open(self, request: PageRequest, shops: Shops, *, now: datetime) -> Frame | EarlyResponse:
        """Answer the document request; raises `NotAdmitted`. May call the platform, in bounded time."""

    def claimed(self, request: PageRequest) -> str:
        """The address of the shop a request speaks for, not believed; "" for none. To count what is refused."""

    def visitor(self, request: PageRequest, shops: Shops, *, now: datetime) -> Visitor:
        """Who asks for a page's content, by the token in the Authorization header; raises `NotAdmitted`."""
