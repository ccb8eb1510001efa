"""Somebody saves one part of a shop's settings: checked, never over what he has not seen, warned of what it takes away."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from plugin.domain.errors import ChangedMeanwhile
from plugin.domain.kinds import KINDS, EventKind
from plugin.domain.losses import Loss, Stopped, digest, losses, switched_off
from plugin.domain.settings import ShopSettings
from plugin.domain.settings.editing import EMPTY, Difference, Document, differences
from plugin.domain.settings.file import SettingsError, SettingsRefused, read_settings_file
from plugin.domain.settings.merging import merge
from plugin.domain.shop import Shop
from plugin.ports import Store
from plugin.upkeep.install import import_settings
from plugin.upkeep.unmapped import seen_locales

LOOKED_BACK = timedelta(days=30)
MOST_OWN = 10  #: versions of which it is asked whose they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of one part, as a person asked for it."""

    parts: tuple[tuple[str, ...], ...]  #: what the person saw and changed: (("events", "order_paid"),)
    change: Callable[[Document], Document]
    seen: int  #: the version the person saw; 0 when there was none
    confirmed: str = ""  #: the digest of what the person was asked about and accepts; anything else is asked first
    told: int = 0  #: the version of whose differences the person knows: where both changed the same value, this edit's counts
    is_whole: bool = False  #: it takes the place of all that stands there, whoever changed it


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What came of it."""

    version: int  #: the newest one now
    is_saved: bool = False
    errors: tuple[SettingsError, ...] = ()
    differences: tuple[Difference, ...] = ()  #: what was changed in the same part meanwhile; kept, if this one is saved
    is_own: bool = False  #: the same person did, in another tab
    is_whole: bool = False  #: and nothing of it would stay
    losses: tuple[Loss, ...] = field(default=())  #: what it would take away; said before it is saved
    stopped: tuple[Stopped, ...] = field(default=())  #: what waits and would be skipped; said before, too
    confirmation: str = ""  #: what `Edit.confirmed` is after both were read; "" where nothing is asked


def edit_settings(store: Store, shop: Shop, edit: Edit, *, who: str, now: datetime, address: str = "") -> Edited:
    """Save the change over the newest settings, or say why not."""
    newest = store.shops.settings_version(shop.id)
    number, document = (newest.number, newest.document) if newest else (0, EMPTY)
    changed = _changed(store, shop, edit, document) if number != edit.seen else ()
    if changed and edit.change(document) == document:
        return Edited(version=number, is_saved=True)  # the same once more: a form that was sent twice
    is_own = bool(changed) and _is_own(store, shop, edit, number, who=who)
    changed_document = _merged(store, shop, edit, document, number) if changed else edit.change(document)
    if changed_document is None:
        return Edited(version=number, differences=changed, is_own=is_own, is_whole=edit.is_whole)
    try:
        settings = read_settings_file(changed_document, known=document)
    except SettingsRefused as error:
        return Edited(version=number, errors=error.errors)
    before = read_settings_file(document, known=document)
    lost, off = _lost(store, shop, before, settings, now=now), switched_off(before.table, settings.table)
    confirmation, stopped = digest(lost, off), _stopped(store, shop, off)
    if (lost or stopped) and confirmation != edit.confirmed:
        return Edited(version=number, losses=lost, stopped=stopped, confirmation=confirmation)
    try:
        version = import_settings(store, shop.id, changed_document, who=who, address=address, now=now, expected=number)
    except ChangedMeanwhile:  # between reading and writing: look again, now there is something to compare with
        return edit_settings(store, shop, edit, who=who, address=address, now=now)
    return Edited(version=version, is_saved=True, differences=() if edit.told == number else changed, is_own=is_own)


def draft(store: Store, shop: Shop, change: Callable[[Document], Document]) -> ShopSettings | Sequence[SettingsError]:
    """The settings this change would make, without saving them; or what is wrong with it."""
    newest = store.shops.settings_version(shop.id)
    document = newest.document if newest else EMPTY
    try:
        return read_settings_file(change(document), known=document)
    except SettingsRefused as error:
        return error.errors


def _changed(store: Store, shop: Shop, edit: Edit, newest: Document) -> tuple[Difference, ...]:
    seen = _document(store, shop, edit.seen)
    return tuple(difference for part in edit.parts for difference in differences(seen, newest, part))


def _document(store: Store, shop: Shop, number: int) -> Document:
    """What was stored as this version; nothing for one that never was."""
    found = store.shops.settings_version(shop.id, number)
    return found.document if found else EMPTY


def _merged(store: Store, shop: Shop, edit: Edit, newest: Document, number: int) -> Document | None:
    """The newest settings with what the person changed of those that were seen; None where they are to be told first."""
    is_told = edit.told == number
    if edit.is_whole:
        return edit.change(newest) if is_told else None
    seen = _document(store, shop, edit.seen)
    merged = merge(seen, edit.change(seen), newest)
    return None if merged.is_disputed and not is_told else merged.document


def _is_own(store: Store, shop: Shop, edit: Edit, newest: int, *, who: str) -> bool:
    """Whether nobody else saved anything since."""
    since = range(max(edit.seen, newest - MOST_OWN) + 1, newest + 1)
    found = [store.shops.settings_version(shop.id, number) for number in since]
    return bool(who) and len(since) == newest - edit.seen and all(each and each.who == who for each in found)


def _lost(store: Store, shop: Shop, before: ShopSettings, after: ShopSettings, *, now: datetime) -> tuple[Loss, ...]:
    locales = [seen.locale for seen in seen_locales(store, shop.id, since=now - LOOKED_BACK)]
    default = after.store.default_locale or shop.locale
    return losses(before.table, after.table, locales, default_locale=default)


def _stopped(store: Store, shop: Shop, off: Sequence[EventKind]) -> tuple[Stopped, ...]:
    """Of these kinds, those of which something waits."""
    found = [
        Stopped(
            kind=kind,
            deliveries=store.deliveries.waiting(shop.id, kind),
            carts=store.timers.waiting(shop.id, limit=1).number if KINDS[kind].is_computed else 0,
        )
        for kind in off
    ]
    return tuple(each for each in found if each.deliveries or each.carts)
