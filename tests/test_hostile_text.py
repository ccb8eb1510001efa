"""Text costs linear time: every expression and every reader of outside text, with 64 kB of what it likes least."""

from fnmatch import fnmatchcase
from typing import Any

import pytest

from tests.support.hostile.long_texts import MOST_SECONDS, Slowest, long_texts, seconds_for, units_of
from tests.support.hostile.not_asked import NOT_ASKED, is_excused, readers_of_text
from tests.support.hostile.patterns import Found, kept, written_in_place
from tests.support.hostile.readers import READERS, Reader

# Expressions that are put together while the program runs, and why nothing hostile can be put into one.
PUT_TOGETHER = {
    "web/settings_labels.py: f'\\\\b{kind.value}\\\\b'": "the names of our own events",
    "sandbox/stores/saleor/findings.py: pattern": "the pretended Saleor's, which nobody but its own operator reaches",
    "platforms/saleor/config.py: text": "the operator's, read by re2, which is linear whatever is written",
    "storage/privacy/unread.py: f'(?<!\\\\w)({words})(?!\\\\w)'": "escaped words, and gaps of three signs at most",
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
