"""What is kept about one person: handed out as JSON, and deleted, for whoever asks at the command line or on a page."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from plugin.domain.errors import Misconfigured
from plugin.domain.person import Holding, Kept, Person
from plugin.domain.shop import Shop
from plugin.pipeline.translate import in_every_word
from plugin.ports import Platform, Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """A person of a shop, with every name that is known of them."""

    shop: Shop
    person: Person


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
    return Sought(shop=shop, person=in_every_word(person, shop.id, platform, store))


def kept_counts(store: Store, sought: Sought) -> dict[Holding, int]:
    """How many things of each kind are kept, those of which there are none left out."""
    counts: dict[Holding, int] = {}
    for kept in store.people.kept(sought.shop.id, sought.person):
        counts[kept.holding] = counts.get(kept.holding, 0) + 1
    return counts


def export(store: Store, sought: Sought, *, now: datetime) -> Iterator[str]:
    """All that is kept, as one JSON document in pieces; every kind of thing stands in it, also where there is none."""
    head = json.dumps(_head(sought, now), ensure_ascii=False, indent=2)
    yield head.removesuffix("\n}") + ',\n  "kept": {'
    found = groupby(store.people.kept(sought.shop.id, sought.person), key=lambda kept: kept.holding)
    following = next(found, None)
    for number, holding in enumerate(Holding):
        yield f'{"," if number else ""}\n    "{holding.value}": ['
        if following and following[0] is holding:
            yield from _list(following[1])
            following = next(found, None)
        yield "]"
    yield "\n  }\n}\n"


def erase(store: Store, sought: Sought, *, who: str, now: datetime) -> Mapping[Holding, int]:
    """Delete it; how many things of each kind that were."""
    return store.people.erase(sought.shop.id, sought.person, who=who, now=now)


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


NOBODY_NAMED = "Name the person: by --email, --phone or --customer-id."
_NO_NAME: Mapping[str, str] = {
    "email": "This is no e-mail address.",
    "phone": "This is no phone number with its country code, such as +48 512 345 678.",
    "customer_id": "This is no customer's number.",
}
