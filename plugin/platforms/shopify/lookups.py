"""What the events of a shop ask the Admin API at the same time, asked once for all of them."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final, TypeVar

from plugin.domain.errors import PluginError, TryAgain
from plugin.domain.payload import Payload
from plugin.gathering import Gatherer
from plugin.ports import LookupContext

from .api import ALL_SECONDS, Answer, Ask
from .budget import Budget
from .own_hosts import learn_from_products
from .records import GONE, Record, page, record

PRODUCTS: Final = "ProductsForEvent"
CUSTOMERS: Final = "CustomersForEvent"
ORDER: Final = "OrderForEvent"
PAGES: Final = "OnlineStoreForEvent"
ANY_PAGES: Final = "shop:product-pages"  #: under this the catalogue remembers one page of the online store, "" without any

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line's product: the catalogue's key, and Shopify's id of it."""

    key: str
    gid: str


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


class Lookups:
    """One a process: threads that complete events of the same shop share its questions."""

    def __init__(self, *, seconds: float = ALL_SECONDS) -> None:
        """`seconds` are for all that one event asks, waiting for others' questions included."""
        self.seconds, self.budget = seconds, Budget()
        self.products = Gatherer[Wanted, Found](foreseen=PluginError)
        self.customers = Gatherer[str, Customer](foreseen=PluginError)
        self.orders = Gatherer[str, Answer](foreseen=PluginError)
        self.pages = Gatherer[str, Record | None](foreseen=PluginError)

    def of_event(self, place: LookupContext, ask: Ask) -> "EventLookups":
        """What one event asks, from now on for as long as it may."""
        return EventLookups(self, place, ask)


class EventLookups:
    """The questions of one event; each raises `TryAgain`."""

    def __init__(self, shared: Lookups, place: LookupContext, ask: Ask) -> None:
        self._shared, self._place, self._ask = shared, place, ask
        self._until = monotonic() + shared.seconds

    def products(self, wanted: Iterable[Wanted]) -> Mapping[str, Found]:
        """What is known of these products by now, by key."""
        by_key = {one.key: one for one in wanted}
        known = self._read(by_key)
        missing = [one for key, one in by_key.items() if known[key] is None]
        asked = self._gathered(self._shared.products, PRODUCTS, missing, self._find_products)
        return {key: Found(record) for key, record in known.items()} | {one.key: found for one, found in asked.items()}

    def customer(self, number: str) -> Customer:
        gid = f"gid://shopify/Customer/{number}"
        return self._gathered(self._shared.customers, CUSTOMERS, [gid], self._find_customers)[gid]

    def order(self, number: str) -> Answer:
        """An order's lines cost half of what a query may, so each is asked for by itself; but once for all who want it."""

        def find(gids: Sequence[str]) -> Mapping[str, Answer]:
            return {gid: self._ask(ORDER, {"id": gid}) for gid in gids}

        gid = f"gid://shopify/Order/{number}"
        return self._gathered(self._shared.orders, gid, [gid], find)[gid]

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

    def _find_products(self, wanted: Sequence[Wanted]) -> Mapping[Wanted, Found]:
        """Null means deleted, and that is remembered; but beside an error it may mean forbidden."""
        known = self._read([one.key for one in wanted])  # somebody may have asked meanwhile
        missing = [one for one in wanted if known[one.key] is None]
        found = {one: Found(known[one.key]) for one in wanted}
        if missing:
            nodes = self._nodes(PRODUCTS, [one.gid for one in missing])
            for one in missing:
                node, refusal = nodes[one.gid]
                found[one] = Found(record(node) if node else None if refusal else GONE, refusal)
            told = {one.key: found[one].record for one in missing}
            self._write({key: each for key, each in told.items() if each is not None})
        return found

    def _find_customers(self, gids: Sequence[str]) -> Mapping[str, Customer]:
        return {gid: Customer(*said) for gid, said in self._nodes(CUSTOMERS, gids).items()}

    def _find_pages(self, keys: Sequence[str]) -> Mapping[str, Record | None]:
        found = self._read(keys)[ANY_PAGES]  # somebody may have asked meanwhile
        if found is None and (found := page(self._ask(PAGES, {}))) is not None:
            self._write({ANY_PAGES: found})
        return dict.fromkeys(keys, found)

    def _nodes(self, query: str, gids: Sequence[str]) -> Mapping[str, tuple[Payload, str]]:
        """What stands under each id, nothing where it is null, and why it may not be all there is."""
        ids = list(dict.fromkeys(gids))
        answer = self._ask(query, {"ids": ids})
        self._shared.budget.note((self._place.shop.id, query), answer.cost, ids=len(ids))
        nodes = {node.text("id"): node for node in answer.data.objects("nodes")}
        nothing = Payload({}, "answer.data.nodes")
        refusals = {gid: answer.refusal if answer.refuses("nodes", str(index)) else "" for index, gid in enumerate(ids)}
        return {gid: (nodes.get(gid, nothing), refusal) for gid, refusal in refusals.items()}
