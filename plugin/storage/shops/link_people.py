"""Whose a short link is: names as keyed hashes, of which only their kind can be read."""

import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import unquote, unquote_plus

from plugin.domain.contact import person_names
from plugin.storage.db.crypto import Crypto, short_hash

BETWEEN_PEOPLE: Final = "|"
MOST_NAMES: Final = 50  #: of one link: PostgreSQL refuses entries of an index over 2,704 bytes
MOST_ENCODED: Final = 3  #: times: an address in the address of a page in an address
LONGEST_READ: Final = 4_000  #: characters of an address: browsers and servers take hardly more
MOST_WRITTEN: Final = 20  #: e-mail addresses looked at in one link

_BETWEEN_WORDS = re.compile(r"[\s/?&=#;,:<>\"'()\[\]{}|]")


def hashed(crypto: Crypto, shop_id: int, name: str) -> str:
    """One name, as `contact.person_names` writes it, with a hash for what it names; of an e-mail address the @ stays."""
    kind, _, _ = name.partition(":")
    return f"{kind}:{short_hash(crypto.hash_person(shop_id, name))}{'@' * ('@' in name)}"


def person_of(crypto: Crypto, shop_id: int, names: Iterable[str]) -> str:
    """One person, as `links.people` holds them; "" for nobody."""
    return " ".join(hashed(crypto, shop_id, name) for name in tuple(dict.fromkeys(names))[:MOST_NAMES])


def people_in(noted: str) -> list[frozenset[str]]:
    """The people of a link, each by their hashed names."""
    return [frozenset(person.split()) for person in noted.split(BETWEEN_PEOPLE) if person]


def with_person(noted: str | None, person: str) -> str | None:
    """The people of a link that is used for this person, too; None where nobody noted whose it is.

    An address of more people than one person may have names is nobody's own: those who came first stay noted.
    """
    if not person:
        return noted
    known, names = people_in(noted or ""), frozenset(person.split())
    if any(names <= one for one in known):
        return noted
    others = [one for one in known if not one <= names]
    if sum(map(len, others)) + len(names) > MOST_NAMES:
        return noted
    return BETWEEN_PEOPLE.join([*(" ".join(sorted(one)) for one in others), person])


def written_in(address: str) -> tuple[str, ...]:
    """The people whose e-mail address a link's address spells, however it is encoded, as `contact.person_names` writes them."""
    words = [word.strip(".").lower() for text in _decoded(address[:LONGEST_READ]) for word in _BETWEEN_WORDS.split(text)]
    return person_names(emails=list(dict.fromkeys(word for word in words if "@" in word))[:MOST_WRITTEN])


def _decoded(address: str) -> Iterator[str]:
    """A plus in a query may be a blank, and may stand for itself."""
    for decode in (unquote, unquote_plus):
        text = address
        for _ in range(MOST_ENCODED + 1):
            yield text
            text = decode(text)
