"""Second stage: what a stored webhook means, in our words."""

from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog

from plugin.domain.delivery import Skip
from plugin.domain.errors import Unreadable
from plugin.domain.notice import PersonToForget, Translation
from plugin.domain.payload import read_json
from plugin.domain.person import Person
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.states import WebhookState
from plugin.domain.wording import Sentence, worded
from plugin.metrics import REASONS, TRANSLATED
from plugin.pipeline.hold import purchases
from plugin.ports import Platform, Store, StoredWebhook

log = structlog.get_logger()

P = TypeVar("P", bound=Person)


def translate(webhook: StoredWebhook, platform: Platform, store: Store, *, now: datetime) -> None:
    """Store the webhook's events and obey its notices, or store why it is neither."""
    try:
        translation = meaning(webhook, platform)
    except Unreadable as error:
        store.inbox.failed(webhook, str(error), code=ReasonCode.UNREADABLE, now=now)
        result = WebhookState.FAILED.value
        REASONS.labels(ReasonCode.UNREADABLE.value).inc()
    else:
        translation = _with_every_name(translation, webhook, platform, store)
        store.inbox.translated(webhook, translation, purchases=purchases(translation), now=now)
        result = (WebhookState.SKIPPED if translation.skip else WebhookState.TRANSLATED).value
        if translation.skip:
            REASONS.labels(translation.skip.code.value).inc()
        if translation.skip and translation.skip.code is ReasonCode.CONTRADICTED:
            log.warning("contradicted", shop=webhook.shop.id, webhook=webhook.id, reason=str(translation.skip.reason))
    TRANSLATED.labels(platform.name, result).inc()
    log.info(result, shop=webhook.shop.id, webhook=webhook.id, topic=webhook.topic[:80])


def meaning(webhook: StoredWebhook, platform: Platform) -> Translation:
    """What this webhook means; raises `Unreadable` with the path of the hole."""
    if webhook.topic not in platform.topics:
        return Translation(skip=Skip(code=ReasonCode.UNKNOWN_TOPIC, reason=_unknown(webhook.topic[:80])))
    return platform.translate(webhook.topic, read_json(webhook.body, webhook.topic), webhook.shop)


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
        return worded("This app does nothing with the store's %(topic)s webhooks.", topic=topic)
    return worded("This app does nothing with the store's unnamed webhooks.")
