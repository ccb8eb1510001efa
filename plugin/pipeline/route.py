"""Fifth stage: where an event goes, in which bodies, or why it does not."""

from datetime import datetime
from functools import partial

from plugin.domain.delivery import Hold, Planned, Skip
from plugin.domain.event import StoreEvent
from plugin.domain.kinds import KINDS
from plugin.domain.matching import Choice, choose
from plugin.domain.reason_codes import ReasonCode
from plugin.domain.reasons import no_letter
from plugin.domain.settings import StoreFacts
from plugin.domain.wording import worded
from plugin.pipeline.hold import was_bought, why_no_reminder
from plugin.pipeline.relate import is_no_letter, unchanged
from plugin.ports import Body, Plan, PurchaseHistory, ShortLink, StoredEvent, WriteBodies


def route(stored: StoredEvent, event: StoreEvent, *, write_bodies: WriteBodies, short_link: ShortLink) -> Plan:
    """The deliveries of an event with the very bodies that will leave, or a Skip or Hold with its reason.

    Whether it was overtaken by what happened meanwhile is asked as the plan is stored.
    """
    if skip := unwanted(event, stored.settings.store):
        return skip
    default_locale = stored.settings.store.default_locale or stored.shop.locale
    answer = choose(stored.settings.table, event, default_locale=default_locale)
    if isinstance(answer, Skip | Hold):
        return answer
    shorten = partial(short_link, stored.shop.id)
    bodies = write_bodies(event, answer.route, answer.automation_id, stored.shop, stored.settings, shorten)
    return tuple(_planned(body, answer) for body in bodies)


def unwanted(event: StoreEvent, store: StoreFacts) -> Skip | None:
    """Why this event is no occasion for a letter, whatever else would be found out about it."""
    if event.no_letter and is_no_letter(event, store):
        return no_letter(event.no_letter, event.kind)
    if event.is_test and not store.test_orders:
        return Skip(
            code=ReasonCode.TEST_ORDER,
            reason=worded("This is a test order."),
            fix=worded("To send test orders too, tick “Send test orders too” on the Settings page."),
            kind=event.kind,
        )
    return None


def can_be_overtaken(event: StoreEvent) -> bool:
    """Whether what happens meanwhile may leave this event with nothing to say."""
    return KINDS[event.kind].is_cart or KINDS[event.kind].is_snapshot


def overtaken(stored: StoredEvent, event: StoreEvent, seen: PurchaseHistory, *, now: datetime) -> Skip | None:
    """Why this event says nothing any more: its basket was bought, or a newer state of its object is known."""
    shop_id, traits = stored.shop.id, KINDS[event.kind]
    if traits.is_computed:  # one whose wait has ended says why already
        return None if event.no_letter else _no_reminder(stored, event, seen, now)
    if traits.is_cart and was_bought(event, shop_id, seen):
        return no_letter(ReasonCode.BOUGHT, event.kind)
    if traits.is_snapshot:
        newest = seen.newest_at(shop_id, event.kind, event.object_id)
        if newest is not None and newest > event.happened_at:
            reason = worded("Your store had already sent a newer version when this one arrived.")
            return Skip(code=ReasonCode.NEWER_STATE, reason=reason, kind=event.kind)
    return unchanged(event, shop_id, seen)


def _no_reminder(stored: StoredEvent, event: StoreEvent, seen: PurchaseHistory, now: datetime) -> Skip | None:
    route = stored.settings.table.routes.get(event.kind)
    if route is None or not route.enabled:
        return None  # that is reason enough, and can be undone
    code = why_no_reminder(event, stored.shop.id, route, seen, event_id=stored.id, now=now)
    return no_letter(code, event.kind) if code else None


def _planned(body: Body, choice: Choice) -> Planned:
    return Planned(
        part=body.part, route=choice.route, automation_id=choice.automation_id, match=choice.match, rule=choice.rule,
        body=body.text, lacks=body.lacks, left_out=body.left_out,
    )  # fmt: skip
