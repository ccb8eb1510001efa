"""What is wrong with a shop’s way from its store to SendPulse, in words for the merchant."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from plugin.ports import DataRequest, Permission, Platform, Store
from plugin.upkeep.watch import Trouble, TroubleKind, lacks_cart_link, troubles
from plugin.web.i18n import gettext as _
from plugin.web.i18n import ngettext
from plugin.web.i18n import number as written
from plugin.web.moments import moment

MOST_ASKED: Final = 3  #: customers who wait for an answer, named here, those who wait longest; the page names all


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing that is wrong."""

    title: str
    text: str
    reason: str = ""  #: as the log has it
    fix: str = ""
    can_reopen: bool = False  #: trying again at once may help
    mark: str = "bad"  #: the banner's kind
    page: str = ""  #: where it is mended, as `here` names it
    link: str = ""  #: what the link there says
    allow: str = ""  #: what the store's admin is to ask the merchant to allow, as `host.allow` takes it
    request: str = ""  #: what the button says that asks for it


def notices(store: Store, platform: Platform, shop_id: int, *, now: datetime, zone: ZoneInfo) -> list[Notice]:
    """Everything that is wrong, the worst first."""
    found = [_notice(trouble, zone) for trouble in troubles(store, shop_id, now=now)]
    waiting = [request for request in store.people.requests(shop_id) if request.fetched_at is None]
    found += [_asked_for(request, zone) for request in waiting[: -MOST_ASKED - 1 : -1]]
    return [*found, no_cart_link()] if lacks_cart_link(store.shops.settings(shop_id), platform) else found


def no_cart_link() -> Notice:
    """Reminders are on, and lead nowhere."""
    return Notice(
        title=_("Cart reminders have no link back to the cart"),
        text=_("Your store does not provide the address that opens a cart again."), mark="warn",
        page="store.show", link=_("Enter it on the Settings page"),
    )  # fmt: skip


def takes_orders_flow(events: str) -> Notice:
    """Events that start the flows of orders, because nobody chose others."""
    return Notice(
        title=_("Some events start the default flows"),
        text=_(
            "No flow was chosen for: %(events)s. Buyers get the default flow’s email, which may be about an order.",
            events=events,
        ),
        mark="warn", page="languages.show", link=_("Choose flows on the Languages page"),
    )  # fmt: skip


def not_allowed(permission: Permission) -> Notice:
    """The store does not tell this kind of event."""
    return Notice(
        title=_("The app cannot see these events yet"), text=_("Until you allow it, they are not sent."), mark="warn",
        reason=permission.reason, allow=permission.name, request=permission.request,
    )  # fmt: skip


def words_not_allowed(permission: Permission) -> Notice:
    """Letters name products as the store does, whatever the buyer's language."""
    return Notice(
        title=_("Product names and links stay in your store’s own language"), mark="",
        text=_("Once you allow it, product names and links in emails are in each buyer’s language."),
        reason=permission.reason, allow=permission.name, request=permission.request,
    )  # fmt: skip


def _asked_for(request: DataRequest, zone: ZoneInfo) -> Notice:
    """A customer waits for an answer."""
    return Notice(
        title=_("A customer asks what is kept about them"),
        text=_("Answer them by %(time)s.", time=moment(request.due_at, zone).text),
        mark="warn", page="people.show", link=_("Download it from “Customers’ data”"),
    )  # fmt: skip


def _notice(trouble: Trouble, zone: ZoneInfo) -> Notice:
    if trouble.what is TroubleKind.STORE_REFUSES:
        assert trouble.since
        return Notice(
            title=_("Your store is blocking part of this app’s work"), reason=trouble.reason, fix=trouble.fix,
            text=_("Since %(time)s.", time=moment(trouble.since, zone).text),
        )  # fmt: skip
    if trouble.what is TroubleKind.TURNED_AWAY:
        return _turned_away()
    if trouble.what is TroubleKind.UNREADABLE:
        return Notice(
            title=_("Some data from your store could not be read"),
            text=ngettext(
                "%(number)s notification from your store could not be turned into an event. "
                "Tell whoever runs this app: its log says what was missing.",
                "%(number)s notifications from your store could not be turned into events. "
                "Tell whoever runs this app: its log says what was missing.",
                trouble.number, number=written(trouble.number),
            ),
        )  # fmt: skip
    if trouble.what is TroubleKind.SILENT:
        return Notice(
            title=_("Nothing has arrived from your store for an unusually long time"),
            text=_(
                "The last event came %(hours)s hours ago. If your store has had orders since, install the app again.",
                hours=trouble.number,
            ),
        )
    titles = {
        TroubleKind.PAUSED: _("SendPulse is not accepting events at the moment"),
        TroubleKind.NEEDS_MERCHANT: _("Sending has stopped until you act"),
        TroubleKind.DISABLED: _("Sending has stopped: SendPulse accepted nothing for five days"),
    }
    return Notice(
        title=titles[trouble.what], text=_("Nothing is lost: your events are waiting."), reason=trouble.reason, fix=trouble.fix,
        can_reopen=True,
    )  # fmt: skip


def _turned_away() -> Notice:
    return Notice(
        title=_("Your store is sending more than this app can process"),
        text=_(
            "New events are refused for now. Your store sends them again later, for some hours. If this does not "
            "end soon, tell whoever runs this app."
        ),
    )
