"""Damaging a body: at a few random places something else stands, or nothing any more."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from random import Random
from typing import Any, Final

MOST_PLACES: Final = 6
LONG: Final = 100_000  #: characters
MANY: Final = 10_000  #: items
DEEP: Final = 100  #: levels
DEEPEST: Final = 40  #: levels at which something is still changed: our own tools stop at some depth, too

Box = dict[str, Any] | list[Any]
Place = tuple[Box, Any]  #: where it stands, and its key or index there

ODD: Final[tuple[Any, ...]] = (
    None, "", " ", [], {}, True, False, 0, -1, 1, 1e308, -1e308, 5e-324, 0.1, 1e15, 10**30, -(10**30), 10**4000, 2**63, 2**53 + 1,
    [None], [[]], [{}], {"": None}, [0], ["", None, {}],
    # texts that are nearly numbers
    "NaN", "nan", "Infinity", "-Infinity", "sNaN123", "1e308", "1e-400", "1_000", "+1", " 1 ", "１２", "²", "0x10", "1,99", "--1",
    "-19.99", "1.999", "0.0005", "-0", "9" * 19, "9" * 20, "1" + "0" * 300, "null", "true", "None",
    # moments
    "2026-13-45T99:99:99Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-02-30", "2026-11-23T12:00:00",
    "2026-11-23T12:00:00+23:59:59.999999", "2026-11-23T12:00:00.1234567Z", "2026-W48-1", "20261123T120000Z", "1900-01-01T00:00:00+14:00",
    "2999-12-31T23:59:59.999999-14:00", "-2026-11-23T12:00:00Z", "1764072000", "24:00", "2026-11-23 12:00:00 UTC",
    # ids
    "9" * 30, "-17", 17.5, -17, "17.0", "gid://shopify/Order/", "gid://shopify/Order/17 18", "1 order:2 what:3", "a:b:c", "UHJvZHVjdDo=",
    "T3JkZXI6MQ==" * 10, "Ojo6Og==", "T3JkZXI6IA==", "undefined",
    # money
    "zł", "PLN ", "pln", "KWD", "JPY", "XXX", "ABCD", "ßßß", "12.345", -0.001,
    # people
    "jan@example.com", "JAN@EXAMPLE.COM ", "@", "a@b", "jan@@example.com", "żubr@żubr.example", "a" * 65 + "@example.com",
    "jan@[127.0.0.1]", '"j n"@example.com', "jan@xn--.com", "jan@" + "a." * 120 + "com", "+48501234567", "+48 501-234-567 ext. 9",
    "++48", "+" * 300, "０４８501234567", "tel:+48501234567;phone-context=+48", "+0", "00000000000", "+999123456789",
    # languages and places
    "pl", "pl-PL", "PL_pl", "zh-Hant-TW", "AA-AAA-000", "x-klingon", "en-" + "a-" * 30, "und", "*", "Europe", "Mars/Olympus", "../etc", "PL",
    "ZZ", "Polska",
    # addresses
    "https://", "http://[", "https://[::1]:99999/", "//evil.example", "javascript:alert(1)", "https://żubr.example/ż ó", "https://a:b@c/#?",
    "https://demo.example/\u202e/x", "{slug}{locale}",
    # texts nobody should print
    "\x00", "a\x00b", "\ud800", "\udfff\ud800", "\u202e\u200f\u2066اسم", "\x1b[31m", "\r\n\t", "\u2028\u2029\x85", "\ufeff", "👩‍👩‍👧‍👦🏽🇵🇱",
    "%(why)s", "%s%n", "{}", "${x}", "<b>", "<<b>b>", "&lt;b&gt;<i>", "';--", "=cmd()", "\ufdfa" * 18, "e\u0301" * 200, "\U0010ffff",
)  # fmt: skip

_LETTERS: Final = (
    "a",
    "9",
    "ż",
    "\x00",
    "\x1b",
    "\ud800",
    "👩‍👩‍👧",
    "\u202e",
    "<",
    "<a",
    "<!--",
    "a ",
    "a@",
    ".",
    "1.",
    "\u0301",
    "&amp;<",
    "9,",
)


_NUMBER: Final = "@a number of very many digits"  #: which no Python number is written as


def damaged(body: bytes, random: Random) -> bytes:
    """The body damaged at one to six places."""
    found: dict[str, Any] = json.loads(body)
    for _ in range(random.randint(1, MOST_PLACES)):
        _damage_somewhere(found, random)
    return json.dumps(found).replace(f'"{_NUMBER}"', f"0.{'17' * (LONG // 2)}").encode()


def _damage_somewhere(body: dict[str, Any], random: Random) -> None:
    places = list(_places(body, DEEPEST))
    if not places:
        return
    box, key = random.choice(places)
    if random.randrange(5) == 0:
        del box[key]
    else:
        box[key] = random.choice(DAMAGES)(box[key], places, random)


def _places(value: Any, levels: int) -> Iterator[Place]:
    """Everything inside, down to this many levels; of a very long list its beginning."""
    keys: Iterable[Any] = value if isinstance(value, dict) else range(min(len(value), 50)) if isinstance(value, list) else ()
    for key in keys if levels else ():
        yield value, key
        yield from _places(value[key], levels - 1)


def _odd(_: Any, __: Sequence[Place], random: Random) -> Any:
    return random.choice(ODD)


def _another_part(_: Any, places: Sequence[Place], random: Random) -> Any:
    """A copy: what holds itself cannot be written."""
    box, key = random.choice(places)
    return json.loads(json.dumps(box[key]))


def _turned(found: Any, places: Sequence[Place], random: Random) -> Any:
    """A number as text, a text as a number, a list the other way round, an object as a list."""
    if isinstance(found, str):
        return random.choice((len(found), [found], {"text": found}, int(found) if found.isascii() and found.isdigit() else 0.5))
    if isinstance(found, list):
        return random.choice((found[::-1], found + found, found * 3, dict.fromkeys(map(str, range(len(found)))), found[0:1]))
    if isinstance(found, dict):
        return random.choice(
            ([found], list(found.values()), {name.upper(): value for name, value in found.items()}, str(found))
        )
    return random.choice((str(found), [found], -found if found else 1, {"amount": found}))


def _long(_: Any, __: Sequence[Place], random: Random) -> Any:
    return random.choice((_repeated, _many, _nested, _digits))(random)


def _repeated(random: Random) -> str:
    return (random.choice(_LETTERS) * LONG)[:LONG] + random.choice(("", "@example.com", ">" * 1000))


def _many(random: Random) -> list[Any]:
    return [random.choice(ODD)] * MANY


def _nested(random: Random) -> Any:
    value: Any = random.choice(ODD)
    for _ in range(DEEP):
        value = [value] if random.randrange(2) else {"node": value}
    return value


def _digits(random: Random) -> Any:
    return _NUMBER


Damage = Callable[[Any, Sequence[Place], Random], Any]
DAMAGES: Final[tuple[Damage, ...]] = (*(_odd,) * 12, *(_another_part,) * 3, *(_turned,) * 4, _long)  #: the likelier the oftener
