"""Text costs linear time: every expression and every reader of outside text, with 64 kB of what it likes least."""

import gc
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatchcase
from math import inf
from string import ascii_uppercase
from typing import Any

import pytest

from plugin.domain import locale
from plugin.domain.kinds import EventKind
from plugin.domain.locale import parse
from plugin.domain.losses import losses
from plugin.domain.matching import guesses
from plugin.domain.routing import Flow, Route, RouteTable, Rule
from plugin.domain.secret import AutomationId
from plugin.domain.settings.file import SettingsRefused, read_settings_file
from plugin.web.pages.store.reading import read_file
from tests.support.hostile.long_texts import MOST_SECONDS, TRIES, Slowest, long_texts, seconds_for, units_of
from tests.support.hostile.not_asked import NOT_ASKED, is_excused, readers_of_text
from tests.support.hostile.patterns import Found, kept, written_in_place
from tests.support.hostile.readers import READERS, Reader
from tests.support.hostile.whole_files import Pauses, documents, texts

# Expressions that are put together while the program runs, and why nothing hostile can be put into one.
PUT_TOGETHER = {
    "web/settings_labels.py: f'\\\\b{kind.value}\\\\b'": "the names of our own events",
    "sandbox/stores/saleor/findings.py: pattern": "the pretended Saleor's, which nobody but its own operator reaches",
    "platforms/saleor/config.py: text": "the operator's, read by re2, which is linear whatever is written",
}


def test_no_expression_takes_long_over_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    constant, _ = written_in_place()
    found = [*kept(), *constant]

    slowest = max(map(_slowest_use, found))

    with capsys.disabled():
        print(f"\n{len(found)} expressions, slowest {slowest}")
    assert len(found) > 80
    assert slowest.seconds < MOST_SECONDS, str(slowest)


def test_no_reader_takes_long_over_any_text(capsys: pytest.CaptureFixture[str]) -> None:
    slowest = max(_slowest_reading(name, reader) for name, reader in READERS.items())

    with capsys.disabled():
        print(f"\n{len(READERS)} readers, slowest {slowest}")
    assert slowest.seconds < MOST_SECONDS, str(slowest)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> Pauses:
    pauses = Pauses()
    monkeypatch.setattr("plugin.turns.time", pauses)
    return pauses


@pytest.mark.parametrize("document", [pytest.param(document, id=name) for name, document in documents()])
def test_no_settings_file_keeps_others_waiting_while_it_is_read(document: dict[str, Any], pauses: Pauses) -> None:
    assert _longest_piece(pauses, lambda: _read(document)) < MOST_SECONDS


@pytest.mark.parametrize("text", [pytest.param(text, id=name[:20]) for name, text in texts()])
def test_no_pasted_file_keeps_others_waiting(text: str, pauses: Pauses) -> None:
    assert _longest_piece(pauses, lambda: read_file(None, text)) < MOST_SECONDS


def test_no_change_of_flows_keeps_others_waiting_while_it_is_compared(pauses: Pauses) -> None:
    codes = (f"{one}{other}" for one in ascii_uppercase for other in ascii_uppercase)
    locales = {parse(f"{language}-{code}"): f"{language}-{code}" for code in codes for language in ("en", "fr", "de")}
    flows = tuple(Flow(locale=locale, automation_id=AutomationId(1)) for tag, locale in locales.items() if tag)
    before, after = (
        RouteTable(
            routes={kind: Route(kind=kind) for kind in EventKind},
            flows=some,
            rules=tuple(Rule(channel=f"channel {number}", automation_id=AutomationId(1)) for number in range(500)),
        )
        for some in (flows[:500], flows[500:1_000])
    )
    seen = [f"en-{code}-x-{code}" for code in map(str, range(10_000, 10_030))]

    assert _longest_piece(pauses, lambda: losses(before, after, seen, default_locale="en")) < MOST_SECONDS
    assert _longest_piece(pauses, lambda: guesses(before, seen)) < MOST_SECONDS


def test_every_expression_that_is_put_together_has_a_reason() -> None:
    _, put_together = written_in_place()

    assert set(put_together) == set(PUT_TOGETHER)


def test_every_reader_of_outside_text_is_asked_or_has_a_reason() -> None:
    known = readers_of_text()
    asked = {name.partition(":")[0] for name in READERS}

    assert [name for name in known if name not in asked and not is_excused(name)] == []
    assert asked <= set(known)


def test_no_reason_is_about_nothing() -> None:
    known = readers_of_text()
    patterns = [pattern for patterns in NOT_ASKED.values() for pattern in patterns]

    assert [one for one in patterns if not any(fnmatchcase(name, one) for name in known)] == []


def _longest_piece(pauses: Pauses, act: Callable[[], object]) -> float:
    """The best of several tries, each as if nothing had been read before."""

    longest = inf
    for _try in range(TRIES):
        for remembers in (locale._parse, locale._best, locale._reads, locale._plain):
            remembers.cache_clear()
        gc.disable()  # of all that the tests have made; the app keeps what it was started with out of it
        try:
            longest = min(longest, pauses.longest_of(act))
        finally:
            gc.enable()
        if longest < MOST_SECONDS:
            break
    return longest


def _read(document: dict[str, Any]) -> None:
    with suppress(SettingsRefused):
        read_settings_file(document)


def _slowest_reading(name: str, reader: Reader) -> Slowest:
    texts = long_texts(heads=reader.heads)
    return max(Slowest(seconds_for(lambda: reader.read(text)), name, unit) for unit, text in texts)  # noqa: B023


def _slowest_use(found: Found) -> Slowest:
    source = found.pattern.pattern
    is_bytes = isinstance(source, bytes)
    worst = Slowest()
    for unit, text in long_texts(units_of(source.decode("latin-1") if is_bytes else source)):
        given = text.encode("utf-8", "replace") if is_bytes else text
        for method in found.methods:
            taken = seconds_for(lambda: _use(found.pattern, method, given))  # noqa: B023  (called at once)
            worst = max(worst, Slowest(taken, f"{found.place}, {method}", unit))
            if taken > 1:
                return worst
    return worst


def _use(pattern: Any, method: str, text: str | bytes) -> None:
    if method == "sub":
        pattern.sub(text[:0], text)
    elif method == "finditer":
        list(pattern.finditer(text))
    else:
        getattr(pattern, method)(text)
