"""Second stage: what a stored webhook means, in our words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from typing import Final, TypeVar

import structlog

from plugin.domain.delivery import Skip
from plugin.domain.errors import GiveUp, TryAgain, Unreadable
from plugin.domain.notice import PersonToForget, ShopLeft, ShopToForget, Translation
from plugin.domain.own import OwnVariable, found, looked_for
from plugin.domain.payload import Payload, read_json
from plugin.domain.person import Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import OTHER_SHOP
from plugin.domain.shop import Shop
from plugin.domain.states import WebhookState
from plugin.domain.wording import Sentence, worded
from plugin.metrics import REASONS, TRANSLATED
from plugin.pipeline.hold import purchases
from plugin.ports import Platform, Shops, Store, StoredWebhook

log = structlog.get_logger()

P = TypeVar("P", bound=Person)

STILL_INSTALLED: Final = worded(
    "This webhook says that the app was removed, but your store still has it, so the app ignored it."
)
SHORTEST_WAIT: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
LONGEST_UNCONFIRMED: Final = timedelta(days=7)


def translate(webhook: StoredWebhook, platform: Platform, store: Store, *, now: datetime) -> None:
    """Store the webhook's events and obey its notices, or store why it is neither."""
    try:
        translation = _confirmed(webhook, platform, store.shops)
    except Unreadable as error:
        _fail(webhook, platform, store, str(error), code=ReasonCode.UNREADABLE, now=now)
        return
    except GiveUp as error:
        log.warning("not confirmed", shop=webhook.shop.id, webhook=webhook.id, reason=str(error))
        _fail(webhook, platform, store, str(error), code=ReasonCode.UNCONFIRMED, now=now)
        return
    except TryAgain as error:
        _wait(webhook, platform, store, error, now=now)
        return
    translation = _with_every_name(translation, webhook, platform, store)
    store.inbox.translated(webhook, translation, purchases=purchases(translation), now=now)
    skip = translation.skip
    _say((WebhookState.SKIPPED if skip else WebhookState.TRANSLATED).value, webhook, platform)
    if skip:
        REASONS.labels(skip.code.value).inc()
    if skip and skip.code is ReasonCode.CONTRADICTED:
        log.warning("contradicted", shop=webhook.shop.id, webhook=webhook.id, reason=str(skip.reason))


def _fail(webhook: StoredWebhook, platform: Platform, store: Store, reason: str, *, code: ReasonCode, now: datetime) -> None:
    store.inbox.failed(webhook, reason, code=code, now=now)
    REASONS.labels(code.value).inc()
    _say(WebhookState.FAILED.value, webhook, platform)


def _wait(webhook: StoredWebhook, platform: Platform, store: Store, error: TryAgain, *, now: datetime) -> None:
    """Nobody knows yet whether the shop is still there: nothing is destroyed meanwhile, nor when it never becomes known."""
    age = now - webhook.sent_at
    if age > LONGEST_UNCONFIRMED:
        _fail(webhook, platform, store, f"Never confirmed. {error}", code=ReasonCode.UNCONFIRMED, now=now)
        return
    log.info("not confirmed yet", shop=webhook.shop.id, webhook=webhook.id, reason=str(error))
    store.inbox.postpone(webhook, until=now + min(max(age, SHORTEST_WAIT), LONGEST_WAIT))


def _say(result: str, webhook: StoredWebhook, platform: Platform) -> None:
    TRANSLATED.labels(platform.name, result).inc()
    log.info(result, shop=webhook.shop.id, webhook=webhook.id, topic=webhook.topic[:80])


def meaning(webhook: StoredWebhook, platform: Platform) -> Translation:
    """What this webhook means; raises `Unreadable` with the path of the hole."""
    return _meaning(webhook, platform)[0]


def _meaning(webhook: StoredWebhook, platform: Platform) -> tuple[Translation, str]:
    """The same, and the number of the shop its body names."""
    if webhook.topic not in platform.topics:
        return Translation(skip=Skip(code=ReasonCode.UNKNOWN_TOPIC, reason=_unknown(webhook.topic[:80]))), ""
    body = read_json(webhook.body, webhook.topic)
    translation = platform.translate(webhook.topic, body, webhook.shop)
    return _with_own(translation, webhook.variables, body), platform.shop_number(body)


def _with_own(translation: Translation, variables: Sequence[OwnVariable], body: Payload) -> Translation:
    """With what the body has for the merchant's own variables, in each event that may say them."""
    wanted = {event.kind: looked_for(variables, event.kind) for event in translation.events} if variables else {}
    asked = dict.fromkeys(chain.from_iterable(wanted.values()))
    if not asked:
        return translation
    values = {value.name: value for value in found(asked, body)}
    events = [
        replace(event, own=tuple(values[one.name] for one in wanted[event.kind] if one.name in values))
        for event in translation.events
    ]
    return replace(translation, events=tuple(events))


def _confirmed(webhook: StoredWebhook, platform: Platform, shops: Shops) -> Translation:
    """What it means, unless it is another shop's, or would end a shop that still has the app.

    Whoever kept a signed body may send it again. Raises `Unreadable`, `TryAgain` while the platform does not say, `GiveUp` when
    it cannot be asked.
    """
    translation, number = _meaning(webhook, platform)
    if number and _is_of_another(webhook.shop, number, shops):
        return Translation(skip=Skip(code=ReasonCode.CONTRADICTED, reason=OTHER_SHOP))
    ends_the_shop = any(isinstance(notice, ShopLeft | ShopToForget) for notice in translation.notices)
    if ends_the_shop and platform.is_installed(webhook.shop, shops):
        return Translation(skip=Skip(code=ReasonCode.CONTRADICTED, reason=STILL_INSTALLED))
    return translation


def _is_of_another(shop: Shop, number: str, shops: Shops) -> bool:
    """Whether this is not the shop's number: a shop's never changes. Where it is not known, another's is not this one's."""
    return shop.number != number if shop.number else shops.is_number_of_another(shop, number)


def in_every_word(person: P, shop_id: int, platform: Platform, store: Store) -> P:
    """A person with every name that is known of them, and with how their platform writes those that are numbers."""
    known = store.people.known_as(shop_id, person)
    marks = platform.ids_as_written(customer_ids=known.customer_ids, order_ids=known.order_ids)
    return replace(known, marks=tuple(dict.fromkeys((*known.marks, *marks))))


def _with_every_name(translation: Translation, webhook: StoredWebhook, platform: Platform, store: Store) -> Translation:
    """What waits may name a person to forget by another name than the store did."""
    if not any(isinstance(notice, PersonToForget) for notice in translation.notices):
        return translation
    notices = [
        in_every_word(notice, webhook.shop.id, platform, store) if isinstance(notice, PersonToForget) else notice
        for notice in translation.notices
    ]
    return replace(translation, notices=tuple(notices))


def _unknown(topic: str) -> Sentence:
    if topic:
        return worded("This app does not use your store's %(topic)s webhooks.", topic=topic)
    return worded("This app does not use your store's unnamed webhooks.")
