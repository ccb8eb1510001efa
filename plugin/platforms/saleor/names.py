"""Names of a cart's products in its buyer's language, asked of the API where the subscription was not made for it.

An order has them in its own fields; a cart's subscription asks for the languages known when it was written.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from plugin.domain.basket import Product
from plugin.domain.errors import GiveUp, Misconfigured
from plugin.domain.event import StoreEvent
from plugin.domain.payload import Payload
from plugin.domain.wording import worded
from plugin.ports import LookupContext

from .api import Api
from .ids import global_id, primary_key
from .languages import has_letters, is_asked, spoken

MOST: Final = 50  #: lines: a body carries no more
SECONDS: Final = 8.0
MOST_BYTES: Final = 256 * 1024
NO_NAMES: Final = worded("The store's own product names: Saleor could not be asked for those in the buyer's language.")

_WANTED: Final = "names:"
_QUERY: Final = (Path(__file__).parent / "operations" / "ProductNames.graphql").read_text(encoding="utf-8")

Record = Mapping[str, str]


def wanted_names(lines: Iterable[Payload], language: str) -> str:
    """What an event wants where its body was not asked for names in this language; "" where it was."""
    products = [line.object("variant").object("product") for line in lines]
    is_missing = any(product and not is_asked(product, language) for product in products)
    return f"{_WANTED}{language}" if is_missing and spoken(language) else ""


def with_names(event: StoreEvent, place: LookupContext, api: Api) -> StoreEvent:
    """The event with the names it wants; raises `TryAgain`. A language nobody writes to the buyer in is not asked for."""
    language = event.wants.removeprefix(_WANTED)
    if not event.wants.startswith(_WANTED) or not has_letters(place.settings, language):
        return event
    wanted = {_key(product, language): product for product in event.products[:MOST] if product.variant_id}
    known = dict(place.catalogue.read(place.shop.id, wanted)) if wanted else {}
    missing = {key: product for key, product in wanted.items() if key not in known}
    if missing and place.is_last_try:
        return event
    if missing:
        try:
            found = _asked(missing, spoken(language), place, api)
        except (GiveUp, Misconfigured):
            return event.lacking(NO_NAMES)
        place.catalogue.write(place.shop.id, found, now=place.now)
        known |= found
    named = tuple(_named(product, known.get(_key(product, language), {})) for product in event.products)
    return replace(event.with_products(named), wants="")


def _key(product: Product, language: str) -> str:
    # Forgotten with its product, when the store says that it changed.
    return f"product:{product.id}:{product.variant_id}:{language}"


def _asked(missing: Mapping[str, Product], languages: Sequence[str], place: LookupContext, api: Api) -> dict[str, Record]:
    """What is now known of each; of a variant that is gone, nothing. Raises `GiveUp`, `TryAgain` or `Misconfigured`."""
    address, token = str(place.access.get("api_url") or place.shop.address), str(place.access.get("token") or "")
    if not token:
        raise GiveUp("no token")
    ids = {global_id("ProductVariant", product.variant_id): key for key, product in missing.items()}
    words = {"variants": list(ids), "most": len(ids), "language": languages[0], "wider": languages[-1]}
    data = api.whole_answer(address, token, _QUERY, words, seconds=SECONDS, most_bytes=MOST_BYTES)
    nodes = {edge.object("node").text("id"): edge.object("node") for edge in data.object("productVariants").objects("edges")}
    return {key: _record(nodes[id]) if id in nodes else {} for id, key in ids.items()}


def _record(variant: Payload) -> Record:
    no_names = (primary_key(variant.text("id")), variant.text("id"), variant.text("sku"))
    variant_name = _translated(variant)
    return {"name": _translated(variant.object("product")), "variant_name": "" if variant_name in no_names else variant_name}


def _translated(thing: Payload) -> str:
    return thing.object("exact").text("name") or thing.object("wide").text("name")


def _named(product: Product, record: Record) -> Product:
    """The line in the buyer's words where there are any."""
    name, variant_name = record.get("name", ""), record.get("variant_name", "")
    return replace(product, name=name or product.name, variant_name=variant_name or product.variant_name)
