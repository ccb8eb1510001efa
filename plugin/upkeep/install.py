"""A shop arrives, gets its settings, leaves."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from plugin.domain.audit import OPERATOR, Deed
from plugin.domain.errors import Misconfigured
from plugin.domain.settings.file import read_settings_file
from plugin.domain.settings.secrets import holds_its_secrets, kept, with_stored_secrets
from plugin.domain.shop import Shop
from plugin.domain.wording import NO_SENTENCE, Sentence
from plugin.ports import Installation, Platform, Store


def named_shop(store: Store, platforms: Mapping[str, Platform], key: str) -> Installation:
    """The shop a person wrote as `platform:address`; raises `Misconfigured`."""
    platform, address = split_key(platforms, key)
    found = store.shops.find(platform.name, address)
    if found is None:
        raise Misconfigured(
            f"No shop {platform.name}:{address} is here. `shops list` shows those that are; `shops add` adds one."
        )
    return found


def deleted_on(installation: Installation, *, days: int) -> date | None:
    """The day after which nothing is left of a shop that uninstalled the app; None while it is installed."""
    return (installation.left_at + timedelta(days=days)).date() if installation.left_at else None


def still_here(installation: Installation) -> Shop:
    """The shop; raises `Misconfigured` when it uninstalled the app, and with that ended what we may do for it."""
    if installation.is_active:
        return installation.shop
    raise Misconfigured(
        f"{installation.shop.key} has uninstalled the app: its event URLs and keys are neither shown nor used any more. "
        "`shops list` says when they are deleted; installing the app again before then brings its settings back."
    )


def still_running(installation: Installation) -> Shop:
    """The shop; raises `Misconfigured` also when it is suspended."""
    shop = still_here(installation)
    if installation.suspended_at:
        raise Misconfigured(f"{shop.key} is suspended: nothing is sent for it. To resume it, run `shops resume {shop.key}`.")
    return shop


def split_key(platforms: Mapping[str, Platform], key: str) -> tuple[Platform, str]:
    """The platform and its shop's address of a `platform:address`."""
    name, _, address = key.partition(":")
    if name not in platforms or not address:
        known = ", ".join(f"{platform}:…" for platform in platforms)
        raise Misconfigured(f"{key!r} names no shop; write its platform and address, one of {known}.")
    return platforms[name], platforms[name].clean_address(address)


def add_shop(store: Store, platform: Platform, shop: Shop, *, token: str, now: datetime) -> Shop:
    """Store a shop without its platform's handshake; known again, it only changes."""
    access: Mapping[str, Any] = platform.access_from_token(token) if token else {}
    return store.shops.install(shop, access, deed=Deed.SHOP_ADDED, who=OPERATOR, now=now)


def import_settings(
    store: Store,
    shop_id: int,
    document: Mapping[str, Any],
    *,
    who: str,
    now: datetime,
    expected: int | None = None,
    address: str = "",
) -> int:
    """Store a settings file as the shop's next version; refused whole when anything in it is wrong.

    Somebody acted, so accounts that were paused are tried again. Raises `ChangedMeanwhile` for another version than `expected`.
    """
    read_settings_file(document, known=store.shops.settings_document(shop_id))
    by = {"who": who, "address": address}
    version = store.shops.write_settings(shop_id, document, **by, now=now, expected=expected)
    store.timers.follow(shop_id, now=now)
    store.deliveries.reopen(shop_id, now=now)
    return version


def import_file(store: Store, shop_id: int, file: object, *, who: str, now: datetime) -> tuple[int, Sentence]:
    """The same for a file from outside, which may leave secrets out: then the stored ones stay, and the words say so.

    A file that holds its secrets is taken exactly.
    """
    stored = store.shops.settings_version(shop_id)
    if not isinstance(file, dict) or not stored or holds_its_secrets(file):
        return import_settings(store, shop_id, file, who=who, now=now), NO_SENTENCE  # type: ignore[arg-type]  # refused there
    taken = with_stored_secrets(file, stored.document)
    version = import_settings(store, shop_id, taken, who=who, now=now, expected=stored.number)
    return version, kept(file, taken).summary
