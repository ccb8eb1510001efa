"""What a store tells us that is no event for SendPulse but changes what we do."""

from dataclasses import dataclass

from plugin.domain.carts import Purchase
from plugin.domain.contact import Channel, PersonConsent
from plugin.domain.delivery import Skip
from plugin.domain.event import Buyer, StoreEvent
from plugin.domain.person import Person


@dataclass(frozen=True, slots=True, kw_only=True)
class BasketEnded:
    """A checkout was deleted: it will not be bought any more, and its wait ends."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductsChanged:
    """These products must be looked up again."""

    product_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopChanged:
    """The shop's own facts as they are now; "" leaves one as it was."""

    name: str = ""
    link: str = ""
    locale: str = ""
    timezone: str = ""
    currency: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopesChanged:
    """What the merchant now allows us."""

    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ShopLeft:
    """The app was uninstalled: its tokens are dropped at once."""


@dataclass(frozen=True, slots=True)
class ShopToForget:
    """Everything of this shop must be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonToForget(Person):
    """Everything about one person of this shop must be deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAsks(Person):
    """A person wants to know what is stored about them; the merchant must be told."""

    request_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged:
    """A person stands differently with marketing now; it may arrive after a newer one."""

    channel: Channel
    person: PersonConsent
    customer_id: str = ""
    email: str = ""
    phone: str = ""


Notice = (
    BasketEnded | ProductsChanged | ShopChanged | ScopesChanged | ShopLeft | ShopToForget | PersonToForget | PersonAsks
    | ConsentChanged
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """What one webhook means: events to send on, notices for ourselves, or why it is neither."""

    events: tuple[StoreEvent, ...] = ()
    notices: tuple[Notice, ...] = ()
    skip: Skip | None = None
    buyer: Buyer | None = None  #: of the order it is about, where it says so
    bought: tuple[Purchase, ...] = ()  #: what it proves to be bought, beside what its events are
