"""Long texts that readers stumble over, and how long one took over them."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.support.own_time import own_time

SIZE: Final = 64 * 1024  #: characters
MOST_SECONDS: Final = 0.020  #: of this thread's own time on a processor, which a busy machine does not lengthen
TRIES: Final = 5  #: the best counts: caches are cold at first
BAD_END: Final = "\x00"

# One sign of each kind, openings without their ends, and what repeats in addresses, lists, markup and JSON.
UNITS: Final = (
    *"aA90_-.,;:@<>&/%{}[]()'\"\\#+=?!*|~$^ \n\t\x00\xa0\u2028\u200d\ufeff\ud800éßİж漢\u0301ﷺ１🇵",
    *("e\u0301", "👩\u200d", "a ", "a,", "a.", "a-", "a_", "a:", "a@", "a/", "1 ", "1,", "1.", "1-", "a1", "-a", ".-", "@,"),
    *("\r\n", "..", "--", "//", "<a", "<!--", "-->", "<!-", "<a>", "</", "<a <", "&amp;", "&#1", "&#x", "&lt;b&gt;", "<b"),
    *("https://", "http:", "/flow/id/1 ", "en,", "en;q=0.1,", "pl-PL,", "a=b;", "a*0=", "xn--", "%41", "%u0041", "\\u0041"),
    *('{"a":', "[", "[[],", '"a",', '{"":0,', "1e9,", "0x1", "::", "1.1.", "@a.", "{a", "{{", "{}", "%(a)s", "${", "../"),
)  # fmt: skip
NESTED: Final = (("<a", ">"), ("<!--", "-->"), ("<", "a>"), ("[", "]"), ("{", "}"), ('{"a":', "}"), ("(", ")"), ("a", "\ud800"))


@dataclass(frozen=True, slots=True, order=True)
class Slowest:
    """The text that took longest, of all that were given."""

    seconds: float = 0.0
    what: str = ""
    unit: str = ""

    def __str__(self) -> str:
        return f"{self.seconds * 1000:.1f} ms: {self.what} with {self.unit!r}"


def long_texts(units: Iterable[str] = UNITS, *, heads: Iterable[str] = ("",)) -> Iterator[tuple[str, str]]:
    """Each unit again and again, also with a good beginning or a bad end; and pairs as deep as they go. With its name."""
    heads = tuple(heads)
    for unit in units:
        text = filled(unit)
        yield unit, text
        yield f"{unit}, bad end", text[:-1] + BAD_END
        yield from ((f"{head}{unit}", f"{head}{text}") for head in heads if head)
    for opening, end in NESTED:
        times = SIZE // len(opening + end)
        yield opening + end, opening * times + end * times


def filled(unit: str) -> str:
    """The unit as often as it goes into a long text."""
    return (unit * (SIZE // len(unit) + 1))[:SIZE]


def units_of(pattern: str) -> list[str]:
    """The signs and words that stand in a pattern, alone and in pairs: what its repeats may quarrel about."""
    plain = re.sub(r"\\([sdwSDW.\[\](){}?*+|/-])", lambda match: _EXAMPLES.get(match[1], match[1]), pattern)
    words = re.findall(r"[A-Za-z0-9:/._@%<!-]{2,}", plain)
    signs = list(dict.fromkeys(sign for sign in (*plain, *"a1 é\n") if sign not in "()[]{}?*+|^$\\"))[:8]
    pairs = [one + other for one in signs[:5] for other in signs[:5] if one != other]
    return list(dict.fromkeys((*signs, *pairs, *words, "".join(words)[:60] or "a", "ab\\", "(", ".")))


_EXAMPLES: Final = {"s": " ", "d": "1", "w": "a", "S": "a", "D": "a", "W": " "}


def seconds_for(act: Callable[[], object], *, most: float = MOST_SECONDS) -> float:
    """The time this takes; where it is too much, the best of several."""
    best = _seconds(act)
    for _again in range(TRIES - 1):
        if best < most or best > 50 * most:
            break
        best = min(best, _seconds(act))
    return best


def _seconds(act: Callable[[], object]) -> float:
    with own_time() as spent:
        act()
    return spent.seconds
