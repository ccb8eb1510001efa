"""Whether all is well, in four facts: the store, SendPulse, the last event, which events are on."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from plugin.domain.destination import Health
from plugin.ports import DeliveryFilter, Store
from plugin.upkeep.watch import refusals
from plugin.web.i18n import gettext as _
from plugin.web.i18n import number
from plugin.web.moments import Moment, ago, moment
from plugin.web.visit import here, visit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing to know, and where it leads."""

    label: str
    text: str
    mark: str  #: good, warn, bad, or "" for neither
    address: str
    when: Moment | None = None


def facts(store: Store, *, now: datetime, zone: ZoneInfo) -> list[Fact]:
    shop = visit().shop
    return [_of_store(store, now), _of_sendpulse(store, shop.id, now, zone), _last(store, shop.id, now, zone), _switched_on()]


def _of_store(store: Store, now: datetime) -> Fact:
    is_refused = bool(refusals(store, visit().shop.id, now=now))
    return Fact(
        label=_("Store"), text=_("Connected, with some access missing") if is_refused else _("Connected"),
        mark="warn" if is_refused else "good", address=here("store.show"),
    )  # fmt: skip


def _of_sendpulse(store: Store, shop_id: int, now: datetime, zone: ZoneInfo) -> Fact:
    accounts = store.deliveries.destinations(shop_id)
    latest = max((one.delivered_at for one in accounts if one.delivered_at), default=None)
    when = moment(latest, zone) if latest else None
    if any(one.health in (Health.NEEDS_MERCHANT, Health.DISABLED) for one in accounts):
        text, mark = _("Not sending"), "bad"
    elif any(one.health is not Health.CLOSED for one in accounts):
        text, mark = _("Not answering, trying again"), "warn"
    elif latest:
        text, mark = _("Last event accepted %(ago)s", ago=ago(latest, now)), "good"
    else:
        text, mark = _("Nothing sent yet"), ""
    return Fact(label=_("SendPulse account"), text=text, mark=mark, address=here("store.account"), when=when)


def _last(store: Store, shop_id: int, now: datetime, zone: ZoneInfo) -> Fact:
    newest = store.log.list(DeliveryFilter(shop_id=shop_id, limit=1))
    at = newest[0].created_at if newest else None
    return Fact(
        label=_("Last event received"), text=ago(at, now) if at else _("None yet"), mark="",
        address=here("deliveries.index"), when=moment(at, zone) if at else None,
    )  # fmt: skip


def _switched_on() -> Fact:
    routes = visit().settings.table.routes
    count = sum(1 for kind in visit().kinds if kind in routes and routes[kind].enabled)
    return Fact(
        label=_("Events on"), text=_("%(count)s of %(all)s", count=number(count), all=number(len(visit().kinds))),
        mark="good" if count else "warn", address=here("events.index"),
    )  # fmt: skip
