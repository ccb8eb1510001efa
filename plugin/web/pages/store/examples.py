"""The addresses that a merchant types as patterns, filled in with what happened in the store last."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from plugin.domain.errors import GiveUp, TryAgain
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS, EventKind, Family
from plugin.domain.settings import ShopSettings, links
from plugin.domain.settings.values import Wrong
from plugin.pipeline.enrich import place_of
from plugin.web import sampling
from plugin.web.i18n import gettext as _
from plugin.web.services import services
from plugin.web.visit import visit

LOOKED_AT: Final = 5  #: events of each kind
SOME_KEY: Final = str(UUID("3f1a5c0e-6a4b-4d0f-9f6e-2b7c8d9e0a1b"))
CHANNEL: Final = "default-channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """One field that holds such an address."""

    family: Family  #: whose events it is for
    made_up: EventKind
    words: Sequence[str]
    own_words: Sequence[str]  #: without any of these it opens no particular one


PATTERNS: Final[Mapping[str, Pattern]] = {
    "cart_link": Pattern(
        family=Family.CART, made_up=EventKind.CART_ABANDONED, words=links.CART_WORDS, own_words=("checkout", "token")
    ),
    "order_link": Pattern(
        family=Family.ORDER, made_up=EventKind.ORDER_CREATED, words=links.ORDER_WORDS, own_words=("order", "order_number")
    ),
}
_CHECKS: Final = {"cart_link": links.cart_link, "order_link": links.order_link}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """Such an address with its words filled in."""

    link: str  #: "" where even a made-up cart or order gets none
    without: int  #: how many real ones were looked at that would get none
    is_made_up: bool
    is_vague: bool  #: it names no cart or order, so it opens none of its own


def examples(values: Mapping[str, str], settings: ShopSettings, asked: Collection[str]) -> dict[str, Example]:
    """Of each of these fields that is filled in and right, what comes of it."""
    right = {name: values.get(name, "") for name in PATTERNS if name in asked and not _mistake(name, values.get(name, ""))}
    return {name: _example(name, template, settings) for name, template in right.items() if template}


def refused(values: Mapping[str, str], settings: ShopSettings, asked: Collection[str]) -> dict[str, str]:
    """Why an address cannot be one, by field; what is written wrongly is left to the settings themselves."""
    return {
        name: _("This address cannot become a link. In braces you can use: %(words)s.", words=_in_braces(PATTERNS[name].words))
        for name, example in examples(values, settings, asked).items()
        if not links.is_link(example.link)
    }


def _mistake(name: str, template: str) -> bool:
    try:
        _CHECKS[name](template)
    except Wrong:
        return True
    return False


def _in_braces(words: Sequence[str]) -> str:
    return ", ".join(f"{{{word}}}" for word in words)


def _example(name: str, template: str, settings: ShopSettings) -> Example:
    """With the newest real event that gets a link, else with a made-up one."""
    pattern = PATTERNS[name]
    tried = replace(settings, store=replace(settings.store, cart_link=template, order_link=template))
    real = _newest(pattern.family)
    found = next(filter(None, (_filled(event, tried) for event in real)), "")
    return Example(
        link=found or _filled(_made_up(pattern), tried),
        without=0 if found else len(real),
        is_made_up=not found,
        is_vague=not set(pattern.own_words) & set(links.words_in(template)),
    )


def _newest(family: Family) -> list[StoreEvent]:
    past, shop_id = services().store.events.past, visit().shop.id
    kinds = [kind for kind in visit().kinds if KINDS[kind].family is family]
    found = [each.event for kind in kinds for each in past(shop_id, kind, limit=LOOKED_AT) if each.event.basket]
    return sorted(found, key=lambda event: event.happened_at, reverse=True)


def _made_up(pattern: Pattern) -> StoreEvent:
    event = sampling.made_up(pattern.made_up)
    if event.basket is None:
        return event
    order_id, order_number = (SOME_KEY, "1001") if pattern.family is Family.ORDER else ("", "")
    basket = replace(event.basket, keys=(f"checkout:{SOME_KEY}",), order_id=order_id, order_number=order_number)
    return replace(event, basket=replace(basket, channel=CHANNEL))


def _filled(event: StoreEvent, settings: ShopSettings) -> str:
    """The link as the platform writes it, "" without any; nobody is asked, as the event wants nothing."""
    if event.basket is None:
        return ""
    bare = replace(event, wants="", basket=replace(event.basket, products=(), cart_link="", order_link=""))
    place = place_of(visit().shop, settings, {}, services().store, services().now())
    try:
        basket = visit().platform.complete(bare, place).basket
    except (TryAgain, GiveUp):
        return ""
    return (basket.cart_link or basket.order_link) if basket else ""
