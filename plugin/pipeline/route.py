"""Fifth stage: where an event goes, in which bodies, or why it does not."""

from functools import partial

from plugin.domain.delivery import Hold, Planned, Skip
from plugin.domain.event import EventKind, StoreEvent
from plugin.domain.matching import Choice, choose
from plugin.pipeline.hold import was_bought
from plugin.ports import Body, Plan, ShortLink, Store, StoredEvent, WriteBodies


def route(stored: StoredEvent, event: StoreEvent, store: Store, *, write_bodies: WriteBodies, short_link: ShortLink) -> Plan:
    """The deliveries of an event with the very bodies that will leave, or a Skip or Hold with its reason."""
    if event.is_test and not stored.settings.store.test_orders:
        return Skip(
            reason="This is a test order of the store.",
            fix='To send test orders too, set "test_orders" to true in the settings.',
            kind=event.kind,
        )
    if event.kind is EventKind.CART_ABANDONED and was_bought(event, stored.shop.id, store.events):
        return Skip(reason="The buyer ordered before the reminder was due.", kind=event.kind)
    default_locale = stored.settings.store.default_locale or stored.shop.locale
    answer = choose(stored.settings.table, event, default_locale=default_locale)
    if isinstance(answer, Skip | Hold):
        return answer
    shorten = partial(short_link, stored.shop.id)
    bodies = write_bodies(event, answer.route, answer.automation_id, stored.shop, stored.settings, shorten)
    return tuple(_planned(body, answer) for body in bodies)


def _planned(body: Body, choice: Choice) -> Planned:
    return Planned(
        part=body.part, route=choice.route, automation_id=choice.automation_id, rule=choice.rule, body=body.text
    )  # fmt: skip
