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
        title=_("Reminders have no link back to the cart"),
        text=_("Your store does not tell the address that opens a cart again."), mark="warn",
        page="store.show", link=_("Enter it on the Settings page"),
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
        text=_("Once you allow it, letters name products and link to them as each buyer sees your store."),
        reason=permission.reason, allow=permission.name, request=permission.request,
    )  # fmt: skip


def _asked_for(request: DataRequest, zone: ZoneInfo) -> Notice:
    """A customer waits for an answer."""
    return Notice(
        title=_("A customer asks what is kept about them"),
        text=_("Answer them by %(time)s.", time=moment(request.due_at, zone).text),
        mark="warn", page="people.show", link=_("Download it from the page of customers’ data"),
    )  # fmt: skip


def _notice(trouble: Trouble, zone: ZoneInfo) -> Notice:
    if trouble.what is TroubleKind.STORE_REFUSES:
        assert trouble.since
        return Notice(
            title=_("Your store does not let this app do all of its work"), reason=trouble.reason, fix=trouble.fix,
            text=_("It has been so since %(time)s.", time=moment(trouble.since, zone).text),
        )  # fmt: skip
    if trouble.what is TroubleKind.TURNED_AWAY:
        return _turned_away()
    if trouble.what is TroubleKind.UNREADABLE:
        return Notice(
            title=_("Some messages of your store could not be read"),
            text=ngettext(
                "%(number)s message made no event. Tell whoever runs this app; its log says what was missing.",
                "%(number)s messages made no event. Tell whoever runs this app; its log says what was missing.",
                trouble.number, number=written(trouble.number),
            ),
        )  # fmt: skip
    if trouble.what is TroubleKind.SILENT:
        return Notice(
            title=_("Your store has told nothing for unusually long"),
            text=_(
                "The last event came %(hours)s hours ago. If your store had orders since, install the app again.",
                hours=trouble.number,
            ),
        )
    titles = {
        TroubleKind.PAUSED: _("SendPulse takes no events just now"),
        TroubleKind.NEEDS_MERCHANT: _("Sending has stopped until you act"),
        TroubleKind.DISABLED: _("Nothing is sent any more: SendPulse took nothing for five days"),
    }
    return Notice(
        title=titles[trouble.what], text=_("Nothing is lost: events wait."), reason=trouble.reason, fix=trouble.fix,
        can_reopen=True,
    )  # fmt: skip


def _turned_away() -> Notice:
    return Notice(
        title=_("Your store sends more than can be read at the moment"),
        text=_(
            "So much waits that new messages are turned away, and your store is asked to send them again later. It does "
            "so for some hours. If this does not end soon, tell whoever runs this app."
        ),
    )
