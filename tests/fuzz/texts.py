"""Texts nobody should paste: pieces of what people do paste, cut, joined, repeated and mixed with odd signs."""

import json
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, Final

from tests.support.builders import EVENT_URL, a_settings_document
from tests.support.hostile.odd_values import LETTERS, ODD
from tests.support.web import wrong_files, wrong_inputs

PIECES: Final[tuple[str, ...]] = (
    EVENT_URL, "https://login.sendpulse.com/automation/flow/id/12345", "curl -X POST -d '{}' https://", "pl-PL", "zh-Hant-TW",
    "jan@example.com", "+48 501 234 567", "2026-11-30T12:00:00+01:00", "1.234,56 zł", "<p>Lamp &amp; shade</p>",
    "en;q=0.8,pl", *(text for _, text, _ in wrong_inputs.EVENTS), *(value for value in ODD if isinstance(value, str)), *LETTERS,
)  # fmt: skip
LONGEST: Final = 40_000  #: characters; longer ones are refused by length alone
FILES: Final = (
    json.dumps(a_settings_document()),
    wrong_files.TEXT,
    *(text for text, _ in wrong_files.PASTED if len(text) < 5000),
)


def hostile_text(random: Random) -> str:
    """Some pieces one after another; one time in eight one of them very often."""
    pieces = [_cut(random.choice(PIECES), random) for _ in range(random.randint(1, 5))]
    if random.randrange(8) == 0:
        place = random.randrange(len(pieces))
        pieces[place] *= random.randint(2, 2000)
    return random.choice(("", " ", "\n", ",", "/")).join(pieces)[:LONGEST]


def hostile_bytes(random: Random) -> bytes:
    """The same as it arrives: sometimes with bytes that are no UTF-8."""
    text = hostile_text(random).encode(errors="surrogatepass")
    return text if random.randrange(4) else text + bytes(random.randrange(256) for _ in range(random.randrange(12)))


def hostile_file(random: Random) -> str:
    """A settings file that was cut, has another piece inside, or is none."""
    text = random.choice(FILES)
    place = random.randrange(len(text) + 1)
    return random.choice((text[:place], text[:place] + hostile_text(random) + text[place:], text[place:], text))


def hostile_document(random: Random) -> Any:
    """A parsed settings file in which a few values are others."""
    document = json.loads(json.dumps(a_settings_document()))
    for _ in range(random.randint(1, 5)):
        _change(document, random)
    return document


def _change(value: Any, random: Random) -> None:
    while isinstance(value, dict | list) and value:
        keys: Sequence[Any] = list(value) if isinstance(value, Mapping) else range(len(value))
        key = random.choice(keys)
        if not isinstance(value[key], dict | list) or random.randrange(4) == 0:
            value[key] = random.choice((random.choice(ODD), hostile_text(random)))
            return
        value = value[key]


def _cut(text: str, random: Random) -> str:
    if random.randrange(3):
        return text
    start, end = sorted((random.randrange(len(text) + 1), random.randrange(len(text) + 1)))
    return text[start:end]
