"""What the events of a shop ask the Admin API at the same time, asked once for all of them."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any, Final, TypeVar

from plugin.domain.errors import PluginError, TryAgain
from plugin.domain.payload import Payload
from plugin.gathering import Gatherer
from plugin.ports import LookupContext

from .api import ALL_SECONDS, Answer, Ask
from .budget import Budget
from .own_hosts import learn_from_products, learn_from_storefront
from .recent import Recent
from .records import GONE, Record, page, record, translated
from .scopes import of_token
from .storefront import READ_LOCALES, READ_MARKETS, Storefront, granted, storefront
from .storefront import record as storefront_record

PRODUCTS: Final = "ProductsForEvent"
CUSTOMERS: Final = "CustomersForEvent"
ORDER: Final = "OrderForEvent"
PARCEL: Final = "ParcelForEvent"
PAGES: Final = "OnlineStoreForEvent"
STOREFRONT: Final = "StorefrontForEvent"
ANY_PAGES: Final = "shop:product-pages"  #: under this the catalogue remembers one page of the online store, "" without any
EDITIONS: Final = "shop:editions"  #: and under this its languages and their addresses
ASKED_AT: Final = "asked_at"  #: of what changes without a word from Shopify
GOOD_FOR: Final = timedelta(days=1)  #: how long that is believed; longer while Shopify does not answer
RECENT_SECONDS: Final = 30.0  #: how long whoever asks again for a customer or an order hears the same

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line's product: the catalogue's key, and Shopify's id of it."""

    key: str
    gid: str


@dataclass(frozen=True, slots=True)
class Occasion:
    """A customer, and what made somebody ask for them."""

    gid: str
    of: str


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of one thing now, and why not all is."""

    record: Record | None
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """What a shop says of a customer, and why not all."""

    body: Payload
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What a shop says of its languages; None where it says nothing, and why."""

    storefront: Storefront | None
    refusal: str = ""


class Lookups:
    """One a process: threads that complete events of the same shop share its questions."""

    def __init__(self, *, seconds: float = ALL_SECONDS, good_for: timedelta = GOOD_FOR) -> None:
        """`seconds` are for all that one event asks, waiting for others' questions included."""
        self.seconds, self.good_for, self.budget = seconds, good_for, Budget()
        self.products = Gatherer[Wanted, Found](foreseen=PluginError)
        self.customers = Gatherer[Occasion, Customer](foreseen=PluginError)
        self.orders = Gatherer[str, Answer](foreseen=PluginError)
        self.pages = Gatherer[str, Record | None](foreseen=PluginError)
        self.storefronts = Gatherer[str, Told](foreseen=PluginError)
        self.recent_customers = Recent[tuple[int, Occasion], Customer](seconds=RECENT_SECONDS, most=2_000)
        self.recent_orders = Recent[tuple[int, str], Answer](seconds=RECENT_SECONDS, most=200)

    def of_event(self, place: LookupContext, ask: Ask | None) -> "EventLookups":
        """What one event asks, from now on for as long as it may; without a way only what is remembered is told."""
        return EventLookups(self, place, ask)


def _nobody(name: str, variables: Mapping[str, Any]) -> Answer:  # noqa: ARG001  (the shape of a way to ask)
    raise TryAgain("Nobody is asked.")


