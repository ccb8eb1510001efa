"""What is kept about one person: handed out as JSON, and deleted, for whoever asks at the command line or on a page."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from plugin.domain.audit import Deed
from plugin.domain.errors import Misconfigured
from plugin.domain.person import Holding, Kept, Person
from plugin.domain.settings import Account
from plugin.domain.shop import Shop
from plugin.domain.wording import Sentence, worded
from plugin.pipeline.translate import in_every_word
from plugin.ports import Platform, Store

LONGEST_NAME: Final = 320  #: characters of what somebody types: no address or number is longer
NAMES_OF_A_PERSON: Final = ("email", "phone", "customer_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A person of a shop, with every name that is known of them."""

    shop: Shop
    person: Person
    is_shared: bool = False  #: several people use the one phone number that is asked for: `SHARED` says what that means


def unreadable(person: Person) -> tuple[str, ...]:
    """Which of the names somebody typed cannot be anybody's; all of them when none was given."""
    given = {"email": person.email.strip(), "phone": person.phone.strip(), "customer_id": person.customer_id.strip()}
    read = {"email": person.emails, "phone": person.phones, "customer_id": person.customer_ids}
    wrong = tuple(name for name, text in given.items() if text and not read[name])
    return wrong if any(given.values()) else tuple(given)


def seek(store: Store, platform: Platform, shop: Shop, person: Person) -> Sought:
    """Whoever goes by these names; raises `Misconfigured` when one of them cannot be read."""
    if wrong := unreadable(person):
        raise Misconfigured(_NO_NAME[wrong[0]] if len(wrong) < len(_NO_NAME) else NOBODY_NAMED)
    is_shared = person.is_phone_alone and store.people.is_shared(shop.id, person)
    return Sought(shop=shop, person=in_every_word(person, shop.id, platform, store), is_shared=is_shared)


def look(store: Store, sought: Sought, *, who: str, now: datetime, address: str = "") -> dict[Holding, int]:
    """How many things of each kind are kept, those of which there are none left out; that somebody looked is noted."""
    store.people.noted(sought.shop.id, Deed.PERSON_LOOKED_UP, who=who, address=address, now=now)
    return kept_counts(store, sought)


def kept_counts(store: Store, sought: Sought) -> dict[Holding, int]:
    """The same for what is said before something else that is noted."""
    counts: dict[Holding, int] = {}
    for kept in store.people.kept(sought.shop.id, sought.person):
        counts[kept.holding] = counts.get(kept.holding, 0) + 1
    return counts


def export(store: Store, sought: Sought, *, who: str, now: datetime, address: str = "") -> Iterator[str]:
    """All that is kept, as one JSON document in pieces; every kind of thing stands in it, also where there is none."""
    taken_along(store, sought, who=who, address=address, now=now)
    # Before the first piece: it takes turns itself, and pieces may be made within a turn.
    return _document(_head(sought, now), store.people.kept(sought.shop.id, sought.person))


def _document(about: Mapping[str, Any], things: Iterator[Kept]) -> Iterator[str]:
    head = json.dumps(about, ensure_ascii=False, indent=2)
    yield head.removesuffix("\n}") + ',\n  "kept": {'
    found = groupby(things, key=lambda kept: kept.holding)
    following = next(found, None)
    for number, holding in enumerate(Holding):
        yield f'{"," if number else ""}\n    "{holding.value}": ['
        if following and following[0] is holding:
            yield from _list(following[1])
            following = next(found, None)
        yield "]"
    yield "\n  }\n}\n"


def taken_along(store: Store, sought: Sought, *, who: str, now: datetime, address: str = "") -> None:
    """Note that somebody took along what is kept."""
    store.people.noted(sought.shop.id, Deed.PERSON_EXPORTED, who=who, address=address, now=now)


def erase(store: Store, sought: Sought, *, who: str, now: datetime, address: str = "") -> Mapping[Holding, int]:
    """Delete it; how many things of each kind that were."""
    return store.people.erase(sought.shop.id, sought.person, who=who, address=address, now=now)


def by_hand(account: Account) -> Sentence:
    """What SendPulse keeps that no call of ours deletes, and where a person deletes it."""
    return BY_HAND if account.has_keys else ALL_BY_HAND


def with_orders(person: Person, order_ids: tuple[str, ...]) -> Person:
    """The same person, of whom these orders are known to be."""
    return replace(person, order_ids=order_ids)


def _head(sought: Sought, now: datetime) -> dict[str, Any]:
    person = sought.person
    known_as = {"emails": person.emails, "phones": person.phones, "customer_ids": person.customer_ids}
    return {"shop": sought.shop.key, "made_at": now.isoformat(), "known_as": known_as}


def _list(found: Iterable[Kept]) -> Iterator[str]:
    for number, kept in enumerate(found):
        text = json.dumps(kept.fields, ensure_ascii=False, indent=2, default=_plain)
        indented = text.replace("\n", "\n      ")
        yield f"{',' if number else ''}\n      {indented}"
    yield "\n    "


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


SHARED = worded(
    "Several people share this phone number, so only data that names nobody else is shown. To find all of one person’s "
    "data, use their email address or customer ID."
)
BY_HAND = worded(
    "SendPulse also keeps the events it received, running flows, and CRM contacts that have only a phone number. Its "
    "API cannot delete them. Delete them there yourself: in Automation 360, in the event's history and in the flow's "
    "list of contacts; and in the CRM."
)
ALL_BY_HAND = worded(
    "This app has no access to SendPulse's REST API, so delete the customer there yourself: in the mailing lists, in "
    "the CRM and, in Automation 360, in the event's history and in the flow's list of contacts."
)
NOBODY_NAMED = "Name the person: by --email, --phone or --customer-id."
_NO_NAME: Mapping[str, str] = {
    "email": "This is no e-mail address.",
    "phone": "This is no phone number with its country code, such as +48 512 345 678.",
    "customer_id": "This is no customer's number.",
}
