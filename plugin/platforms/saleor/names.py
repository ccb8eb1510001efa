"""Names of products in their buyer's language, asked of the API where the body does not tell them.

A cart's subscription asks for the languages known when it was written. An order tells them in its own fields, but in exactly
its own language only, and as they were translated when it was made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Final

from plugin.domain.basket import Product
from plugin.domain.errors import GiveUp, Misconfigured, PluginError, TryAgain
from plugin.domain.event import LocaleOrigin, StoreEvent
from plugin.domain.payload import Payload
from plugin.domain.routing import MOST_LINES
from plugin.domain.wording import worded
from plugin.gathering import Gatherer
from plugin.ports import LookupContext

from .api import Api
from .ids import global_id, primary_key
from .languages import has_letters, is_asked, is_foreign, spoken

MOST_AT_ONCE: Final = 100  #: variants in one question, which Saleor answers on one page
SECONDS: Final = 8.0
PATIENCE_SECONDS: Final = 14.0  #: for an event, waiting for others' questions included
MOST_BYTES: Final = 256 * 1024
GOOD_FOR: Final = timedelta(days=1)  #: Saleor does not tell us of new translations; longer while it does not answer
NO_NAMES: Final = worded(
    "Product names are in your store's language: Saleor could not be asked for those in the buyer's language."
)

_WANTED: Final = "names:"
_QUERY: Final = (Path(__file__).parent / "operations" / "ProductNames.graphql").read_text(encoding="utf-8")

_ASKED_AT: Final = "asked_at"

Record = Mapping[str, str]


def wanted_names(lines: Iterable[Payload], language: str) -> str:
    """What a cart wants where its body was not asked for names in this language; "" where it was."""
    products = [line.object("variant").object("product") for line in lines]
    return _wanted(language, is_missing=any(product and not is_asked(product, language) for product in products))


def wanted_of_order(lines: Iterable[Payload], language: str) -> str:
    """What an order wants where it tells a product by the shop's own name only; "" where it tells all in this language."""
    return _wanted(
        language, is_missing=any(line.object("variant") and not line.text("translatedProductName") for line in lines)
    )


def _wanted(language: str, *, is_missing: bool) -> str:
    return f"{_WANTED}{language}" if is_missing and spoken(language) else ""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A line's names: the catalogue's key, and Saleor's id of the variant."""

    key: str
    id: str