class EventLookups:
    """The questions of one event; each raises `TryAgain`."""

    def __init__(self, shared: Lookups, place: LookupContext, ask: Ask | None) -> None:
        self._shared, self._place, self._ask, self._is_asking = shared, place, ask or _nobody, ask is not None
        self._until = monotonic() + shared.seconds

    def products(self, wanted: Iterable[Wanted], *, locale: str = "") -> Mapping[str, Found]:
        """What is known of these products by now, by key; with their words in this language where one is named."""
        by_key = {one.key: one for one in wanted}
        known = self._read(by_key)
        missing = [one for key, one in by_key.items() if not self._is_fresh(known[key])]
        what = f"{PRODUCTS}:{locale}" if locale else PRODUCTS
        try:
            asked = self._gathered(self._shared.products, what, missing, partial(self._find_products, locale))
        except TryAgain:
            if any(known[one.key] is None for one in missing):
                raise
            asked = {}
        return {key: Found(record) for key, record in known.items()} | {one.key: found for one, found in asked.items()}

    def customer(self, number: str, *, of: str, is_fresh: bool) -> Customer:
        """What is told of a customer after this order or change of theirs: an answer to an earlier one's may not count it.

        `is_fresh` where more depends on the answer than words: whether a letter may be written at all.
        """
        occasion = Occasion(f"gid://shopify/Customer/{number}", of)
        recent, at = self._shared.recent_customers, (self._place.shop.id, occasion)
        if not is_fresh and (known := recent.read(at)):
            return known
        found = self._gathered(self._shared.customers, CUSTOMERS, [occasion], self._find_customers)[occasion]
        if not found.refusal:
            recent.keep(at, found)
        return found

    def order(self, number: str, *, is_fresh: bool) -> Answer:
        """An order's lines cost half of what a query may, so each is asked for by itself; but once for all who want it."""

        def find(gids: Sequence[str]) -> Mapping[str, Answer]:
            return {gid: self._ask(ORDER, {"id": gid}) for gid in gids}

        gid = f"gid://shopify/Order/{number}"
        recent, at = self._shared.recent_orders, (self._place.shop.id, gid)
        if not is_fresh and (known := recent.read(at)):
            return known
        found = self._gathered(self._shared.orders, gid, [gid], find)[gid]
        if not found.refusal:
            recent.keep(at, found)
        return found

    def parcel(self, number: str) -> Answer:
        """Asked once for each of the few things a carrier says of it."""
        return self._ask(PARCEL, {"id": f"gid://shopify/Fulfillment/{number}"})

    def storefront(self) -> Told:
        """In which languages the shop is to be seen, and where; asked once a day, and whenever the shop says it changed."""
        known = self._read([EDITIONS])[EDITIONS]
        if known and self._is_fresh(known) and self._is_told_by_present_token(known):
            return Told(storefront(known))
        try:
            return self._gathered(self._shared.storefronts, STOREFRONT, [EDITIONS], self._find_storefront)[EDITIONS]
        except TryAgain:
            if known is None:
                raise
            return Told(storefront(known))

    def any_page(self) -> Record | None:
        """One page of the online store, "" without any; None when Shopify did not say."""
        known = self._read([ANY_PAGES])[ANY_PAGES]
        return known or self._gathered(self._shared.pages, PAGES, [ANY_PAGES], self._find_pages)[ANY_PAGES]

    def _gathered(
        self, gatherer: Gatherer[K, V], what: str, keys: Iterable[K], ask: Callable[[Sequence[K]], Mapping[K, V]]
    ) -> Mapping[K, V]:
        place, asked = (self._place.shop.id, what), list(keys)
        if not asked:
            return {}
        if not self._is_asking:
            raise TryAgain("Nobody is asked.")
        try:
            return gatherer(place, asked, ask, until=self._until, most=lambda: self._shared.budget.most(place))
        except TimeoutError as error:
            raise TryAgain("Shopify answers too slowly.") from error

    def _read(self, keys: Collection[str]) -> Mapping[str, Record | None]:
        """What is kept of each; the storage reads for all who ask at once."""
        known = self._place.catalogue.read(self._place.shop.id, keys)
        return {key: known.get(key) for key in keys}

    def _write(self, found: Mapping[str, Record]) -> None:
        learn_from_products(found.values(), self._place)
        self._place.catalogue.write(self._place.shop.id, found, now=self._place.now)

    def _is_fresh(self, record: Record | None) -> bool:
        asked_at, good_for = record.get(ASKED_AT) if record else None, self._shared.good_for
        return record is not None and (not asked_at or self._place.now - datetime.fromisoformat(asked_at) < good_for)

    def _is_told_by_present_token(self, editions: Record) -> bool:
        scopes = of_token(self._place.access)
        return scopes is None or scopes == frozenset(editions["scopes"].split())

    def _find_products(self, locale: str, wanted: Sequence[Wanted]) -> Mapping[Wanted, Found]:
        """Null means deleted, and that is remembered; but beside an error it may mean forbidden."""
        known = self._read([one.key for one in wanted])  # somebody may have asked meanwhile
        missing = [one for one in wanted if not self._is_fresh(known[one.key])]
        found = {one: Found(known[one.key]) for one in wanted}
        if missing:
            nodes = self._nodes(PRODUCTS, [one.gid for one in missing], locale)
            for one in missing:
                node, refusal = nodes[one.gid]
                found[one] = Found(self._recorded(node, locale) if node or not refusal else None, refusal)
            told = {one.key: found[one].record for one in missing}
            self._write({key: each for key, each in told.items() if each is not None})
        return found

    def _recorded(self, node: Payload, locale: str) -> Record:
        known = record(node) if node else GONE
        return {**known, **translated(node), ASKED_AT: self._place.now.isoformat()} if locale else known

    def _find_customers(self, asked: Sequence[Occasion]) -> Mapping[Occasion, Customer]:
        nodes = self._nodes(CUSTOMERS, [one.gid for one in asked])
        return {one: Customer(*nodes[one.gid]) for one in asked}

    def _find_pages(self, keys: Sequence[str]) -> Mapping[str, Record | None]:
        found = self._read(keys)[ANY_PAGES]  # somebody may have asked meanwhile
        if found is None and (found := page(self._ask(PAGES, {}))) is not None:
            self._write({ANY_PAGES: found})
        return dict.fromkeys(keys, found)

    def _find_storefront(self, keys: Sequence[str]) -> Mapping[str, Told]:
        """What may not be asked is not: an answer that is refused in part would come without the rest."""
        known = self._read(keys)[EDITIONS]  # somebody may have asked meanwhile
        if known and self._is_fresh(known) and self._is_told_by_present_token(known):
            return dict.fromkeys(keys, Told(storefront(known)))
        told_before = of_token(self._place.access)
        answer = self._ask(STOREFRONT, _asked_of_storefront(told_before or frozenset()))
        scopes = granted(answer.data) if told_before is None else told_before
        if told_before is None and scopes & {READ_LOCALES, READ_MARKETS}:
            answer = self._ask(STOREFRONT, _asked_of_storefront(scopes))
        if not answer.data.object("shop"):
            return dict.fromkeys(keys, Told(None, answer.refusal))
        found = {**storefront_record(answer.data, scopes), ASKED_AT: self._place.now.isoformat()}
        told = storefront(found)
        learn_from_storefront((root.url for root in told.roots), self._place)
        self._place.catalogue.write(self._place.shop.id, {EDITIONS: found}, now=self._place.now)
        return dict.fromkeys(keys, Told(told, answer.refusal))

    def _nodes(self, query: str, gids: Sequence[str], locale: str = "") -> Mapping[str, tuple[Payload, str]]:
        """What stands under each id, nothing where it is null, and why it may not be all there is."""
        ids = list(dict.fromkeys(gids))
        answer = self._ask(query, {"ids": ids, **({"locale": locale, "isTranslated": True} if locale else {})})
        what = f"{query}:{locale}" if locale else query
        self._shared.budget.note((self._place.shop.id, what), answer.cost, ids=len(ids))
        nodes = {node.text("id"): node for node in answer.data.objects("nodes")}
        nothing = Payload({}, "answer.data.nodes")
        refusals = {gid: answer.refusal if answer.refuses("nodes", str(index)) else "" for index, gid in enumerate(ids)}
        return {gid: (nodes.get(gid, nothing), refusal) for gid, refusal in refusals.items()}


def _asked_of_storefront(scopes: frozenset[str]) -> Mapping[str, Any]:
    return {"locales": READ_LOCALES in scopes, "markets": READ_MARKETS in scopes}
