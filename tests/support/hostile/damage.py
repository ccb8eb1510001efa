"""Damaging a body: at a few random places something else stands, or nothing any more."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, Final

from tests.support.hostile.odd_values import LETTERS, ODD

MOST_PLACES: Final = 6
LONG: Final = 100_000  #: characters
MANY: Final = 10_000  #: items
SOME: Final = 1_000  #: items that may be large themselves
DEEP: Final = 100  #: levels
DEEPEST: Final = 40  #: levels at which something is still changed: our own tools stop at some depth, too

SHORT: Final = tuple(value for value in ODD if len(json.dumps(value)) <= 40)  #: of a long list

Box = dict[str, Any] | list[Any]
Place = tuple[Box, Any]  #: where it stands, and its key or index there

_NUMBER: Final = "@a number of very many digits"  #: which no Python number is written as


def damaged(body: bytes, random: Random) -> bytes:
    """The body damaged at one to six places."""
    found: dict[str, Any] = json.loads(body)
    for number in range(random.randint(1, MOST_PLACES)):
        _damage_somewhere(found, random, DAMAGES if number else FIRST_DAMAGES)
    return json.dumps(found).replace(f'"{_NUMBER}"', f"0.{'17' * (LONG // 2)}").encode()


def _damage_somewhere(body: dict[str, Any], random: Random, damages: Sequence["Damage"]) -> None:
    places = list(_places(body, DEEPEST))
    if not places:
        return
    box, key = random.choice(places)
    if random.randrange(5) == 0:
        del box[key]
    else:
        box[key] = random.choice(damages)(box[key], places, random)


def _places(value: Any, levels: int) -> Iterator[Place]:
    """Everything inside, down to this many levels; of a very long list its beginning."""
    keys: Iterable[Any] = value if isinstance(value, dict) else range(min(len(value), 50)) if isinstance(value, list) else ()
    for key in keys if levels else ():
        yield value, key
        yield from _places(value[key], levels - 1)


def _odd(_: Any, __: Sequence[Place], random: Random) -> Any:
    return _copy(random.choice(ODD))


def _another_part(_: Any, places: Sequence[Place], random: Random) -> Any:
    box, key = random.choice(places)
    return _copy(box[key])


def _copy(value: Any) -> Any:
    """What holds itself cannot be written, and what is changed here must not change elsewhere."""
    return json.loads(json.dumps(value)) if isinstance(value, dict | list) else value


def _turned(found: Any, places: Sequence[Place], random: Random) -> Any:
    """The same in another shape: a number as text and the other way round, a list reversed or doubled, an object as a list."""
    if isinstance(found, str):
        return random.choice(
            (len(found), [found], {"text": found}, int(found[:40]) if found[:40].isascii() and found[:40].isdigit() else 0.5)
        )
    if isinstance(found, list):
        few = found if len(found) < 1000 else []
        return random.choice(
            (found[::-1], found + few, found + few * 2, dict.fromkeys(map(str, range(len(found)))), found[0:1])
        )
    if isinstance(found, dict):
        return random.choice(
            ([found], list(found.values()), {name.upper(): value for name, value in found.items()}, str(found))
        )
    return random.choice((str(found), [found], -found if found else 1, {"amount": found}))


def _long(found: Any, __: Sequence[Place], random: Random) -> Any:
    if isinstance(found, list) and found and random.randrange(2):
        return _repeated_item(found[0], SOME)
    return random.choice((_repeated, _many, _nested, _digits))(random)


def _repeated(random: Random) -> str:
    return (random.choice(LETTERS) * LONG)[:LONG] + random.choice(("", "@example.com", ">" * 1000))


def _repeated_item(item: Any, count: int) -> list[Any]:
    """Each a thing of its own: what is changed in one later must not change in all."""
    return [_copy(item) for _ in range(count)]


def _many(random: Random) -> list[Any]:
    return _repeated_item(random.choice(SHORT), MANY)


def _nested(random: Random) -> Any:
    value = _copy(random.choice(ODD))
    for _ in range(DEEP):
        value = [value] if random.randrange(2) else {"node": value}
    return value


def _digits(random: Random) -> Any:
    return _NUMBER


Damage = Callable[[Any, Sequence[Place], Random], Any]
DAMAGES: Final[tuple[Damage, ...]] = (*(_odd,) * 12, *(_another_part,) * 3, *(_turned,) * 4)  #: the likelier the oftener
FIRST_DAMAGES: Final = (*DAMAGES, *(_long,) * 3)  #: one is enormous at most: no body over 5 MB comes this far
