"""Chooses the concrete classes and puts them together; the only module that does."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from plugin import clock
from plugin.config import Settings
from plugin.platforms import discover
from plugin.ports import AccountApi, AsSent, Platform, Post, ShortLink, Store, WriteBodies
from plugin.sendpulse.body import bodies
from plugin.sendpulse.client import SendPulse
from plugin.sendpulse.form import as_sent
from plugin.storage import open_store
from plugin.upkeep.shared_clock import SharedClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Everything a page, a worker or a command works with."""

    settings: Settings
    store: Store
    platforms: Mapping[str, Platform]
    post: Post
    write_bodies: WriteBodies
    short_link: ShortLink
    account: AccountApi | None = None  #: None where no SendPulse can be asked
    as_sent: AsSent = as_sent
    #: what leases, paces and pages go by, shared by all machines; without one, this machine's, looked up when asked
    now: Callable[[], datetime] = lambda: clock.now()


def assemble(settings: Settings, environ: Mapping[str, str] = os.environ) -> Services:
    """Open the store, every platform and the way to SendPulse; raises `BadEnvironment`."""
    store = open_store(settings)
    now = SharedClock(store.ahead)
    sendpulse = SendPulse(settings, store.tokens, now)
    return Services(
        settings=settings,
        store=store,
        platforms={name: folder.open(settings, environ, now=now) for name, folder in discover().items()},
        post=sendpulse,
        account=sendpulse,
        write_bodies=bodies,
        short_link=short_links(store, settings),
        now=now,
    )


def short_links(store: Store, settings: Settings) -> ShortLink:
    """Short links at this app's own address."""

    def short_link(shop_id: int, address: str, names: Sequence[str]) -> str:
        return f"{settings.public_url}/go/{store.links.shorten(shop_id, address, names)}"

    return short_link