class ProductNames:
    """One a process: threads that complete events of the same shop and language share its questions."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._asked = Gatherer[_Wanted, Record](foreseen=PluginError)

    def added(self, event: StoreEvent, place: LookupContext) -> StoreEvent:
        """The event with the names it wants, and with what is not translated said; raises `TryAgain`."""
        language = _wanted_language(event)
        if not language:
            return _with_untranslated(event, place)
        if not _is_worth_asking(event, language, place):
            return event
        asked = [product for product in event.products[:MOST_LINES] if product.variant_id and not product.is_as_seen]
        wanted = [_Wanted(_key(product, language), global_id("ProductVariant", product.variant_id)) for product in asked]
        try:
            known = self._known(list(dict.fromkeys(wanted)), spoken(language), place)
        except (GiveUp, Misconfigured):
            return event.lacking(NO_NAMES)
        if known is None:
            return event
        named = tuple(_named(product, known.get(_key(product, language), {})) for product in event.products)
        return _with_untranslated(replace(event.with_products(named), wants=""), place)

    def _known(self, wanted: Sequence[_Wanted], languages: Sequence[str], place: LookupContext) -> Mapping[str, Record] | None:
        """By key what each is called; None when not all is known and the shop is not to be asked."""
        until = monotonic() + PATIENCE_SECONDS
        at = (place.shop.id, *languages)

        def most() -> int:
            return MOST_AT_ONCE

        def ask(missing: Sequence[_Wanted]) -> Mapping[_Wanted, Record]:
            return self._found(missing, languages, place, seconds=min(SECONDS, until - monotonic()))

        known: Mapping[str, Record | None] = {}
        is_known = False
        try:
            known = _read([one.key for one in wanted], place)
            missing = [one for one in wanted if not _is_fresh(known[one.key], place)]
            is_known = all(known[one.key] is not None for one in missing)
            if missing and place.is_last_try and not is_known:
                return None
            found = self._asked(at, missing, ask, until=until, most=most) if missing and not place.is_last_try else {}
        except (TimeoutError, TryAgain) as error:
            if not is_known:
                raise _try_again(error) from error
            found = {}
        return {key: record for key, record in known.items() if record is not None} | {one.key: found[one] for one in found}

    def _found(
        self, wanted: Sequence[_Wanted], languages: Sequence[str], place: LookupContext, *, seconds: float
    ) -> Mapping[_Wanted, Record]:
        """What is known of each by now; of a variant that is gone, nothing. Raises `GiveUp`, `TryAgain` or `Misconfigured`."""
        known = _read([one.key for one in wanted], place)  # somebody may have asked meanwhile
        found = {one: record for one in wanted if (record := known[one.key]) is not None and _is_fresh(record, place)}
        missing = [one for one in wanted if one not in found]
        if missing:
            nodes = self._nodes([one.id for one in missing], languages, place, seconds=seconds)
            asked_at = {_ASKED_AT: place.now.isoformat()}
            new = {one: asked_at | _record(nodes.get(one.id, Payload({}, "answer.data"))) for one in missing}
            place.catalogue.write(place.shop.id, {one.key: record for one, record in new.items()}, now=place.now)
            found |= new
        return found

    def _nodes(
        self, ids: Sequence[str], languages: Sequence[str], place: LookupContext, *, seconds: float
    ) -> Mapping[str, Payload]:
        address, token = str(place.access.get("api_url") or place.shop.address), str(place.access.get("token") or "")
        if not token:
            raise GiveUp("no token")
        words = {"variants": ids, "most": len(ids), "language": languages[0], "wider": languages[-1]}
        data = self._api.whole_answer(address, token, _QUERY, words, seconds=seconds, most_bytes=MOST_BYTES)
        nodes = [edge.object("node") for edge in data.object("productVariants").objects("edges")]
        return {node.text("id"): node for node in nodes}


def _key(product: Product, language: str) -> str:
    # Forgotten with its product, when the store says that it changed.
    return f"product:{product.id}:{product.variant_id}:{language}"


def _read(keys: Sequence[str], place: LookupContext) -> Mapping[str, Record | None]:
    known = place.catalogue.read(place.shop.id, keys)
    return {key: known.get(key) for key in keys}


def _is_fresh(record: Record | None, place: LookupContext) -> bool:
    asked_at = record.get(_ASKED_AT) if record else None
    return bool(asked_at) and place.now - datetime.fromisoformat(str(asked_at)) < GOOD_FOR


def _try_again(error: Exception) -> TryAgain:
    return error if isinstance(error, TryAgain) else TryAgain("The shop's API answers too slowly.")


def _wanted_language(event: StoreEvent) -> str:
    """What the merchant's rule says of a buyer who named no language, else what the body left out; "" where it told all."""
    if event.locale.origin is LocaleOrigin.COUNTRY:
        return event.locale.raw if spoken(event.locale.raw) else ""
    return event.wants.removeprefix(_WANTED) if event.wants.startswith(_WANTED) else ""


def _is_worth_asking(event: StoreEvent, language: str, place: LookupContext) -> bool:
    """For a cart's names, where somebody writes in its language; for an order's, where that is not the shop's own."""
    if event.basket and event.basket.order_id:
        return is_foreign(language, place)
    return has_letters(place.settings, language)


def _with_untranslated(event: StoreEvent, place: LookupContext) -> StoreEvent:
    """The event with what it tells by the shop's own names said, when its buyer reads another language."""
    missing = sum(bool(product.id) and not product.is_as_seen for product in event.products)
    is_said = event.locale.is_buyers or event.locale.origin is LocaleOrigin.COUNTRY
    if not missing or not is_said or not is_foreign(event.locale.raw, place):
        return event
    return event.lacking(
        worded(
            "Names of %(missing)s of %(all)s products are in your store’s language: they are not translated into %(locale)s.",
            missing=missing,
            all=len(event.products),
            locale=event.locale.raw,
        )
    )


def _record(variant: Payload) -> dict[str, str]:
    no_names = (primary_key(variant.text("id")), variant.text("id"), variant.text("sku"))
    variant_name = _translated(variant)
    return {"name": _translated(variant.object("product")), "variant_name": "" if variant_name in no_names else variant_name}


def _translated(thing: Payload) -> str:
    return thing.object("exact").text("name") or thing.object("wide").text("name")


def _named(product: Product, record: Record) -> Product:
    """The line in the buyer's words where there are any."""
    if product.is_as_seen:
        return product
    name, variant_name = record.get("name", ""), record.get("variant_name", "")
    return replace(product, name=name or product.name, variant_name=variant_name or product.variant_name, is_as_seen=bool(name))
