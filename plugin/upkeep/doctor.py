"""What an operator should fix, in sentences."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from plugin.domain.delivery import State
from plugin.domain.destination import Health
from plugin.domain.reason_codes import ReasonCode
from plugin.ports import Installation, Platform, Store
from plugin.upkeep.shared_clock import REPORTED_SKEW
from plugin.upkeep.watch import lacks_cart_link, refusals


def findings(
    store: Store, *, public_url: str, is_sandbox: bool, now: datetime, platforms: Mapping[str, Platform] = MappingProxyType({})
) -> Iterator[str]:
    """One sentence for each thing that is wrong, saying how to fix it.

    For shops of these platforms also what only their merchants can say, and did not.
    """
    if not public_url.startswith("https://") and not is_sandbox:
        yield f"PUBLIC_URL is {public_url}: stores send webhooks to https addresses only. Set it to the address they reach."
    ahead = store.ahead()
    if abs(ahead) > REPORTED_SKEW:
        seconds = f"{ahead.total_seconds():+.0f}"
        yield f"The database's clock is {seconds} s from this machine's. Synchronize both (NTP): leases use the database's."
    shops = store.shops.list()
    if not shops:
        yield "There are no shops yet. Install the app from a store, or add one with `shops add`."
    doubted = store.statistics.doubted_webhooks()
    for installation in shops:
        yield from _about(installation, store, now)
        if number := doubted.get((installation.shop.id, ReasonCode.CONTRADICTED)):
            yield _about_forgeries(installation.shop.key, number)
        if number := doubted.get((installation.shop.id, ReasonCode.UNCONFIRMED)):
            yield _about_unconfirmed_ends(installation.shop.key, number)
        yield from _about_links(installation, store, platforms)
    yield from _about_knocks(store, {(each.shop.platform, each.shop.address) for each in shops}, now)
    failed = store.backlog().deliveries.get(State.FAILED, 0)
    if failed:
        yield f"{failed} deliveries failed. `deliveries list --state failed` says why; `deliveries replay` sends them again."


def unwiped(store: Store, *, largest: int) -> Iterator[str]:
    """What was erased and stays in files because writing them anew would stop everybody for too long."""
    if tables := store.wiping.wanted(larger_than=largest):
        yield (
            f"Data erased from {', '.join(tables)} may still be readable in the database's files: they are larger than "
            "REWRITE_MEGABYTES. Raise it in a quiet hour; nothing is received or sent while they are rewritten."
        )


def _about_forgeries(key: str, number: int) -> str:
    return (
        f"{key} received {number} signed webhooks that do not match their headers. They were ignored; the worker's log "
        "says why (contradicted). Somebody may be trying to impersonate this shop."
    )


def _about_unconfirmed_ends(key: str, number: int) -> str:
    return (
        f"{key} received {number} webhooks saying that it uninstalled the app or asks to be deleted, but this could not be "
        f"confirmed. Nothing was deleted. If the store is gone, `shops remove {key}` deletes all its data."
    )


def _about_knocks(store: Store, known: Collection[tuple[str, str]], now: datetime) -> Iterator[str]:
    """Addresses refused lately, but for those that have installed since."""
    for knock in store.knocks.list(now=now):
        if (knock.platform, knock.address) not in known:
            yield (
                f"{knock.platform}: webhooks from {knock.address}, last at {knock.last_at:%Y-%m-%d %H:%M} UTC, are refused "
                f"because no shop here has that address. {knock.advice} If you do not know it, ignore this."
            )


def _about_links(installation: Installation, store: Store, platforms: Mapping[str, Platform]) -> Iterator[str]:
    shop, platform = installation.shop, platforms.get(installation.shop.platform)
    if installation.is_active and platform and lacks_cart_link(store.shops.settings(shop.id), platform):
        yield f"{shop.key} sends reminders without a link back to the cart: set cart_link under store in its settings."


def _about(installation: Installation, store: Store, now: datetime) -> Iterator[str]:
    key = installation.shop.key
    for fault in store.audit.check_ends(installation.shop.id).faults[:1]:
        yield f"The activity log of {key} was changed: {fault} Details: `audit list --verify --shop {key}`."
    if not installation.is_active:
        return
    if installation.suspended_at:
        since = f"{installation.suspended_at:%Y-%m-%d %H:%M} UTC"
        yield f"{key} has been suspended since {since}: nothing is sent for it. To resume it, run `shops resume {key}`."
        return
    table = store.shops.settings(installation.shop.id).table
    if not any(route.enabled for route in table.routes.values()):
        yield f"{key} sends nothing: no event is switched on. Import its settings with `settings import FILE --shop {key}`."
    for account in store.deliveries.destinations(installation.shop.id):
        if account.health is not Health.CLOSED:
            yield f"{key} does not send ({account.health}): {account.reason} {account.fix}".rstrip()
    for refusal in refusals(store, installation.shop.id, now=now):
        yield f"{key} has been refused since {refusal.since:%Y-%m-%d %H:%M} UTC: {refusal.reason} {refusal.fix}"
    if not installation.access:
        yield f"{key} has no access token: links and pictures cannot be looked up. Add one with `shops add --token`."
